/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/manifest.h"

#include <stdlib.h>
#include <time.h>

#define FPR_A "0123456789ABCDEF0123456789ABCDEF01234567"
#define FPR_B "89ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234567"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define HEAD                                             \
	"valise-manifest: 2\n"                               \
	"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n" \
	"tool: \"valise 0.1.0\"\n"                           \
	"purpose: \"weekly incident reports\"\n"             \
	"handling: \"\"\n"                                   \
	"supersedes: \"\"\n"                                 \
	"recipients: []\n"
#define SCHEMES                        \
	"schemes:\n"                       \
	"- [\"pd\", \"1\", \"" HEX "\"]\n" \
	"- [\"tlp\", \"2.0\", \"" HEX "\"]\n"
#define MARKS "marks: [\"pd/none\", \"tlp/amber\"]\n"
#define VOIDED "voided:\n- [\"" FPR_A "\", 4, \"" HEX "\"]\n"
#define RELEASABLE "releasable-to: []\n"
#define RECORDS "records: []\n"
#define MARKING "{\"labels\": [[\"pd/none\", \"option\"], [\"tlp/amber\", \"label-file\"]]}"
#define MARKINGS "markings:\n- " MARKING "\n"
#define TOTALS "files: 2\nbytes: 12\n"
#define ENTRIES                                                                     \
	"entries:\n"                                                                    \
	"- [\"folder\", \"reports\", 1764000000, 0]\n"                                  \
	"- [\"file\", \"reports/a.txt\", -1, 512, 5, \"" HEX "\", \"text/plain\", 0]\n" \
	"- [\"executable\", \"reports/run\", 0, 1536, 7, \"" HEX "\", \"\", 0]\n"
#define BEFORE HEAD SCHEMES MARKS RELEASABLE VOIDED
#define GOOD BEFORE RECORDS MARKINGS TOTALS ENTRIES

/* A document with every fact: its second file's marking holds them, the first one's none. */
#define RECORD_1                                                                                          \
	"{\"id\": \"r1\", \"controller\": \"Agency A\", \"contact\": \"a@example.org\", "                     \
	"\"data-protection-officer\": \"dpo@example.org\", \"purposes\": \"incident response\", "             \
	"\"data-subjects\": \"users\", \"data-categories\": \"addresses\", \"approximate-number\": \"100\", " \
	"\"recipients\": \"Agency B\", \"third-country\": \"US\", \"legal-basis\": \"eu-gdpr:A6-1-e\", "      \
	"\"retention\": \"P1Y\"}"
#define LABELS "\"labels\": [[\"pd/none\", \"detected\"], [\"tlp/amber\", \"option\"]]"
#define HANDLE_AS "\"handle-as\": [\"nato/secret\", \"us/secret\"]"
#define TO "\"releasable-to\": [\"BE\", \"US\"]"
#define CAVEATS "\"caveats\": [\"orcon\", \"eyes only \\\"x\\\"\"]"
#define NUMBERS "\"registration\": \"R-17\", \"copy\": \"2 of 3\""
#define FACTS                                                                                                   \
	"{" LABELS ", " HANDLE_AS ", " TO ", " CAVEATS ", \"originator\": \"" FPR_B "\", " NUMBERS ", \"record\": " \
	"\"r1\", \"expires\": \"2027-01-01T00:00:00Z\"}"
#define FULL                                                                                                    \
	HEAD SCHEMES MARKS "releasable-to: [\"BE\"]\n" VOIDED "records:\n- " RECORD_1 "\n" MARKINGS "- " FACTS "\n" \
					   "files: 2\nbytes: 12\nentries:\n"                                                        \
					   "- [\"file\", \"a.txt\", -1, 512, 5, \"" HEX "\", \"text/plain\", 0]\n"                  \
					   "- [\"file\", \"b.txt\", -1, 1536, 7, \"" HEX "\", \"\", 1]\n"

static int parse(const char *text, struct err *err)
{
	auto_manifest m = {0};
	int rc = manifest_parse(&m, text, strlen(text), err);
	if (rc != 0) {
		assert_null(m.entries);
		assert_null(m.arena);
	}
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
	auto_manifest m = {0};
	auto_buf out = {0};
	expect_ok(manifest_parse(&m, GOOD, strlen(GOOD), err));
	assert_string_equal(m.purpose, "weekly incident reports");
	assert_string_equal(m.handling, "");
	assert_string_equal(m.supersedes, "");
	assert_int_equal(m.scheme_count, 2);
	assert_string_equal(m.schemes[1].version, "2.0");
	assert_int_equal(m.mark_count, 2);
	assert_string_equal(m.marks[1], "tlp/amber");
	assert_int_equal(m.void_count, 1);
	assert_int_equal(m.voided[0].sequence, 4);
	assert_int_equal(m.marking_count, 1);
	assert_int_equal(m.markings[0].count, 2);
	assert_int_equal(m.markings[0].labels[1].origin, LABEL_FROM_LABEL_FILE);
	assert_int_equal(m.files, 2);
	assert_int_equal(m.bytes, 12);
	assert_int_equal(m.entry_count, 3);
	assert_int_equal(m.entries[0].type, ENTRY_FOLDER);
	assert_int_equal(m.entries[1].mtime, -1);
	assert_string_equal(m.entries[1].media_type, "text/plain");
	assert_int_equal(m.entries[2].type, ENTRY_EXECUTABLE);
	assert_string_equal(m.entries[2].path, "reports/run");
	expect_ok(manifest_format(&out, &m, err));
	assert_string_equal(out.data, GOOD);
}

