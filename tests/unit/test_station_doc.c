/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/station_doc.h"

#define GOOD                                                      \
	"valise-station: 1\n"                                         \
	"name: \"Alice\"\n"                                           \
	"organisation: \"CERT-EX\"\n"                                 \
	"kind: \"station\"\n"                                         \
	"jurisdiction: \"BE\"\n"                                      \
	"fingerprint: \"0123456789ABCDEF0123456789ABCDEF01234567\"\n" \
	"ceilings: [\"tlp/amber\"]\n"                                 \
	"default-labels: []\n"                                        \
	"expires-days: 30\n"                                          \
	"max-files: 500\n"                                            \
	"max-bytes: 1000000\n"                                        \
	"communities: [\"first\", \"wa-2023\"]\n"                     \
	"accreditations: {eu: \"No. 12\"}\n"                          \
	"approvals: {tlp/red: 2, \"pdcat/art9-*\": 3}\n"              \
	"pack-types: [\"text/*\", \"application/pdf\"]\n"             \
	"unpack-types: []\n"

static int parse(const char *text, struct err *err)
{
	struct station_doc doc;
	return station_doc_parse(&doc, text, strlen(text), err);
}

static int parse_changed(const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, GOOD, old, new_text);
	return parse(text.data, err);
}

static void test_values(void **state)
{
	struct station_doc doc;
	expect_ok(station_doc_parse(&doc, GOOD, strlen(GOOD), err));
	assert_string_equal(doc.party.name, "Alice");
	assert_int_equal(doc.party.kind, PARTY_STATION);
	assert_string_equal(doc.fingerprint.hex, "0123456789ABCDEF0123456789ABCDEF01234567");
	assert_int_equal(doc.ceilings.count, 1);
	assert_string_equal(doc.ceilings.labels[0], "tlp/amber");
	assert_int_equal(doc.default_labels.count, 0);
	assert_int_equal(doc.expires_days, 30);
	assert_int_equal(doc.max_files, 500);
	assert_int_equal(doc.max_bytes, 1000000);
	assert_int_equal(doc.communities.count, 2);
	assert_string_equal(doc.communities.items[1], "wa-2023");
	assert_int_equal(doc.accreditations.count, 1);
	assert_string_equal(doc.accreditations.items[0].scheme, "eu");
	assert_string_equal(doc.accreditations.items[0].reference, "No. 12");
	assert_int_equal(doc.approvals.count, 2);
	assert_string_equal(doc.approvals.items[1].label, "pdcat/art9-*");
	assert_int_equal(doc.approvals.items[1].people, 3);
	assert_int_equal(doc.pack_types.count, 2);
	assert_int_equal(doc.unpack_types.count, 0);
}

static void test_what_may_be_left_out(void **state)
{
	static const char text[] = "valise-station: 1\nname: Carol\norganisation: Couriers\nkind: person\n";
	struct station_doc doc;
	expect_ok(station_doc_parse(&doc, text, strlen(text), err));
	assert_string_equal(doc.fingerprint.hex, "");
	assert_string_equal(doc.party.jurisdiction, "");
	assert_int_equal(doc.ceilings.count, 0);
	assert_int_equal(doc.expires_days, 90);
	assert_int_equal(doc.max_files, 1000000);
	assert_true(doc.max_bytes == 1099511627776);
}

static void check_round_trip(const struct station_doc *doc)
{
	struct station_doc back;
	auto_buf text = {0}, again = {0};
	expect_ok(station_doc_format(&text, doc, err));
	expect_ok(station_doc_parse(&back, text.data, text.len, err));
	assert_string_equal(back.party.name, doc->party.name);
	assert_string_equal(back.fingerprint.hex, doc->fingerprint.hex);
	assert_int_equal(back.ceilings.count, doc->ceilings.count);
	assert_int_equal(back.expires_days, doc->expires_days);
	assert_int_equal(back.communities.count, doc->communities.count);
	assert_int_equal(back.accreditations.count, doc->accreditations.count);
	assert_int_equal(back.pack_types.count, doc->pack_types.count);
	expect_ok(station_doc_format(&again, &back, err));
	assert_string_equal(text.data, again.data);
}

