/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg.h"

const struct cert_subkey *cert_find_key(const struct cert *cert, const struct fingerprint *fpr)
{
	for (unsigned i = 0; i < cert->subkey_count; i++)
		if (fingerprint_equal(&cert->subkeys[i].fingerprint, fpr))
			return &cert->subkeys[i];
	return NULL;
}

/* The latest end among the subkeys that can do it; 0 never, -1 none can. */
static int64_t latest_end(const struct cert *cert, bool encrypt)
{
	int64_t latest = -1;
	for (unsigned i = 0; i < cert->subkey_count; i++) {
		const struct cert_subkey *key = &cert->subkeys[i];
		if (key->revoked || key->invalid || !(encrypt ? key->can_encrypt : key->can_sign))
			continue;
		if (key->expires == 0)
			return 0;
		if (key->expires > latest)
			latest = key->expires;
	}
	return latest;
}

int64_t cert_end(const struct cert *cert, unsigned uses)
{
	int64_t end = cert->expires;
	if (uses & CERT_SIGNS)
		end = earlier_end(end, latest_end(cert, false));
	if (uses & CERT_ENCRYPTS)
		end = earlier_end(end, latest_end(cert, true));
	return end;
}
