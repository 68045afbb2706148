/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_PARITY_H
#define VALISE_OPS_SEAL_PARITY_H

#include "ops/pack.h"
#include "ops/parity.h"
#include "ops/seal_volumes.h"

/* The parity files of a bundle that is sealed: one beside each of its files. */
struct seal_parity {
	struct output **items; /* owned; NULL where there is none */
	unsigned count;
};
void seal_parity_clear(struct seal_parity *parity);

/* in: first and volumes under their names to come, file_bytes of all of them; permille not 0. out: also
 * result->parity_path, of the first, and parity_bytes, of all. errors: those of parity_beside(). */
int seal_parity_write(struct seal_parity *parity, const struct output *first, const struct seal_volumes *volumes,
					  unsigned permille, const struct progress *progress, struct pack_result *result, struct err *err);

/* Last: a bundle without its parity file is whole, a parity file without its bundle would be in the way of the next
 * try. What fails is told as a notice. */
void seal_parity_commit(struct seal_parity *parity, struct pack_result *result, struct notices *notices);

#endif
