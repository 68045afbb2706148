/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_SPLIT_H
#define VALISE_BUNDLE_SPLIT_H

#include "bundle/bundle.h"

/* A bundle's chunks dealt out anew: to volumes of some size, or to one file. No key is needed, and the signatures stay
 * valid: they are over the waybill, which is the same in each (valise-format(5), VOLUMES). One file of all is byte for
 * byte the bundle as it was before it was split. */

struct split_run { /* one file to be */
	uint32_t first, count;
	uint64_t bytes; /* exactly */
};

struct split_plan {
	struct split_run *runs; /* owned */
	uint32_t count;
};
void split_plan_clear(struct split_plan *plan);
#define auto_split_plan AUTO(split_plan_clear) struct split_plan

/* in: bundle; all chunks are there. max_bytes: no file is larger, with its parity file of this share; 0: one file.
 * errors: ERR_CHUNKS_MISSING; ERR_LIMIT where not one chunk fits into max_bytes, telling the least size, or where it
 * would be more than VOLUMES_MAX files; those of bundle_missing(). */
int split_plan_make(struct split_plan *out, const struct bundle_verified *bundle, uint64_t max_bytes,
					unsigned parity_permille, struct err *err);

/* Into an empty file, at the pace of its medium. Each member is held against its digest as it is copied; of one that
 * several files hold, a good copy is taken. in: bundle opened with CONTAINER_WALK. errors: ERR_DAMAGED, ERR_IO,
 * ERR_NO_SPACE, ERR_CANCELLED. */
int split_write(const struct bundle_verified *bundle, const struct split_run *run, int fd,
				const struct progress *progress, struct err *err);

#endif
