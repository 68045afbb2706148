/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/passphrase.h"

#include "base/text.h"
#include "cli/input.h"

#include <string.h>

enum { PASSPHRASE_MAX = 1024, FD_MAX = 65535 };

/* Byte by byte: what follows the line belongs to somebody else. */
static int read_secret_line(struct secret *into, size_t *out_len, int fd, struct err *err)
{
	size_t len = 0;
	for (;;) {
		unsigned char *at = into->bytes + len;
		int n = input_byte(fd, at, err);
		if (n < 0)
			return err_wrap(err, "--passphrase-fd: ");
		if (n == 0 || *at == '\n')
			break;
		if (*at == '\0')
			return err_set(err, ERR_USAGE, "the passphrase holds a zero byte");
		if (++len > PASSPHRASE_MAX)
			return err_set(err, ERR_USAGE, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
	}
	*out_len = len;
	return len > 0 ? 0 : err_set(err, ERR_USAGE, "the passphrase from --passphrase-fd %d is empty", fd);
}

int passphrase_read(struct secret **out, int fd, struct err *err)
{
	auto_secret *line = NULL;
	size_t len = 0;
	*out = NULL;
	if (secret_new(&line, PASSPHRASE_MAX + 1, err) < 0 || read_secret_line(line, &len, fd, err) < 0 ||
		secret_new(out, len, err) < 0)
		return -1;
	memcpy((*out)->bytes, line->bytes, len);
	return 0;
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