/* Every setting is explained, and every line fits a terminal that is wide enough for a remark. */
static void test_written_file(void **state)
{
	static const char *const keys[] = {"name:",
									   "organisation:",
									   "kind:",
									   "jurisdiction:",
									   "fingerprint:",
									   "ceilings: [\"tlp/amber\"]",
									   "default-labels: []",
									   "expires-days: 30",
									   "max-files: 500",
									   "max-bytes: 1000000",
									   "communities: [\"first\", \"wa-2023\"]",
									   "accreditations: {\"eu\": \"No. 12\"}",
									   "approvals: {\"tlp/red\": 2, \"pdcat/art9-*\": 3}",
									   "pack-types: [\"text/*\", \"application/pdf\"]",
									   "unpack-types: []"};
	struct station_doc doc;
	auto_buf text = {0};
	expect_ok(station_doc_parse(&doc, GOOD, strlen(GOOD), err));
	check_round_trip(&doc);
	expect_ok(station_doc_format(&text, &doc, err));
	assert_memory_equal(text.data, "valise-station: 1\n# ", 20);
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_non_null(strstr(text.data, keys[i]));
	for (const char *line = text.data; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 120);
}

static void test_verify_only(void **state)
{
	struct station_doc doc;
	auto_buf text = {0};
	expect_ok(station_doc_parse(&doc, GOOD, strlen(GOOD), err));
	doc.fingerprint.hex[0] = '\0';
	check_round_trip(&doc);
	expect_ok(station_doc_format(&text, &doc, err));
	assert_null(strstr(text.data, "fingerprint:"));
	assert_non_null(strstr(text.data, "no key of its own"));
}