static void test_empty_lists_and_long_ones(void **state)
{
	static const char text[] = "valise-manifest: 2\n"
							   "bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n"
							   "tool: \"t\"\n"
							   "purpose: \"a \\\"b\\\"\"\n"
							   "handling: \"h\"\n"
							   "supersedes: \"00000000-0000-4000-8000-000000000000\"\n"
							   "recipients: [\"" FPR_A "\", \"" FPR_B "\"]\n"
							   "schemes: []\n"
							   "marks: []\n"
							   "releasable-to: []\n"
							   "voided: []\n"
							   "records: []\n"
							   "markings: []\n"
							   "files: 0\n"
							   "bytes: 0\n"
							   "entries:\n"
							   "- [\"folder\", \"only\", 0, 0]\n";
	auto_manifest m = {0};
	auto_buf out = {0};
	expect_ok(manifest_parse(&m, text, strlen(text), err));
	assert_int_equal(m.recipient_count, 2);
	assert_string_equal(m.purpose, "a \"b\"");
	expect_ok(manifest_format(&out, &m, err));
	assert_string_equal(out.data, text);
}

static void test_accepted(void **state)
{
	static const char *const rows[][2] = {
		{"marks: ", "# remark\nmarks: "},
		{", -1, 512,", ", -253402300799, 512,"},
		{", -1, 512,", ", 253402300799, 512,"},
		{", -1, 512,", ", 0, 4398046511104,"},
		{ENTRIES, ENTRIES "\n\n\n\n   \n\n"}, /* padding */
		{"reports/a.txt", "reports/caf\xc3\xa9"},
		{"\"reports/a.txt\"", "\"reports/caf\\xe9\""},
		{"[\"folder\", \"reports\", 1764000000, 0]", "\n  - folder\n  - reports\n  - 1\n  - 0"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_ok(parse_changed(rows[i][0], rows[i][1], err));
	expect_ok(parse("valise-manifest: 2\n" RECORDS MARKINGS SCHEMES ENTRIES TOTALS MARKS VOIDED RELEASABLE
					"recipients: []\nsupersedes: \"\"\nhandling: \"\"\npurpose: \"\"\ntool: \"t\"\n"
					"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n",
					err));
}

static void test_head_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-manifest: 2\n", "valise-waybill: 1\n", "line 1"},
		{"valise-manifest: 2\n", "", "line 1"},
		{"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n", "", "\"bundle\" is missing"},
		{"tool: \"valise 0.1.0\"\n", "", "\"tool\" is missing"},
		{"purpose: \"weekly incident reports\"\n", "", "\"purpose\" is missing"},
		{"handling: \"\"\n", "", "\"handling\" is missing"},
		{"supersedes: \"\"\n", "", "\"supersedes\" is missing"},
		{"recipients: []\n", "", "\"recipients\" is missing"},
		{MARKS, "", "\"marks\" is missing"},
		{VOIDED, "", "\"voided\" is missing"},
		{RELEASABLE, "", "\"releasable-to\" is missing"},
		{RECORDS, "", "\"markings\" must stand behind \"records\""},
		{RECORDS MARKINGS, MARKINGS RECORDS, "\"markings\" must stand behind \"records\""},
		{"files: 2\n", "", "\"files\" is missing"},
		{"bytes: 12\n", "", "\"bytes\" is missing"},
		{ENTRIES, "", "\"entries\" is missing"},
		{SCHEMES, "", "\"entries\" must stand behind \"schemes\" and \"markings\""},
		{MARKINGS, "", "\"entries\" must stand behind"},
		{MARKINGS TOTALS ENTRIES, TOTALS ENTRIES MARKINGS, "\"entries\" must stand behind"},
		{"files: 2\n", "files: 2\nfiles: 2\n", "a second time"},
		{"files: 2\n", "comment: \"x\"\nfiles: 2\n", "unknown key \"comment\""},
		{"tool: \"valise 0.1.0\"", "tool: \"\"", "\"tool\" must have 1 to 64 bytes"},
		{"tool: \"valise 0.1.0\"", "tool: \"" HEX "x\"", "\"tool\" must have 1 to 64 bytes"},
		{"weekly", "week\\nly", "control or invisible"},
		{"weekly", "week\\0ly", "U+0000"},
		{"handling: \"\"", "handling: \"\\u202e\"", "control or invisible"},
		{"supersedes: \"\"", "supersedes: \"yesterday\"", "\"supersedes\" must be empty or a bundle id"},
		{"recipients: []", "recipients: [\"" FPR_B "\", \"" FPR_A "\"]", "is not sorted"},
		{"recipients: []", "recipients: [\"" FPR_A "\", \"" FPR_A "\"]", "names one twice"},
		{"recipients: []", "recipients: [\"bob\"]", "must be a fingerprint"},
		{"recipients: []", "recipients: \"" FPR_A "\"", "must be a list"},
		{"recipients: []", "recipients: [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "text or a number"},
		{"[\"pd\", \"1\", ", "[\"tlp\", \"1\", ", "names one scheme twice"},
		{"[\"pd\", \"1\", ", "[\"x\", \"1\", ", "is not sorted"},
		{"[\"pd\", \"1\", ", "[\"PD\", \"1\", ", "must name schemes"},
		{"[\"pd\", \"1\", ", "[\"p/d\", \"1\", ", "must name schemes"},
		{"[\"pd\", \"1\", ", "[\"\", \"1\", ", "1 to 64 bytes"},
		{"[\"pd\", \"1\", ", "[\"pd\", \"\", ", "1 to 32 bytes"},
		{"[\"pd\", \"1\", ", "[\"pd\", ", "1 to 32 bytes"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"tlp/amber\", \"pd/none\"]", "is not sorted"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"pd/none\", \"pd/none\"]", "names one label twice"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"TLP:AMBER\"]", "scheme/id"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"tlp/\"]", "scheme/id"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"/amber\"]", "scheme/id"},
		{"marks: [\"pd/none\", \"tlp/amber\"]", "marks: [\"a/b/c\"]", "scheme/id"},
		{"\", 4, \"", "\", 0, \"", "\"voided\" must be between 1 and 1000000000"},
		{"\", 4, \"", "\", 4, 4, \"", "\"voided\" must be 64"},
		{"[\"" FPR_A "\", 4", "[\"bob\", 4", "\"voided\" must be a fingerprint"},
		{"\"option\"]", "\"guess\"]", "must be one of: option, default, label-file, detected"},
		{"[\"pd/none\", \"option\"], ", "[\"pd/none\"], ", "fewer items"},
		{"[\"pd/none\", \"option\"], ", "[\"pd/none\", \"option\", \"x\"], ", "more items"},
		{"[\"pd/none\", \"option\"], ", "[\"tlp/amber\", \"option\"], ", "names one label twice"},
		{"[\"pd/none\", \"option\"], ", "[\"x/none\", \"option\"], ", "is not sorted"},
		{"[[\"pd/none\", \"option\"], [\"tlp/amber\", \"label-file\"]]", "[]", "\"labels\" is empty"},
		{TOTALS, "- " MARKING "\n" TOTALS, "\"markings\" has the same one twice"},
		{TOTALS, "- {\"labels\": [[\"pd/none\", \"option\"]]}\n" TOTALS, "number 1) that no file carries"},
		{"files: 2", "files: 3", "\"files\" says 3, but 2 are listed"},
		{"files: 2", "files: -2", "whole number"},
		{"files: 2", "files: 02", "whole number"},
		{"bytes: 12", "bytes: 13", "\"bytes\" says 13, but the files have 12"},
		{"handling: \"\"", "handling: &a \"\"", "anchors"},
		{"files: 2", "files: !!int 2", "tags"},
		{"files: 2", "<<: {files: 2}", "unknown key \"<<\""},
		{ENTRIES, ENTRIES "---\nx: 1\n", "only one document"},
		{ENTRIES, ENTRIES "...\n", "end marker"},
		{ENTRIES, ENTRIES "x", "line"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_MANIFEST, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse_changed("manifest: 2", "manifest: 1", err), ERR_VERSION, "version", "version 1");
	expect_failure(parse_changed("manifest: 2", "manifest: 3", err), ERR_VERSION, "version", "version 3");
	expect_failure(parse("", err), ERR_MANIFEST, "0 bytes", "empty");
}

/* --- facts beside labels --- */

static int parse_full(const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, FULL, old, new_text);
	return parse(text.data, err);
}

static void test_every_fact(void **state)
{
	auto_manifest m = {0};
	auto_buf out = {0};
	expect_ok(manifest_parse(&m, FULL, strlen(FULL), err));
	assert_int_equal(m.releasable_count, 1);
	assert_string_equal(m.releasable[0], "BE");
	assert_int_equal(m.record_count, 1);
	assert_string_equal(m.records[0].texts[RECORD_RETENTION], "P1Y");
	assert_null(m.records[0].texts[RECORD_MECHANISM]);
	assert_ptr_equal(manifest_find_record(&m, "r1"), &m.records[0]);
	assert_null(manifest_find_record(&m, "r2"));
	assert_int_equal(m.marking_count, 2);
	const struct manifest_marking *none = &m.markings[0], *all = &m.markings[1];
	assert_int_equal(none->handle_as_count + none->releasable_count + none->caveat_count, 0);
	assert_string_equal(none->originator.hex, "");
	assert_true(none->registration == NULL && none->copy == NULL && none->record == NULL && none->expires == 0);
	assert_int_equal(all->labels[0].origin, LABEL_FROM_DETECTED);
	assert_int_equal(all->handle_as_count, 2);
	assert_string_equal(all->handle_as[1], "us/secret");
	assert_int_equal(all->releasable_count, 2);
	assert_string_equal(all->releasable[1], "US");
	assert_int_equal(all->caveat_count, 2);
	assert_string_equal(all->caveats[1], "eyes only \"x\"");
	assert_string_equal(all->originator.hex, FPR_B);
	assert_string_equal(all->registration, "R-17");
	assert_string_equal(all->copy, "2 of 3");
	assert_string_equal(all->record, "r1");
	assert_int_equal(all->expires, 1798761600);
	expect_ok(manifest_format(&out, &m, err));
	assert_string_equal(out.data, FULL);
}

static void test_facts_accepted(void **state)
{
	static const char *const rows[][2] = {
		{", " NUMBERS, ""},
		{", \"originator\": \"" FPR_B "\"", ", \"originator\": \"" FPR_A "\""},
		{"{" LABELS ", " HANDLE_AS, "{" HANDLE_AS ", " LABELS}, /* readers take any order */
		{"\"BE\", \"US\"", "\"US\""},
		{"releasable-to: [\"BE\"]", "releasable-to: []"}, /* what follows from the files is policy's */
		{"\"orcon\", ", "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\","},
		{"\"R-17\"", "\"" HEX "\""},
		{"\"orcon\"", "\"" HEX HEX "\""},
		{"\"P1Y\"}", "\"P1Y\", \"transfer-mechanism\": \"eu-gdpr:A46-2-a\"}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_ok(parse_full(rows[i][0], rows[i][1], err));
}

static void test_facts_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{LABELS ", ", "", "\"labels\" is missing"},
		{LABELS, LABELS ", " LABELS, "\"labels\" stands here a second time"},
		{LABELS, LABELS ", \"colour\": \"red\"", "unknown key \"colour\""},
		{FACTS, "[[\"pd/none\", \"option\"]]", "\"markings\" must be a mapping"},
		{FACTS, "\"x\"", "\"markings\" must be a mapping"},
		{HANDLE_AS, "\"handle-as\": []", "\"handle-as\" is empty"},
		{HANDLE_AS, "\"handle-as\": [\"us/secret\", \"nato/secret\"]", "\"handle-as\" is not sorted"},
		{HANDLE_AS, "\"handle-as\": [\"us/secret\", \"us/secret\"]", "names one label twice"},
		{HANDLE_AS, "\"handle-as\": [\"SECRET\"]", "\"handle-as\" must name labels as scheme/id"},
		{HANDLE_AS, "\"handle-as\": \"us/secret\"", "\"handle-as\" must be a list"},
		{TO, "\"releasable-to\": []", "\"releasable-to\" is empty"},
		{TO, "\"releasable-to\": [\"US\", \"BE\"]", "\"releasable-to\" is not sorted"},
		{TO, "\"releasable-to\": [\"US\", \"US\"]", "names one twice"},
		{TO, "\"releasable-to\": [\"us\"]", "two capital letters"},
		{TO, "\"releasable-to\": [\"USA\"]", "\"releasable-to\" must have exactly 2 bytes"},
		{TO, "\"releasable-to\": [\"\"]", "\"releasable-to\" must have exactly 2 bytes"},
		{TO, "\"releasable-to\": \"US\"", "\"releasable-to\" must be a list"},
		{"releasable-to: [\"BE\"]", "releasable-to: [\"US\", \"BE\"]", "\"releasable-to\" is not sorted"},
		{"releasable-to: [\"BE\"]", "releasable-to: [\"BE\", \"BE\"]", "names one twice"},
		{"releasable-to: [\"BE\"]", "releasable-to: [\"B1\"]", "two capital letters"},
		{"releasable-to: [\"BE\"]", "releasable-to: BE", "must be a list"},
		{CAVEATS, "\"caveats\": []", "\"caveats\" is empty"},
		{CAVEATS, "\"caveats\": [\"\"]", "\"caveats\" must have 1 to 128 bytes"},
		{CAVEATS, "\"caveats\": [\"" HEX HEX "x\"]", "\"caveats\" must have 1 to 128 bytes"},
		{CAVEATS, "\"caveats\": [\"a\\nb\"]", "\"caveats\" holds a control"},
		{CAVEATS, "\"caveats\": [\"b\", \"a\", \"b\"]", "\"caveats\" has one twice"},
		{CAVEATS,
		 "\"caveats\": [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\"q\"]",
		 "\"caveats\" has more than 16"},
		{"\"originator\": \"" FPR_B "\"", "\"originator\": \"\"", "\"originator\" must be a fingerprint"},
		{"\"originator\": \"" FPR_B "\"", "\"originator\": \"bob\"", "\"originator\" must be a fingerprint"},
		{"\"R-17\"", "\"\"", "\"registration\" must have 1 to 64 bytes"},
		{"\"R-17\"", "\"" HEX "x\"", "\"registration\" must have 1 to 64 bytes"},
		{"\"R-17\"", "\"\\x1b\"", "\"registration\" holds a control"},
		{"\"2 of 3\"", "\"\"", "\"copy\" must have 1 to 64 bytes"},
		{"\"2 of 3\"", "\"\\u202e\"", "\"copy\" holds a control"},
		{"\"2 of 3\"", "[]", "\"copy\" must be text"},
		{"\"record\": \"r1\"", "\"record\": \"r2\"", "\"record\" names a record that is not in \"records\""},
		{"\"record\": \"r1\"", "\"record\": \"\"", "\"record\" must have 1 to 63 bytes"},
		{"\"record\": \"r1\", ", "", "\"records\" has \"r1\", which no marking names"},
		{"\"2027-01-01T00:00:00Z\"", "\"2027-01-01\"", "\"expires\" must be a time"},
		{"\"2027-01-01T00:00:00Z\"", "\"\"", "\"expires\" must be a time"},
		{"\"2027-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\"", "\"expires\" must be a time"},
		{"records:\n- " RECORD_1, "records: []", "\"record\" names a record that is not in"},
		{RECORD_1, RECORD_1 "\n- " RECORD_1, "\"records\" is not sorted by id, or has one id twice"},
		{"{\"id\": \"r1\", ", "{", "\"id\" is missing"},
		{"\"id\": \"r1\"", "\"id\": \"R 1\"", "\"id\" must be of a to z"},
		{"\"id\": \"r1\"", "\"id\": \"-r\"", "\"id\" must be of a to z"},
		{", \"retention\": \"P1Y\"", "", "\"retention\" is missing"},
		{"\"retention\": \"P1Y\"", "\"retention\": \"\"", "\"retention\" must have 1 to 1024 bytes"},
		{"\"retention\": \"P1Y\"", "\"retention\": \"P1Y\", \"retention\": \"P1Y\"", "a second time"},
		{"\"retention\": \"P1Y\"", "\"retention\": \"P1Y\", \"owner\": \"x\"", "unknown key \"owner\""},
		{RECORD_1, "\"r1\"", "\"records\" must be a mapping"},
		{"- [\"file\", \"b.txt\"", "- [\"file\", \"A.txt\"", "not sorted"},
		{"\"\", 1]", "\"\", 0]", "number 1) that no file carries"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_full(rows[i].old, rows[i].new_text, err), ERR_MANIFEST, rows[i].piece, rows[i].new_text);
	expect_failure(parse_full("\"orcon\"", "\"\"", err), ERR_MANIFEST, "line 19, column 152: \"caveats\"", "the place");
}

/* More than one item of a list of the document's may hold. */
static void test_too_many(void **state)
{
	auto_buf text = {0}, list = {0};
	for (unsigned i = 0; i <= RELEASABLE_MAX; i++)
		expect_ok(buf_printf(&list, err, "%s\"%c%c\"", i > 0 ? ", " : "", 'A' + (int)i / 26, 'A' + (int)i % 26));
	unit_replace(&text, FULL, "\"BE\", \"US\"", list.data);
	expect_failure(parse(text.data, err), ERR_MANIFEST, "\"releasable-to\" names more than 64", "of a marking");
	buf_clear(&text);
	unit_replace(&text, FULL, "[\"BE\"]\n", "[");
	text.len = (size_t)(strstr(text.data, "releasable-to: [") - text.data) + strlen("releasable-to: [");
	expect_ok(buf_printf(&text, err, "%s]\n", list.data));
	expect_failure(parse(text.data, err), ERR_MANIFEST, "\"releasable-to\" names more than 64", "of all");
	buf_clear(&text);
	buf_clear(&list);
	for (unsigned i = 0; i <= MANIFEST_LABELS_MAX; i++)
		expect_ok(buf_printf(&list, err, "%s\"s/l-%02u\"", i > 0 ? ", " : "", i));
	unit_replace(&text, FULL, "\"nato/secret\", \"us/secret\"", list.data);
	expect_failure(parse(text.data, err), ERR_MANIFEST, "\"handle-as\" has more than 32", "handle-as");
}

static void test_entries_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"[\"file\", ", "[\"symlink\", ", "must be one of: folder, file, executable"},
		{"[\"file\", ", "[\"File\", ", "must be one of"},
		{"[\"file\", ", "[", "must be one of"},
		{"1764000000, 0]", "1764000000]", "\"entries\" has fewer items"},
		{"1764000000, 0]", "1764000000, 0, 5]", "\"entries\" has more items"},
		{", \"text/plain\", 0]", ", \"text/plain\"]", "fewer items"},
		{", \"text/plain\", 0]", ", \"text/plain\", 0, 0]", "more items"},
		{", \"text/plain\", 0]", ", \"text/plain\", 1]", "no marking with this number"},
		{", \"text/plain\", 0]", ", \"text/plain\", -1]", "whole number"},
		{"\"text/plain\"", "\"" HEX HEX "\"", "0 to 127 bytes"},
		{"\"text/plain\"", "\"text\\x1b\"", "control or invisible"},
		{"\"text/plain\"", "[]", "text or a number"},
		{", -1, 512,", ", 253402300800, 512,", "between -253402300799 and"},
		{", -1, 512,", ", -253402300800, 512,", "between -253402300799 and"},
		{", -1, 512,", ", 1.5, 512,", "between"},
		{", -1, 512,", ", -1, -512,", "whole number"},
		{", -1, 512,", ", -1, 4398046511105,", "between"},
		{", 512, 5, ", ", 512, 4398046511105, ", "between"},
		{"512, 5, \"0", "512, 5, \"", "64 lower-case"},
		{"reports/a.txt", "", "the path is empty"},
		{"reports/a.txt", "/etc/passwd", "the path is absolute"},
		{"reports/a.txt", "reports/../a", "the path has a component . or .."},
		{"reports/a.txt", "reports//a", "the path has an empty component"},
		{"reports/a.txt", "reports/a\\nb", "the path has a control"},
		{"reports/a.txt", "reports/a\\u202eb", "the path has a control or invisible"},
		{"reports/a.txt", "reports/a\\0b", "U+0000"},
		{"reports/a.txt", "MANIFEST.yaml", "the path begins with MANIFEST."},
		{"reports/a.txt", "reports/z", "the path is not sorted"}, /* the next one comes before it */
		{"reports/run", "reports/a.txt", "a second time"},
		{"reports/run", "reports/A.txt", "is not sorted"},
		{"reports/a.txt", "report/a.txt", "is not sorted"},
		{"reports/run", "x/run", "the path's folder is not an entry"},
		{"reports/run", "reports/a.txt/run", "the path's folder is not an entry"},
		{"- [\"folder\", \"reports\", 1764000000, 0]\n", "", "the path's folder is not an entry"},
		{"[\"folder\", \"reports\", 1764000000, 0]", "\"reports\"", "must be a list"},
		{"[\"folder\", \"reports\", 1764000000, 0]", "{a: b}", "must be a list"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_MANIFEST, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse(BEFORE RECORDS "markings: []\nfiles: 0\nbytes: 0\nentries: []\n", err), ERR_MANIFEST,
				   "\"entries\" is empty", "no entries");
	expect_failure(parse_changed("reports/a.txt", "reports/..", err), ERR_MANIFEST, "line 22, column 12",
				   "line and column");
}

