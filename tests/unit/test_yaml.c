/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <time.h>

#define KIND "valise-test: 1"

/* A document that has one field of each kind. */
struct doc {
	char text[17];
	char *dup;
	uint64_t number;
	int64_t time;
	bool flag;
	unsigned choice;
	struct {
		char key[16];
		uint64_t value;
	} pairs[4];
	unsigned pair_count, item_count, depth;
};

static int read_text(struct yaml *y, void *into, struct err *err)
{
	struct doc *d = into;
	return yaml_read_plain_into(y, d->text, sizeof d->text, 1, err);
}

static int read_dup(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_dup(y, &((struct doc *)into)->dup, 0, 100, err);
}

static int read_number(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_u64(y, &((struct doc *)into)->number, 1, 1048576, err);
}

static int read_time(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_i64(y, &((struct doc *)into)->time, 1000, err);
}

static int read_flag(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_bool(y, &((struct doc *)into)->flag, err);
}

static int read_choice(struct yaml *y, void *into, struct err *err)
{
	static const char *const names[] = {"red", "green"};
	return yaml_read_choice(y, names, 2, &((struct doc *)into)->choice, err);
}

static int read_pair(struct yaml *y, const char *key, void *into, struct err *err)
{
	struct doc *d = into;
	assert_true(d->pair_count < COUNT(d->pairs));
	(void)snprintf(d->pairs[d->pair_count].key, sizeof d->pairs[0].key, "%s", key);
	return yaml_read_u64(y, &d->pairs[d->pair_count++].value, 0, 100, err);
}

static int read_pairs(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_pairs(y, read_pair, into, err);
}

/* [text, number] */
static int read_row(struct yaml *y, void *into, struct err *err)
{
	const char *text;
	size_t len;
	uint64_t number;
	if (yaml_seq_begin(y, err) != 0 || yaml_read_text(y, &text, &len, 1, 8, err) != 0 ||
		yaml_read_u64(y, &number, 0, 9, err) != 0)
		return -1;
	((struct doc *)into)->item_count++;
	return yaml_seq_end(y, err);
}

static int read_rows(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_seq(y, read_row, into, err);
}

static int read_deep(struct yaml *y, void *into, struct err *err)
{
	((struct doc *)into)->depth++;
	return yaml_read_seq(y, read_deep, into, err);
}

static const struct yaml_field inner_fields[] = {{"number", YAML_REQUIRED, read_number}};

static int read_inner(struct yaml *y, void *into, struct err *err)
{
	return yaml_read_map(y, inner_fields, COUNT(inner_fields), into, err);
}

static const struct yaml_field fields[] = {
	{"text", YAML_REQUIRED, read_text},   {"dup", YAML_OPTIONAL, read_dup},   {"number", YAML_OPTIONAL, read_number},
	{"time", YAML_OPTIONAL, read_time},   {"flag", YAML_OPTIONAL, read_flag}, {"choice", YAML_OPTIONAL, read_choice},
	{"pairs", YAML_OPTIONAL, read_pairs}, {"rows", YAML_OPTIONAL, read_rows}, {"deep", YAML_OPTIONAL, read_deep},
	{"inner", YAML_OPTIONAL, read_inner},
};

static int read_doc_len(struct doc *d, const char *text, size_t len, struct err *err)
{
	auto_yaml *y = NULL;
	free(d->dup);
	*d = (struct doc){.choice = 99};
	if (yaml_open(&y, text, len, KIND, ERR_DOCUMENT, err) != 0)
		return -1;
	return yaml_read_document(y, fields, COUNT(fields), d, err);
}

static int read_doc(struct doc *d, const char *text, struct err *err)
{
	return read_doc_len(d, text, strlen(text), err);
}

#define HEAD KIND "\ntext: \"x\"\n"

