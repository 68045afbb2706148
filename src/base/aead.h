/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_AEAD_H
#define VALISE_BASE_AEAD_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/secret.h"

#include <stddef.h>

/* ChaCha20-Poly1305-IETF (RFC 8439). The bulk work is libgcrypt's, which is near twice as fast as libsodium's where
 * both were measured; a unit test holds the two against each other. The key schedule that libgcrypt keeps lives in its
 * own memory, is wiped on free, and never outlives one bundle. */
struct aead;

enum { AEAD_TAG = 16, AEAD_NONCE = 12 };

/* in: key of KEY_BYTES, borrowed for the call. out: owned, aead_free(). One per thread. */
int aead_new(struct aead **out, const struct secret *key, struct err *err);
void aead_free(struct aead *aead);

static inline void cleanup_aead(struct aead **a)
{
	aead_free(*a);
}
#define auto_aead AUTO(cleanup_aead) struct aead

/* out[len + AEAD_TAG] gets ciphertext and tag. In-place (out == plain) is fine. */
int aead_seal(struct aead *aead, const unsigned char nonce[static AEAD_NONCE], const void *ad, size_t ad_len,
			  const unsigned char *plain, size_t len, unsigned char *out, struct err *err);

/* in: sealed[len], len at least AEAD_TAG. out[len - AEAD_TAG]; on failure it is wiped.
 * errors: ERR_CHUNK where the tag does not match. */
int aead_open(struct aead *aead, const unsigned char nonce[static AEAD_NONCE], const void *ad, size_t ad_len,
			  const unsigned char *sealed, size_t len, unsigned char *out, struct err *err);

#endif
