/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/ustar.h"
#include "format/waybill.h"

#include <stdlib.h>

#define FPR_A "0123456789ABCDEF0123456789ABCDEF01234567"
#define FPR_B "89ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234567"
#define SUMS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CHECK "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define LAST "key-check: \"" CHECK "\"\n"

#define GOOD                                             \
	"valise-waybill: 1\n"                                \
	"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n" \
	"created: \"2026-11-23T18:12:00Z\"\n"                \
	"not-after: \"2027-02-21T18:12:00Z\"\n"              \
	"from: \"" FPR_A "\"\n"                              \
	"to: [\"" FPR_A "\", \"" FPR_B "\"]\n"               \
	"approvals: 1\n"                                     \
	"handling: \"by hand\"\n"                            \
	"compression: \"zstd\"\n"                            \
	"chunk-bytes: 1048576\n"                             \
	"chunks: 1025\n"                                     \
	"payload-bytes: 1073742336\n"                        \
	"sums: \"" SUMS "\"\n" LAST

static int parse(const char *text, struct err *err)
{
	auto_waybill w = {0};
	int rc = waybill_parse(&w, text, strlen(text), err);
	if (rc != 0)
		assert_null(w.to);
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
	auto_waybill w = {0};
	auto_buf out = {0};
	expect_ok(waybill_parse(&w, GOOD, strlen(GOOD), err));
	assert_string_equal(w.bundle.text, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10");
	assert_int_equal(w.created, 1795457520);
	assert_int_equal(w.not_after, 1795457520 + 90 * DAY_S);
	assert_string_equal(w.from.hex, FPR_A);
	assert_int_equal(w.to_count, 2);
	assert_string_equal(w.to[1].hex, FPR_B);
	assert_int_equal(w.approvals, 1);
	assert_string_equal(w.handling, "by hand");
	assert_int_equal(w.compression, COMPRESSION_ZSTD);
	assert_int_equal(w.chunk_bytes, 1048576);
	assert_int_equal(w.chunks, 1025);
	assert_int_equal(w.payload_bytes, 1073742336);
	expect_ok(waybill_format_body(&out, &w, err));
	assert_int_equal(out.len, strlen(GOOD) - WAYBILL_KEY_CHECK_LINE);
	expect_ok(waybill_append_key_check(&out, &w.key_check, err));
	assert_string_equal(out.data, GOOD);
}

static void test_chunk_lengths(void **state)
{
	struct waybill w = {.chunk_bytes = CHUNK_SMALL, .chunks = 3, .payload_bytes = 2 * CHUNK_SMALL + 5};
	assert_int_equal(waybill_chunk_length(&w, 0), CHUNK_SMALL);
	assert_int_equal(waybill_chunk_length(&w, 1), CHUNK_SMALL);
	assert_int_equal(waybill_chunk_length(&w, 2), 5);
	w.payload_bytes = 3 * CHUNK_SMALL;
	assert_int_equal(waybill_chunk_length(&w, 2), CHUNK_SMALL);
}

static void test_hidden_recipients(void **state)
{
	auto_waybill w = {0};
	auto_buf text = {0}, out = {0};
	unit_replace(&text, GOOD, "to: [\"" FPR_A "\", \"" FPR_B "\"]\n", "");
	expect_ok(waybill_parse(&w, text.data, text.len, err));
	assert_int_equal(w.to_count, 0);
	expect_ok(waybill_format_body(&out, &w, err));
	expect_ok(waybill_append_key_check(&out, &w.key_check, err));
	assert_string_equal(out.data, text.data);
}

/* What readers take although writers do not write it. */
static void test_accepted(void **state)
{
	static const char *const rows[][2] = {
		{"approvals: 1\n", "approvals: 16\n"},
		{"approvals: 1\n", "approvals: \"1\"\n"},
		{"handling: \"by hand\"\n", "handling: \"\"\n"},
		{"handling: \"by hand\"\n", "# a remark\nhandling: by hand\n"},
		{"handling: \"by hand\"\n", "handling: \"caf\xc3\xa9 \xe6\x97\xa5\"\n"},
		{"compression: \"zstd\"\n", "compression: none\n"},
		{"not-after: \"2027-02-21", "not-after: \"2027-11-24"}, /* 366 days */
		{"not-after: \"2027-02-21T18:12:00", "not-after: \"2026-11-23T18:12:01"},
		{"payload-bytes: 1073742336\n", "payload-bytes: 1074790400\n"}, /* the last chunk is full */
		{"payload-bytes: 1073742336\n", "payload-bytes: 1073741825\n"}, /* and of one byte */
		{"chunk-bytes: 1048576\nchunks: 1025\n", "chunks: 257\nchunk-bytes: 4194304\n"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf text = {0};
		auto_waybill w = {0};
		unit_replace(&text, GOOD, rows[i][0], rows[i][1]);
		expect_ok(waybill_parse(&w, text.data, text.len, err));
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n", "", "\"bundle\" is missing"},
		{"created: \"2026-11-23T18:12:00Z\"\n", "", "\"created\" is missing"},
		{"not-after: \"2027-02-21T18:12:00Z\"\n", "", "\"not-after\" is missing"},
		{"from: \"" FPR_A "\"\n", "", "\"from\" is missing"},
		{"approvals: 1\n", "", "\"approvals\" is missing"},
		{"handling: \"by hand\"\n", "", "\"handling\" is missing"},
		{"compression: \"zstd\"\n", "", "\"compression\" is missing"},
		{"chunk-bytes: 1048576\n", "", "\"chunk-bytes\" is missing"},
		{"chunks: 1025\n", "", "\"chunks\" is missing"},
		{"payload-bytes: 1073742336\n", "", "\"payload-bytes\" is missing"},
		{"sums: \"" SUMS "\"\n", "", "\"sums\" is missing"},
		{LAST, "", "\"key-check\" is missing"},
		{"approvals: 1\n", "approvals: 1\napprovals: 1\n", "line 8, column 1: \"approvals\" stands here a second time"},
		{"approvals: 1\n", "approvals: 1\npriority: 1\n", "line 8, column 1: unknown key \"priority\""},
		{"approvals: 1\n", "approvals: 0\n", "line 7, column 12: \"approvals\" must be between 1 and 16"},
		{"approvals: 1\n", "approvals: 17\n", "between 1 and 16"},
		{"approvals: 1\n", "approvals: one\n", "whole number"},
		{"9f1c2a34", "9F1C2A34", "UUID"},
		{"4c55", "1c55", "UUID"},
		{"2026-11-23T18:12:00Z", "2026-11-23", "\"created\" must be a time"},
		{"2026-11-23T18:12:00Z", "1999-12-31T23:59:59Z", "\"created\" must be a time"},
		{"2027-02-21T18:12:00Z", "2026-11-23T18:12:00Z", "later than \"created\""},
		{"2027-02-21T18:12:00Z", "2026-11-22T18:12:00Z", "later than \"created\""},
		{"2027-02-21T18:12:00Z", "2027-11-24T18:12:01Z", "366 days"},
		{"from: \"" FPR_A "\"", "from: \"alice@example.org\"", "\"from\" must be a fingerprint"},
		{"from: \"" FPR_A "\"", "from: \"0123456789abcdef0123456789abcdef01234567\"", "\"from\" must be a fingerprint"},
		{"to: [\"" FPR_A "\", \"" FPR_B "\"]", "to: []", "\"to\" names nobody"},
		{"to: [\"" FPR_A "\", \"" FPR_B "\"]", "to: \"" FPR_A "\"", "\"to\" must be a list"},
		{"to: [\"" FPR_A "\", \"" FPR_B "\"]", "to: [\"bob\"]", "\"to\" must be a fingerprint"},
		{"to: [\"" FPR_A "\", \"" FPR_B "\"]", "to: [\"" FPR_A "\", \"" FPR_A "\"]", "names one recipient twice"},
		{"by hand", "two\\nlines", "control or invisible"},
		{"by hand", "a\\e[2Jb", "control or invisible"},
		{"by hand", "a\\0b", "U+0000"},
		{"by hand", "a\\u202eb", "control or invisible"},
		{"\"zstd\"", "\"gzip\"", "must be one of: zstd, none"},
		{"chunk-bytes: 1048576", "chunk-bytes: 2097152", "must be 1048576 or 4194304"},
		{"chunk-bytes: 1048576", "chunk-bytes: 1", "\"chunk-bytes\" must be between"},
		{"chunks: 1025", "chunks: 0", "\"chunks\" must be between 1 and 1048576"},
		{"chunks: 1025", "chunks: 1048577", "\"chunks\" must be between 1 and 1048576"},
		{"chunks: 1025", "chunks: 1024", "does not fit 1024 chunks"},
		{"chunks: 1025", "chunks: 1026", "does not fit 1026 chunks"},
		{"payload-bytes: 1073742336", "payload-bytes: 1073741824", "does not fit 1025 chunks"},
		{"payload-bytes: 1073742336", "payload-bytes: 1074790401", "does not fit 1025 chunks"},
		{"payload-bytes: 1073742336", "payload-bytes: 0", "\"payload-bytes\" must be between"},
		{"payload-bytes: 1073742336", "payload-bytes: 4398046511105", "\"payload-bytes\" must be between"},
		{"payload-bytes: 1073742336", "payload-bytes: 18446744074783293952", "whole number"},
		{"sums: \"0", "sums: \"", "\"sums\" must be 64"},
		{"sums: \"0123456789abcdef", "sums: \"0123456789ABCDEF", "\"sums\" must be 64"},
		{LAST, LAST "# remark\n", "must be the last line"},
		{LAST, LAST "\n", "must be the last line"},
		{LAST, LAST LAST, "stands here a second time"},
		{LAST, "key-check: \"" CHECK "\"", "must be the last line"},
		{LAST, "key-check: '" CHECK "'\n", "must be the last line"},
		{LAST, "key-check: " CHECK "\n", "must be the last line"},
		{LAST, "key-check:  \"" CHECK "\"\n", "must be the last line"},
		{LAST, "key-check: \"" CHECK "\"\r\n", "must be the last line"},
		{LAST, "\"key-check\": \"" CHECK "\"\n", "must be the last line"},
		{LAST, "key-check: \"" CHECK "\"\n# key-check: \"" CHECK "\"\n", "must be the last line"},
		{"sums: \"" SUMS "\"\n" LAST, LAST "sums: \"" SUMS "\"\n", "must be the last line"},
		{"handling: \"by hand\"\n", "handling: &a \"x\"\n", "anchors"},
		{"handling: \"by hand\"\n", "handling: *a\n", "aliases"},
		{"handling: \"by hand\"\n", "handling: !!str \"x\"\n", "tags"},
		{"valise-waybill: 1", "valise-card: 1", "line 1: must be exactly"},
		{"valise-waybill: 1", "valise-manifest: 1", "line 1: must be exactly"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_WAYBILL, rows[i].piece, rows[i].new_text);
	expect_failure(parse_changed("valise-waybill: 1", "valise-waybill: 2", err), ERR_VERSION, "version", "version 2");
}

static void test_sizes(void **state)
{
	auto_buf text = {0};
	expect_failure(parse("", err), ERR_WAYBILL, "0 bytes", "empty");
	expect_ok(buf_append_str(&text, "valise-waybill: 1\n#", err));
	while (text.len < MEMBER_WAYBILL_MAX)
		expect_ok(buf_append_str(&text, "x", err));
	expect_failure(parse(text.data, err), ERR_WAYBILL, "is missing", "64 KiB");
	expect_ok(buf_append_str(&text, "x", err));
	expect_failure(parse(text.data, err), ERR_WAYBILL, "65537 bytes", "one more");
}

static void test_handling_of_full_length(void **state)
{
	char longest[WAYBILL_HANDLING_MAX + 2];
	memset(longest, 'h', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	expect_failure(parse_changed("by hand", longest, err), ERR_WAYBILL, "0 to 1024 bytes", "1025");
	longest[WAYBILL_HANDLING_MAX] = '\0';
	expect_ok(parse_changed("by hand", longest, err));
}

static void fill_recipients(struct waybill *w, uint32_t count, size_t digits)
{
	w->to = calloc(count, sizeof *w->to);
	assert_non_null(w->to);
	w->to_count = count;
	for (uint32_t i = 0; i < count; i++) {
		char hex[FINGERPRINT_MAX + 1];
		(void)snprintf(hex, sizeof hex, "%0*X", (int)digits, i);
		assert_true(fingerprint_parse(&w->to[i], hex, digits));
	}
}

static void test_many_recipients(void **state)
{
	auto_waybill w = {0};
	auto_buf text = {0};
	expect_ok(waybill_parse(&w, GOOD, strlen(GOOD), err));
	free(w.to);
	fill_recipients(&w, MEMBER_SLOTS_MAX, 40);
	expect_ok(waybill_format_body(&text, &w, err));
	expect_ok(waybill_append_key_check(&text, &w.key_check, err));
	auto_waybill back = {0};
	expect_ok(waybill_parse(&back, text.data, text.len, err));
	assert_int_equal(back.to_count, MEMBER_SLOTS_MAX);
	/* one more */
	auto_buf more = {0};
	unit_replace(&more, text.data, "to: [", "to: [\"" FPR_A "\", ");
	expect_failure(parse(more.data, err), ERR_WAYBILL, "more than 1000", "1001 recipients");
	/* long fingerprints of that many do not fit */
	auto_buf long_text = {0};
	free(w.to);
	fill_recipients(&w, MEMBER_SLOTS_MAX, 64);
	expect_failure(waybill_format_body(&long_text, &w, err), ERR_LIMIT, "65536", "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document),
		cmocka_unit_test(test_chunk_lengths),
		cmocka_unit_test(test_hidden_recipients),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_handling_of_full_length),
		cmocka_unit_test(test_many_recipients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
