/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_MEDIUM_H
#define VALISE_OPS_SEAL_MEDIUM_H

#include "base/progress.h"
#include "bundle/bundle.h"
#include "media/medium.h"
#include "media/output_set.h"
#include "ops/pack.h"

/* Packing onto a medium: what fits is known before the first byte; where medium_wants_proof() it is written at the
 * medium's own pace, and read back before it gets its name. */
struct seal_medium {
	struct medium facts;
	struct digest cover; /* of waybill and signatures, once they are known */
};
void seal_medium_clear(struct seal_medium *medium);

/* in: least: bytes that the bundle will have at least, largest: its largest file; 0: not known, or not limited by it.
 * errors: ERR_NO_SPACE, ERR_IO. */
int seal_medium_begin(struct seal_medium *medium, const struct output *output, uint64_t least, uint64_t largest,
					  struct err *err);
/* What the files will take at least: those that are compressed already stay as large as they are. */
uint64_t seal_medium_least(const struct manifest *manifest);

/* The files, which were synced. Does nothing where the rule says so. out: *out how it was done, the weakest of all.
 * errors: those of bundle_read_back(). */
int seal_medium_read_back(const struct seal_medium *medium, const struct output_set *files,
						  const struct progress *progress, enum pack_read_back *out, struct err *err);

#endif
