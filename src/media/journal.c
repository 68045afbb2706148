/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's text, before the new end's bytes:
 *
 *   valise-journal 1
 *   <64 hex: SHA-256 of all that follows this line>
 *   <20 digits: before> <20 digits: from> <64 hex: SHA-256 of the file's bytes from `before` to `from`>
 */
#include "media/journal.h"

#include "base/cancel.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_KIND "valise-journal 1\n"

enum {
	DIGEST_AT = sizeof JOURNAL_KIND - 1,
	BODY_AT = DIGEST_AT + DIGEST_HEX + 1,
	DIGITS = 20,
	BODY_HEAD = 2 * (DIGITS + 1) + DIGEST_HEX + 1,
	TAIL_AT = BODY_AT + BODY_HEAD,
	JOURNAL_MAX = TAIL_AT + JOURNAL_TAIL_MAX,
};

struct journal {
	uint64_t before, from;
	struct digest known;
	const char *tail;
	size_t tail_len;
};

static int name_journal(char out[static JOURNAL_NAME_MAX + 1], const char *name, struct err *err)
{
	int n = snprintf(out, JOURNAL_NAME_MAX + 1, "%s.journal", name);
	return n > 0 && n <= JOURNAL_NAME_MAX ? 0 : err_set(err, ERR_IO, "name too long: %s", name);
}

/* --- the file --- */

static int digest_before(int fd, uint64_t before, uint64_t from, struct digest *out, struct err *err)
{
	auto_buf bytes = {0};
	if (from <= before || from - before > JOURNAL_BEFORE_MAX)
		return err_set(err, ERR_LIMIT, "a journal looks at 1 to %d bytes", JOURNAL_BEFORE_MAX);
	if (buf_reserve(&bytes, from - before, err) < 0)
		return -1;
	ssize_t n = io_pread_up_to(fd, bytes.data, from - before, before, err);
	if (n < 0)
		return -1;
	hash_bytes(out, bytes.data, (size_t)n);
	return 0;
}

/* A few kilobytes that must not be left half done: a request to stop waits for them. */
static int write_whole(int fd, const char *bytes, size_t len, uint64_t at, struct err *err)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot write");
		bytes += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_end(int fd, uint64_t from, const char *bytes, size_t len, struct err *err)
{
	if (write_whole(fd, bytes, len, from, err) < 0)
		return -1;
	if (ftruncate(fd, (off_t)(from + len)) < 0)
		return err_sys(err, "cannot set the length");
	return fsync(fd) == 0 ? 0 : err_sys(err, "cannot write to the medium");
}

static int remove_journal(int dir_fd, const char *journal, struct err *err)
{
	if (unlinkat(dir_fd, journal, 0) < 0)
		return err_sys(err, "cannot remove %s", journal);
	return io_sync_dir(dir_fd, err);
}

/* --- making --- */

static int format_journal(struct buf *out, int fd, const struct journal_change *change, struct err *err)
{
	struct digest known, all;
	char hex[DIGEST_HEX + 1];
	auto_buf body = {0};
	if (change->new->len == 0 || change->new->len > JOURNAL_TAIL_MAX)
		return err_set(err, ERR_LIMIT, "an end of %zu bytes is too long for a journal", change->new->len);
	if (digest_before(fd, change->before, change->from, &known, err) < 0)
		return -1;
	digest_format(hex, &known);
	if (buf_printf(&body, err, "%020llu %020llu %s\n", (unsigned long long)change->before,
				   (unsigned long long)change->from, hex) < 0 ||
		buf_append(&body, change->new->data, change->new->len, err) < 0)
		return -1;
	hash_bytes(&all, body.data, body.len);
	digest_format(hex, &all);
	return buf_printf(out, err, JOURNAL_KIND "%s\n", hex) < 0 || buf_append(out, body.data, body.len, err) < 0 ? -1 : 0;
}

/* Under its own name at once: one that was torn by a crash is told by its digest, and thrown away. */
static int write_journal(int dir_fd, const char *journal, const struct buf *text, struct err *err)
{
	auto_fd int fd = openat(dir_fd, journal, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		(void)err_sys(err, "cannot create %s", journal);
		return err_hint(err, "somebody laid it there: look at it, and move it away");
	}
	if (io_write_all(fd, text->data, text->len, err) == 0) {
		if (fsync(fd) == 0 && io_sync_dir(dir_fd, err) == 0)
			return 0;
		(void)err_sys(err, "cannot write %s to the medium", journal);
	}
	(void)unlinkat(dir_fd, journal, 0);
	return -1;
}

/* The new end could not be written: the old one goes back, so that nothing has happened. */
static int take_back(int dir_fd, const char *journal, int fd, const struct journal_change *change, struct err *err)
{
	struct err second = ERR_INIT;
	if (write_end(fd, change->from, change->old->data, change->old->len, &second) == 0 &&
		remove_journal(dir_fd, journal, &second) == 0)
		return -1;
	return err_hint(err, "the same command once more finishes it by %s, which must stay beside the file", journal);
}

int journal_replace(int dir_fd, const char *name, int fd, const struct journal_change *change, struct err *err)
{
	char journal[JOURNAL_NAME_MAX + 1];
	auto_buf text = {0};
	if (name_journal(journal, name, err) < 0 || format_journal(&text, fd, change, err) < 0 || cancel_check(err) < 0)
		return -1;
	if (write_journal(dir_fd, journal, &text, err) < 0)
		return -1;
	if (write_end(fd, change->from, change->new->data, change->new->len, err) < 0) {
		(void)err_wrap(err, "%s: ", name);
		return take_back(dir_fd, journal, fd, change, err);
	}
	/* Should it stay, whoever comes next writes the same bytes once more. */
	struct err second = ERR_INIT;
	(void)remove_journal(dir_fd, journal, &second);
	return 0;
}

