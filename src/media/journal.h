/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_JOURNAL_H
#define VALISE_MEDIA_JOURNAL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The end of a file replaced in place, without copying what stands before it (valise-format(5), JOURNAL): first the new
 * end goes into NAME.journal, synced; then it is written over the old one. Whoever changes the file next, after
 * a crash, finishes it, or removes it where it is not whole or not of this file. Others may lay files beside ours: what
 * is no regular file, or of another owner than the file's and us, is no journal of ours. */

enum { JOURNAL_TAIL_MAX = 64 << 10, JOURNAL_BEFORE_MAX = 128 << 10, JOURNAL_NAME_MAX = 255 };

struct journal_change {
	uint64_t before;       /* from here to `from` the file is looked at, to know it again: at most JOURNAL_BEFORE_MAX */
	uint64_t from;         /* where the end that changes begins */
	const struct buf *old; /* what stands there: put back where the new one cannot be written */
	const struct buf *new; /* at most JOURNAL_TAIL_MAX */
};

/* in: fd of the file dir_fd/name, open for reading and writing, and locked by the caller against others. After a
 * failure the file is as before; or, where even that could not be written, the journal stays and the error says so.
 * errors: ERR_IO, ERR_NO_SPACE, ERR_CANCELLED before anything was written, ERR_LIMIT. */
int journal_replace(int dir_fd, const char *name, int fd, const struct journal_change *change, struct err *err);

enum journal_found {
	JOURNAL_NONE,
	JOURNAL_FINISHED,
	JOURNAL_DISCARDED, /* not whole, or of another file: removed */
	JOURNAL_FOREIGN,   /* a link, a folder, somebody else's: left alone. journal_replace() fails on it */
};
/* What a crash left. in: as above. errors: ERR_IO, ERR_NO_SPACE: it stays for another attempt. */
int journal_recover(int dir_fd, const char *name, int fd, enum journal_found *out, struct err *err);
/* For whoever only reads: whether there is one that journal_recover() would finish. in: fd open for reading. Nothing is
 * changed. */
bool journal_waits(int dir_fd, const char *name, int fd);

#endif
