/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/pax.h"
#include "format/ustar.h"

/* Headers are made by hand: what a partner with valid keys may put before an entry. */
struct made {
	unsigned char bytes[4096];
	size_t len;
};

static void checksum(unsigned char *block)
{
	unsigned sum = 0;
	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	(void)snprintf((char *)block + 148, 8, "%06o", sum);
}

static unsigned char *add_block(struct made *made, char type, const char *name, unsigned mode, uint64_t size,
								uint64_t mtime)
{
	unsigned char *block = made->bytes + made->len;
	memset(block, 0, 512);
	(void)snprintf((char *)block, 100, "%s", name);
	(void)snprintf((char *)block + 100, 8, "%07o", mode);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	(void)snprintf((char *)block + 124, 12, "%011llo", (unsigned long long)size);
	(void)snprintf((char *)block + 136, 12, "%011llo", (unsigned long long)mtime);
	block[156] = (unsigned char)type;
	memcpy(block + 257,
		   "ustar\0"
		   "00",
		   8);
	checksum(block);
	made->len += 512;
	return block;
}

static void add_records(struct made *made, const char *records, size_t len)
{
	(void)add_block(made, 'x', "PaxHeader", 0644, len, 0);
	memcpy(made->bytes + made->len, records, len);
	made->len += len + ustar_padding(len);
}

static const struct manifest_entry plain = {.path = (char *)"r/a.txt", .mtime = 1000, .size = 5, .type = ENTRY_FILE};
static const struct manifest_entry accented = {
	.path = (char *)"r/\xc3\xa9", .mtime = 1000, .size = 5, .type = ENTRY_FILE};
static const struct manifest_entry folder = {.path = (char *)"r", .mtime = 1000, .type = ENTRY_FOLDER};

static const char *fault_of(const struct made *made, const struct manifest_entry *want)
{
	size_t len = 0;
	const char *fault = pax_header_length(made->bytes, &len);
	if (fault != NULL)
		return fault;
	assert_int_equal(len, made->len);
	return pax_header_fault(made->bytes, len, want);
}

static void expect_fault(const struct made *made, const struct manifest_entry *want, const char *piece)
{
	const char *fault = fault_of(made, want);
	if (fault == NULL || strstr(fault, piece) == NULL)
		fail_msg("wanted \"%s\", got \"%s\"", piece, fault != NULL ? fault : "nothing");
}

static void plain_headers(void **state)
{
	struct made file = {0}, with_slash = {0}, without = {0}, program = {0};
	struct manifest_entry executable = plain;
	executable.type = ENTRY_EXECUTABLE;
	(void)add_block(&file, '0', "r/a.txt", 0644, 5, 1000);
	(void)add_block(&with_slash, '5', "r/", 0755, 0, 1000);
	(void)add_block(&without, '5', "r", 0755, 0, 1000);
	(void)add_block(&program, '0', "r/a.txt", 0755, 5, 1000);
	assert_null(fault_of(&file, &plain));
	assert_null(fault_of(&with_slash, &folder));
	assert_null(fault_of(&without, &folder));
	assert_null(fault_of(&program, &executable));
	expect_fault(&program, &plain, "another mode");
	expect_fault(&file, &folder, "another type");
}

static void a_prefix_belongs_to_the_path(void **state)
{
	struct made made = {0};
	unsigned char *block = add_block(&made, '0', "a.txt", 0644, 5, 1000);
	expect_fault(&made, &plain, "another path");
	memcpy(block + 345, "r", 1);
	checksum(block);
	assert_null(fault_of(&made, &plain));
}

