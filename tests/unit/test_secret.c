/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "base/secret.h"

static void derived_keys_differ_and_repeat(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *key = NULL, *one = NULL, *again = NULL, *two = NULL;
	assert_int_equal(secret_random(&key, KEY_BYTES, &err), 0);
	assert_int_equal(secret_derive(&one, key, 1, &err), 0);
	assert_int_equal(secret_derive(&again, key, 1, &err), 0);
	assert_int_equal(secret_derive(&two, key, 2, &err), 0);
	assert_memory_equal(one->bytes, again->bytes, KEY_BYTES);
	assert_memory_not_equal(one->bytes, two->bytes, KEY_BYTES);
}

/* Fixed once from the construction that valise-format(5), KEYS describes: blake2b of 32 bytes, key 00…1f, salt 1,
 * person valise-1. */
static void derivation_is_the_documented_one(void **state)
{
	struct err err = ERR_INIT;
	char hex[DIGEST_HEX + 1];
	auto_secret *key = NULL, *one = NULL;
	assert_int_equal(secret_new(&key, KEY_BYTES, &err), 0);
	for (int i = 0; i < KEY_BYTES; i++)
		key->bytes[i] = (unsigned char)i;
	assert_int_equal(secret_derive(&one, key, 1, &err), 0);
	hex_encode(hex, one->bytes, KEY_BYTES);
	assert_string_equal(hex, "8c1f1501673b5259801d7e87e828272976554677e2c2faa0840f93bf38c11079");
}

static void a_key_of_another_length_is_refused(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *key = NULL, *out = NULL;
	assert_int_equal(secret_new(&key, KEY_BYTES - 1, &err), 0);
	assert_int_equal(secret_derive(&out, key, 1, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

static void base64(void **state)
{
	struct err err = ERR_INIT;
	auto_free char *text = NULL;
	auto_free unsigned char *bytes = NULL;
	size_t len = 0;
	assert_int_equal(base64_encode(&text, "\x00\xff\x10", 3, &err), 0);
	assert_string_equal(text, "AP8Q");
	assert_int_equal(base64_decode(&bytes, &len, "AP8Q", 4, &err), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "\x00\xff\x10", 3);
	static const char *const bad[] = {"AP8", "AP8Q\n", "A P8Q", "AP8*", "AP==8Q", "AA", "-_8Q"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err refused = ERR_INIT;
		auto_free unsigned char *out = NULL;
		assert_int_equal(base64_decode(&out, &len, bad[i], strlen(bad[i]), &refused), -1);
		assert_int_equal(refused.code, ERR_DOCUMENT);
		assert_null(out);
	}
}

static void sha256_in_pieces_is_sha256(void **state)
{
	struct err err = ERR_INIT;
	auto_hash *hash = NULL;
	struct digest whole, pieces;
	char hex[DIGEST_HEX + 1];
	hash_bytes(&whole, "abc", 3);
	digest_format(hex, &whole);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(hash_new(&hash, &err), 0);
	for (int round = 0; round < 2; round++) { /* finishing starts anew */
		hash_update(hash, "a", 1);
		hash_update(hash, "bc", 2);
		hash_finish(hash, &pieces);
		assert_memory_equal(whole.bytes, pieces.bytes, DIGEST_BYTES);
	}
}

static int start(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err) < 0 || secret_library_init(&err) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derived_keys_differ_and_repeat),     cmocka_unit_test(derivation_is_the_documented_one),
		cmocka_unit_test(a_key_of_another_length_is_refused), cmocka_unit_test(base64),
		cmocka_unit_test(sha256_in_pieces_is_sha256),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
