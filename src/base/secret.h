/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_SECRET_H
#define VALISE_BASE_SECRET_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libsodium's door: secret memory, randomness, key derivation, keyed hash, comparison.
 * A secret lives in guarded, locked memory and is wiped when freed; it has no printable form. */
struct secret {
	unsigned char *bytes;
	size_t len;
};

enum { KEY_BYTES = 32 };

/* Must be called once, before threads start. ERR_INTERNAL where libsodium cannot start. */
int secret_library_init(struct err *err);

/* out: *out owned, secret_free(); zero-filled. errors: ERR_MEMORY. */
int secret_new(struct secret **out, size_t len, struct err *err);
int secret_random(struct secret **out, size_t len, struct err *err);
void secret_free(struct secret *secret); /* wipes; NULL is fine */

static inline void cleanup_secret(struct secret **s)
{
	secret_free(*s);
}
#define auto_secret AUTO(cleanup_secret) struct secret

/* One of the bundle's subkeys (valise-format(5), KEYS). in: bundle_key of KEY_BYTES. out: owned. */
int secret_derive(struct secret **out, const struct secret *bundle_key, uint64_t subkey, struct err *err);

/* BLAKE2b-256 of msg under key. */
void keyed_hash(struct digest *out, const struct secret *key, const void *msg, size_t msg_len);

bool secret_equal_bytes(const void *a, const void *b, size_t len); /* constant time */
void random_bytes(void *out, size_t len);
uint32_t random_below(uint32_t bound); /* 0 to bound - 1, each as likely as the others */
void secret_wipe(void *bytes, size_t len);

/* Base64 with padding, as certificates travel in cards. Decoding is strict: no white space.
 * out: decoded bytes malloc'd. errors: ERR_DOCUMENT where malformed, ERR_MEMORY. */
int base64_encode(char **out, const void *bytes, size_t len, struct err *err);
int base64_decode(unsigned char **out, size_t *out_len, const char *text, size_t text_len, struct err *err);

#endif
