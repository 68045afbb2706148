/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_DIFF_H
#define VALISE_OPS_REGISTRY_DIFF_H

#include "format/registry_doc.h"

/* In what two registries differ: partner by partner, known by their keys, in the order of the newer one's aliases;
 * those that are gone come last. */
enum registry_difference_kind { PARTNER_ADDED, PARTNER_CHANGED, PARTNER_GONE };
struct registry_difference {
	enum registry_difference_kind kind;
	const struct partner *before, *after; /* NULL where it was not, or is no more */
	unsigned fields;                      /* PARTNER_CHANGED: bits of enum partner_field */
	const struct fingerprint *moved;      /* a key of after that was another partner's; NULL for none */
	const struct partner *moved_from;     /* whose it was */
};
/* each() returns -1, with err set, to stop. errors: ERR_MEMORY. */
typedef int registry_diff_fn(void *ctx, const struct registry_difference *difference, struct err *err);
int registry_diff(const struct registry_doc *before, const struct registry_doc *after, registry_diff_fn *each,
				  void *ctx, struct err *err);

/* Nobody's key becomes a former key of somebody else: its signatures would be his. errors: ERR_REGISTRY, ERR_MEMORY. */
int registry_check_moves(const struct registry_doc *before, const struct registry_doc *after, struct err *err);

#endif
