/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_TAIL_H
#define VALISE_BUNDLE_TAIL_H

#include "base/buf.h"
#include "bundle/bundle.h"

/* What follows waybill.yaml: signatures, trailer, end zeros. It is all that changes when a signature is added. */

/* in: trailer: where the members up to waybill.yaml stand; signatures: where the first of them will stand. seals: at
 * least one, sorted by name. out: appended. errors: ERR_INTERNAL where the order is wrong, ERR_MEMORY. */
int tail_format(struct buf *out, const struct trailer *trailer, const struct bundle_seal *seals, unsigned count,
				struct err *err);

/* A bundle's tail as it is, and as it would be with one more signature. */
struct bundle_tail {
	uint64_t waybill;                                /* where the header of waybill.yaml stands */
	uint64_t from;                                   /* where the tail begins */
	struct buf old, grown;                           /* both tails */
	struct buf bytes;                                /* what seals point to */
	struct bundle_seal seals[MEMBER_SIGNATURES_MAX]; /* of the grown tail */
	unsigned count;
};
void bundle_tail_clear(struct bundle_tail *tail);
#define auto_bundle_tail AUTO(bundle_tail_clear) struct bundle_tail

/* in: more: in place of one of the same name, should there be one. errors: ERR_LIMIT where there are
 * MEMBER_SIGNATURES_MAX others, ERR_TRUNCATED, ERR_IO, ERR_MEMORY. */
int bundle_tail_grow(const struct bundle_verified *bundle, const struct bundle_seal *more, struct bundle_tail *out,
					 struct err *err);

#endif
