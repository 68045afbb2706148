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
	"valise-manifest: 1\n"                               \
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
#define MARKINGS  \
	"markings:\n" \
	"- [[\"pd/none\", \"option\"], [\"tlp/amber\", \"label-file\"]]\n"
#define TOTALS "files: 2\nbytes: 12\n"
#define ENTRIES                                                                     \
	"entries:\n"                                                                    \
	"- [\"folder\", \"reports\", 1764000000, 0]\n"                                  \
	"- [\"file\", \"reports/a.txt\", -1, 512, 5, \"" HEX "\", \"text/plain\", 0]\n" \
	"- [\"executable\", \"reports/run\", 0, 1536, 7, \"" HEX "\", \"\", 0]\n"
#define GOOD HEAD SCHEMES MARKS VOIDED MARKINGS TOTALS ENTRIES

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
	static const char text[] = "valise-manifest: 1\n"
							   "bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n"
							   "tool: \"t\"\n"
							   "purpose: \"a \\\"b\\\"\"\n"
							   "handling: \"h\"\n"
							   "supersedes: \"00000000-0000-4000-8000-000000000000\"\n"
							   "recipients: [\"" FPR_A "\", \"" FPR_B "\"]\n"
							   "schemes: []\n"
							   "marks: []\n"
							   "voided: []\n"
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
	expect_ok(parse("valise-manifest: 1\n" MARKINGS SCHEMES ENTRIES TOTALS MARKS VOIDED
					"recipients: []\nsupersedes: \"\"\nhandling: \"\"\npurpose: \"\"\ntool: \"t\"\n"
					"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n",
					err));
}

static void test_head_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-manifest: 1\n", "valise-waybill: 1\n", "line 1"},
		{"valise-manifest: 1\n", "", "line 1"},
		{"bundle: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n", "", "\"bundle\" is missing"},
		{"tool: \"valise 0.1.0\"\n", "", "\"tool\" is missing"},
		{"purpose: \"weekly incident reports\"\n", "", "\"purpose\" is missing"},
		{"handling: \"\"\n", "", "\"handling\" is missing"},
		{"supersedes: \"\"\n", "", "\"supersedes\" is missing"},
		{"recipients: []\n", "", "\"recipients\" is missing"},
		{MARKS, "", "\"marks\" is missing"},
		{VOIDED, "", "\"voided\" is missing"},
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
		{"[[\"pd/none\", \"option\"], ", "[]\n- [[\"pd/none\", \"option\"], ", "has an empty set"},
		{TOTALS, "- [[\"pd/none\", \"option\"], [\"tlp/amber\", \"label-file\"]]\n" TOTALS, "the same set twice"},
		{TOTALS, "- [[\"pd/none\", \"option\"]]\n" TOTALS, "number 1) that no file carries"},
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
	expect_failure(parse_changed("manifest: 1", "manifest: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_MANIFEST, "0 bytes", "empty");
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
	expect_failure(parse(HEAD SCHEMES MARKS VOIDED "markings: []\nfiles: 0\nbytes: 0\nentries: []\n", err),
				   ERR_MANIFEST, "\"entries\" is empty", "no entries");
	expect_failure(parse_changed("reports/a.txt", "reports/..", err), ERR_MANIFEST, "line 20, column 12",
				   "line and column");
}

/* Folders and files whose order by bytes is not that of a walk. */
static void test_parents_between_neighbours(void **state)
{
	static const char list[] = HEAD "schemes: []\nmarks: []\nvoided: []\nmarkings: []\nfiles: 0\nbytes: 0\nentries:\n"
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

static void test_brackets(void **state)
{
	enum { SIZE = 64 << 10 };
	auto_free char *text = malloc(SIZE + 1);
	assert_non_null(text);
	memset(text, '[', SIZE);
	text[SIZE] = '\0';
	memcpy(text,
		   HEAD SCHEMES MARKS VOIDED MARKINGS "entries: ", strlen(HEAD SCHEMES MARKS VOIDED MARKINGS "entries: "));
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
		cmocka_unit_test(test_entries_refused),
		cmocka_unit_test(test_parents_between_neighbours),
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_collision_in_a_document),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_adding_markings),
		cmocka_unit_test(test_many_like_markings_are_added_fast),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_many_entries),
		cmocka_unit_test(test_brackets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
