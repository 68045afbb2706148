/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/slot.h"

#define ID "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\n"
#define SEQ "0000000042\n"
#define PREV "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
#define SID "00112233445566ff\n"
#define KEY "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\n"
#define GOOD "valise-key 1\n" ID SEQ PREV SID KEY
#define ZEROS "0000000000000000"

static int parse(struct slot *slot, const char *text, size_t len, struct err *err)
{
	auto_secret *secret = NULL;
	if (secret_new(&secret, len, err) != 0)
		return -1;
	memcpy(secret->bytes, text, len);
	return slot_parse(slot, secret, err);
}

static void test_known_text(void **state)
{
	auto_slot slot = {0};
	auto_secret *out = NULL;
	assert_int_equal(strlen(GOOD), SLOT_TEXT_BYTES);
	expect_ok(parse(&slot, GOOD, strlen(GOOD), err));
	assert_string_equal(slot.bundle.text, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10");
	assert_int_equal(slot.sequence, 42);
	assert_int_equal(slot.previous.bytes[1], 0x23);
	assert_memory_equal(slot.secret_id, "\x00\x11\x22\x33\x44\x55\x66\xff", SECRET_ID_BYTES);
	assert_int_equal(slot.key->len, KEY_BYTES);
	assert_int_equal(slot.key->bytes[0], 0xfe);
	expect_ok(slot_format(&out, &slot, err));
	assert_int_equal(out->len, SLOT_TEXT_BYTES);
	assert_memory_equal(out->bytes, GOOD, SLOT_TEXT_BYTES);
}

static void test_first_of_a_channel(void **state)
{
	static const char text[] = "valise-key 1\n" ID "0000000001\n" ZEROS ZEROS ZEROS ZEROS "\n" ZEROS "\n" KEY;
	auto_slot slot = {0};
	expect_ok(parse(&slot, text, strlen(text), err));
	assert_int_equal(slot.sequence, 1);
	assert_true(digest_is_zero(&slot.previous));
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{"valise-key 2\n" ID SEQ PREV SID KEY, "line 1"},
		{"valise-kez 1\n" ID SEQ PREV SID KEY, "line 1"},
		{"valise-key 1\n"
		 "9F1C2A34-5d0b-4c55-8a64-0d5a1f3f4f10\n" SEQ PREV SID KEY,
		 "line 2"},
		{"valise-key 1\n"
		 "9f1c2a34-5d0b-1c55-8a64-0d5a1f3f4f10\n" SEQ PREV SID KEY,
		 "line 2"},
		{"valise-key 1\n" ID "0000000000\n" PREV SID KEY, "line 3"},
		{"valise-key 1\n" ID "1000000001\n" PREV SID KEY, "line 3"},
		{"valise-key 1\n" ID "        42\n" PREV SID KEY, "line 3"},
		{"valise-key 1\n" ID "-000000042\n" PREV SID KEY, "line 3"},
		{"valise-key 1\n" ID SEQ "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n" SID KEY,
		 "line 4"},
		{"valise-key 1\n" ID SEQ "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n" SID KEY,
		 "line 4"},
		{"valise-key 1\n" ID SEQ PREV "00112233445566FF\n" KEY, "line 5"},
		{"valise-key 1\n" ID SEQ PREV "00112233445566f \n" KEY, "line 5"},
		{"valise-key 1\n" ID SEQ PREV SID "FEDCBA9876543210FEDCBA9876543210FEDCBA9876543210FEDCBA9876543210\n",
		 "line 6"},
		{"valise-key 1\n" ID SEQ PREV SID "xedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\n",
		 "line 6"},
		{"valise-key 1\n" ID SEQ PREV SID "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210 ",
		 "another length"},
		{"valise-key 1\n" ID "0000000042 " PREV SID KEY, "another length"},
		{"valise-key 1\n" ID SEQ PREV KEY SID, "another length"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_slot slot = {0};
		assert_int_equal(strlen(rows[i].text), SLOT_TEXT_BYTES);
		expect_failure(parse(&slot, rows[i].text, SLOT_TEXT_BYTES, err), ERR_SLOT, rows[i].piece, rows[i].text);
		assert_null(slot.key);
	}
}

static void test_other_lengths(void **state)
{
	auto_slot slot = {0};
	expect_failure(parse(&slot, GOOD, SLOT_TEXT_BYTES - 1, err), ERR_SLOT, "207 bytes", "short");
	expect_failure(parse(&slot, GOOD "\n", SLOT_TEXT_BYTES + 1, err), ERR_SLOT, "209 bytes", "long");
}

/* Every byte has one right value, or means something else. No message shows any of it. */
static void test_every_byte_counts(void **state)
{
	for (size_t at = 0; at < SLOT_TEXT_BYTES; at++) {
		auto_slot slot = {0};
		auto_secret *out = NULL;
		struct err found = ERR_INIT;
		char text[sizeof GOOD];
		memcpy(text, GOOD, sizeof text);
		text[at] ^= 1;
		if (parse(&slot, text, SLOT_TEXT_BYTES, &found) == 0) {
			expect_ok(slot_format(&out, &slot, err));
			assert_memory_equal(out->bytes, text, SLOT_TEXT_BYTES);
		} else {
			assert_int_equal(found.code, ERR_SLOT);
			assert_null(strstr(found.message, "fedcba98"));
		}
	}
}

static void test_format_refuses_nonsense(void **state)
{
	auto_slot slot = {0};
	struct secret *out = NULL;
	expect_failure(slot_format(&out, &slot, err), ERR_INTERNAL, "without key", "no key");
	expect_ok(parse(&slot, GOOD, SLOT_TEXT_BYTES, err));
	slot.sequence = (uint64_t)SEQUENCE_MAX + 1;
	expect_failure(slot_format(&out, &slot, err), ERR_INTERNAL, "sequence", "sequence");
	assert_null(out);
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_text),        cmocka_unit_test(test_first_of_a_channel),
		cmocka_unit_test(test_refused),           cmocka_unit_test(test_other_lengths),
		cmocka_unit_test(test_every_byte_counts), cmocka_unit_test(test_format_refuses_nonsense),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
