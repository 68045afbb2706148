/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/passphrase.h"

#include "base/text.h"
#include "cli/input.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>

enum { PASSPHRASE_MAX = 1024, FD_MAX = 65535 };

/* Byte by byte: what follows the line belongs to somebody else. */
static int read_secret_line(struct secret *into, size_t *out_len, int fd, const char *from, struct err *err)
{
	size_t len = 0;
	for (;;) {
		unsigned char *at = into->bytes + len;
		int n = input_byte(fd, at, err);
		if (n < 0)
			return err_wrap(err, "%s: ", from);
		if (n == 0 || *at == '\n')
			break;
		if (*at == '\0')
			return err_set(err, ERR_USAGE, "the passphrase holds a zero byte");
		if (++len > PASSPHRASE_MAX)
			return err_set(err, ERR_USAGE, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
	}
	*out_len = len;
	return len > 0 ? 0 : err_set(err, ERR_USAGE, "the passphrase from %s is empty", from);
}

static int read_line_from(struct secret **out, int fd, const char *from, struct err *err)
{
	auto_secret *line = NULL;
	size_t len = 0;
	*out = NULL;
	if (secret_new(&line, PASSPHRASE_MAX + 1, err) < 0 || read_secret_line(line, &len, fd, from, err) < 0 ||
		secret_new(out, len, err) < 0)
		return -1;
	memcpy((*out)->bytes, line->bytes, len);
	return 0;
}

int passphrase_read(struct secret **out, int fd, struct err *err)
{
	return read_line_from(out, fd, "--passphrase-fd", err);
}

int passphrase_prepare(struct cli *cli, const char *fd_text, struct err *err)
{
	if (fd_text == NULL) {
		cli->passphrase.mode = terminal_export_tty() ? GPG_PASSPHRASE_ASK : GPG_PASSPHRASE_NEVER;
		return 0;
	}
	uint64_t fd;
	if (!text_parse_u64(&fd, fd_text, strlen(fd_text), FD_MAX))
		return err_set(err, ERR_USAGE, "--passphrase-fd %s is not the number of a file descriptor", fd_text);
	if (passphrase_read(&cli->given_passphrase, (int)fd, err) < 0)
		return -1;
	if (fd > STDERR_FILENO)
		(void)close((int)fd);
	cli->passphrase = (struct gpg_passphrase){GPG_PASSPHRASE_GIVEN, cli->given_passphrase};
	return 0;
}

/* --- for a file, at the terminal --- */

/* Echo is off from before the question until the answer is whole, or until it is clear that none comes. */
static int ask_unseen(int tty, const char *question, struct secret **out, struct err *err)
{
	struct termios shown, unseen;
	*out = NULL;
	if (tcgetattr(tty, &shown) < 0)
		return err_sys(err, "cannot ask at the terminal");
	unseen = shown;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &unseen) < 0)
		return err_sys(err, "cannot ask at the terminal");
	(void)dprintf(tty, "%s: ", question);
	int rc = read_line_from(out, tty, "the terminal", err);
	(void)tcsetattr(tty, TCSAFLUSH, &shown);
	(void)dprintf(tty, "\n");
	return rc;
}

static int ask_again(int tty, const struct secret *first, struct err *err)
{
	auto_secret *second = NULL;
	if (ask_unseen(tty, "The same once more", &second, err) < 0)
		return -1;
	if (first->len == second->len && secret_equal_bytes(first->bytes, second->bytes, first->len))
		return 0;
	return err_set(err, ERR_USAGE, "the two passphrases differ");
}

static int fail_nobody(struct err *err)
{
	(void)err_set(err, ERR_KEY_UNAVAILABLE, "there is no terminal at which to ask for a passphrase");
	return err_hint(err, "give one with --passphrase-fd N");
}

int passphrase_for_file(struct cli *cli, enum passphrase_times times, const struct secret **out, struct err *err)
{
	*out = cli->given_passphrase;
	if (cli->passphrase.mode == GPG_PASSPHRASE_GIVEN)
		return 0;
	auto_fd int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return fail_nobody(err);
	const char *question = times == PASSPHRASE_TWICE ? "Passphrase for the backup" : "Passphrase of the backup";
	if (ask_unseen(tty, question, &cli->given_passphrase, err) < 0)
		return -1;
	*out = cli->given_passphrase;
	return times == PASSPHRASE_TWICE ? ask_again(tty, cli->given_passphrase, err) : 0;
}
