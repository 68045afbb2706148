/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/sums.h"

#include <stdlib.h>

#define HEX(c)                                                                                                        \
	c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c \
		c c c c c c c
#define LINE_MAGIC HEX("0") "  valise\n"
#define LINE_SLOT HEX("1") "  keys/0000.pgp\n"
#define LINE_CHUNK_0 HEX("2") "  payload/0000000000\n"
#define LINE_CHUNK_1 HEX("3") "  payload/0000000001\n"
#define LINE_MANIFEST HEX("a") "  manifest/0000000000\n"
#define GOOD LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 LINE_MANIFEST

static void test_known_list(void **state)
{
	auto_sums sums = {0};
	auto_buf out = {0};
	assert_int_equal(strlen(GOOD), 73 + 80 + 2 * 85 + 86);
	expect_ok(sums_parse(&sums, GOOD, strlen(GOOD), 1, 2, err));
	assert_int_equal(sums.shape.slots, 1);
	assert_int_equal(sums.shape.chunks, 2);
	assert_int_equal(sums.shape.manifest_chunks, 1);
	assert_int_equal(sums_magic(&sums)->bytes[0], 0x00);
	assert_int_equal(sums_slot(&sums, 0)->bytes[0], 0x11);
	assert_int_equal(sums_chunk(&sums, 0)->bytes[31], 0x22);
	assert_int_equal(sums_chunk(&sums, 1)->bytes[31], 0x33);
	assert_int_equal(sums_manifest(&sums, 0)->bytes[31], 0xaa);
	expect_ok(sums_format(&out, &sums, err));
	assert_string_equal(out.data, GOOD);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *text, *piece;
	} rows[] = {
		{"empty", "", "0 bytes"},
		{"no manifest", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1, "bytes"},
		{"chunk missing", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_MANIFEST, "bytes"},
		{"blank line behind", GOOD "\n", "bytes"},
		{"no last line end", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 HEX("a") "  manifest/0000000000", "bytes"},
		{"carriage returns", HEX("0") "  valise\r\n" LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 LINE_MANIFEST, "bytes"},
		{"upper case", LINE_MAGIC HEX("A") "  keys/0000.pgp\n" LINE_CHUNK_0 LINE_CHUNK_1 LINE_MANIFEST,
		 "line 2: must be 64 lower-case digits, two spaces and keys/0000.pgp"},
		{"no hex", HEX("g") "  valise\n" LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 LINE_MANIFEST, "line 1"},
		{"binary mark", LINE_MAGIC LINE_SLOT HEX("2") " *payload/0000000000\n" LINE_CHUNK_1 LINE_MANIFEST, "line 3"},
		{"tab", LINE_MAGIC LINE_SLOT HEX("2") "\t payload/0000000000\n" LINE_CHUNK_1 LINE_MANIFEST, "line 3"},
		{"other name", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 HEX("3") "  payload/0000000002\n" LINE_MANIFEST, "line 4"},
		{"swapped", LINE_MAGIC LINE_SLOT LINE_CHUNK_1 LINE_CHUNK_0 LINE_MANIFEST, "line 3"},
		{"doubled", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_0 LINE_MANIFEST, "line 4"},
		{"line end", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 HEX("a") "  manifest/0000000000\r", "line 5"},
		{"escaped", "\\" HEX("0") "  valis\n" LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 LINE_MANIFEST, "line 1"},
		{"manifest number", LINE_MAGIC LINE_SLOT LINE_CHUNK_0 LINE_CHUNK_1 HEX("a") "  manifest/0000000001\n",
		 "line 5"},
		{"second manifest twice", GOOD LINE_MANIFEST, "line 6"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_sums sums = {0};
		expect_failure(sums_parse(&sums, rows[i].text, strlen(rows[i].text), 1, 2, err), ERR_SUMS, rows[i].piece,
					   rows[i].name);
		assert_null(sums.digests);
	}
}

static void test_nul_is_no_space(void **state)
{
	auto_sums sums = {0};
	char text[sizeof GOOD];
	memcpy(text, GOOD, sizeof text);
	text[64] = '\0';
	expect_failure(sums_parse(&sums, text, sizeof text - 1, 1, 2, err), ERR_SUMS, "line 1", "NUL");
}

/* Every byte of the list matters: a change gives other digests, or is refused. */
static void test_every_byte_counts(void **state)
{
	for (size_t at = 0; at < strlen(GOOD); at++) {
		auto_sums sums = {0};
		auto_buf out = {0};
		struct err found = ERR_INIT;
		char text[sizeof GOOD];
		memcpy(text, GOOD, sizeof text);
		text[at] ^= 1;
		if (sums_parse(&sums, text, sizeof text - 1, 1, 2, &found) == 0) {
			expect_ok(sums_format(&out, &sums, err));
			assert_string_equal(out.data, text);
			assert_string_not_equal(out.data, GOOD);
		}
	}
}

static void test_largest(void **state)
{
	static const uint32_t slots = 1000, chunks = 100000, manifests = 256;
	auto_sums sums = {.shape = {slots, chunks, manifests}}, back = {0};
	auto_buf text = {0}, again = {0};
	sums.digests = calloc(1 + slots + chunks + manifests, sizeof *sums.digests);
	assert_non_null(sums.digests);
	for (uint32_t i = 0; i < 1 + slots + chunks + manifests; i++)
		memcpy(sums.digests[i].bytes, &i, sizeof i);
	expect_ok(sums_format(&text, &sums, err));
	expect_ok(sums_parse(&back, text.data, text.len, slots, chunks, err));
	assert_int_equal(back.shape.manifest_chunks, manifests);
	assert_memory_equal(sums_chunk(&back, 99999), sums_chunk(&sums, 99999), DIGEST_BYTES);
	expect_ok(sums_format(&again, &back, err));
	assert_string_equal(text.data, again.data);
	/* one manifest chunk more is one too many */
	expect_ok(buf_append_str(&text, HEX("a") "  manifest/0000000256\n", err));
	auto_sums more = {0};
	expect_failure(sums_parse(&more, text.data, text.len, slots, chunks, err), ERR_SUMS, "bytes",
				   "257 manifest chunks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_list),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul_is_no_space), cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_largest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
