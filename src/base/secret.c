/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <sodium.h>
#include <string.h>

_Static_assert(KEY_BYTES == crypto_kdf_KEYBYTES, "subkeys come from libsodium's KDF");
_Static_assert(DIGEST_BYTES == crypto_generichash_BYTES, "keyed hashes are BLAKE2b-256");

int secret_library_init(struct err *err)
{
	if (sodium_init() < 0)
		return err_set(err, ERR_INTERNAL, "libsodium cannot start");
	return 0;
}

int secret_new(struct secret **out, size_t len, struct err *err)
{
	*out = NULL;
	struct secret *secret = calloc(1, sizeof *secret);
	if (secret == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	secret->bytes = sodium_malloc(len > 0 ? len : 1);
	if (secret->bytes == NULL) {
		free(secret);
		return err_set(err, ERR_MEMORY, "out of memory for a secret");
	}
	secret->len = len;
	memset(secret->bytes, 0, len);
	*out = secret;
	return 0;
}

int secret_random(struct secret **out, size_t len, struct err *err)
{
	if (secret_new(out, len, err) < 0)
		return -1;
	randombytes_buf((*out)->bytes, len);
	return 0;
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	sodium_free(secret->bytes); /* wipes */
	free(secret);
}

int secret_derive(struct secret **out, const struct secret *bundle_key, uint64_t subkey, struct err *err)
{
	if (bundle_key->len != KEY_BYTES)
		return err_set(err, ERR_INTERNAL, "a bundle key has %d bytes", KEY_BYTES);
	if (secret_new(out, KEY_BYTES, err) < 0)
		return -1;
	(void)crypto_kdf_derive_from_key((*out)->bytes, KEY_BYTES, subkey, "valise-1", bundle_key->bytes);
	return 0;
}

void keyed_hash(struct digest *out, const struct secret *key, const void *msg, size_t msg_len)
{
	(void)crypto_generichash(out->bytes, DIGEST_BYTES, msg, msg_len, key->bytes, key->len);
}

bool secret_equal_bytes(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void random_bytes(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint32_t random_below(uint32_t bound)
{
	return randombytes_uniform(bound);
}

void secret_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

int base64_encode(char **out, const void *bytes, size_t len, struct err *err)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	*out = malloc(size);
	if (*out == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	(void)sodium_bin2base64(*out, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
	return 0;
}

/* libsodium 1.0.18 takes every byte above 0x7F for a digit. */
static bool is_ascii(const char *text, size_t len)
{
	unsigned char all = 0;
	for (size_t i = 0; i < len; i++)
		all |= (unsigned char)text[i];
	return all < 0x80;
}

int base64_decode(unsigned char **out, size_t *out_len, const char *text, size_t text_len, struct err *err)
{
	*out = NULL;
	*out_len = 0;
	auto_free unsigned char *bytes = malloc(text_len / 4 * 3 + 3);
	if (bytes == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const char *end = NULL;
	if (!is_ascii(text, text_len) ||
		sodium_base642bin(bytes, text_len / 4 * 3 + 3, text, text_len, NULL, out_len, &end,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		end != text + text_len)
		return err_set(err, ERR_DOCUMENT, "not plain base64");
	*out = steal(&bytes);
	return 0;
}