/* Folders and files whose order by bytes is not that of a walk. */
static void test_parents_between_neighbours(void **state)
{
	static const char list[] = HEAD RELEASABLE RECORDS
		"schemes: []\nmarks: []\nvoided: []\nmarkings: []\nfiles: 0\nbytes: 0\nentries:\n"
		"- [folder, a, 0, 0]\n"
		"- [folder, a b, 0, 0]\n"
		"- [folder, a b/c, 0, 0]\n"
		"- [folder, a-b, 0, 0]\n"
		"- [folder, a-b/c, 0, 0]\n"
		"- [folder, a/b, 0, 0]\n"
		"- [folder, a/b/c, 0, 0]\n"
		"- [folder, a/b.d, 0, 0]\n";
	auto_buf fixed = {0}, missing = {0};
	/* "a/b.d" < "a/b/c" */
	unit_replace(&fixed, list, "- [folder, a/b/c, 0, 0]\n- [folder, a/b.d, 0, 0]\n",
				 "- [folder, a/b.d, 0, 0]\n- [folder, a/b/c, 0, 0]\n");
	expect_ok(parse(fixed.data, err));
	expect_failure(parse(list, err), ERR_MANIFEST, "is not sorted", "order");
	unit_replace(&missing, fixed.data, "- [folder, a, 0, 0]\n", "");
	expect_failure(parse(missing.data, err), ERR_MANIFEST, "folder is not an entry", "a is missing");
}

