/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/parity.h"

#include <stdlib.h>

static const struct digest id = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};

static void sums_are_those_of_the_standard(void **state)
{
	assert_true(parity_crc(0, "123456789", 9) == 0x995dc9bbdf1939faULL);
	assert_true(parity_crc(parity_crc(0, "1234", 4), "56789", 5) == 0x995dc9bbdf1939faULL);
}

/* What a shape promises, whatever the numbers. */
static void check_shape(uint64_t bytes, unsigned permille)
{
	struct parity_shape s;
	expect_ok(parity_shape_make(&s, bytes, permille, err));
	const uint64_t run = bytes * permille / 1000;
	const uint64_t column = (uint64_t)s.rows * s.slice_bytes;
	assert_true(s.columns >= 1 && s.parity >= 1 && s.columns + s.parity <= PARITY_COLUMNS_MAX);
	assert_true((uint64_t)s.data_slices * s.slice_bytes >= bytes);
	assert_true((uint64_t)(s.data_slices - 1) * s.slice_bytes < bytes);
	assert_true((uint64_t)s.columns * s.rows >= s.data_slices && (s.columns - 1) * s.rows < s.data_slices);
	/* A run of the share, beginning at the last byte of a slice, touches at most as many slices as there is parity. */
	assert_true(run == 0 || 1 + (run - 1 + s.slice_bytes - 1) / s.slice_bytes <= s.parity_slices);
	assert_true(parity_size(bytes, permille) == s.bytes);
	assert_true(parity_column_at(&s, s.parity - 1) + column == s.table_at[1]);
	assert_true(parity_column_at(&s, 0) >= s.table_at[0] + (uint64_t)s.table_blocks * PARITY_BLOCK);
	for (uint32_t i = 1; i < s.parity; i++)
		assert_true(parity_column_at(&s, i) ==
					parity_column_at(&s, i - 1) + column + (i == s.parity / 2 ? PARITY_BLOCK : 0));
	assert_true(s.header_at[2] + PARITY_BLOCK == s.bytes && s.data_slices + s.parity_slices <= 1u << 20);
}

static void every_shape_keeps_its_promise(void **state)
{
	static const uint64_t lengths[] = {
		1,        2,        511,        512,        513,        10240,      1 << 20,          4194304,        4194305,
		33554432, 33554433, 1ull << 30, 1ull << 32, 1ull << 36, 1ull << 40, (1ull << 42) + 5, PARITY_FILE_MAX};
	for (size_t i = 0; i < COUNT(lengths); i++)
		for (unsigned permille = 1; permille <= PARITY_PERMILLE_MAX; permille += permille < 20 ? 1 : 7)
			check_shape(lengths[i], permille);
	for (uint64_t bytes = 1; bytes < 400000; bytes += 997)
		check_shape(bytes, 100);
}

static void what_cannot_be_is_refused(void **state)
{
	struct parity_shape s;
	expect_failure(parity_shape_make(&s, 0, 100, err), ERR_LIMIT, "0 bytes", "empty");
	expect_failure(parity_shape_make(&s, PARITY_FILE_MAX + 1, 100, err), ERR_LIMIT, "bytes", "long");
	expect_failure(parity_shape_make(&s, UINT64_MAX, 100, err), ERR_LIMIT, "bytes", "longest");
	expect_failure(parity_shape_make(&s, 1000, 0, err), ERR_LIMIT, "0 in 1000", "share 0");
	expect_failure(parity_shape_make(&s, 1000, 1001, err), ERR_LIMIT, "1001", "share");
	assert_true(parity_size(1000, 0) == 0 && parity_size(0, 100) == 0 && parity_size(UINT64_MAX, 100) == 0);
}

static void a_header_comes_back(void **state)
{
	unsigned char block[PARITY_BLOCK];
	struct parity_shape s, back;
	struct digest table;
	expect_ok(parity_shape_make(&s, 123456789, 100, err));
	parity_header_format(block, &s, &id);
	expect_ok(parity_header_parse(&back, &table, block, err));
	assert_memory_equal(&back, &s, sizeof s);
	assert_true(digest_equal(&table, &id));
}