static void each_field_is_compared(void **state)
{
	static const struct {
		const char *piece;
		unsigned at;
		const char *bytes;
	} cases[] = {
		{"another path", 0, "R"},       {"another mode", 100, "0004"},  {"an owner", 108, "0001"},
		{"an owner", 116, "0001"},      {"another size", 134, "6"},     {"another time", 146, "1"},
		{"another type", 156, "1"},     {"another type", 156, "2"},     {"another type", 156, "3"},
		{"another type", 156, "6"},     {"another type", 156, "L"},     {"a link", 157, "x"},
		{"no POSIX header", 257, "u "}, {"no POSIX header", 263, "  "}, {"an owner", 265, "root"},
		{"an owner", 297, "root"},      {"another path", 345, "p"},     {"another size", 124, "\x80"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made made = {0};
		unsigned char *block = add_block(&made, '0', "r/a.txt", 0644, 5, 1000);
		memcpy(block + cases[i].at, cases[i].bytes, strlen(cases[i].bytes));
		checksum(block);
		expect_fault(&made, &plain, cases[i].piece);
	}
	struct made made = {0};
	add_block(&made, '0', "r/a.txt", 0644, 5, 1000)[150] ^= 1;
	expect_fault(&made, &plain, "checksum");
}

static void extended_headers(void **state)
{
	static const struct {
		const char *name, *records;
		size_t len;
		const char *piece; /* NULL: good */
	} cases[] = {
		{"path", "13 path=r/\xc3\xa9\n", 13, NULL},
		{"path and time", "13 path=r/\xc3\xa9\n14 mtime=1000\n", 27, NULL},
		{"other path", "13 path=R/\xc3\xa9\n", 13, "another path"},
		{"decomposed", "14 path=r/e\xcc\x81\n", 14, "another path"},
		{"NUL", "15 path=r/\xc3\xa9\0x\n", 15, "another path"},
		{"twice", "13 path=r/\xc3\xa9\n13 path=r/\xc3\xa9\n", 26, "more than"},
		{"comment", "13 path=r/\xc3\xa9\n13 comment=x\n", 26, "more than"},
		{"attribute", "13 path=r/\xc3\xa9\n26 SCHILY.xattr.user.a=b \n", 39, "more than"},
		{"size", "13 path=r/\xc3\xa9\n10 size=6\n", 23, "another size"},
		{"size by sign", "13 path=r/\xc3\xa9\n11 size=+5\n", 24, "another size"},
		{"fraction", "13 path=r/\xc3\xa9\n16 mtime=1000.5\n", 29, "another time"},
		{"length too long", "99 path=r/\xc3\xa9\n", 13, "malformed"},
		{"length too short", "12 path=r/\xc3\xa9\n", 13, "malformed"},
		{"length zero", "0 path=r/\xc3\xa9\n", 12, "malformed"},
		{"no equals", "12 path/r/x\n", 12, "malformed"},
		{"no line end", "13 path=r/\xc3\xa9 ", 13, "malformed"},
		{"blanks", "            ", 12, "malformed"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made made = {0};
		add_records(&made, cases[i].records, cases[i].len);
		(void)add_block(&made, '0', "whatever", 0644, 5, 1000);
		if (cases[i].piece == NULL)
			assert_null(fault_of(&made, &accented));
		else
			expect_fault(&made, &accented, cases[i].piece);
	}
}

static void needless_and_padded_extensions(void **state)
{
	struct made needless = {0}, padded = {0};
	add_records(&needless, "16 path=r/a.txt\n", 16);
	(void)add_block(&needless, '0', "r/a.txt", 0644, 5, 1000);
	expect_fault(&needless, &plain, "does not need");
	add_records(&padded, "13 path=r/\xc3\xa9\n", 13);
	padded.bytes[512 + 100] = 1;
	(void)add_block(&padded, '0', "whatever", 0644, 5, 1000);
	expect_fault(&padded, &accented, "padding");
}

/* What we write passes our own look, is as short as may be, and is lengthened only where the format allows it. */
static void what_is_built_is_accepted(void **state)
{
	char long_path[1025], hundred[101];
	memset(long_path, 'x', 1024);
	for (int i = 200; i < 1024; i += 200)
		long_path[i] = '/';
	long_path[1024] = '\0';
	memset(hundred, 'y', 100);
	hundred[100] = '\0';
	const struct {
		struct manifest_entry entry;
		size_t len;
	} cases[] = {
		{{.path = (char *)"a", .mtime = 0, .size = 0, .type = ENTRY_FILE}, 512},
		{{.path = hundred + 1, .mtime = 1, .size = 1, .type = ENTRY_EXECUTABLE}, 512},
		{{.path = hundred + 1, .mtime = 1, .type = ENTRY_FOLDER}, 512},
		{{.path = hundred, .mtime = 1, .size = 1, .type = ENTRY_FILE}, 1536},
		{{.path = hundred, .mtime = 1, .type = ENTRY_FOLDER}, 1536},
		{{.path = (char *)"\xc3\xa9", .mtime = 1, .type = ENTRY_FOLDER}, 1536},
		{{.path = (char *)"e\xcc\x81", .mtime = 1, .size = 9, .type = ENTRY_FILE}, 1536},
		{{.path = (char *)"a", .mtime = -1, .size = 9, .type = ENTRY_FILE}, 1536},
		{{.path = (char *)"a", .mtime = MANIFEST_TIME_LIMIT, .size = 9, .type = ENTRY_FILE}, 1536},
		{{.path = (char *)"a", .mtime = -MANIFEST_TIME_LIMIT, .size = UINT64_C(1) << 42, .type = ENTRY_FILE}, 1536},
		{{.path = long_path, .mtime = 1, .size = 9, .type = ENTRY_FILE}, 2560},
		{{.path = long_path, .mtime = 1, .type = ENTRY_FOLDER}, 2560},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made made = {0};
		made.len = pax_header_build(made.bytes, &cases[i].entry);
		assert_int_equal(made.len, cases[i].len);
		assert_null(fault_of(&made, &cases[i].entry));
	}
}

static void extensions_have_a_limit(void **state)
{
	static const uint64_t sizes[] = {0, PAX_EXTENSION_MAX - 511, 1 << 20};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct made made = {0};
		size_t len = 0;
		const unsigned char *block = add_block(&made, 'x', "PaxHeader", 0644, sizes[i], 0);
		assert_non_null(pax_header_length(block, &len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_headers),
		cmocka_unit_test(a_prefix_belongs_to_the_path),
		cmocka_unit_test(each_field_is_compared),
		cmocka_unit_test(extended_headers),
		cmocka_unit_test(needless_and_padded_extensions),
		cmocka_unit_test(what_is_built_is_accepted),
		cmocka_unit_test(extensions_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
