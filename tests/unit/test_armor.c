/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/armor.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END "-----END PGP PUBLIC KEY BLOCK-----\n"
/* "hello" and its checksum as gpg makes it */
#define HELLO "aGVsbG8=\n=R/WK\n"

static int open_text(struct buf *out, const char *text, struct err *err)
{
	const struct buf bytes = {.data = (char *)(uintptr_t)text, .len = strlen(text)};
	return armor_open(out, &bytes, err);
}

static void expect_text(const char *text, const char *want)
{
	auto_buf out = {0};
	expect_ok(open_text(&out, text, err));
	assert_int_equal(out.len, strlen(want));
	if (out.len > 0)
		assert_memory_equal(out.data, want, out.len);
}

static void test_good(void **state)
{
	(void)state;
	expect_text(BEGIN "\n" HELLO END, "hello");
	expect_text(BEGIN "Comment: a\nVersion: b\n\n" HELLO END, "hello");
	expect_text(BEGIN "\naGVsbG8=\n" END, "hello");
	expect_text(BEGIN "\naGVs\nbG8=\n" END, "hello");
	/* as gpg leaves a revocation certificate, and as mail programs leave texts */
	expect_text("This is a revocation certificate\n\n:" BEGIN "\n" HELLO END, "hello");
	expect_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\naGVsbG8= \r\n-----END PGP PUBLIC KEY BLOCK-----\r\nbye",
				"hello");
}

static void test_no_armor(void **state)
{
	(void)state;
	expect_text("", "");
	expect_text("valise-card: 1\n", "valise-card: 1\n");
	expect_text("\x98\x33-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "\x98\x33-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" HELLO, "secret key"},
		{"-----BEGIN PGP MESSAGE-----\n\n" HELLO, "no public key block"},
		{"-----BEGIN PGP PUBLIC KEY BLOCK----- x\n\n" HELLO END, "no public key block"},
		{BEGIN, "ends in its header"},
		{BEGIN "Comment: a\n", "ends in its header"},
		{BEGIN "\n" HELLO, "no end"},
		{BEGIN "\n" END, "not base64"},
		{BEGIN "\naGVs!G8=\n" END, "not base64"},
		{BEGIN "\n\naGVsbG8=\n" END, "does not belong"},
		{BEGIN "\naGVsbG8=\n=R/WK\naGVsbG8=\n" END, "does not belong"},
		{BEGIN "\naGVsbG8=\n=AAAA\n" END, "wrong checksum"},
		{BEGIN "\naGVsbG8=\n=R/\n" END, "wrong checksum"},
		{BEGIN "\n" HELLO END BEGIN "\n" HELLO END, "more than one block"},
		{BEGIN "\n" HELLO END "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "more than one block"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf out = {0};
		expect_failure(open_text(&out, rows[i].text, err), ERR_CERTIFICATE, rows[i].piece, rows[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_no_armor),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
