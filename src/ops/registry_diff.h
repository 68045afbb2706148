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
};
/* each() returns -1, with err set, to stop. errors: ERR_MEMORY. */
int registry_diff(const struct registry_doc *before, const struct registry_doc *after,
				  int (*each)(void *ctx, const struct registry_difference *difference, struct err *err), void *ctx,
				  struct err *err);

#endif
