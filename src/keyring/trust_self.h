/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_TRUST_SELF_H
#define VALISE_KEYRING_TRUST_SELF_H

#include "keyring/registry.h"

/* What administrators say of this station's own key. Where a station keeps its partners itself its own key counts for
 * it; in a registry that administrators sign, an entry for that key is their word on it, as on anybody's. One that
 * names no key of this station says nothing: what it signs counts here, and nowhere else that the registry is followed.
 */

/* NULL: nobody says anything. Borrowed, as registry_find(). */
const struct partner *trust_self_entry(const struct registry *registry, const struct fingerprint *fpr);

/* Whether what this station signs now could count as of role (ROLE_SEND, ROLE_APPROVE). errors: ERR_UNFIT_SIGNER where
 * it is revoked, at its end or without the role, with whom to ask. */
int trust_check_self(const struct registry *registry, unsigned role, int64_t now, struct err *err);

#endif
