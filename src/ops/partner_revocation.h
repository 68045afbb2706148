/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_REVOCATION_H
#define VALISE_OPS_PARTNER_REVOCATION_H

#include "keyring/registry_change.h"

/* What partner_change.c asks about revocations: which key one is of, and the keys that a partner had before. */

/* What revokes comes alone, or in a whole certificate: that of a partner who imported it and exported the key. out:
 * kept with it, or that certificate. errors: ERR_CERTIFICATE. */
int partner_make_revoked(struct buf *out, const struct buf *kept, const struct buf *revocation, struct err *err);

/* Where the revocation holds for a key that the partner had before, that key is revoked from now on, by its own
 * certificate and in its row; the present one stays. reason: NULL for none. out: which; untouched with EDIT_NOTHING:
 * it is of none of them. Returns as registry_apply does. errors: ERR_USAGE where that key is revoked already. */
int partner_revoke_former(struct registry_edit *edit, struct partner *partner, const struct buf *revocation,
						  const char *reason, struct fingerprint *out, struct err *err);

/* The registry alone says so. errors: ERR_FINGERPRINT where it is no former key of this partner, ERR_USAGE where it is
 * revoked already. */
int partner_mark_former(struct registry_edit *edit, struct partner *partner, const struct fingerprint *fpr,
						const char *reason, struct err *err);

#endif
