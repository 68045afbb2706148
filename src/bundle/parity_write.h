/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PARITY_WRITE_H
#define VALISE_BUNDLE_PARITY_WRITE_H

#include "base/progress.h"
#include "format/parity.h"

/* The parity file of a file that is written already; on every core, in memory that does not grow with the file. The
 * same bytes give the same parity file.
 *
 * in: fd of the file, whose length is shape->file_bytes; out_fd of an empty file; both borrowed.
 * errors: ERR_CHANGED where the file is shorter, ERR_IO, ERR_NO_SPACE, ERR_CANCELLED. */
int parity_write(int fd, const struct parity_shape *shape, int out_fd, const struct progress *progress,
				 struct err *err);

/* For the files of this folder that work through columns: how wide a piece of each column a job takes, and how many
 * jobs may be under way, so that all of them stay below 24 MiB. */
struct parity_jobs {
	size_t piece; /* bytes; a power of two, at least 512 */
	unsigned count;
};
struct parity_jobs parity_jobs_for(unsigned pieces);
/* Bytes of a file, zeros behind its end. errors: ERR_CHANGED where it is shorter than file_bytes, ERR_IO. */
int parity_read(int fd, uint64_t file_bytes, uint64_t at, unsigned char *out, size_t len, struct err *err);

#endif
