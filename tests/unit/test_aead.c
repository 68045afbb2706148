/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/aead.h"
#include "base/hash.h"
#include "base/secret.h"

#include <sodium.h>

/* RFC 8439, section 2.8.2. */
static void known_answer(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *key = NULL;
	auto_aead *aead = NULL;
	static const char plain[] =
		"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
	static const unsigned char nonce[12] = {0x07, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
	static const unsigned char ad[12] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
	static const unsigned char tag[16] = {0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a,
										  0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91};
	unsigned char out[sizeof plain - 1 + AEAD_TAG];
	assert_int_equal(secret_new(&key, KEY_BYTES, &err), 0);
	for (int i = 0; i < KEY_BYTES; i++)
		key->bytes[i] = (unsigned char)(0x80 + i);
	assert_int_equal(aead_new(&aead, key, &err), 0);
	assert_int_equal(aead_seal(aead, nonce, ad, sizeof ad, (const unsigned char *)plain, sizeof plain - 1, out, &err),
					 0);
	assert_memory_equal(out + sizeof plain - 1, tag, sizeof tag);
	assert_int_equal(out[0], 0xd3);
	assert_int_equal(out[sizeof plain - 2], 0x16);
}

/* libgcrypt does the bulk, libsodium is the reference: byte for byte the same, at every length that crosses a block. */
static void both_libraries_agree(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *key = NULL;
	auto_aead *aead = NULL;
	unsigned char nonce[AEAD_NONCE], ad[36], plain[1100], ours[1100 + AEAD_TAG], theirs[1100 + AEAD_TAG];
	assert_int_equal(secret_random(&key, KEY_BYTES, &err), 0);
	assert_int_equal(aead_new(&aead, key, &err), 0);
	random_bytes(plain, sizeof plain);
	for (size_t len = 1; len <= sizeof plain; len += len < 260 ? 1 : 97) {
		unsigned long long theirs_len = 0;
		random_bytes(nonce, sizeof nonce);
		random_bytes(ad, sizeof ad);
		assert_int_equal(aead_seal(aead, nonce, ad, sizeof ad, plain, len, ours, &err), 0);
		assert_int_equal(crypto_aead_chacha20poly1305_ietf_encrypt(theirs, &theirs_len, plain, len, ad, sizeof ad, NULL,
																   nonce, key->bytes),
						 0);
		assert_int_equal(theirs_len, len + AEAD_TAG);
		assert_memory_equal(ours, theirs, len + AEAD_TAG);
		assert_int_equal(aead_open(aead, nonce, ad, sizeof ad, theirs, len + AEAD_TAG, ours, &err), 0);
		assert_memory_equal(ours, plain, len);
	}
}

static void any_changed_bit_is_refused_and_nothing_comes_out(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *key = NULL;
	auto_aead *aead = NULL;
	static const unsigned char nonce[AEAD_NONCE], zeros[64];
	unsigned char plain[64], sealed[64 + AEAD_TAG], out[64];
	memset(plain, 'p', sizeof plain);
	assert_int_equal(secret_random(&key, KEY_BYTES, &err), 0);
	assert_int_equal(aead_new(&aead, key, &err), 0);
	assert_int_equal(aead_seal(aead, nonce, "ad", 2, plain, sizeof plain, sealed, &err), 0);
	for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
		struct err refused = ERR_INIT;
		sealed[bit / 8] ^= (unsigned char)(1u << (bit % 8));
		assert_int_equal(aead_open(aead, nonce, "ad", 2, sealed, sizeof sealed, out, &refused), -1);
		assert_int_equal(refused.code, ERR_CHUNK);
		assert_memory_equal(out, zeros, sizeof out);
		sealed[bit / 8] ^= (unsigned char)(1u << (bit % 8));
	}
	struct err refused = ERR_INIT;
	assert_int_equal(aead_open(aead, nonce, "aD", 2, sealed, sizeof sealed, out, &refused), -1);
	assert_int_equal(aead_open(aead, nonce, "ad", 2, sealed, AEAD_TAG - 1, out, &refused), -1);
	assert_int_equal(aead_open(aead, nonce, "ad", 2, sealed, sizeof sealed, out, &err), 0);
}

static int start(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err) < 0 || secret_library_init(&err) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answer),
		cmocka_unit_test(both_libraries_agree),
		cmocka_unit_test(any_changed_bit_is_refused_and_nothing_comes_out),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