static void check_collision(const char *a, const char *b, bool collide)
{
	auto_manifest m = {0};
	expect_ok(manifest_init(&m, err));
	struct manifest_entry first = {.path = (char *)a, .type = ENTRY_FILE},
						  second = {.path = (char *)b, .type = ENTRY_FILE};
	struct manifest_entry between = {.path = (char *)"other", .type = ENTRY_FILE};
	expect_ok(manifest_add_entry(&m, &first, err));
	expect_ok(manifest_add_entry(&m, &between, err));
	expect_ok(manifest_add_entry(&m, &second, err));
	if (collide)
		expect_failure(manifest_check_collisions(&m, err), ERR_CONTENT, "are one name", a);
	else
		expect_ok(manifest_check_collisions(&m, err));
}

static void test_collisions(void **state)
{
	check_collision("A.txt", "a.txt", true);
	check_collision("A", "a/x", false);
	check_collision("A/x", "a/x", true);
	check_collision("STRASSE",
					"stra\xc3\x9f"
					"e",
					true);
	check_collision("\xce\xa3", "\xcf\x82", true);
	check_collision("e\xcc\x81", "\xc3\xa9", true);
	check_collision("E\xcc\x81", "\xc3\xa9", true);
	check_collision("\xc3\x85", "\xe2\x84\xab", true);
	check_collision("k", "\xe2\x84\xaa", true); /* ASCII on one side only */
	check_collision("\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80", true);
	check_collision("e", "\xc3\xa9", false);
	check_collision("[", "{", false);
	check_collision("@", "`", false);
	check_collision("a_b", "a-b", false);
}

