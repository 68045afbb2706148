/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/authorisation.h"

#include <stdlib.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define GOOD                                             \
	"valise-authorisation: 1\n"                          \
	"by: \"0123456789ABCDEF0123456789ABCDEF01234567\"\n" \
	"created: \"2026-11-23T18:12:00Z\"\n"                \
	"not-after: \"2027-02-21T18:12:00Z\"\n"              \
	"reason: \"published on our site\"\n"                \
	"from: [\"pap/red\", \"tlp/red\"]\n"                 \
	"to: [\"tlp/amber\"]\n"                              \
	"files:\n"                                           \
	"  - \"" A64 "\"\n"                                  \
	"  - \"" B64 "\"\n"

static int parse(const char *text, struct err *err)
{
	auto_authorisation read = {.files = NULL};
	int rc = authorisation_parse(&read, text, strlen(text), err);
	if (rc != 0)
		assert_null(read.files);
	return rc;
}

static int parse_changed(const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, GOOD, old, new_text);
	return parse(text.data, err);
}

static void test_known_document(void **state)
{
	auto_authorisation read = {.files = NULL};
	auto_buf out = {0};
	struct digest other = {.bytes = {0xaa, 0xab}};
	expect_ok(authorisation_parse(&read, GOOD, strlen(GOOD), err));
	assert_string_equal(read.by.hex, "0123456789ABCDEF0123456789ABCDEF01234567");
	assert_int_equal(read.created, 1795457520);
	assert_int_equal(read.not_after, 1795457520 + 90 * DAY_S);
	assert_string_equal(read.reason, "published on our site");
	assert_int_equal(read.from_count, 2);
	assert_string_equal(read.from[1], "tlp/red");
	assert_int_equal(read.to_count, 1);
	assert_int_equal(read.file_count, 2);
	assert_true(authorisation_names(&read, &read.files[1]));
	assert_false(authorisation_names(&read, &other));
	expect_ok(authorisation_format(&out, &read, err));
	assert_string_equal(out.data, GOOD);
}

static void test_accepted(void **state)
{
	expect_ok(parse_changed("to: [\"tlp/amber\"]", "to: []", err));
	expect_ok(parse_changed("2027-02-21", "2027-11-24", err)); /* 366 days */
	expect_ok(parse_changed("from: [\"pap/red\", \"tlp/red\"]", "from:\n  - tlp/red", err));
	expect_ok(parse_changed("published", "\xc3\xa9 \\\"x\\\"", err));
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-authorisation: 1", "valise-waybill: 1", "line 1"},
		{"by: \"0123456789ABCDEF0123456789ABCDEF01234567\"\n", "", "\"by\" is missing"},
		{"reason: \"published on our site\"\n", "", "\"reason\" is missing"},
		{"to: [\"tlp/amber\"]\n", "", "\"to\" is missing"},
		{"to: [\"tlp/amber\"]\n", "to: [\"tlp/amber\"]\nfiles-too: []\n", "line 8, column 1: unknown key"},
		{"0123456789ABCDEF0123456789ABCDEF01234567", "0123456789abcdef0123456789abcdef01234567", "\"by\" must be"},
		{"2026-11-23T18:12:00Z", "yesterday", "\"created\" must be a time"},
		{"2027-02-21T18:12:00Z", "2026-11-23T18:12:00Z", "after \"created\""},
		{"2027-02-21T18:12:00Z", "2026-11-23T18:11:59Z", "after \"created\""},
		{"2027-02-21T18:12:00Z", "2027-11-24T18:12:01Z", "at most 366 days"},
		{"published on our site", "", "1 to 1024 bytes"},
		{"published on our site", "a\\nb", "control or invisible"},
		{"\"pap/red\", \"tlp/red\"", "", "names no label"},
		{"\"pap/red\", \"tlp/red\"", "\"tlp/red\", \"pap/red\"", "must be sorted"},
		{"\"pap/red\", \"tlp/red\"", "\"tlp/red\", \"tlp/red\"", "no label twice"},
		{"\"pap/red\", \"tlp/red\"", "\"TLP:RED\"", "scheme/id"},
		{"\"pap/red\", \"tlp/red\"", "[\"tlp/red\"]", "text"},
		{"\"tlp/amber\"", "\"tlp/amber\", \"tlp/amber\"", "no label twice"},
		{"  - \"" A64 "\"\n  - \"" B64 "\"\n", "  []\n", "names no file"},
		{A64, B64, "no file twice"},
		{A64, "AAAA", "64 lower-case"},
		{"\"" B64 "\"", "\"" A64 "\"", "must be sorted"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_DOCUMENT, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse_changed("authorisation: 1", "authorisation: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_DOCUMENT, "bytes", "empty");
	expect_failure(parse(GOOD "signature: \"mAEC\"\n", err), ERR_DOCUMENT, "unknown key", "with its signature");
}

static void number_label(char out[static LABEL_ID_MAX + 1], unsigned n)
{
	(void)snprintf(out, LABEL_ID_MAX + 1, "local/l%02u", n);
}

static void test_many(void **state)
{
	auto_authorisation all = {.created = 1795457520, .not_after = 1795457521, .reason = "r"};
	auto_buf text = {0}, more = {0};
	memset(all.by.hex, 'A', 40);
	all.files = calloc(AUTHORISATION_FILES_MAX + 1, sizeof *all.files);
	assert_non_null(all.files);
	for (; all.from_count < MANIFEST_LABELS_MAX; all.from_count++)
		number_label(all.from[all.from_count], all.from_count);
	for (unsigned i = 0; i <= AUTHORISATION_FILES_MAX; i++) {
		all.files[i].bytes[0] = (unsigned char)(i >> 8);
		all.files[i].bytes[1] = (unsigned char)i;
	}
	all.file_count = AUTHORISATION_FILES_MAX;
	expect_ok(authorisation_format(&text, &all, err));
	expect_ok(parse(text.data, err));
	all.file_count++;
	expect_ok(authorisation_format(&more, &all, err));
	expect_failure(parse(more.data, err), ERR_DOCUMENT, "more than 10000 files", "10,001 files");
	buf_clear(&text);
	unit_replace(&text, more.data, "from: [", "from: [\"local/l\", ");
	expect_failure(parse(text.data, err), ERR_DOCUMENT, "more than 32 labels", "33 labels");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
