/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_RECEIVE_KEY_H
#define VALISE_OPS_RECEIVE_KEY_H

#include "bundle/bundle.h"
#include "ops/session.h"

/* Each hidden slot may be ours, so that gpg has to try them all, milliseconds each and more with a passphrase. Whoever
 * has more recipients to hide makes several bundles. */
enum { HIDDEN_SLOTS_MAX = 200 };

/* The stage "key" of valise-format(5), ORDER OF TRUST: this station's slot, opened.
 * out: *out owned, slot_clear(). errors: ERR_NOT_FOR_US, ERR_KEY_UNAVAILABLE, ERR_SECRET_UNAVAILABLE, ERR_SLOT,
 * ERR_LIMIT with more than HIDDEN_SLOTS_MAX hidden ones, ERR_CANCELLED, … */
int receive_key(const struct session *session, const struct bundle_verified *bundle, struct slot *out, struct err *err);

#endif
