/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_FOUND_H
#define VALISE_OPS_REGISTRY_FOUND_H

#include "ops/session.h"

/* Preparing what administrators then sign. Nothing takes force here: see registry_candidate.h. */

/* The station's own list becomes the draft of a registry that administrators sign: this station's key joins it as a
 * partner of this alias with the role administer, beside the partners that have the role. needed: how many of them must
 * sign. Prepared before, under this alias, it is gone on with. errors: ERR_USAGE where administrators sign it already,
 * the station has no key, or fewer people than needed have the role; ERR_EXISTS for an alias that is taken; those of
 * registry_change(). */
int registry_found(struct session *session, const char *alias, uint32_t needed, struct err *err);

/* A draft as it is, for another year, under a number that this station has not signed yet; needed: how many must sign
 * from now on, 0 leaves it. in: a session whose ledger can be written. errors: ERR_USAGE where nobody signs the
 * registry; those of registry_change() and of the ledger. */
int registry_renew(struct session *session, uint32_t needed, struct err *err);

#endif