static void test_collision_in_a_document(void **state)
{
	expect_failure(parse_changed("reports/a.txt", "reports/RUN", err), ERR_MANIFEST,
				   "\"reports/RUN\" and \"reports/run\" are one name", "case");
}

static void test_find(void **state)
{
	auto_manifest m = {0};
	expect_ok(manifest_parse(&m, GOOD, strlen(GOOD), err));
	assert_ptr_equal(manifest_find(&m, "reports"), &m.entries[0]);
	assert_ptr_equal(manifest_find(&m, "reports/a.txt"), &m.entries[1]);
	assert_ptr_equal(manifest_find(&m, "reports/run"), &m.entries[2]);
	assert_null(manifest_find(&m, "reports/"));
	assert_null(manifest_find(&m, ""));
	assert_null(manifest_find(&m, "z"));
}

static void test_adding_markings(void **state)
{
	auto_manifest m = {0};
	uint32_t number;
	struct manifest_label labels[2] = {{"pd/none", LABEL_FROM_OPTION}, {"tlp/amber", LABEL_FROM_OPTION}};
	expect_ok(manifest_init(&m, err));
	expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = labels, .count = 2}, &number, err));
	assert_int_equal(number, 0);
	expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = labels, .count = 1}, &number, err));
	assert_int_equal(number, 1);
	expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = labels, .count = 2}, &number, err));
	assert_int_equal(number, 0);
	labels[1].origin = LABEL_FROM_DETECTED;
	expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = labels, .count = 2}, &number, err));
	assert_int_equal(number, 2);
	assert_int_equal(m.marking_count, 3);
}

