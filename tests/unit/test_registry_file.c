/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/pgp.h"
#include "format/registry_doc.h"
#include "format/registry_file.h"
#include "format/ustar.h"

#define FPR_A "0123456789ABCDEF0123456789ABCDEF01234567"
#define FPR_B "89ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define MAGIC_NAME "valise-registry"

struct member {
	const char *name, *text;
};

static const struct member good[] = {
	{MAGIC_NAME, REGISTRY_FILE_MAGIC},   {"registry.yaml", "valise-registry: 1\n"}, {"signatures/" FPR_A ".sig", "one"},
	{"signatures/" FPR_B ".sig", "two"}, {"certificates/" FPR_A ".pgp", "three"},   {"certificates/" FPR_B ".pgp", ""},
};

static void put(struct buf *out, const char *name, const char *text)
{
	static const char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	ustar_build(header, name, strlen(text));
	expect_ok(buf_append(out, header, sizeof header, err));
	expect_ok(buf_append_str(out, text, err));
	expect_ok(buf_append(out, zeros, ustar_padding(strlen(text)), err));
}

static void end(struct buf *out)
{
	static const char zeros[USTAR_END];
	expect_ok(buf_append(out, zeros, sizeof zeros, err));
}

static void build(struct buf *out, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(out, members[i].name, members[i].text);
	end(out);
}

static void test_round_trip(void **state)
{
	auto_buf bytes = {0}, again = {0};
	AUTO(registry_file_clear) struct registry_file file = {0};
	struct fingerprint a, b, c;
	assert_true(fingerprint_parse(&a, FPR_A, 40) && fingerprint_parse(&b, FPR_B, 40));
	assert_true(fingerprint_parse(&c, "FFFFFFFF89ABCDEF0123456789ABCDEF01234567", 40));
	build(&bytes, good, COUNT(good));
	expect_ok(registry_file_parse(&file, &bytes, err));
	assert_int_equal(file.registry_len, strlen(good[1].text));
	assert_memory_equal(file.registry, good[1].text, file.registry_len);
	assert_int_equal(file.signature_count, 2);
	assert_true(fingerprint_equal(&file.signatures[1].name, &b));
	assert_memory_equal(file.signatures[1].bytes, "two", 3);
	assert_int_equal(file.certificate_count, 2);
	assert_memory_equal(registry_file_certificate(&file, &a)->bytes, "three", 5);
	assert_int_equal(registry_file_certificate(&file, &b)->len, 0);
	assert_null(registry_file_certificate(&file, &c));
	expect_ok(registry_file_format(&again, &file, err));
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
}

static void test_nothing_but_a_registry(void **state)
{
	auto_buf bytes = {0};
	AUTO(registry_file_clear) struct registry_file file = {0};
	struct fingerprint a;
	assert_true(fingerprint_parse(&a, FPR_A, 40));
	build(&bytes, good, 2);
	expect_ok(registry_file_parse(&file, &bytes, err));
	assert_int_equal(file.signature_count + file.certificate_count, 0);
	assert_null(registry_file_certificate(&file, &a));
}

static void expect_refused(const struct buf *bytes, enum err_code code, const char *piece, const char *name)
{
	struct registry_file file = {0};
	expect_failure(registry_file_parse(&file, bytes, err), code, piece, name);
	assert_null(file.certificates);
	assert_int_equal(file.signature_count, 0);
}

