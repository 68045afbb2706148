/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/backup_doc.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD                              \
	"valise-backup: 1\n"                  \
	"created: \"2026-11-28T08:00:00Z\"\n" \
	"tool: \"valise 0.1.0\"\n"            \
	"name: \"Alice\"\n"                   \
	"organisation: \"Agency A\"\n"        \
	"fingerprint: \"\"\n"                 \
	"entries:\n"
#define HOME "  - [\"folder\", \"home\"]\n"
#define FILE_ROW(path) "  - [\"file\", \"" path "\", \"12\", \"" DIGEST "\"]\n"
#define GOOD                                                                                                       \
	HEAD HOME FILE_ROW("home/a") "  - [\"folder\", \"home/gnupg\"]\n"                                              \
								 "  - [\"folder\", \"home/gnupg-b\"]\n" FILE_ROW(                                  \
									 "home/gnupg/pubring.kbx") "  - [\"executable\", \"home/x\", \"0\", \"" DIGEST \
															   "\"]\n"

static void test_round_trip(void **state)
{
	auto_backup_doc doc = {0};
	auto_buf out = {0};
	expect_ok(backup_doc_parse(&doc, GOOD, strlen(GOOD), err));
	assert_int_equal(doc.count, 6);
	assert_string_equal(doc.name, "Alice");
	assert_string_equal(doc.fingerprint.hex, "");
	assert_string_equal(doc.entries[4].path, "home/gnupg/pubring.kbx");
	assert_int_equal(doc.entries[4].size, 12);
	assert_int_equal(doc.entries[4].mtime, doc.created);
	assert_int_equal(doc.entries[5].type, ENTRY_EXECUTABLE);
	expect_ok(backup_doc_format(&out, &doc, err));
	assert_string_equal(out.data, GOOD);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *text, *piece;
		enum err_code code;
	} rows[] = {
		{"empty", "", "line 1", ERR_BACKUP},
		{"other version", "valise-backup: 2\n", "version", ERR_VERSION},
		{"other kind", "valise-card: 1\n", "line 1", ERR_BACKUP},
		{"no home", HEAD FILE_ROW("home/a"), "comes first", ERR_BACKUP},
		{"home is a file", HEAD FILE_ROW("home"), "comes first", ERR_BACKUP},
		{"beside the home", HEAD HOME FILE_ROW("other"), "no folder", ERR_BACKUP},
		{"not sorted", HEAD HOME FILE_ROW("home/b") FILE_ROW("home/a"), "sorted", ERR_BACKUP},
		{"twice", HEAD HOME FILE_ROW("home/a") FILE_ROW("home/a"), "twice", ERR_BACKUP},
		{"no parent", HEAD HOME FILE_ROW("home/a/b"), "no folder", ERR_BACKUP},
		{"in a file", HEAD HOME FILE_ROW("home/a") FILE_ROW("home/a/b"), "no folder", ERR_BACKUP},
		{"dots", HEAD HOME FILE_ROW("home/../a"), "component", ERR_BACKUP},
		{"dot", HEAD HOME FILE_ROW("home/./a"), "component", ERR_BACKUP},
		{"empty component", HEAD HOME FILE_ROW("home//a"), "component", ERR_BACKUP},
		{"slash at the end", HEAD HOME FILE_ROW("home/a/"), "component", ERR_BACKUP},
		{"control character", HEAD HOME FILE_ROW("home/\\e"), "control", ERR_BACKUP},
		{"link", HEAD HOME "  - [\"link\", \"home/a\", \"0\", \"" DIGEST "\"]\n", "folder, file", ERR_BACKUP},
		{"no digest", HEAD HOME "  - [\"file\", \"home/a\", \"0\"]\n", "line", ERR_BACKUP},
		{"digest of a folder", HEAD HOME "  - [\"folder\", \"home/a\", \"0\"]\n", "line", ERR_BACKUP},
		{"too large", HEAD HOME "  - [\"file\", \"home/a\", \"1125899906842625\", \"" DIGEST "\"]\n", "line",
		 ERR_BACKUP},
		{"entries first",
		 "valise-backup: 1\nentries:\n" HOME "created: \"2026-11-28T08:00:00Z\"\ntool: \"\"\nname: \"A\"\n"
		 "organisation: \"O\"\nfingerprint: \"\"\n",
		 "behind", ERR_BACKUP},
		{"unknown key", GOOD "more: \"1\"\n", "more", ERR_BACKUP},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_backup_doc doc = {0};
		expect_failure(backup_doc_parse(&doc, rows[i].text, strlen(rows[i].text), err), rows[i].code, rows[i].piece,
					   rows[i].name);
		assert_null(doc.entries);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
