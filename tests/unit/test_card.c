/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/secret.h"
#include "format/card.h"
#include "format/pgp.h"

#include <stdlib.h>

#define GOOD                                                      \
	"valise-card: 1\n"                                            \
	"name: \"Alice Example\"\n"                                   \
	"organisation: \"CERT-EX\"\n"                                 \
	"kind: \"person\"\n"                                          \
	"jurisdiction: \"BE\"\n"                                      \
	"fingerprint: \"0123456789ABCDEF0123456789ABCDEF01234567\"\n" \
	"created: \"2026-11-23T18:12:00Z\"\n"                         \
	"certificate: \"mAEC\"\n"

static int parse(const char *text, struct err *err)
{
	auto_card card = {0};
	int rc = card_parse(&card, text, strlen(text), err);
	if (rc != 0)
		assert_null(card.certificate);
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
	auto_card card = {0};
	auto_buf out = {0};
	expect_ok(card_parse(&card, GOOD, strlen(GOOD), err));
	assert_string_equal(card.party.name, "Alice Example");
	assert_string_equal(card.party.organisation, "CERT-EX");
	assert_int_equal(card.party.kind, PARTY_PERSON);
	assert_string_equal(card.party.jurisdiction, "BE");
	assert_int_equal(card.created, 1795457520);
	assert_int_equal(card.certificate_len, 3);
	assert_memory_equal(card.certificate, "\x98\x01\x02", 3);
	expect_ok(card_format(&out, &card, err));
	assert_string_equal(out.data, GOOD);
}

static void test_accepted(void **state)
{
	expect_ok(parse_changed("\"person\"", "\"organisation\"", err));
	expect_ok(parse_changed("\"person\"", "role", err));
	expect_ok(parse_changed("\"person\"", "station", err));
	expect_ok(parse_changed("\"BE\"", "\"\"", err));
	expect_ok(parse_changed("Alice Example", "\xe6\x97\xa5\xe6\x9c\xac 'x' \\\"y\\\"", err));
	expect_ok(parse_changed("created:", "# remark\ncreated:", err));
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-card: 1", "valise-waybill: 1", "line 1"},
		{"name: \"Alice Example\"\n", "", "\"name\" is missing"},
		{"organisation: \"CERT-EX\"\n", "", "\"organisation\" is missing"},
		{"kind: \"person\"\n", "", "\"kind\" is missing"},
		{"jurisdiction: \"BE\"\n", "", "\"jurisdiction\" is missing"},
		{"fingerprint: \"0123456789ABCDEF0123456789ABCDEF01234567\"\n", "", "\"fingerprint\" is missing"},
		{"created: \"2026-11-23T18:12:00Z\"\n", "", "\"created\" is missing"},
		{"certificate: \"mAEC\"\n", "", "\"certificate\" is missing"},
		{"certificate: \"mAEC\"\n", "certificate: \"mAEC\"\nroles: [\"send\"]\n",
		 "line 9, column 1: unknown key \"roles\""},
		{"kind: \"person\"\n", "kind: \"person\"\nkind: \"person\"\n", "a second time"},
		{"Alice Example", "", "\"name\" must have 1 to 128 bytes"},
		{"Alice Example", "Alice\\e[2J", "control or invisible"},
		{"Alice Example", "Alice\\nExample", "control or invisible"},
		{"Alice Example",
		 "Alice\xc2\xa0"
		 "Example",
		 "\"name\" holds a space of another kind"},
		{"Alice Example", "Alice  Example", "two spaces"},
		{"Alice Example", "Alice Example ", "\"name\" ends in a space"},
		{"CERT-EX", " CERT-EX", "\"organisation\" begins with a space"},
		{"Alice Example", "\\u202eecilA", "control or invisible"},
		{"Alice Example", "Ali\\u200bce", "control or invisible"},
		{"CERT-EX", "\\x9b", "control or invisible"},
		{"\"person\"", "\"Person\"", "must be one of: person, organisation, role, station"},
		{"\"person\"", "\"root\"", "must be one of"},
		{"\"BE\"", "\"be\"", "two upper-case letters"},
		{"\"BE\"", "\"BEL\"", "two upper-case letters"},
		{"\"BE\"", "\"B\"", "two upper-case letters"},
		{"\"BE\"", "\"B1\"", "two upper-case letters"},
		{"0123456789ABCDEF0123456789ABCDEF01234567", "0123456789abcdef0123456789abcdef01234567",
		 "\"fingerprint\" must be"},
		{"0123456789ABCDEF0123456789ABCDEF01234567", "89ABCDEF01234567", "\"fingerprint\" must be"},
		{"2026-11-23T18:12:00Z", "2026-11-23", "\"created\" must be a time"},
		{"mAEC", "mAE", "\"certificate\" must"},
		{"mAEC", "mA==mA==", "must be base64"},
		{"mAEC", "mA C", "must be base64"},
		{"mAEC", "mAEC\\n", "must be base64"},
		{"mAEC",
		 "m\xc3\xa9"
		 "E",
		 "must be base64"},
		{"\"mAEC\"", "\"\"", "\"certificate\" must have"},
		{"\"mAEC\"", "[\"mAEC\"]", "text or a number"},
		{"\"mAEC\"", "!!binary \"mAEC\"", "tags"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_DOCUMENT, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse_changed("valise-card: 1", "valise-card: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_DOCUMENT, "bytes", "empty");
}

static void test_long_name(void **state)
{
	char name[PARTY_NAME_MAX + 2];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	expect_failure(parse_changed("Alice Example", name, err), ERR_DOCUMENT, "1 to 128 bytes", "129");
	name[PARTY_NAME_MAX] = '\0';
	expect_ok(parse_changed("Alice Example", name, err));
}

static void test_certificate_sizes(void **state)
{
	auto_card card = {.party = {.name = "n", .organisation = "o", .jurisdiction = ""}, .created = 1795457520};
	auto_buf text = {0}, longer = {0};
	assert_true(fingerprint_parse(&card.fingerprint, "0123456789ABCDEF0123456789ABCDEF01234567", 40));
	card.certificate = calloc(1, PGP_CERT_MAX + 1);
	assert_non_null(card.certificate);
	card.certificate_len = PGP_CERT_MAX;
	expect_ok(card_format(&text, &card, err));
	expect_ok(parse(text.data, err));
	card.certificate_len = PGP_CERT_MAX + 1;
	expect_ok(card_format(&longer, &card, err));
	expect_failure(parse(longer.data, err), ERR_DOCUMENT, "524289 bytes", "certificate too long");
}

static void test_jurisdiction(void **state)
{
	assert_true(jurisdiction_is_valid("BE"));
	assert_false(jurisdiction_is_valid(""));
	assert_false(jurisdiction_is_valid("B"));
	assert_false(jurisdiction_is_valid("be"));
	assert_false(jurisdiction_is_valid("BEL"));
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document),    cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),           cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_certificate_sizes), cmocka_unit_test(test_jurisdiction),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
