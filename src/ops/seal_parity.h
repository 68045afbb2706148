/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_PARITY_H
#define VALISE_OPS_SEAL_PARITY_H

#include "ops/pack.h"
#include "ops/parity.h"
#include "ops/seal_volumes.h"

/* The parity of a bundle that is sealed: a parity file beside each of its files, and parity volumes. The bundle is what
 * counts: where nobody asked for parity files by name, one for which there is no room, or whose name is taken, is told,
 * and the bundle is delivered without. Parity that was asked for is there, or nothing is. */
struct seal_parity {
	unsigned permille;         /* of parity files; 0: none */
	bool must;                 /* they were asked for */
	unsigned volume_count;     /* of parity volumes */
	struct output_set beside;  /* all or none */
	struct output_set volumes; /* likewise */
};
void seal_parity_clear(struct seal_parity *parity);

/* in: volumes under their names to come. out: also of *result what is told of parity. errors: those of
 * parity_beside() and parity_volumes_make(), but for parity files that need not be no ERR_NO_SPACE, ERR_EXISTS,
 * ERR_LIMIT. */
int seal_parity_write(struct seal_parity *parity, const struct seal_volumes *volumes, const struct progress *progress,
					  struct pack_result *result, struct notices *notices, struct err *err);

/* Behind the bundle: that is whole without parity, and parity without its bundle would be in the way of the next try.
 * After a failure nothing of parity has a name. errors: as above. */
int seal_parity_commit(struct seal_parity *parity, struct pack_result *result, struct notices *notices,
					   struct err *err);

#endif
