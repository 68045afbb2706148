/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/text.h"

struct sample {
	const char *text;
	size_t len;
};
#define S(literal)                   \
	{                                \
		literal, sizeof(literal) - 1 \
	}

static void test_utf8(void **state)
{
	static const struct sample good[] = {S(""),
										 S("plain"),
										 S("caf\xc3\xa9"),
										 S("\xe6\x97\xa5\xe6\x9c\xac"),
										 S("\xf0\x9f\x98\x80"),
										 S("eight by eight by\xc3\xa9"),
										 S("\xf4\x8f\xbf\xbf")};
	static const struct sample bad[] = {
		S("caf\xe9"),          S("\x80"), S("\xc3"),         S("\xc0\xaf"),        S("\xe0\x80\xaf"), S("\xed\xa0\x80"),
		S("\xf4\x90\x80\x80"), S("\xfe"), S("abcdefgh\xff"), S("abcdefghijk\xc3"),
	};
	for (size_t i = 0; i < COUNT(good); i++)
		if (!text_is_utf8(good[i].text, good[i].len))
			fail_msg("good %zu", i);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_is_utf8(bad[i].text, bad[i].len) || text_is_plain(bad[i].text, bad[i].len))
			fail_msg("bad %zu", i);
}

/* The edges of every range that is refused, and their neighbours. */
static void test_plain(void **state)
{
	static const struct sample bad[] = {
		S("\xc2\xad"),
		S("\xcd\x8f"),
		S("\xe1\x85\x9f"),
		S("\xe1\xa0\x8e"),
		S("\xe2\x81\xaa"),
		S("\xe2\x81\xaf"),
		S("\xe3\x85\xa4"),
		S("\xef\xb8\x8f"),
		S("\xef\xbe\xa0"),
		S("\xf3\xa0\x84\x80"), /* invisible */
		S("\0"),
		S("a\nb"),
		S("\x1b[2J"),
		S("\x1f"),
		S("\x7f"),
		S("\xc2\x80"),
		S("\xc2\x9f"),
		S("\xc2\x85"),
		S("\xd8\x9c"), /* 061C */
		S("\xe2\x80\x8b"),
		S("\xe2\x80\x8d"),
		S("\xe2\x80\x8f"), /* 200B 200D 200F */
		S("\xe2\x80\xa8"),
		S("\xe2\x80\xa9"),
		S("\xe2\x80\xae"), /* 2028 2029 202E */
		S("\xe2\x81\xa0"),
		S("\xe2\x81\xa6"),
		S("\xe2\x81\xa9"), /* 2060 2066 2069 */
		S("\xef\xbb\xbf"), /* FEFF */
		S("\xef\xbf\xb9"),
		S("\xef\xbf\xbb"), /* FFF9 FFFB */
		S("\xf3\xa0\x80\x80"),
		S("\xf3\xa0\x81\xbf"), /* E0000 E007F */
	};
	static const struct sample good[] = {
		S(""),
		S(" "),
		S("~"),
		S("caf\xc3\xa9"),
		S("\xc2\xa0"),
		S("\xd8\x9b"),
		S("\xd8\x9d"),
		S("\xe2\x80\x8a"),
		S("\xe2\x80\x90"),
		S("\xe2\x80\xa7"),
		S("\xe2\x80\xaf"),
		S("\xe2\x81\x9f"),
		S("\xe2\x81\xb0"),
		S("\xef\xbf\xbc"),
		S("\xef\xbf\xbd"),
		S("\xf3\xa1\x80\x80"),
		S("\xe6\x97\xa5"),
		S("\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7"),
		S("\xf0\x9f\x98\x80"),
	};
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_is_plain(bad[i].text, bad[i].len))
			fail_msg("bad %zu", i);
	for (size_t i = 0; i < COUNT(good); i++)
		if (!text_is_plain(good[i].text, good[i].len))
			fail_msg("good %zu", i);
}

