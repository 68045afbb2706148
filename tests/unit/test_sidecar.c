/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/sidecar.h"

static int setup(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

static void a_message_comes_back(void **state)
{
	static const char want[] = "valise-approve 1\n"
							   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
	struct digest bundle, back;
	auto_secret *key = NULL, *text = NULL, *again = NULL;
	assert_true(digest_parse(&bundle, want + 17, DIGEST_HEX));
	expect_ok(secret_random(&key, KEY_BYTES, err));
	expect_ok(sidecar_format(&text, &bundle, key, err));
	assert_int_equal(text->len, SIDECAR_TEXT_BYTES);
	assert_memory_equal(text->bytes, want, sizeof want - 1);
	assert_int_equal(text->bytes[SIDECAR_TEXT_BYTES - 1], '\n');
	expect_ok(sidecar_parse(text, &back, &again, err));
	assert_true(digest_equal(&bundle, &back));
	assert_memory_equal(again->bytes, key->bytes, KEY_BYTES);
}

static void anything_else_is_refused(void **state)
{
	struct digest bundle = {{0}}, back;
	auto_secret *key = NULL, *text = NULL, *longer = NULL, *none = NULL;
	expect_ok(secret_random(&key, KEY_BYTES, err));
	expect_ok(sidecar_format(&text, &bundle, key, err));
	for (size_t at = 0; at < SIDECAR_TEXT_BYTES; at++) {
		auto_secret *out = NULL;
		unsigned char was = text->bytes[at];
		text->bytes[at] = 'x';
		expect_failure(sidecar_parse(text, &back, &out, err), ERR_SLOT, "message for this approver", "a byte");
		text->bytes[at] = was;
		assert_null(out);
	}
	expect_ok(secret_new(&longer, SIDECAR_TEXT_BYTES + 1, err));
	expect_failure(sidecar_parse(longer, &back, &none, err), ERR_SLOT, "not one of valise", "length");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_comes_back),
		cmocka_unit_test(anything_else_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