static void test_other_members(void **state)
{
	static const struct {
		const char *name;
		struct member members[5];
		size_t count;
		enum err_code code;
		const char *piece;
	} rows[] = {
		{"a bundle", {{"valise", "valise 1\n"}}, 1, ERR_DOCUMENT, "not an exported registry"},
		{"newer", {{MAGIC_NAME, "valise-registry 2\n"}}, 1, ERR_VERSION, "version"},
		{"no newline", {{MAGIC_NAME, "valise-registry 1"}}, 1, ERR_VERSION, "version"},
		{"no registry", {good[0], good[2]}, 2, ERR_CONTAINER, "registry.yaml"},
		{"certificates first", {good[0], good[1], good[4], good[2]}, 4, ERR_CONTAINER, "neither"},
		{"two registries", {good[0], good[1], good[1]}, 3, ERR_CONTAINER, "neither"},
		{"a signature twice", {good[0], good[1], good[2], good[2]}, 4, ERR_CONTAINER, "twice"},
		{"not sorted", {good[0], good[1], good[3], good[2]}, 4, ERR_CONTAINER, "sorted"},
		{"certificates not sorted", {good[0], good[1], good[5], good[4]}, 4, ERR_CONTAINER, "sorted"},
		{"more", {good[0], good[1], {"more", ""}}, 3, ERR_CONTAINER, "neither"},
		{"lower case",
		 {good[0], good[1], {"signatures/abcdef6789ABCDEF0123456789ABCDEF01234567.sig", ""}},
		 3,
		 ERR_CONTAINER,
		 "neither"},
		{"no fingerprint", {good[0], good[1], {"signatures/.sig", ""}}, 3, ERR_CONTAINER, "neither"},
		{"other suffix", {good[0], good[1], {"signatures/" FPR_A ".pgp", ""}}, 3, ERR_CONTAINER, "neither"},
		{"a folder up", {good[0], good[1], {"certificates/../" FPR_A ".pgp", ""}}, 3, ERR_CONTAINER, "neither"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf bytes = {0};
		build(&bytes, rows[i].members, rows[i].count);
		expect_refused(&bytes, rows[i].code, rows[i].piece, rows[i].name);
	}
}

static void test_every_length(void **state)
{
	auto_buf bytes = {0};
	char name[32];
	build(&bytes, good, COUNT(good));
	for (size_t len = 0; len < bytes.len; len++) {
		auto_buf cut = {0};
		expect_ok(buf_append(&cut, bytes.data, len, err));
		(void)snprintf(name, sizeof name, "%zu bytes", len);
		expect_refused(&cut, len < USTAR_BLOCK ? ERR_DOCUMENT : ERR_TRUNCATED, "", name);
	}
}

/* There is one form: no bit but those of contents, and of a size that still fits, may be another. */
static void test_every_bit_of_headers(void **state)
{
	auto_buf bytes = {0};
	char name[32];
	build(&bytes, good, COUNT(good));
	const size_t second = 2 * USTAR_BLOCK;
	for (size_t at = second; at < second + USTAR_BLOCK; at++) {
		bytes.data[at] ^= 1;
		(void)snprintf(name, sizeof name, "byte %zu", at - second);
		expect_refused(&bytes, ERR_CONTAINER, "", name);
		bytes.data[at] ^= 1;
	}
	bytes.data[second + USTAR_BLOCK + strlen(good[1].text)] = 'x';
	expect_refused(&bytes, ERR_CONTAINER, "padding", "padding");
}

static void test_behind_the_end(void **state)
{
	auto_buf bytes = {0};
	build(&bytes, good, COUNT(good));
	expect_ok(buf_append(&bytes, "\0", 1, err));
	expect_refused(&bytes, ERR_CONTAINER, "end", "one zero more");
	bytes.data[bytes.len - 1] = 'x';
	expect_refused(&bytes, ERR_CONTAINER, "end", "one byte more");
	bytes.len--;
	bytes.data[bytes.len - 1] = 'x';
	expect_refused(&bytes, ERR_CONTAINER, "end", "no zeros");
}

static void test_limits(void **state)
{
	auto_buf bytes = {0}, large = {0};
	char name[USTAR_NAME_MAX + 1];
	build(&bytes, good, 2);
	bytes.len -= USTAR_END;
	for (unsigned i = 0; i <= REGISTRY_SIGNATURES_MAX; i++) {
		(void)snprintf(name, sizeof name, "signatures/%040X.sig", i);
		put(&bytes, name, "");
	}
	end(&bytes);
	expect_refused(&bytes, ERR_LIMIT, "more signatures", "17 signatures");
	/* a size that its kind may not have */
	unsigned char *header = (unsigned char *)bytes.data + (size_t)4 * USTAR_BLOCK;
	(void)snprintf(name, sizeof name, "signatures/%040X.sig", 0u);
	ustar_build(header, name, MEMBER_SIGNATURE_MAX + 1);
	expect_refused(&bytes, ERR_CONTAINER, "one form", "a long signature");
	ustar_build(header, name, MEMBER_SIGNATURE_MAX);
	bytes.len = (size_t)6 * USTAR_BLOCK;
	expect_refused(&bytes, ERR_TRUNCATED, "inside of a member", "a signature cut");
}

static void put_certificates(struct buf *out, unsigned count)
{
	char name[USTAR_NAME_MAX + 1];
	build(out, good, 2);
	out->len -= USTAR_END;
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(name, sizeof name, "certificates/%040X.pgp", i);
		put(out, name, "");
	}
	end(out);
}

/* Each partner may have had keys before. */
static void test_as_many_certificates_as_keys(void **state)
{
	auto_buf bytes = {0}, again = {0}, more = {0};
	struct registry_file file;
	put_certificates(&bytes, REGISTRY_CERTIFICATES_MAX);
	expect_ok(registry_file_parse(&file, &bytes, err));
	assert_int_equal(file.certificate_count, 90000);
	expect_ok(registry_file_format(&again, &file, err));
	assert_int_equal(again.len, bytes.len);
	put_certificates(&more, REGISTRY_CERTIFICATES_MAX + 1);
	expect_refused(&more, ERR_LIMIT, "more certificates", "one more");
	file.certificate_count++;
	expect_failure(registry_file_format(&again, &file, err), ERR_LIMIT, "certificates", "one more, written");
	registry_file_clear(&file);
}

/* Nothing is written that nobody would take. */
static void test_too_large_to_be_taken(void **state)
{
	static const char large[PGP_CERT_MAX];
	struct registry_part parts[REGISTRY_FILE_MAX / PGP_CERT_MAX];
	struct registry_file file = {
		.registry = "x", .registry_len = 1, .certificates = parts, .certificate_count = COUNT(parts)};
	auto_buf out = {0};
	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i] = (struct registry_part){.bytes = large, .len = sizeof large};
	expect_failure(registry_file_format(&out, &file, err), ERR_LIMIT, "no station takes", "too large");
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nothing_but_a_registry),
		cmocka_unit_test(test_other_members),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_behind_the_end),
		cmocka_unit_test(test_every_bit_of_headers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_as_many_certificates_as_keys),
		cmocka_unit_test(test_too_large_to_be_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