static void test_escape(void **state)
{
	static const struct {
		struct sample in;
		const char *out;
	} rows[] = {
		{S("plain \xc3\xa9"), "plain \xc3\xa9"},
		{S("a\x1b[2Jb\n"), "a\\x1B[2Jb\\x0A"},
		{S("a\0b"), "a\\x00b"},
		{S("\x7f\xc2\x9b"), "\\x7F\\u{9B}"},
		{S("x\xe2\x80\xaegpj.exe"), "x\\u{202E}gpj.exe"},
		{S("\xf3\xa0\x80\x81"), "\\u{E0001}"},
		{S("caf\xe9!"), "caf\\xE9!"},
		{S("\xe2\x80"), "\\xE2\\x80"},
		{S("back\\slash"), "back\\slash"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf out = {0};
		expect_ok(text_escape(&out, rows[i].in.text, rows[i].in.len, err));
		assert_string_equal(out.data, rows[i].out);
		assert_true(text_is_plain(out.data, out.len));
	}
}

static void check_fold(const char *text, const char *want)
{
	auto_free char *folded = NULL;
	expect_ok(text_fold(&folded, text, strlen(text), err));
	assert_string_equal(folded, want);
}

static void test_fold(void **state)
{
	check_fold("", "");
	check_fold("README.TXT", "readme.txt");
	check_fold("[\\]^_`{|}~@", "[\\]^_`{|}~@");
	check_fold("STRASSE", "strasse");
	check_fold("stra\xc3\x9f"
			   "e",
			   "strasse");                     /* sharp s */
	check_fold("CAFE\xcc\x81", "caf\xc3\xa9"); /* E and a combining acute accent */
	check_fold("CAF\xc3\x89", "caf\xc3\xa9");
	check_fold("\xe2\x84\xaa", "k");                        /* Kelvin sign */
	check_fold("\xe2\x84\xab", "\xc3\xa5");                 /* Angstrom sign */
	check_fold("\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83");     /* sigma, final sigma */
	check_fold("\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80"); /* Hangul letters */
	check_fold("\xef\xac\x81", "fi");                       /* ligature: full folding has it as two letters */
	check_fold("\xc4\xb0", "i\xcc\x87");                    /* dotted I: never the Turkish rules */
	check_fold("I", "i");
}

static void test_names_that_read_as_another(void **state)
{
	static const struct {
		const char *name, *fault;
	} rows[] = {{"Ann Able", NULL},
				{"\u65e5\u672c", NULL},
				{"", NULL},
				{" Ann", "begins with"},
				{"Ann ", "ends in"},
				{" ", "begins with"},
				{"Ann  Able", "two spaces"},
				{"Ann\u00a0Able", "another kind"},
				{"Ann\u3000Able", "another kind"},
				{"Ann\u1680Able", "another kind"},
				{"Ann\u2009", "another kind"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fault = text_name_fault(rows[i].name, strlen(rows[i].name));
		if ((fault == NULL) != (rows[i].fault == NULL) || (fault != NULL && strstr(fault, rows[i].fault) == NULL))
			fail_msg("row %zu: %s", i, fault != NULL ? fault : "no fault");
	}
}

static void test_fold_refuses_other_bytes(void **state)
{
	char *folded;
	expect_failure(text_fold(&folded, "caf\xe9", 4, err), ERR_CONTENT, "not UTF-8", "latin 1");
	assert_null(folded);
}

static void test_width(void **state)
{
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("plain"), 5);
	assert_int_equal(text_width("caf\xc3\xa9"), 4);
	assert_int_equal(text_width("cafe\xcc\x81"), 4);
	assert_int_equal(text_width("\xe6\x97\xa5\xe6\x9c\xac"), 4);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {"",
									  "-1",
									  "+1",
									  "01",
									  "00",
									  " 1",
									  "1 ",
									  "1.0",
									  "1e0",
									  "0x1",
									  "1_0",
									  "18446744073709551616",
									  "99999999999999999999",
									  "100000000000000000000"};
	uint64_t u = 7;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_parse_u64(&u, bad[i], strlen(bad[i]), UINT64_MAX))
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(u, 7);
	assert_true(text_parse_u64(&u, "0", 1, 0));
	assert_int_equal(u, 0);
	assert_true(text_parse_u64(&u, "18446744073709551615", 20, UINT64_MAX));
	assert_true(u == UINT64_MAX);
	assert_true(text_parse_u64(&u, "16", 2, 16));
	assert_false(text_parse_u64(&u, "17", 2, 16));
	assert_false(text_parse_u64(&u, "1\0", 2, 16));
}

static void test_signed_numbers(void **state)
{
	static const char *const bad[] = {"", "-", "-0", "--1", "-01", "+1", "- 1", "101", "-101"};
	int64_t i64 = 7;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_parse_i64(&i64, bad[i], strlen(bad[i]), 100))
			fail_msg("taken: %s", bad[i]);
	assert_true(text_parse_i64(&i64, "-100", 4, 100));
	assert_int_equal(i64, -100);
	assert_true(text_parse_i64(&i64, "100", 3, 100));
	assert_int_equal(i64, 100);
	assert_true(text_parse_i64(&i64, "0", 1, 100));
	assert_int_equal(i64, 0);
}

static void test_ends(void **state)
{
	assert_true(text_ends_with("a.valise", ".valise"));
	assert_false(text_ends_with(".valise", ".valise"));
	assert_false(text_ends_with("valise", ".valise"));
	assert_false(text_ends_with("a.valise2", ".valise"));
	assert_false(text_ends_with("", ".valise"));
	assert_true(text_ends_with("a", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_refuses_other_bytes),
		cmocka_unit_test(test_names_that_read_as_another),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_signed_numbers),
		cmocka_unit_test(test_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
