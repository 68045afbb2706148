/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/rotation.h"

#include <stdlib.h>

#define FROM "0123456789ABCDEF0123456789ABCDEF01234567"
#define TO "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD"
#define GOOD                                \
	"valise-rotation: 1\n"                  \
	"from: \"" FROM "\"\n"                  \
	"to: \"" TO "\"\n"                      \
	"created: \"2026-11-23T18:12:00Z\"\n"   \
	"not-after: \"2027-02-21T18:12:00Z\"\n" \
	"card: \"dmFsaXNlLWNhcmQ6IDEK\"\n"

static int parse(const char *text, struct err *err)
{
	auto_rotation rotation = {.card = NULL};
	int rc = rotation_parse(&rotation, text, strlen(text), err);
	if (rc != 0)
		assert_null(rotation.card);
	return rc;
}

static void test_known_document(void **state)
{
	auto_rotation rotation = {.card = NULL};
	auto_buf out = {0};
	expect_ok(rotation_parse(&rotation, GOOD, strlen(GOOD), err));
	assert_string_equal(rotation.from.hex, FROM);
	assert_string_equal(rotation.to.hex, TO);
	assert_int_equal(rotation.not_after - rotation.created, 90 * DAY_S);
	assert_int_equal(rotation.card_len, strlen("valise-card: 1\n"));
	assert_memory_equal(rotation.card, "valise-card: 1\n", rotation.card_len);
	expect_ok(rotation_format(&out, &rotation, err));
	assert_string_equal(out.data, GOOD);
	rotation.to = rotation.from;
	expect_failure(rotation_format(&out, &rotation, err), ERR_DOCUMENT, "same key", "to itself");
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
		enum err_code code;
	} rows[] = {
		{"valise-rotation: 1", "valise-card: 1", "line 1", ERR_DOCUMENT},
		{"valise-rotation: 1", "valise-rotation: 2", "version", ERR_VERSION},
		{"from: \"" FROM "\"\n", "", "\"from\" is missing", ERR_DOCUMENT},
		{"to: \"" TO "\"\n", "", "\"to\" is missing", ERR_DOCUMENT},
		{"card: \"dmFsaXNlLWNhcmQ6IDEK\"\n", "", "\"card\" is missing", ERR_DOCUMENT},
		{"created: \"2026-11-23T18:12:00Z\"\n", "", "\"created\" is missing", ERR_DOCUMENT},
		{"not-after: \"2027-02-21T18:12:00Z\"\n", "", "\"not-after\" is missing", ERR_DOCUMENT},
		{TO, FROM, "same key", ERR_DOCUMENT},
		{"2027-02-21", "2026-11-23", "later", ERR_DOCUMENT},
		{"2027-02-21T18:12:00Z", "2027-11-24T18:12:01Z", "366 days", ERR_DOCUMENT},
		{"dmFsaXNlLWNhcmQ6IDEK", "dmFs aXNl", "base64", ERR_DOCUMENT},
		{"card: ", "signature: \"AAAA\"\ncard: ", "signature", ERR_DOCUMENT},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf text = {0};
		unit_replace(&text, GOOD, rows[i].old, rows[i].new_text);
		expect_failure(parse(text.data, err), rows[i].code, rows[i].piece, rows[i].new_text);
	}
	expect_failure(parse("", err), ERR_DOCUMENT, "bytes", "empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_document), cmocka_unit_test(test_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
