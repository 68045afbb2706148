/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_CERTIFICATES_H
#define VALISE_OPS_REGISTRY_CERTIFICATES_H

#include "keyring/registry.h"

/* The certificates that come with a registry: a digest says which bytes its administrators meant, not what they are. */

/* What becomes of the certificate of a key that was known before. */
struct certificate_change {
	struct fingerprint key;
	bool was_unusable; /* gpg did not take the one that is held: nothing is known of before */
	struct key_ends before, after;
	unsigned new_signing, new_encrypting; /* subkeys that were not there */
	unsigned revoked;                     /* subkeys that are revoked now, and were not */
};
struct certificate_changes {
	struct certificate_change *items; /* owned */
	uint32_t count;
};
void certificate_changes_clear(struct certificate_changes *changes);
/* NULL where nothing became of it. */
const struct certificate_change *certificate_changes_find(const struct certificate_changes *changes,
														  const struct fingerprint *key);

/* Each is the one that fresh speaks of, and of the key that it is named by; one that differs from the held one of its
 * key takes no revocation and no key back. gpg reads those that changed and those that are new, one by one; of a
 * station's first registry, which may bring thousands, our own reader looks at the new ones, and gpg when they are
 * used. out: certificate_changes_clear(); how many fresh speaks of. errors: ERR_CERTIFICATE, ERR_FINGERPRINT naming the
 * partner; ERR_REGISTRY, ERR_GNUPG, ERR_CANCELLED, ERR_MEMORY. */
enum certificates_of { CERTIFICATES_OF_FIRST, CERTIFICATES_OF_NEXT };
int registry_examine_certificates(const struct registry *held, const struct registry *fresh, enum certificates_of which,
								  struct certificate_changes *out, uint32_t *out_count, struct err *err);

#endif
