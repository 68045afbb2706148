/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/ident.h"
#include "base/secret.h"

static void test_hex_takes_one_case(void **state)
{
	unsigned char bytes[3];
	assert_true(hex_decode(bytes, 3, "00a9ff", 6));
	assert_memory_equal(bytes, "\x00\xa9\xff", 3);
	assert_true(hex_decode(bytes, 3, "00A9FF", 6));
	assert_memory_equal(bytes, "\x00\xa9\xff", 3);
	assert_false(hex_decode(bytes, 3, "00a9FF", 6));
	assert_false(hex_decode(bytes, 3, "00a9f", 5));
	assert_false(hex_decode(bytes, 3, "00a9ff0", 7));
	assert_false(hex_decode(bytes, 3, "00a9fg", 6));
	assert_false(hex_decode(bytes, 3, "00a9 f", 6));
	assert_false(hex_decode(bytes, 3, "00a9\0f", 6));
	char text[7];
	hex_encode(text, (const unsigned char *)"\x00\xa9\xff", 3);
	assert_string_equal(text, "00a9ff");
}

#define D63 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1"

static void test_digest(void **state)
{
	struct digest d, zero = {{0}};
	char text[DIGEST_HEX + 1];
	assert_true(digest_parse(&d, D63 "f", 64));
	assert_int_equal(d.bytes[31], 0x1f);
	digest_format(text, &d);
	assert_string_equal(text, D63 "f");
	assert_false(digest_is_zero(&d));
	assert_true(digest_is_zero(&zero));
	assert_true(digest_equal(&d, &d));
	assert_false(digest_equal(&d, &zero));
	assert_false(digest_parse(&d, D63, 63));
	assert_false(digest_parse(&d, D63 "ff", 65));
	assert_false(digest_parse(&d, D63 "F", 64));
	assert_false(digest_parse(&d, "", 0));
}

#define F39 "0123456789ABCDEF0123456789ABCDEF0123456"

static void test_fingerprint_as_written(void **state)
{
	static const char *const bad[] = {
		"", F39, F39 "7A", F39 "a", F39 "G", F39 " ", "0x" F39 "7", F39 "7" F39 "7", F39 "7" F39,
	};
	struct fingerprint f;
	assert_true(fingerprint_parse(&f, F39 "7", 40));
	assert_string_equal(f.hex, F39 "7");
	assert_true(fingerprint_parse(&f,
								  F39 "7"
									  "0123456789ABCDEF01234567",
								  64));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (fingerprint_parse(&f, bad[i], strlen(bad[i])))
			fail_msg("taken: \"%s\"", bad[i]);
}

static void test_fingerprint_spaced(void **state)
{
	struct fingerprint f;
	char text[FINGERPRINT_SPACED_MAX];
	assert_true(fingerprint_parse(&f, F39 "7", 40));
	fingerprint_format_spaced(text, &f);
	assert_string_equal(text, "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567");
}

static void test_uuid(void **state)
{
	static const char *const bad[] = {
		"",
		"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f1",
		"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f100",
		"9F1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10",
		"9f1c2a34-5d0b-1c55-8a64-0d5a1f3f4f10", /* version 1 */
		"9f1c2a34-5d0b-4c55-ca64-0d5a1f3f4f10", /* variant */
		"9f1c2a34-5d0b-4c55-7a64-0d5a1f3f4f10",
		"9f1c2a34x5d0b-4c55-8a64-0d5a1f3f4f10",
		"9f1c2a3405d0b-4c55-8a64-0d5a1f3f4f10",
		"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f1g",
	};
	struct uuid u;
	assert_true(uuid_parse(&u, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	assert_string_equal(u.text, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10");
	for (size_t i = 0; i < COUNT(bad); i++)
		if (uuid_parse(&u, bad[i], strlen(bad[i])))
			fail_msg("taken: \"%s\"", bad[i]);
}

static void test_uuid_random(void **state)
{
	struct uuid a, b, parsed;
	for (int i = 0; i < 100; i++) {
		uuid_random(&a);
		uuid_random(&b);
		assert_true(uuid_parse(&parsed, a.text, strlen(a.text)));
		assert_string_not_equal(a.text, b.text);
	}
}

static void test_utc(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} good[] = {
		{"2000-01-01T00:00:00Z", 946684800},  {"2026-11-23T18:12:00Z", 1795457520},
		{"2024-02-29T23:59:59Z", 1709251199}, {"9999-12-31T23:59:59Z", 253402300799},
		{"2038-01-19T03:14:08Z", 2147483648},
	};
	static const char *const bad[] = {
		"",
		"1999-12-31T23:59:59Z",
		"2026-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-00-10T00:00:00Z",
		"2026-13-10T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:60Z",
		"2026-01-01 00:00:00Z",
		"2026-01-01T00:00:00z",
		"2026-01-01T00:00:00",
		"2026-01-01T00:00:00.0Z",
		"2026-1-01T00:00:000Z",
		"2026-01-01T00:00:0+Z",
		"+026-01-01T00:00:00Z",
	};
	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t time = 0;
		char text[UTC_TEXT + 1];
		assert_true(utc_parse(&time, good[i].text, strlen(good[i].text)));
		assert_int_equal(time, good[i].time);
		utc_format(text, time);
		assert_string_equal(text, good[i].text);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t time;
		if (utc_parse(&time, bad[i], strlen(bad[i])))
			fail_msg("taken: \"%s\"", bad[i]);
	}
}

static void test_utc_beyond_is_shown_as_the_end(void **state)
{
	char text[UTC_TEXT + 1];
	utc_format(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	utc_format(text, INT64_MIN);
	assert_string_equal(text, "1000-01-01T00:00:00Z");
	utc_format(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex_takes_one_case),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_fingerprint_as_written),
		cmocka_unit_test(test_fingerprint_spaced),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_uuid_random),
		cmocka_unit_test(test_utc),
		cmocka_unit_test(test_utc_beyond_is_shown_as_the_end),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
