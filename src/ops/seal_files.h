/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_FILES_H
#define VALISE_OPS_SEAL_FILES_H

#include "base/progress.h"
#include "bundle/archive_out.h"
#include "ops/scan.h"

/* All entries of a scan into the archive, in the manifest's order; each file gets its digest there. A digest that it
 * has already is what was decided on: the content must still be that. Small files are read ahead on every core, since
 * opening one costs more than its bytes; of large ones each piece is passed on as it is read.
 * notes: what was read is wiped.
 * errors: ERR_CHANGED, ERR_IO, ERR_CANCELLED, ERR_MEMORY, those of archive_out_bytes(). */
int seal_files(const struct scan *scan, struct manifest *manifest, struct archive_out *archive,
			   const struct progress *progress, struct err *err);

#endif