static void test_odd_names(void **state)
{
	struct station_doc doc;
	expect_ok(station_doc_parse(&doc, GOOD, strlen(GOOD), err));
	(void)snprintf(doc.party.name, sizeof doc.party.name, "# \"no\": [%%] \\ caf\xc3\xa9");
	check_round_trip(&doc);
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-station: 1", "valise-registry: 1", "line 1"},
		{"name: \"Alice\"\n", "", "\"name\" is missing"},
		{"organisation: \"CERT-EX\"\n", "", "\"organisation\" is missing"},
		{"kind: \"station\"\n", "", "\"kind\" is missing"},
		{"kind: \"station\"\n", "kind: station\ncolour: red\n", "line 5, column 1: unknown key \"colour\""},
		{"kind: \"station\"\n", "kind: station\nkind: station\n", "a second time"},
		{"kind: \"station\"\n", "kind: machine\n", "must be one of: person, organisation, role, station"},
		{"\"BE\"", "\"Belgium\"", "two upper-case letters"},
		{"jurisdiction: \"BE\"", "jurisdiction:", "\"jurisdiction\" has no value"},
		{"\"0123456789ABCDEF0123456789ABCDEF01234567\"", "\"\"", "\"fingerprint\" must be"},
		{"[\"tlp/amber\"]", "[\"TLP:AMBER\"]", "\"ceilings\" must name labels as scheme/id, such as"},
		{"[\"tlp/amber\"]", "tlp/amber", "\"ceilings\" must be a list"},
		{"default-labels: []", "default-labels: [\"PD:NONE\"]", "\"default-labels\" must name labels"},
		{"expires-days: 30", "expires-days: 0", "\"expires-days\" must be between 1 and 366"},
		{"expires-days: 30", "expires-days: 367", "\"expires-days\" must be between 1 and 366"},
		{"expires-days: 30", "expires-days: 90d", "whole number"},
		{"max-files: 500", "max-files: 0", "\"max-files\" must be between 1 and 1000000"},
		{"max-files: 500", "max-files: 1000001", "\"max-files\" must be between 1 and 1000000"},
		{"max-bytes: 1000000", "max-bytes: 0", "\"max-bytes\" must be between"},
		{"max-bytes: 1000000", "max-bytes: 4398046511105", "\"max-bytes\" must be between"},
		{"max-bytes: 1000000", "max-bytes: 1 TiB", "whole number"},
		{"\"first\"", "\"FIRST\"", "no name of a community"},
		{"\"first\"", "\"wa-2023\"", "named twice"},
		{"{eu: \"No. 12\"}", "{EU: \"No. 12\"}", "\"EU\" is no id of a scheme"},
		{"{eu: \"No. 12\"}", "{eu: \"\"}", "line"},
		{"{eu: \"No. 12\"}", "{eu: \"a\", eu: \"b\"}", "a second time"},
		{"{eu: \"No. 12\"}", "[eu]", "line 13"},
		{"tlp/red: 2", "TLP:RED: 2", "line"},
		{"tlp/red: 2", "\"tlp/*red\": 2", "must name a label as scheme/id"},
		{"tlp/red: 2", "\"*\": 2", "must name a label as scheme/id"},
		{"tlp/red: 2", "tlp/red: 0", "must be between 1 and 16"},
		{"tlp/red: 2", "tlp/red: 17", "must be between 1 and 16"},
		{"tlp/red: 2", "tlp/red: two", "whole number"},
		{"tlp/red: 2", "tlp/red: 2, tlp/red: 3", "a second time"},
		{"\"text/*\"", "\"text\"", "must name media types"},
		{"\"text/*\"", "\"*/*\"", "must name media types"},
		{"\"text/*\"", "\"Text/plain\"", "must name media types"},
		{"name: \"Alice\"", "name: \"Alice", "line"},
		{"name: \"Alice\"", "name: *alice", "aliases"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_STATION, rows[i].piece, rows[i].new_text);
	expect_failure(parse_changed("station: 1", "station: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_STATION, "bytes", "empty");
}

#define KEY "0123456789ABCDEF0123456789ABCDEF01234567"
#define NEXT "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD"
#define LAST "EEEEEEEEEEBBBBBBBBBBCCCCCCCCCCDDDDDDDDDD"

static int turn(const char *text, const char *to, struct buf *out, struct err *err)
{
	struct fingerprint fpr;
	assert_true(fingerprint_parse(&fpr, to, strlen(to)));
	return station_doc_turn(out, text, strlen(text), &fpr, 1801526400, err);
}

static void test_turn(void **state)
{
	auto_buf once = {0}, twice = {0}, want = {0};
	struct station_doc doc;
	expect_ok(turn(GOOD, NEXT, &once, err));
	unit_replace(&want, GOOD, "fingerprint: \"" KEY "\"\n",
				 "fingerprint: \"" NEXT "\"\nformer: {\"" KEY "\": \"2027-02-02T00:00:00Z\"}\n");
	assert_string_equal(once.data, want.data);
	expect_ok(turn(once.data, LAST, &twice, err));
	expect_ok(station_doc_parse(&doc, twice.data, twice.len, err));
	assert_string_equal(doc.fingerprint.hex, LAST);
	assert_int_equal(doc.former_count, 2);
	assert_string_equal(doc.former[0].fingerprint.hex, KEY);
	assert_string_equal(doc.former[1].fingerprint.hex, NEXT);
	const struct fingerprint key = {KEY}, last = {LAST};
	assert_ptr_equal(station_doc_former(&doc, &key), &doc.former[0]);
	assert_null(station_doc_former(&doc, &last));
	assert_true(station_doc_has_key(&doc, &key) && station_doc_has_key(&doc, &last));
}

static void test_turn_refused(void **state)
{
	static const struct {
		const char *old, *new_text;
	} rows[] = {
		{"fingerprint: \"" KEY "\"\n", "\"fingerprint\": \"" KEY "\"\n"},
		{"fingerprint: \"" KEY "\"\n", ""},
		{"fingerprint: \"" KEY "\"\n", "fingerprint: \"" KEY "\"\nformer:\n  \"" LAST "\": \"2027-02-02T00:00:00Z\"\n"},
		{"max-files: 500\n", "max-files: 500\nformer: {\"" LAST "\": \"2027-02-02T00:00:00Z\"}\n"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf text = {0}, out = {0};
		unit_replace(&text, GOOD, rows[i].old, rows[i].new_text);
		expect_failure(turn(text.data, NEXT, &out, err), ERR_STATION, "not as init writes it", rows[i].new_text);
	}
	auto_buf out = {0};
	expect_failure(turn(GOOD, KEY, &out, err), ERR_STATION, "not as init writes it", "the same key");
	expect_failure(parse_changed("ceilings:", "former: {\"" KEY "\": \"2027-02-02T00:00:00Z\"}\nceilings:", err),
				   ERR_STATION, "a second time", "its own key");
	expect_failure(parse_changed("ceilings:", "former: {\"x\": \"2027-02-02T00:00:00Z\"}\nceilings:", err), ERR_STATION,
				   "no fingerprint", "no key");
}

static void test_types(void **state)
{
	struct station_doc doc;
	expect_ok(station_doc_parse(&doc, GOOD, strlen(GOOD), err));
	assert_true(media_types_allow(&doc.pack_types, "text/plain"));
	assert_true(media_types_allow(&doc.pack_types, "application/pdf"));
	assert_false(media_types_allow(&doc.pack_types, "application/pdf-x"));
	assert_false(media_types_allow(&doc.pack_types, "textile/plain"));
	assert_true(media_types_allow(&doc.unpack_types, "application/x-executable")); /* no list: any */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),       cmocka_unit_test(test_what_may_be_left_out),
		cmocka_unit_test(test_written_file), cmocka_unit_test(test_verify_only),
		cmocka_unit_test(test_odd_names),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_types),        cmocka_unit_test(test_turn),
		cmocka_unit_test(test_turn_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