/* As many as there may be, alike but for the last label: comparing each with all before it took a minute. */
static void test_many_like_markings_are_added_fast(void **state)
{
	auto_manifest m = {0};
	struct manifest_label labels[MANIFEST_LABELS_MAX] = {{.origin = LABEL_FROM_OPTION}};
	uint32_t number;
	expect_ok(manifest_init(&m, err));
	for (unsigned i = 0; i < MANIFEST_LABELS_MAX; i++)
		(void)snprintf(labels[i].id, sizeof labels[i].id, "scheme/a-label-with-a-name-that-is-quite-long-%05u", i);
	clock_t before = clock();
	for (uint32_t i = 0; i < MANIFEST_MARKINGS_MAX; i++) {
		(void)snprintf(labels[MANIFEST_LABELS_MAX - 1].id, sizeof labels[0].id, "z/%05u", (unsigned)i);
		expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = labels, .count = MANIFEST_LABELS_MAX},
									   &number, err));
		assert_int_equal(number, i);
	}
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
}

/* Every single fact makes a marking of its own, and no two are taken for one. */
static void test_facts_tell_markings_apart(void **state)
{
	struct manifest_label label = {"tlp/amber", LABEL_FROM_OPTION};
	char handle[][LABEL_ID_MAX + 1] = {"us/secret"}, to[][3] = {"BE", "US"};
	char *caveats[] = {(char *)"ab", (char *)"c"}, *others[] = {(char *)"a", (char *)"bc"};
	const struct manifest_marking base = {.labels = &label, .count = 1};
	struct manifest_marking all[12];
	auto_manifest m = {0};
	for (unsigned i = 0; i < COUNT(all); i++)
		all[i] = base;
	all[1].handle_as = handle, all[1].handle_as_count = 1;
	all[2].releasable = to, all[2].releasable_count = 1;
	all[3].releasable = to, all[3].releasable_count = 2;
	all[4].caveats = caveats, all[4].caveat_count = 2;
	all[5].caveats = others, all[5].caveat_count = 2;
	assert_true(fingerprint_parse(&all[6].originator, FPR_A, strlen(FPR_A)));
	all[7].registration = (char *)"7";
	all[8].copy = (char *)"7";
	all[9].record = (char *)"7";
	all[10].expires = 1;
	all[11].expires = 2;
	expect_ok(manifest_init(&m, err));
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < COUNT(all); i++) {
			uint32_t number;
			expect_ok(manifest_add_marking(&m, &all[i], &number, err));
			assert_int_equal(number, i);
		}
	}
	assert_int_equal(m.marking_count, COUNT(all));
}