/* --- finding --- */

static bool parse_number(uint64_t *out, const char *digits)
{
	char text[DIGITS + 1];
	size_t zeros = 0;
	memcpy(text, digits, DIGITS);
	text[DIGITS] = '\0';
	while (zeros + 1 < DIGITS && text[zeros] == '0')
		zeros++;
	return text_parse_u64(out, text + zeros, DIGITS - zeros, (uint64_t)1 << 62);
}

static bool parse_body(struct journal *out, const char *body, size_t len)
{
	if (len <= BODY_HEAD || body[DIGITS] != ' ' || body[2 * DIGITS + 1] != ' ' || body[BODY_HEAD - 1] != '\n')
		return false;
	out->tail = body + BODY_HEAD;
	out->tail_len = len - BODY_HEAD;
	return parse_number(&out->before, body) && parse_number(&out->from, body + DIGITS + 1) &&
		   digest_parse(&out->known, body + (size_t)2 * (DIGITS + 1), DIGEST_HEX);
}

/* False for one that was torn while it was written: then the file was not touched yet. */
static bool parse_journal(struct journal *out, const struct buf *text)
{
	struct digest want, have;
	if (text->len <= TAIL_AT || memcmp(text->data, JOURNAL_KIND, DIGEST_AT) != 0 || text->data[BODY_AT - 1] != '\n' ||
		!digest_parse(&want, text->data + DIGEST_AT, DIGEST_HEX))
		return false;
	hash_bytes(&have, text->data + BODY_AT, text->len - BODY_AT);
	return digest_equal(&want, &have) && parse_body(out, text->data + BODY_AT, text->len - BODY_AT);
}

static int belongs(int fd, const struct journal *journal, bool *out, struct err *err)
{
	struct digest have;
	struct stat st;
	*out = false;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at the file");
	/* Of no bytes at all every file would be known again. */
	if (journal->from <= journal->before || journal->from - journal->before > JOURNAL_BEFORE_MAX ||
		(uint64_t)st.st_size < journal->from)
		return 0;
	if (digest_before(fd, journal->before, journal->from, &have, err) < 0)
		return -1;
	*out = digest_equal(&have, &journal->known);
	return 0;
}

/* Nothing here that is ours to take up: no journal, or something in its place that others may have laid there. */
static int open_journal(int dir_fd, const char *name, int file_fd, bool *foreign)
{
	/* O_NONBLOCK: a FIFO must not make us wait for its writer. */
	auto_fd int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat journal, file;
	*foreign = fd >= 0 || errno != ENOENT;
	if (fd < 0 || fstat(fd, &journal) < 0 || fstat(file_fd, &file) < 0 || !S_ISREG(journal.st_mode) ||
		(journal.st_uid != file.st_uid && journal.st_uid != geteuid()))
		return -1;
	*foreign = false;
	return steal_fd(&fd);
}

/* One byte more than a journal may have: what is longer is none. */
static int read_journal(struct buf *out, int fd, struct err *err)
{
	if (buf_reserve(out, JOURNAL_MAX + 1, err) < 0)
		return -1;
	const ssize_t n = io_pread_up_to(fd, out->data, JOURNAL_MAX + 1, 0, err);
	out->len = n < 0 || n > JOURNAL_MAX ? 0 : (size_t)n;
	return n < 0 ? -1 : 0;
}

/* out: whether the journal that is open as from is whole and of the file. */
static int examine(int from, int fd, struct buf *text, struct journal *out, bool *ours, struct err *err)
{
	*ours = false;
	return read_journal(text, from, err) < 0 || (parse_journal(out, text) && belongs(fd, out, ours, err) < 0) ? -1 : 0;
}

bool journal_waits(int dir_fd, const char *name, int fd)
{
	char journal_name[JOURNAL_NAME_MAX + 1];
	struct err ignored = ERR_INIT;
	struct journal journal = {0};
	auto_buf text = {0};
	bool foreign, ours = false;
	if (name_journal(journal_name, name, &ignored) < 0)
		return false;
	auto_fd int from = open_journal(dir_fd, journal_name, fd, &foreign);
	return from >= 0 && examine(from, fd, &text, &journal, &ours, &ignored) == 0 && ours;
}

int journal_recover(int dir_fd, const char *name, int fd, enum journal_found *out, struct err *err)
{
	char journal_name[JOURNAL_NAME_MAX + 1];
	struct journal journal = {0};
	auto_buf text = {0};
	bool foreign = false, ours = false;
	*out = JOURNAL_NONE;
	if (name_journal(journal_name, name, err) < 0)
		return -1;
	auto_fd int from = open_journal(dir_fd, journal_name, fd, &foreign);
	if (from < 0) {
		*out = foreign ? JOURNAL_FOREIGN : JOURNAL_NONE;
		return 0;
	}
	if (examine(from, fd, &text, &journal, &ours, err) < 0)
		return err_wrap(err, "%s: ", journal_name);
	if (ours && write_end(fd, journal.from, journal.tail, journal.tail_len, err) < 0)
		return err_wrap(err, "%s: ", name);
	*out = ours ? JOURNAL_FINISHED : JOURNAL_DISCARDED;
	return remove_journal(dir_fd, journal_name, err);
}
