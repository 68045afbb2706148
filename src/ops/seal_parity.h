/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_PARITY_H
#define VALISE_OPS_SEAL_PARITY_H

#include "ops/parity.h"
#include "ops/seal_volumes.h"
#include "ops/session.h"

/* The parity files of a bundle that is sealed, one for each of its files. */
struct seal_parity {
	struct output **items; /* owned */
	unsigned count;
	uint64_t bytes; /* of all */
};
void seal_parity_clear(struct seal_parity *parity);

/* While the files are in the cache. in: permille 0: none is made. errors: those of parity_beside(). */
int seal_parity_write(struct seal_parity *parity, unsigned permille, const struct output *first,
					  const struct seal_volumes *volumes, const struct progress *progress, struct err *err);
/* Last: a bundle without its parity file is whole, a parity file without its bundle would be in the way of the next
 * try. So a failure is a notice. out: *first_path owned, that of the first; NULL for none. */
void seal_parity_commit(struct seal_parity *parity, struct notices *notices, char **first_path);

#endif