/* The manifest holds copies: what was lent may change. */
static void test_markings_and_records_are_copied(void **state)
{
	struct manifest_label label = {"tlp/amber", LABEL_FROM_OPTION};
	char caveat[] = "orcon", number[] = "17", to[][3] = {"BE"}, text[] = "P1Y", empty[] = "";
	char *caveats[] = {caveat};
	struct manifest_marking marking = {.labels = &label, .count = 1, .caveats = caveats, .caveat_count = 1};
	struct record record = {.id = "r1", .texts = {[RECORD_RETENTION] = text}};
	uint32_t index;
	auto_manifest m = {0};
	marking.releasable = to, marking.releasable_count = 1;
	marking.registration = number, marking.copy = empty;
	expect_ok(manifest_init(&m, err));
	expect_ok(manifest_add_marking(&m, &marking, &index, err));
	expect_ok(manifest_add_record(&m, &record, err));
	memset(&label, 0, sizeof label);
	caveat[0] = number[0] = to[0][0] = text[0] = 'x';
	caveats[0] = NULL;
	assert_string_equal(m.markings[0].labels[0].id, "tlp/amber");
	assert_string_equal(m.markings[0].caveats[0], "orcon");
	assert_string_equal(m.markings[0].registration, "17");
	assert_null(m.markings[0].copy); /* "" is nothing */
	assert_string_equal(m.markings[0].releasable[0], "BE");
	assert_string_equal(m.records[0].texts[RECORD_RETENTION], "P1Y");
	assert_null(m.records[0].texts[RECORD_CONTROLLER]);
}

static void test_limits_of_adding(void **state)
{
	struct manifest_label label = {"tlp/amber", LABEL_FROM_OPTION};
	struct manifest_marking marking = {.labels = &label, .count = 1};
	struct record record = {.id = "r"};
	uint32_t number;
	auto_manifest m = {0};
	expect_ok(manifest_init(&m, err));
	for (marking.expires = 1; marking.expires <= MANIFEST_MARKINGS_MAX; marking.expires++)
		expect_ok(manifest_add_marking(&m, &marking, &number, err));
	expect_failure(manifest_add_marking(&m, &marking, &number, err), ERR_LIMIT, "more than 10000", "markings");
	marking.expires = 5000; /* what is there is found */
	expect_ok(manifest_add_marking(&m, &marking, &number, err));
	assert_int_equal(number, 4999);
	for (unsigned i = 0; i < MANIFEST_RECORDS_MAX; i++) {
		(void)snprintf(record.id, sizeof record.id, "r%04u", i);
		expect_ok(manifest_add_record(&m, &record, err));
	}
	expect_failure(manifest_add_record(&m, &record, err), ERR_LIMIT, "more than 1000", "records");
	assert_ptr_equal(manifest_find_record(&m, "r0999"), &m.records[999]);
	assert_ptr_equal(manifest_find_record(&m, "r0000"), &m.records[0]);
	assert_null(manifest_find_record(&m, "r"));
}

static void test_ids(void **state)
{
	assert_true(scheme_id_is_valid("tlp"));
	assert_true(scheme_id_is_valid("x-1"));
	assert_false(scheme_id_is_valid(""));
	assert_false(scheme_id_is_valid("TLP"));
	assert_false(scheme_id_is_valid("a_b"));
	assert_false(scheme_id_is_valid("a/b"));
	assert_true(label_id_is_valid("tlp/amber-strict"));
	assert_false(label_id_is_valid("tlp"));
	assert_false(label_id_is_valid("tlp/"));
	assert_false(label_id_is_valid("/amber"));
	assert_false(label_id_is_valid("tlp/amber/"));
	assert_false(label_id_is_valid("tlp/AMBER"));
	assert_false(label_id_is_valid("TLP:AMBER"));
	assert_false(label_id_is_valid(HEX "/a"));
	assert_string_equal(label_origin_name(LABEL_FROM_DEFAULT), "default");
}

