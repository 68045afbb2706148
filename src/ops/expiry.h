/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_EXPIRY_H
#define VALISE_OPS_EXPIRY_H

#include "keyring/trust.h"
#include "ops/session.h"

/* Who uses a key is told 60 days (KEY_SOON_DAYS) before it ends, so that nobody finds out on the day. The ends are
 * known from what was done anyway: no call of gpg more. */

/* whose: "bob"; NULL for this station's own key. key_end, entry_end: 0 for none. */
void expiry_tell(struct notices *notices, const char *whose, int64_t key_end, int64_t entry_end, int64_t now);
/* Of those whose signature counts. */
void expiry_tell_signers(struct notices *notices, const struct trust_verdict *verdict, int64_t now);

/* A clock that stands a little before times that this station has seen is let pass (policy_check_clock()), and told.
 * latest: 0 for none. */
void clock_tell(struct notices *notices, int64_t now, int64_t latest);

#endif