static void test_first_line(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *piece;
	} rows[] = {
		{"", ERR_DOCUMENT, "line 1"},
		{KIND, ERR_DOCUMENT, "line 1"},
		{KIND " \ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{KIND "\r\ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{"\xef\xbb\xbf" HEAD, ERR_DOCUMENT, "line 1"},
		{"# remark\n" HEAD, ERR_DOCUMENT, "line 1"},
		{"---\n" HEAD, ERR_DOCUMENT, "line 1"},
		{"\n" HEAD, ERR_DOCUMENT, "line 1"},
		{"valise-test: \"1\"\ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{"valise-other: 1\ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{"valise-test: 2\ntext: \"x\"\n", ERR_VERSION, "another version"},
		{"valise-test: 10\ntext: \"x\"\n", ERR_VERSION, "another version"},
		{"valise-test: 2x\ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{"valise-test: \ntext: \"x\"\n", ERR_DOCUMENT, "line 1"},
		{"valise-test: 2", ERR_DOCUMENT, "line 1"},
		{KIND "\n  2\ntext: \"x\"\n", ERR_DOCUMENT, "first line must stand alone"},
		{KIND "\n  text: x\n", ERR_DOCUMENT, "first line must stand alone"},
		{HEAD KIND "\n", ERR_DOCUMENT, "unknown key \"valise-test\""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doc d = {0};
		expect_failure(read_doc(&d, rows[i].text, err), rows[i].code, rows[i].piece, rows[i].text);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{KIND "\n", "line 2, column 1: \"text\" is missing"},
		{HEAD "other: 1\n", "line 3, column 1: unknown key \"other\""},
		{HEAD "Text: 1\n", "unknown key \"Text\""},
		{HEAD "text: \"y\"\n", "line 3, column 1: \"text\" stands here a second time"},
		{HEAD "dup: \"a\"\ndup: \"a\"\n", "line 4, column 1: \"dup\" stands here a second time"},
		{HEAD "\"text\": \"y\"\n", "a second time"},
		{HEAD "\"dup\\0\": \"y\"\n", "unknown key"},
		{KIND "\ntext: [a]\n", "line 2, column 7: \"text\" must be text or a number"},
		{KIND "\ntext: {a: b}\n", "must be text or a number"},
		{KIND "\ntext:\n", "\"text\" has no value"},
		{KIND "\ntext: \"\"\n", "must have 1 to 16 bytes"},
		{KIND "\ntext: \"12345678901234567\"\n", "must have 1 to 16 bytes"},
		{KIND "\ntext: \"a\\0b\"\n", "U+0000"},
		{KIND "\ntext: \"a\\x00\"\n", "U+0000"},
		{KIND "\ntext: \"a\\eb\"\n", "control or invisible"},
		{KIND "\ntext: \"a\\u202eb\"\n", "control or invisible"},
		{KIND "\ntext: \"a\x1b"
			  "b\"\n",
		 "control characters are not allowed"},
		{KIND "\ntext: \"caf\xe9\"\n", "UTF-8"},
		{KIND "\ntext: \"\\ud800\"\n", "line 2"},
		{KIND "\ntext: \"x\n", "line 3"},
		{KIND "\ntext: 'x\n", "line 3"},
		{KIND "\ntext: `x\n", "line 2"},
		{KIND "\ntext: @x\n", "line 2"},
		{KIND "\ntext: a: b\n", "line 2"},
		{KIND "\n\ttext: \"x\"\n", "line 2"},
		{KIND "\ntext: \"x\"\n y: 1\n", "line 3"},
		{KIND "\ntext: &a \"x\"\n", "line 2, column 7: anchors"},
		{HEAD "rows: &a []\n", "anchors"},
		{HEAD "inner: &a {number: 1}\n", "anchors"},
		{HEAD "&a dup: \"y\"\n", "anchors"},
		{KIND "\ntext: *a\n", "line 2, column 7: aliases"},
		{HEAD "*a : b\n", "aliases"},
		{KIND "\ntext: !!str \"x\"\n", "tags"},
		{KIND "\ntext: !local \"x\"\n", "tags"},
		{KIND "\ntext: !<tag:x> \"x\"\n", "tags"},
		{KIND "\ntext: ! \"x\"\n", "line 2, column 7: tags"},
		{KIND "\ntext: ! 'x'\n", "tags"},
		{KIND "\ntext: ! x\n", "tags"},
		{KIND "\ntext: ! x\n  y\n", "tags"},
		{KIND "\n# caf\xc3\xa9 caf\xc3\xa9\ntext: ! x\n", "line 3, column 7: tags"},
		{KIND "\ntext: ! |\n  x\n", "tags"},
		{KIND "\ntext: !\n", "tags"},
		{HEAD "rows: ! []\n", "tags"},
		{HEAD "rows: !!seq []\n", "tags"},
		{HEAD "inner: !!map {number: 1}\n", "tags"},
		{HEAD "! dup: \"y\"\n", "tags"},
		{HEAD "<<: {dup: \"x\"}\n", "unknown key \"<<\""},
		{HEAD "pairs: {<<: 1}\n", "merge"},
		{HEAD "? [a]\n: b\n", "a key must be a word"},
		{HEAD "{a: b}: c\n", "a key must be a word"},
		{HEAD "[a]: c\n", "a key must be a word"},
		{HEAD "pairs: {[a]: 1}\n", "a key must be a word"},
		{HEAD "pairs: {a: {b: 1}}\n", "must be text or a number"},
		{HEAD "pairs: [a]\n", "\"pairs\" must be a mapping"},
		{HEAD "pairs: {\"\": 1}\n", "must have 1 to 255 bytes"},
		{HEAD "pairs: {\"a\\0\": 1}\n", "U+0000"},
		{HEAD "---\ntext: \"y\"\n", "line 3, column 1: only one document"},
		{HEAD "---\n", "only one document"},
		{HEAD "...\n", "end marker"},
		{HEAD "...\n%YAML 1.1\n---\nx\n", "end marker"},
		{HEAD "%YAML 1.1\n", "line 4"},
		{HEAD "rows: a\n", "\"rows\" must be a list"},
		{HEAD "rows: [[a]]\n", "\"rows\" has fewer items here than it must"},
		{HEAD "rows: [[a, 1, 2]]\n", "line 3, column 15: \"rows\" has more items here than it may"},
		{HEAD "rows: [[a, [1]]]\n", "must be text or a number"},
		{HEAD "rows: [a]\n", "\"rows\" must be a list"},
		{HEAD "rows: [[a, 1]\n", "line 4"},
		{HEAD "rows: [[a, 1]]]\n", "line 3"},
		{HEAD "number: 0\n", "line 3, column 9: \"number\" must be between 1 and 1048576"},
		{HEAD "number: 1048577\n", "must be between 1 and 1048576"},
		{HEAD "number: 18446744073709551617\n", "must be a whole number"},
		{HEAD "number: 01\n", "must be a whole number"},
		{HEAD "number: +1\n", "must be a whole number"},
		{HEAD "number: -1\n", "must be a whole number"},
		{HEAD "number: 1.0\n", "must be a whole number"},
		{HEAD "number: 1e3\n", "must be a whole number"},
		{HEAD "number: 0x10\n", "must be a whole number"},
		{HEAD "number: 1_000\n", "must be a whole number"},
		{HEAD "number: \" 1\"\n", "must be a whole number"},
		{HEAD "number: \"\"\n", "must be a whole number"},
		{HEAD "number: ~\n", "must be a whole number"},
		{HEAD "number:\n", "\"number\" has no value"},
		{HEAD "time: 1001\n", "must be between -1000 and 1000"},
		{HEAD "time: -1001\n", "must be between"},
		{HEAD "time: -0\n", "must be between"},
		{HEAD "flag: yes\n", "must be one of: false, true"},
		{HEAD "flag: True\n", "must be one of"},
		{HEAD "choice: blue\n", "\"choice\" must be one of: red, green"},
		{HEAD "choice: RED\n", "must be one of"},
		{HEAD "inner: {}\n", "\"number\" is missing"},
		{HEAD "inner: {number: 1, number: 2}\n", "\"number\" stands here a second time"},
		{HEAD "inner: {number: 1, text: \"x\"}\n", "unknown key \"text\""},
		{HEAD "inner: \"x\"\n", "\"inner\" must be a mapping"},
		{HEAD "deep: [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n", "line 3, column 22: more than 16 levels deep"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doc d = {0};
		expect_failure(read_doc(&d, rows[i].text, err), ERR_DOCUMENT, rows[i].piece, rows[i].text);
		free(d.dup);
	}
}

static void test_nul_bytes_are_refused(void **state)
{
	static const char inside[] = KIND "\ntext: \"a\0b\"\n", behind[] = HEAD "\0";
	struct doc d = {0};
	expect_failure(read_doc_len(&d, inside, sizeof inside - 1, err), ERR_DOCUMENT, "control characters", "inside");
	expect_failure(read_doc_len(&d, behind, sizeof behind - 1, err), ERR_DOCUMENT, "control characters", "behind");
}

/* Any style of writing the same, and remarks. */
static void test_accepted(void **state)
{
	static const char *const rows[] = {
		HEAD,
		KIND "\ntext: x\n",
		KIND "\ntext: 'x'\n",
		KIND "\ntext: \"x\"",
		KIND "\n# remark\n\ntext: \"x\" # remark\n# remark\n",
		KIND "\n\"text\": x\n",
		KIND "\n? text\n: x\n",
		KIND "\ntext: |-\n  x\n",
		KIND "\ntext: >-\n  x\n",
		KIND "\ntext:\n  \"x\"\n",
		KIND "\ntext: \"\\x78\"\n",
		HEAD "\n\n\n   \n   ",
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doc d = {0};
		expect_ok(read_doc(&d, rows[i], err));
		assert_string_equal(d.text, "x");
	}
}

static void test_values(void **state)
{
	struct doc d = {0};
	expect_ok(read_doc(&d,
					   HEAD
					   "dup: \"caf\\xe9 \\u263a \\n\"\nnumber: \"1048576\"\ntime: -1000\nflag: true\nchoice: green\n"
					   "pairs: {a: 1, \"b c\": 2}\nrows:\n- [r1, 1]\n- [\"r2\", \"2\"]\n- - r3\n  - 3\n"
					   "deep: [[[[[[[[[[[[[[[]]]]]]]]]]]]]]]\n",
					   err));
	assert_string_equal(d.dup, "caf\xc3\xa9 \xe2\x98\xba \n");
	assert_int_equal(d.number, 1048576);
	assert_int_equal(d.time, -1000);
	assert_true(d.flag);
	assert_int_equal(d.choice, 1);
	assert_int_equal(d.pair_count, 2);
	assert_string_equal(d.pairs[1].key, "b c");
	assert_int_equal(d.pairs[1].value, 2);
	assert_int_equal(d.item_count, 3);
	assert_int_equal(d.depth, 15);
	free(d.dup);
	d.dup = NULL;
	expect_ok(read_doc(&d, HEAD "rows: []\npairs: {}\ninner: {number: 3}\n", err));
	assert_int_equal(d.item_count, 0);
	assert_int_equal(d.number, 3);
}

static int read_idents(struct yaml *y, void *into, struct err *err)
{
	struct fingerprint fpr;
	struct digest digest;
	struct uuid uuid;
	int64_t time;
	if (yaml_seq_begin(y, err) != 0 || yaml_read_fingerprint(y, &fpr, err) != 0 ||
		yaml_read_digest(y, &digest, err) != 0 || yaml_read_uuid(y, &uuid, err) != 0 ||
		yaml_read_utc(y, &time, err) != 0)
		return -1;
	return yaml_seq_end(y, err);
}

static int read_ident_doc(const char *text, struct err *err)
{
	static const struct yaml_field ident_fields[] = {{"ids", YAML_REQUIRED, read_idents}};
	auto_yaml *y = NULL;
	if (yaml_open(&y, text, strlen(text), KIND, ERR_STATION, err) != 0)
		return -1;
	return yaml_read_document(y, ident_fields, 1, NULL, err);
}

#define FPR "\"0123456789ABCDEF0123456789ABCDEF01234567\""
#define DIG "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define UID "\"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\""
#define UTC "\"2026-11-23T18:12:00Z\""
#define IDS(f, d, u, t) KIND "\nids: [" f ", " d ", " u ", " t "]\n"

static void test_idents(void **state)
{
	expect_ok(read_ident_doc(IDS(FPR, DIG, UID, UTC), err));
	expect_failure(read_ident_doc(IDS(UID, DIG, UID, UTC), err), ERR_STATION,
				   "line 2, column 7: \"ids\" must be a fingerprint", "fpr");
	expect_failure(read_ident_doc(IDS(FPR, FPR, UID, UTC), err), ERR_STATION, "64 lower-case", "digest");
	expect_failure(read_ident_doc(IDS(FPR, DIG, DIG, UTC), err), ERR_STATION, "UUID of version 4", "uuid");
	expect_failure(read_ident_doc(IDS(FPR, DIG, UID, UID), err), ERR_STATION, "must be a time like", "utc");
	expect_failure(read_ident_doc(IDS(FPR, DIG, UID, UTC ", x"), err), ERR_STATION, "more items", "more");
}

/* libyaml alone takes seconds for this. */
static void test_brackets_fail_at_once(void **state)
{
	enum { SIZE = 64 << 10 };
	static const char *const starts[] = {KIND "\n", HEAD "deep: ", HEAD "rows: ", HEAD "unknown: ", HEAD "pairs: {a: "};
	char *text = malloc(SIZE + 1);
	assert_non_null(text);
	for (size_t i = 0; i < 2 * COUNT(starts); i++) {
		const char *start = starts[i / 2];
		memset(text, i % 2 == 0 ? '[' : '{', SIZE);
		memcpy(text, start, strlen(start));
		text[SIZE] = '\0';
		struct doc d = {0};
		clock_t before = clock();
		expect_failure(read_doc(&d, text, err), ERR_DOCUMENT, "line", start);
		assert_true(clock() - before < CLOCKS_PER_SEC / 10);
	}
	free(text);
}

/* Without a limit libyaml takes minutes for the second one: it wipes a buffer of the longest run at every space. */
static void test_long_runs_of_blanks_are_refused(void **state)
{
	enum { RUN = 1 << 20, WORDS = 1 << 20 };
	static const char *const blanks[] = {" ", "\n", "\t", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
	for (size_t i = 0; i < COUNT(blanks); i++) {
		auto_buf text = {0};
		struct doc d = {0};
		expect_ok(buf_append_str(&text, HEAD "dup: \"b", err));
		for (size_t n = 0; n < RUN / strlen(blanks[i]); n++)
			expect_ok(buf_append_str(&text, blanks[i], err));
		for (size_t n = 0; n < WORDS; n++)
			expect_ok(buf_append_str(&text, "a ", err));
		expect_ok(buf_append_str(&text, "\"\n", err));
		clock_t before = clock();
		expect_failure(read_doc(&d, text.data, err), ERR_DOCUMENT, "in a row", blanks[i]);
		assert_true(clock() - before < CLOCKS_PER_SEC);
	}
}

/* The longest purpose may be nothing but spaces, and a padded document ends in any number of line ends. */
static void test_runs_of_blanks_that_are_allowed(void **state)
{
	auto_buf text = {0};
	struct doc d = {0};
	expect_ok(buf_append_str(&text, HEAD "dup: \"x\"\n", err));
	for (int i = 0; i < 1024; i++)
		expect_ok(buf_append_str(&text, " ", err));
	expect_ok(buf_append_str(&text, "# a remark\n", err));
	for (int i = 0; i < 100000; i++)
		expect_ok(buf_append_str(&text, "\n", err));
	expect_ok(read_doc(&d, text.data, err));
	free(d.dup);
}

static void test_foreign_text_is_cut_in_messages(void **state)
{
	auto_buf text = {0};
	struct doc d = {0};
	struct err found = ERR_INIT;
	expect_ok(buf_append_str(&text, HEAD, err));
	for (int i = 0; i < 50; i++)
		expect_ok(buf_append_str(&text, "0123456789", err));
	expect_ok(buf_append_str(&text, ": 1\n", err));
	assert_int_equal(read_doc(&d, text.data, &found), -1);
	assert_true(strlen(found.message) < 120);
}

static void test_writing(void **state)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"a \"b\" \\c", "\"a \\\"b\\\" \\\\c\""},
		{"tab\tline\n", "\"tab\\tline\\n\""},
		{"\x01\x1b\x7f", "\"\\x01\\x1b\\x7f\""},
		{"\xc2\x85\xc2\x9f\xc2\xa0", "\"\\x85\\x9f\xc2\xa0\""},
		{"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2028\\u2029\xe2\x80\xaa\""},
		{"\xef\xbb\xbf\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "\"\\ufeff\\ufffe\\uffff\xef\xbf\xbd\""},
		{"\xf0\x9f\x98\x80 \xe6\x97\xa5", "\"\xf0\x9f\x98\x80 \xe6\x97\xa5\""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf out = {0}, doc = {0};
		struct doc d = {0};
		expect_ok(yaml_put_quoted(&out, rows[i].text, err));
		assert_string_equal(out.data, rows[i].quoted);
		expect_ok(buf_append_str(&doc, HEAD, err));
		expect_ok(yaml_put_pair(&doc, 0, "dup", rows[i].text, err));
		expect_ok(read_doc(&d, doc.data, err));
		assert_string_equal(d.dup, rows[i].text);
		free(d.dup);
	}
}

static void test_pair(void **state)
{
	auto_buf out = {0};
	expect_ok(yaml_put_pair(&out, 2, "key", "no", err));
	expect_ok(yaml_put_pair(&out, 0, "key", "12:30:00", err));
	assert_string_equal(out.data, "  key: \"no\"\nkey: \"12:30:00\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul_bytes_are_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_idents),
		cmocka_unit_test(test_brackets_fail_at_once),
		cmocka_unit_test(test_long_runs_of_blanks_are_refused),
		cmocka_unit_test(test_runs_of_blanks_that_are_allowed),
		cmocka_unit_test(test_foreign_text_is_cut_in_messages),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_pair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