/* A large one: same bytes back, quickly, and the entries' text survives the growing. */
static void test_many_entries(void **state)
{
	enum { FOLDERS = 20, FILES = 1000 };
	auto_manifest m = {0}, back = {0};
	auto_buf text = {0}, again = {0};
	struct manifest_label label = {"tlp/clear", LABEL_FROM_OPTION};
	uint32_t marking;
	char path[64];
	expect_ok(manifest_init(&m, err));
	(void)snprintf(m.tool, sizeof m.tool, "test");
	assert_true(uuid_parse(&m.bundle, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	expect_ok(manifest_add_marking(&m, &(struct manifest_marking){.labels = &label, .count = 1}, &marking, err));
	for (int i = 0; i < FOLDERS; i++) {
		(void)snprintf(path, sizeof path, "d%03d", i);
		struct manifest_entry folder = {.path = path, .type = ENTRY_FOLDER};
		expect_ok(manifest_add_entry(&m, &folder, err));
		for (int k = 0; k < FILES; k++) {
			(void)snprintf(path, sizeof path, "d%03d/\xe6\x97\xa5%04d", i, k);
			struct manifest_entry file = {.path = path, .type = ENTRY_FILE, .size = (uint64_t)k, .marking = marking};
			file.media_type = (char *)(k % 2 == 0 ? "text/plain" : "");
			expect_ok(manifest_add_entry(&m, &file, err));
		}
	}
	assert_int_equal(m.files, FOLDERS * FILES);
	assert_int_equal(m.bytes, FOLDERS * (FILES * (FILES - 1) / 2));
	expect_ok(manifest_format(&text, &m, err));
	clock_t before = clock();
	expect_ok(manifest_parse(&back, text.data, text.len, err));
	assert_true(clock() - before < 5 * CLOCKS_PER_SEC);
	expect_ok(manifest_format(&again, &back, err));
	assert_int_equal(text.len, again.len);
	assert_memory_equal(text.data, again.data, text.len);
	assert_string_equal(back.entries[back.entry_count - 1].path, "d019/\xe6\x97\xa5"
																 "0999");
}

/* As much as a bundle of this kind may be: each of 100,000 files labelled, by turns with one of 10,000 markings. */
static void test_many_labelled_files(void **state)
{
	enum { FILES = 100000, MARKINGS_USED = MANIFEST_MARKINGS_MAX };
	auto_manifest m = {0}, back = {0};
	auto_buf text = {0}, again = {0};
	struct manifest_label labels[] = {{"pd/none", LABEL_FROM_DEFAULT}, {"tlp/amber", LABEL_FROM_LABEL_FILE}};
	char path[64], number[NUMBER_MAX + 1], to[][3] = {"BE", "US"}, *caveats[] = {(char *)"orcon"};
	struct manifest_marking marking = {.labels = labels, .count = 2, .releasable = to, .releasable_count = 2};
	marking.caveats = caveats, marking.caveat_count = 1, marking.registration = number;
	expect_ok(manifest_init(&m, err));
	(void)snprintf(m.tool, sizeof m.tool, "test");
	assert_true(uuid_parse(&m.bundle, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	clock_t before = clock();
	for (int i = 0; i < FILES; i++) {
		struct manifest_entry file = {.path = path, .type = ENTRY_FILE, .media_type = (char *)"text/plain"};
		(void)snprintf(path, sizeof path, "f%06d", i);
		(void)snprintf(number, sizeof number, "R-%05d", i % MARKINGS_USED);
		expect_ok(manifest_add_marking(&m, &marking, &file.marking, err));
		assert_int_equal(file.marking, i % MARKINGS_USED);
		expect_ok(manifest_add_entry(&m, &file, err));
	}
	expect_ok(manifest_format(&text, &m, err));
	clock_t written = clock();
	expect_ok(manifest_parse(&back, text.data, text.len, err));
	clock_t parsed = clock();
	assert_int_equal(back.marking_count, MARKINGS_USED);
	expect_ok(manifest_format(&again, &back, err));
	assert_int_equal(text.len, again.len);
	assert_memory_equal(text.data, again.data, text.len);
	/* measured: 0.1 s and 0.3 s; sanitizers and busy machines take longer */
	assert_true(written - before < 5 * CLOCKS_PER_SEC);
	assert_true(parsed - written < 5 * CLOCKS_PER_SEC);
}

static void test_brackets(void **state)
{
	enum { SIZE = 64 << 10 };
	auto_free char *text = malloc(SIZE + 1);
	assert_non_null(text);
	memset(text, '[', SIZE);
	text[SIZE] = '\0';
	memcpy(text, BEFORE RECORDS MARKINGS "entries: ", strlen(BEFORE RECORDS MARKINGS "entries: "));
	clock_t before = clock();
	expect_failure(parse(text, err), ERR_MANIFEST, "line", "brackets");
	assert_true(clock() - before < CLOCKS_PER_SEC / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document),
		cmocka_unit_test(test_empty_lists_and_long_ones),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_head_refused),
		cmocka_unit_test(test_every_fact),
		cmocka_unit_test(test_facts_accepted),
		cmocka_unit_test(test_facts_refused),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_entries_refused),
		cmocka_unit_test(test_parents_between_neighbours),
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_collision_in_a_document),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_adding_markings),
		cmocka_unit_test(test_many_like_markings_are_added_fast),
		cmocka_unit_test(test_facts_tell_markings_apart),
		cmocka_unit_test(test_markings_and_records_are_copied),
		cmocka_unit_test(test_limits_of_adding),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_many_entries),
		cmocka_unit_test(test_many_labelled_files),
		cmocka_unit_test(test_brackets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
