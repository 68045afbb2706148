/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/secret.h"
#include "format/signed_doc.h"

#include <stdlib.h>

#define BODY "valise-example: 1\nname: \"x\"\n"

static int split(const char *text, size_t len, struct err *err)
{
	struct signed_doc doc;
	return signed_doc_split(&doc, text, len, err);
}

static void test_known_document(void **state)
{
	static const char text[] = BODY "signature: \"mAEC\"\n";
	struct signed_doc doc;
	auto_buf again = {0};
	expect_ok(signed_doc_split(&doc, text, strlen(text), err));
	assert_int_equal(doc.body_len, strlen(BODY));
	assert_ptr_equal(doc.body, text);
	assert_int_equal(doc.signature_len, 3);
	assert_memory_equal(doc.signature, "\x98\x01\x02", 3);
	expect_ok(buf_append(&again, doc.body, doc.body_len, err));
	expect_ok(signed_doc_append(&again, doc.signature, doc.signature_len, err));
	assert_string_equal(again.data, text);
}

/* Only the last line is looked at; what else the body says is its kind's to refuse. */
static void test_signature_in_the_body(void **state)
{
	static const char text[] = "signature: \"AAAA\"\nsignature: \"mAEC\"\n";
	struct signed_doc doc;
	expect_ok(signed_doc_split(&doc, text, strlen(text), err));
	assert_int_equal(doc.body_len, strlen("signature: \"AAAA\"\n"));
	assert_memory_equal(doc.signature, "\x98\x01\x02", 3);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{"", "last line"},
		{"\n", "last line"},
		{BODY, "last line"},
		{"signature: \"mAEC\"\n", "last line"}, /* no body */
		{BODY "signature: \"mAEC\"", "last line"},
		{BODY "signature: \"mAEC\"\n\n", "last line"},
		{BODY "signature: \"mAEC\"\r\n", "last line"},
		{BODY "signature: \"mAEC\" \n", "last line"},
		{BODY "signature: \"mAEC\n", "last line"},
		{BODY "signature: mAEC\n", "last line"},
		{BODY "signature: 'mAEC'\n", "last line"},
		{BODY "signature:  \"mAEC\"\n", "last line"},
		{BODY " signature: \"mAEC\"\n", "last line"},
		{BODY "signature: \"\n", "last line"},
		{BODY "signature: \"mAEC\"\nmore: 1\n", "last line"},
		{BODY "signature: \"\"\n", "empty"},
		{BODY "signature: \"mAE\"\n", "not base64"},
		{BODY "signature: \"mA E\"\n", "not base64"},
		{BODY "signature: \"mAF=\"\n", "not base64"}, /* bits that say nothing must be zero */
		{BODY "signature: \"mAEC\"\"\n", "not base64"},
		{BODY "signature: \"m\xc3\xa9"
			  "C\"\n",
		 "not base64"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(split(rows[i].text, strlen(rows[i].text), err), ERR_DOCUMENT, rows[i].piece, rows[i].text);
	expect_failure(split(BODY "signature: \"mA\0C\"\n", strlen(BODY) + 18, err), ERR_DOCUMENT, "not base64", "NUL");
}

static void test_sizes(void **state)
{
	static const unsigned char bytes[SIGNED_DOC_SIGNATURE_MAX + 1];
	auto_buf longest = {0}, longer = {0}, open = {0}, none = {0};
	auto_free char *base64 = NULL;
	expect_ok(buf_append_str(&longest, BODY, err));
	expect_ok(signed_doc_append(&longest, bytes, SIGNED_DOC_SIGNATURE_MAX, err));
	expect_ok(split(longest.data, longest.len, err));
	expect_ok(base64_encode(&base64, bytes, SIGNED_DOC_SIGNATURE_MAX + 1, err));
	expect_ok(buf_printf(&longer, err, BODY "signature: \"%s\"\n", base64));
	expect_failure(split(longer.data, longer.len, err), ERR_LIMIT, "2048", "2,049 bytes");
	expect_ok(buf_printf(&longer, err, "signature: \"%s%s%s\"\n", base64, base64, base64));
	expect_failure(split(longer.data, longer.len, err), ERR_LIMIT, "2048", "far too long");
	expect_failure(signed_doc_append(&longest, bytes, sizeof bytes, err), ERR_LIMIT, "2049", "writing too much");
	expect_failure(signed_doc_append(&longest, bytes, 0, err), ERR_LIMIT, "not 0", "writing nothing");
	expect_ok(buf_append_str(&open, "valise-example: 1", err));
	expect_failure(signed_doc_append(&open, bytes, 1, err), ERR_DOCUMENT, "line end", "no line end");
	expect_failure(signed_doc_append(&none, bytes, 1, err), ERR_DOCUMENT, "line end", "no body");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document),
		cmocka_unit_test(test_signature_in_the_body),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sizes),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
