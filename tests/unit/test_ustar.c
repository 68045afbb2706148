/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "format/ustar.h"

/* Digests of headers that Python's tarfile made from the same facts, device numbers written as zeros. */
static void test_known_headers(void **state)
{
	static const struct {
		const char *name;
		uint64_t size;
		const char *sha256;
	} rows[] = {
		{"valise", 9, "88cc8aa2566c6cadd0a78f6906fa585b6b1ca7e14bb952b5ba8ee270a48be21e"},
		{"payload/0000000000", 4210704, "1e928c59550c264dfe8779943a050ae855e1644e528b5057b5a22cfc34a8148c"},
		{"signatures/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF.sig", 2048,
		 "c8415f2d9fece7638187c4a6f0296b6a633ef5ff3ee36172f60094d9118fb960"},
		{"trailer", 8589934591, "102d0b3192daf7422917c1c42d3d4b3a7a4e31f41249857de099bb83bfb3ecb4"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char header[USTAR_BLOCK];
		struct digest digest;
		char hex[DIGEST_HEX + 1];
		ustar_build(header, rows[i].name, rows[i].size);
		hash_bytes(&digest, header, sizeof header);
		digest_format(hex, &digest);
		assert_string_equal(hex, rows[i].sha256);
	}
}

static void test_matches_its_own(void **state)
{
	static const uint64_t sizes[] = {0, 1, 9, 511, 512, 513, 1048592, 8589934591};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		unsigned char header[USTAR_BLOCK];
		uint64_t size = 77;
		ustar_build(header, "keys/0000.pgp", sizes[i]);
		assert_true(ustar_matches(header, "keys/0000.pgp", 8589934591, &size));
		assert_int_equal(size, sizes[i]);
		assert_false(ustar_matches(header, "keys/0001.pgp", 8589934591, &size));
		assert_false(ustar_matches(header, "keys/0000.pg", 8589934591, &size));
		if (sizes[i] > 0)
			assert_false(ustar_matches(header, "keys/0000.pgp", sizes[i] - 1, &size));
	}
}

static unsigned sum_of(const unsigned char *header)
{
	unsigned sum = 8 * ' ';
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? 0 : header[i];
	return sum;
}

/* Whatever byte is changed to whatever value, with a checksum that is right again: another header, refused. */
static void test_every_byte_counts(void **state)
{
	for (size_t at = 0; at < USTAR_BLOCK; at++) {
		for (unsigned change = 1; change < 256; change++) {
			unsigned char header[USTAR_BLOCK];
			uint64_t size = 0;
			ustar_build(header, "waybill.yaml", 01234567);
			header[at] ^= (unsigned char)change;
			if (at < 148 || at >= 156)
				(void)snprintf((char *)header + 148, 7, "%06o", sum_of(header));
			bool is_other_size = at >= 124 && at < 135 && header[at] >= '0' && header[at] <= '7';
			if (ustar_matches(header, "waybill.yaml", UINT64_MAX, &size) != is_other_size)
				fail_msg("byte %zu, change %02x", at, change);
		}
	}
}

static void test_odd_sizes(void **state)
{
	static const char *const odd[] = {"           ", "0000000001 ", "          1", "00000000009", "-0000000001", "1"};
	for (size_t i = 0; i < COUNT(odd); i++) {
		unsigned char header[USTAR_BLOCK];
		uint64_t size;
		ustar_build(header, "valise", 1);
		memset(header + 124, 0, 12);
		memcpy(header + 124, odd[i], strlen(odd[i]));
		(void)snprintf((char *)header + 148, 7, "%06o", sum_of(header));
		assert_false(ustar_matches(header, "valise", UINT64_MAX, &size));
	}
}

static void test_peek(void **state)
{
	unsigned char header[USTAR_BLOCK];
	char name[USTAR_NAME_MAX + 1];
	ustar_build(header, "valise", 9);
	ustar_peek_name(header, name);
	assert_string_equal(name, "valise");
	memset(header, 'x', sizeof header);
	ustar_peek_name(header, name);
	assert_int_equal(strlen(name), USTAR_NAME_MAX);
}

static void test_padding(void **state)
{
	assert_int_equal(ustar_padding(0), 0);
	assert_int_equal(ustar_padding(1), 511);
	assert_int_equal(ustar_padding(512), 0);
	assert_int_equal(ustar_padding(513), 511);
	assert_int_equal(ustar_stored(0), 512);
	assert_int_equal(ustar_stored(9), 1024);
	assert_int_equal(chunk_member_max(CHUNK_SMALL), 1048576 + 4096 + 16);
	assert_int_equal(chunk_member_max(CHUNK_LARGE), 4194304 + 16384 + 16);
}

static void test_names(void **state)
{
	char name[USTAR_NAME_MAX + 1];
	struct fingerprint fpr;
	member_slot_name(name, 999);
	assert_string_equal(name, "keys/0999.pgp");
	member_payload_name(name, 1048575);
	assert_string_equal(name, "payload/0001048575");
	member_manifest_name(name, 0);
	assert_string_equal(name, "manifest/0000000000");
	assert_true(fingerprint_parse(&fpr, "0123456789ABCDEF0123456789ABCDEF01234567", 40));
	member_signature_name(name, &fpr);
	assert_string_equal(name, "signatures/0123456789ABCDEF0123456789ABCDEF01234567.sig");
}

static const struct trailer sample = {1, 20, 300, 4000, 18446744073709551615u};

static void test_trailer(void **state)
{
	static const char want[] =
		"valise-trailer 1\nmanifest 00000000000000000001\nsums 00000000000000000020\n"
		"waybill 00000000000000000300\nsignatures 00000000000000004000\ntrailer 18446744073709551615\n";
	char text[MEMBER_TRAILER_BYTES];
	struct trailer back;
	trailer_format(text, &sample);
	assert_memory_equal(text, want, sizeof want - 1);
	for (size_t i = sizeof want - 1; i < sizeof text; i++)
		assert_int_equal(text[i], '\n');
	assert_true(trailer_parse(&back, text));
	assert_memory_equal(&back, &sample, sizeof back);
}

static bool is_offset_digit(const char *text, size_t at)
{
	return text[at] >= '0' && text[at] <= '9' && at != 15;
}

static void test_trailer_every_byte_counts(void **state)
{
	char text[MEMBER_TRAILER_BYTES];
	struct trailer back;
	for (size_t at = 0; at < sizeof text; at++) {
		for (unsigned change = 1; change < 256; change++) {
			trailer_format(text, &sample);
			bool was_digit = is_offset_digit(text, at);
			text[at] = (char)((unsigned char)text[at] ^ change);
			bool is_other_offset = was_digit && is_offset_digit(text, at);
			if (trailer_parse(&back, text) && !is_other_offset)
				fail_msg("byte %zu, change %02x", at, change);
		}
	}
}

static void test_trailer_overflow(void **state)
{
	char text[MEMBER_TRAILER_BYTES];
	struct trailer back;
	trailer_format(text, &sample);
	memcpy(text + sizeof("valise-trailer 1\nmanifest ") - 1, "18446744073709551616", 20);
	assert_false(trailer_parse(&back, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_headers),
		cmocka_unit_test(test_matches_its_own),
		cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_odd_sizes),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_trailer),
		cmocka_unit_test(test_trailer_every_byte_counts),
		cmocka_unit_test(test_trailer_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
