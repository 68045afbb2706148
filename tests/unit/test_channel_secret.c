/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/channel_secret.h"

#include <string.h>

/* Worked out with another implementation of BLAKE2b. */
static const char secret_hex[] = "984ca5162200734c592148f1820b71057f098573d138666b48663e4e30cd8d3a";
static const char id_hex[] = "38376dfe148a705a", check_text[] = "f53d 1e26 ebf4 c3fe";
static const char bundle_text[] = "9f1c2a34-0000-4000-8000-000000000000";
static const char alice_hex[] = "0123456789ABCDEF0123456789ABCDEF01234567",
				  bob_hex[] = "FEDCBA9876543210FEDCBA9876543210FEDCBA98";
/* of a key of 32 times 0x5a, for bob */
static const char mixed_hex[] = "351e6b071b927803486eba4d06a275770fcfb9b5d7eb6eb83a08287b8d9fe3e8";

static struct secret *make_secret(const char *hex)
{
	struct err err = ERR_INIT;
	struct secret *secret;
	assert_int_equal(secret_new(&secret, CHANNEL_SECRET_BYTES, &err), 0);
	assert_true(hex_decode(secret->bytes, CHANNEL_SECRET_BYTES, hex, strlen(hex)));
	return secret;
}

static struct fingerprint fingerprint_of(const char *hex)
{
	struct fingerprint fpr;
	assert_true(fingerprint_parse(&fpr, hex, strlen(hex)));
	return fpr;
}

static void test_known_answers(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *secret = make_secret(secret_hex), *key = NULL, *mixed = NULL, *back = NULL;
	const struct fingerprint alice = fingerprint_of(alice_hex), bob = fingerprint_of(bob_hex);
	struct uuid bundle;
	unsigned char id[SECRET_ID_BYTES];
	char hex[2 * KEY_BYTES + 1], check[CHANNEL_CHECK_MAX];
	(void)state;
	assert_true(uuid_parse(&bundle, bundle_text, strlen(bundle_text)));
	channel_secret_id(id, secret);
	hex_encode(hex, id, sizeof id);
	assert_string_equal(hex, id_hex);
	channel_secret_check(check, secret, &alice, &bob);
	assert_string_equal(check, check_text);
	channel_secret_check(check, secret, &bob, &alice);
	assert_string_equal(check, check_text);

	assert_int_equal(secret_new(&key, KEY_BYTES, &err), 0);
	memset(key->bytes, 0x5a, KEY_BYTES);
	assert_int_equal(channel_secret_mix(&mixed, key, secret, &bundle, &bob, &err), 0);
	hex_encode(hex, mixed->bytes, KEY_BYTES);
	assert_string_equal(hex, mixed_hex);
	assert_int_equal(channel_secret_mix(&back, mixed, secret, &bundle, &bob, &err), 0);
	assert_memory_equal(back->bytes, key->bytes, KEY_BYTES);
}

static void test_kept_text(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *secret = make_secret(secret_hex), *text = NULL, *back = NULL;
	const struct fingerprint alice = fingerprint_of(alice_hex), bob = fingerprint_of(bob_hex);
	unsigned char id[SECRET_ID_BYTES], other[SECRET_ID_BYTES] = {1};
	(void)state;
	channel_secret_id(id, secret);
	assert_int_equal(channel_secret_format(&text, secret, &bob, &err), 0);
	assert_int_equal(text->len, channel_secret_text_len(&bob));
	assert_int_equal(channel_secret_parse(&back, text, &bob, id, &err), 0);
	assert_memory_equal(back->bytes, secret->bytes, CHANNEL_SECRET_BYTES);
	secret_free(steal(&back));

	/* Each byte counts: kind, partner, id, the secret itself, line ends. */
	for (size_t i = 0; i < text->len; i++) {
		err = (struct err)ERR_INIT;
		text->bytes[i] ^= 1;
		assert_int_equal(channel_secret_parse(&back, text, &bob, id, &err), -1);
		assert_int_equal(err.code, ERR_STATION);
		assert_null(back);
		text->bytes[i] ^= 1;
	}
	err = (struct err)ERR_INIT;
	assert_int_equal(channel_secret_parse(&back, text, &alice, id, &err), -1);
	assert_int_equal(err.code, ERR_STATION);
	err = (struct err)ERR_INIT;
	assert_int_equal(channel_secret_parse(&back, text, &bob, other, &err), -1);
	err = (struct err)ERR_INIT;
	text->len--;
	assert_int_equal(channel_secret_parse(&back, text, &bob, id, &err), -1);
	assert_int_equal(err.code, ERR_STATION);
	text->len++;
}

int main(void)
{
	struct err err = ERR_INIT;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_kept_text),
	};
	return secret_library_init(&err) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
