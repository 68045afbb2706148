/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_STATE_H
#define VALISE_OPS_REGISTRY_STATE_H

#include "keyring/registry_quorum.h"
#include "ledger/ledger.h"
#include "ops/session.h"

/* Whether the registry in a station's home may be relied on, and for how long. */

/* It is not older than any held before, and it is the one held where the number is the same; and of one that
 * administrators sign, enough of those whom it names signed its very bytes; and where one that is signed was used last,
 * it is of that domain, and signed as well. Bytes that were checked before are taken as they are. in: last: what the
 * ledger knows as used last; serial 0 for nothing. ledger: NULL where the job has none. out: whose signatures count;
 * empty for a registry that the station keeps itself, or that was checked before. errors: ERR_REGISTRY_ROLLBACK,
 * ERR_REGISTRY_FORK, ERR_REGISTRY_DOMAIN, ERR_REGISTRY_SIGNATURES, ERR_BAD_SIGNATURE, those of the ledger and of gpg.
 */
int registry_state_check(const struct registry *registry, const struct ledger_registry *last, struct ledger *ledger,
						 int64_t now, struct registry_quorum *out, struct err *err);

/* The same, as if nothing had been checked before. ledger: NULL where there is none. */
int registry_state_examine(const struct registry *registry, struct ledger *ledger, int64_t now,
						   struct registry_quorum *out, struct err *err);

/* The ledger learns that this one is in use. Does nothing where it knows. */
int registry_state_note(const struct registry *registry, const struct registry_quorum *quorum, struct ledger *ledger,
						struct err *err);

/* After a change of the session's registry, with what came of it, which is returned: the ledger learns which one is in
 * use, so that the one before does not come back. Best effort: else the next command notes it. in: a session whose
 * ledger can be written. */
int registry_state_follow(struct session *session, int rc);

/* Nothing is sent by a registry that is over. errors: ERR_EXPIRED. */
int registry_state_check_life(const struct registry *registry, int64_t now, struct err *err);
/* One line where it ends within 60 days, or has ended. */
void registry_state_tell_life(struct notices *notices, const struct registry *registry, int64_t now);

#endif
