/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PARITY_WRITE_H
#define VALISE_BUNDLE_PARITY_WRITE_H

#include "base/progress.h"
#include "format/parity.h"
#include "media/paced.h"

/* The parity file of a file that is written already; on every core, in memory that does not grow with the file. The
 * same bytes give the same parity file. Where it travels it was synced, and read back from the medium, at the end.
 *
 * in: fd of the file, whose length is shape->file_bytes; out_fd of an empty file; both borrowed.
 * errors: ERR_CHANGED where the file is shorter, ERR_IO, also where what is read back is not what was written,
 * ERR_NO_SPACE, ERR_CANCELLED. */
int parity_write(int fd, const struct parity_shape *shape, int out_fd, enum paced_care care,
				 const struct progress *progress, struct err *err);

#endif
