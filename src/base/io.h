/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_IO_H
#define VALISE_BASE_IO_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Whole reads and writes. EINTR and short transfers are handled; a cancel request ends them with ERR_CANCELLED. */
int io_write_all(int fd, const void *bytes, size_t len, struct err *err);
int io_pwrite_all(int fd, const void *bytes, size_t len, uint64_t offset, struct err *err);
/* Up to len bytes, fewer only at end of file: the count, or -1. */
ssize_t io_read_up_to(int fd, void *bytes, size_t len, struct err *err);
ssize_t io_pread_up_to(int fd, void *bytes, size_t len, uint64_t offset, struct err *err);

/* A whole regular file into memory. errors: ERR_IO, ERR_LIMIT where it is longer than max. Never truncates.
 * dir_fd may be AT_FDCWD. Symlinks are followed. */
int io_read_file(struct buf *out, int dir_fd, const char *name, size_t max, struct err *err);
/* The same of a file in a folder that others may write to: name is one component, and a link in its place is refused
 * (ERR_IO, saved errno ELOOP). */
int io_read_file_here(struct buf *out, int dir_fd, const char *name, size_t max, struct err *err);

/* Replace or create a small file so that after a crash it is the old or the new one whole: temporary beside it, fsync,
 * rename, fsync of the folder. */
int io_replace_file(int dir_fd, const char *name, const void *bytes, size_t len, mode_t mode, struct err *err);
/* The same for who must know after a failure which one is there. out: *out_there: the new one, as only the folder's
 * sync failed, and which one a crash would leave is not known; the message says so. */
int io_replace_file_told(int dir_fd, const char *name, const void *bytes, size_t len, mode_t mode, bool *out_there,
						 struct err *err);

/* More open files than usual, where the limit can be raised; else opening says what is wrong. */
void io_allow_files(void);

int io_sync_dir(int dir_fd, struct err *err);

/* Remove a file or a whole folder below dir_fd, following no link. Best effort: for temporary things at cleanup. */
void io_remove_tree(int dir_fd, const char *name);

/* A fresh private folder (0700) in $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp, with a path of at most 60 bytes where any
 * of these allows it (sockets of gpg-agent need short paths). out: *out malloc'd path. */
int io_make_private_dir(char **out, struct err *err);

#endif