static void a_changed_header_is_refused(void **state)
{
	unsigned char block[PARITY_BLOCK];
	struct parity_shape s, back;
	struct digest table;
	expect_ok(parity_shape_make(&s, 123456789, 100, err));
	parity_header_format(block, &s, &id);
	for (size_t at = 0; at < PARITY_BLOCK; at++) {
		block[at] ^= 4;
		expect_failure(parity_header_parse(&back, &table, block, err), ERR_PARITY, "parity file", "a bit");
		block[at] ^= 4;
	}
	/* Also where the sum was made to match: every number but the table's id must follow from length and share. */
	for (size_t at = 19; at < PARITY_BLOCK - 8; at++) { /* below: another length of the same shape */
		if (at >= 48 && at < 80)
			continue;
		block[at] ^= 0x80;
		uint64_t sum = parity_crc(0, block, PARITY_BLOCK - 8);
		for (unsigned i = 0; i < 8; i++)
			block[PARITY_BLOCK - 8 + i] = (unsigned char)(sum >> 8 * i);
		expect_failure(parity_header_parse(&back, &table, block, err), ERR_PARITY, "the parity file tells", "forged");
		block[at] ^= 0x80;
	}
}

static void table_blocks_come_back_in_their_place_only(void **state)
{
	unsigned char block[PARITY_BLOCK];
	struct parity_shape s;
	uint64_t sums[PARITY_DIGESTS_A_BLOCK], back[PARITY_DIGESTS_A_BLOCK] = {0};
	const struct digest other = {{2}};
	expect_ok(parity_shape_make(&s, 300000, 100, err));
	for (unsigned i = 0; i < COUNT(sums); i++)
		sums[i] = 0x0102030405060708ull * i;
	const uint32_t last = s.table_blocks - 1, count = parity_table_count(&s, last);
	assert_true(parity_table_count(&s, 0) == PARITY_DIGESTS_A_BLOCK && count >= 1);
	assert_true(last * PARITY_DIGESTS_A_BLOCK + count == s.data_slices + s.parity_slices);
	parity_table_format(block, &s, &id, last, sums);
	assert_true(parity_table_parse(back, &s, &id, last, block));
	assert_memory_equal(back, sums, count * sizeof *sums);
	assert_false(parity_table_parse(back, &s, &id, 0, block));
	assert_false(parity_table_parse(back, &s, &other, last, block));
	block[3] ^= 1;
	assert_false(parity_table_parse(back, &s, &id, last, block));
}

static void shares_as_people_type_them(void **state)
{
	static const struct {
		const char *text;
		unsigned permille;
	} good[] = {{"none", 0}, {"10%", 100}, {"2.5%", 25}, {"0.1%", 1}, {"100%", 1000}, {"1%", 10}};
	static const char *const bad[] = {"",      "10",  "0%",  "0.0%", "101%", "100.1%", "10 %", "-1%",
									  "1.25%", ".5%", "5.%", "1e1%", "010%", "10%%",   "all",  "%"};
	unsigned permille = 7;
	for (size_t i = 0; i < COUNT(good); i++) {
		expect_ok(parity_share_parse(&permille, "--parity", good[i].text, err));
		assert_int_equal(permille, good[i].permille);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_failure(parity_share_parse(&permille, "--parity", bad[i], err), ERR_USAGE, "--parity", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_those_of_the_standard), cmocka_unit_test(every_shape_keeps_its_promise),
		cmocka_unit_test(what_cannot_be_is_refused),      cmocka_unit_test(a_header_comes_back),
		cmocka_unit_test(a_changed_header_is_refused),    cmocka_unit_test(table_blocks_come_back_in_their_place_only),
		cmocka_unit_test(shares_as_people_type_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
