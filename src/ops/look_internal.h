/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LOOK_INTERNAL_H
#define VALISE_OPS_LOOK_INTERNAL_H

#include "ops/look.h"

/* What the files look*.c share. */

struct looking {
	struct look *out;
	enum look_depth depth;
	const struct progress *progress;
	struct trust_homes homes; /* one gpg home a signer serves all its bundles */
	int64_t now;
};

/* One name of a place: the visitor of look_walk(). ctx: struct looking. */
enum look_answer look_visit(void *ctx, const struct look_entry *entry, struct err *err);

/* Files of one bundle come together, and what they make. errors: ERR_MEMORY, ERR_LEDGER. */
int look_make_sets(struct look *look, struct err *err);

void look_file_clear(struct look_file *file);

#endif
