/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/label_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/io.h"

#define RECORD                                                                                                   \
	"{controller: Agency A, contact: a@example.org, data-protection-officer: dpo@example.org, purposes: cases, " \
	"data-subjects: staff, data-categories: names, approximate-number: 12, recipients: Agency B, "               \
	"third-country: US, legal-basis: \"eudpr:5-1-a\", retention: P1Y}"
#define WHOLE                                                                        \
	"valise-labels: 1\n"                                                             \
	"# a remark\n"                                                                   \
	"purpose: \"incident 17\"\n"                                                     \
	"handling: \"keep dry\"\n"                                                       \
	"detected: [tlp, \"pap\"]\n"                                                     \
	"default: {labels: [TLP:AMBER, \"PD:NONE\"], caveats: [\"not to the press\"]}\n" \
	"rules:\n"                                                                       \
	"  - match: \"raw/**/*.json\"\n"                                                 \
	"    labels: [\"TLP:RED\"]\n"                                                    \
	"  - labels: [tlp/green]\n"                                                      \
	"    match: a.txt\n"                                                             \
	"    releasable-to: [US, BE]\n"                                                  \
	"    originator: agency-b\n"                                                     \
	"    registration: \"2026/17\"\n"                                                \
	"    copy: \"3 of 5\"\n"                                                         \
	"    record: r1\n"                                                               \
	"    expires: \"2027-01-01T00:00:00Z\"\n"                                        \
	"    not-inspected: \"large\"\n"                                                 \
	"records:\n"                                                                     \
	"  r2: " RECORD "\n"                                                             \
	"  r1: " RECORD "\n"

static void check_whole(const struct label_file *file)
{
	assert_string_equal(file->purpose, "incident 17");
	assert_string_equal(file->handling, "keep dry");
	assert_int_equal(file->detected_count, 2);
	assert_string_equal(file->detected[1], "pap");
	assert_int_equal(file->otherwise.label_count, 2);
	assert_string_equal(file->otherwise.labels[1], "PD:NONE");
	assert_string_equal(file->otherwise.caveats[0], "not to the press");
	assert_int_equal(file->rule_count, 2);
	assert_string_equal(file->rules[0].pattern, "raw/**/*.json");
	const struct label_say *say = &file->rules[1].say;
	assert_string_equal(say->labels[0], "tlp/green");
	assert_int_equal(say->releasable_count, 2);
	assert_string_equal(say->releasable[0], "BE");
	assert_string_equal(say->originator, "agency-b");
	assert_string_equal(say->registration, "2026/17");
	assert_string_equal(say->copy, "3 of 5");
	assert_string_equal(say->record, "r1");
	assert_true(say->expires == 1798761600);
	assert_string_equal(say->not_inspected, "large");
	assert_int_equal(file->record_count, 2);
	assert_string_equal(file->records[0].id, "r1");
	assert_string_equal(file->records[1].texts[RECORD_RETENTION], "P1Y");
}

static void a_whole_file_is_read(void **state)
{
	auto_label_file file = {0};
	expect_ok(label_file_parse(&file, WHOLE, strlen(WHOLE), err));
	check_whole(&file);
	assert_int_equal(file.rules[0].line, 8);
	assert_int_equal(file.rules[1].line, 11);
	assert_int_equal(file.rules[0].say.label_places[0].line, 9);
	assert_int_equal(file.rules[0].say.label_places[0].column, 14);
	assert_int_equal(file.otherwise.label_places[1].column, 31);
	assert_int_equal(file.rules[1].say.originator_place.line, 13);
}

static void what_is_written_is_read_back(void **state)
{
	auto_label_file file = {0}, again = {0}, empty = {0}, nothing = {0};
	auto_buf text = {0}, second = {0}, none = {0};
	expect_ok(label_file_parse(&file, WHOLE, strlen(WHOLE), err));
	expect_ok(label_file_format(&text, &file, err));
	expect_ok(label_file_parse(&again, text.data, text.len, err));
	check_whole(&again);
	expect_ok(label_file_format(&second, &again, err));
	assert_string_equal(second.data, text.data);
	expect_ok(label_file_format(&none, &empty, err));
	expect_ok(label_file_parse(&nothing, none.data, none.len, err));
	assert_int_equal(nothing.rule_count + nothing.otherwise.label_count + nothing.detected_count, 0);
}

/* What follows the first line. */
static void check_refused(const char *body, const char *message, const char *hint)
{
	struct err got = ERR_INIT;
	auto_buf text = {0};
	auto_label_file file = {0};
	expect_ok(buf_printf(&text, err, LABEL_FILE_KIND "\n%s", body));
	if (label_file_parse(&file, text.data, text.len, &got) != -1 || got.code != ERR_LABEL_FILE)
		fail_msg("%s: wanted label-file, got %s", body, err_name(got.code));
	if (strstr(got.message, message) == NULL || strstr(got.hint, hint) == NULL)
		fail_msg("%s: got \"%s\", hint \"%s\"", body, got.message, got.hint);
	assert_int_equal(file.rule_count, 0);
	assert_null(file.rules);
}

static void faults_name_their_place(void **state)
{
	static const struct {
		const char *body, *message, *hint;
	} rows[] = {
		{"labels: [TLP:RED]\n", "line 2, column 1: unknown key \"labels\"", "default, rules"},
		{"rules: [{match: a, label: [TLP:RED]}]\n", "line 2, column 20: unknown key \"label\"",
		 "match, labels, caveats"},
		{"default: {match: a, labels: [TLP:RED]}\n", "line 2, column 11: unknown key \"match\"", "labels"},
		{"default: {labels: TLP:RED}\n", "line 2, column 19: \"labels\" must be a list", ""},
		{"default: {labels: [[TLP:RED]]}\n", "line 2, column 20: ", ""},
		{"default: {labels: {a: b}}\n", "must be a list", ""},
		{"default: {labels: []}\n", "\"labels\" is empty", ""},
		{"default: {labels: [\"\"]}\n", "must have 1 to 128 bytes", ""},
		{"default: {labels: [TLP:RED, TLP:RED]}\n", "names \"TLP:RED\" twice", ""},
		{"default: {labels: [\"TLP:\\x1b[31mRED\"]}\n", "control", ""},
		{"default: {labels: [\"TLP:\\u200BRED\"]}\n", "invisible", ""},
		{"default: {}\n", "\"default\" says nothing", ""},
		{"default: [TLP:RED]\n", "must be a mapping", ""},
		{"default: {caveats: []}\n", "\"caveats\" is empty", ""},
		{"default: {releasable-to: [be]}\n", "two upper-case letters", ""},
		{"default: {releasable-to: [BEL]}\n", "two upper-case letters", ""},
		{"default: {releasable-to: [BE, US, BE]}\n", "names \"BE\" twice", ""},
		{"default: {originator: Agency B}\n", "line 2, column 23: \"originator\" must be a partner's alias", ""},
		{"default: {expires: 2027-01-01}\n", "must be a time like 2026-11-23T18:12:00Z", ""},
		{"default: {expires: never}\n", "must be a time like", ""},
		{"default: {registration: \"\"}\n", "1 to 64 bytes", ""},
		{"default: {not-inspected: true, labels: [a], not-inspected: x}\n", "second time", ""},
		{"default: {record: r1}\n", "line 2, column 19: there is no record \"r1\"", "records: {r1:"},
		{"default: {record: r2}\nrecords: {r1: " RECORD "}\n", "line 2, column 19: there is no record \"r2\"",
		 "\"r1\""},
		{"records: {R1: " RECORD "}\n", "line 2, column 11: the id of a record", ""},
		{"records: {r1: " RECORD ", r1: " RECORD "}\n", "the record \"r1\" stands here a second time", ""},
		{"records: {r1: {controller: a}}\n", "is missing", ""},
		{"records: [r1]\n", "must be a mapping", ""},
		{"rules: {match: a}\n", "\"rules\" must be a list", ""},
		{"rules: [a]\n", "must be a mapping", ""},
		{"rules: [{labels: [TLP:RED]}]\n", "\"match\" is missing", ""},
		{"rules: [{match: a}]\n", "the rule for \"a\" says nothing", "labels"},
		{"rules: [{match: \"\", labels: [a]}]\n", "\"match\" is empty", ""},
		{"rules: [{match: ../a, labels: [a]}]\n", "line 2, column 17: \"match\" leaves the folder", ""},
		{"rules: [{match: /etc/passwd, labels: [a]}]\n", "\"match\" leaves the folder", ""},
		{"rules: [{match: a/../../b, labels: [a]}]\n", "\"match\" leaves the folder", ""},
		{"rules: [{match: \"[a\", labels: [a]}]\n", "open bracket", ""},
		{"rules: [{match: 'a\\b', labels: [a]}]\n", "backslash", ""},
		{"rules: &r [{match: a, labels: [a]}]\n", "anchors are not allowed", ""},
		{"rules: [*r]\n", "aliases are not allowed", ""},
		{"rules: [{<<: a}]\n", "unknown key \"<<\"", "match"},
		{"default: !!map {labels: [a]}\n", "tags are not allowed", ""},
		{"detected: tlp\n", "must be a list", ""},
		{"detected: [TLP]\n", "line 2, column 12: \"detected\" must list ids of schemes", ""},
		{"detected: [tlp, tlp]\n", "names \"tlp\" twice", ""},
		{"handling: \"\"\n", "1 to 1024 bytes", ""},
		{"purpose: [a]\n", "must be text", ""},
		{"purpose: \"a\\nb\"\n", "control", ""},
		{"purpose: a\npurpose: b\n", "line 3, column 1: \"purpose\" stands here a second time", ""},
		{"---\n", "", ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check_refused(rows[i].body, rows[i].message, rows[i].hint);
}

static void other_kinds_are_refused(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
	} rows[] = {
		{"", ERR_LABEL_FILE},
		{"valise-labels: 2\n", ERR_VERSION},
		{"valise-labels: one\n", ERR_LABEL_FILE},
		{"valise-card: 1\n", ERR_LABEL_FILE},
		{"# a remark\nvalise-labels: 1\n", ERR_LABEL_FILE},
		{"\xef\xbb\xbfvalise-labels: 1\n", ERR_LABEL_FILE},
		{"valise-labels: 1", ERR_LABEL_FILE},
		{"valise-labels: 1\n\xff\xfe", ERR_LABEL_FILE},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_label_file file = {0};
		expect_failure(label_file_parse(&file, rows[i].text, strlen(rows[i].text), err), rows[i].code, "",
					   rows[i].text);
	}
}

/* --- limits --- */

static void put_rules(struct buf *text, unsigned count, const char *pattern)
{
	expect_ok(buf_append_str(text, LABEL_FILE_KIND "\nrules:\n", err));
	for (unsigned i = 0; i < count; i++) {
		expect_ok(buf_append_str(text, "- {match: \"", err));
		expect_ok(buf_printf(text, err, pattern, i));
		expect_ok(buf_append_str(text, "\", labels: [A]}\n", err));
	}
}

static void limits_are_exact(void **state)
{
	static const struct {
		const char *pattern;
		unsigned max;
		const char *message, *hint;
	} rows[] = {
		{"f%u", LABEL_RULES_MAX, "more than 10000 rules", "name folders"},
		{"f%u*", LABEL_PATTERNS_MAX, "more than 1000 rules with wildcards", "as they are"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf most = {0}, more = {0}, many = {0};
		auto_label_file file = {0}, none = {0};
		struct err got = ERR_INIT;
		put_rules(&most, rows[i].max, rows[i].pattern);
		expect_ok(label_file_parse(&file, most.data, most.len, err));
		assert_int_equal(file.rule_count, rows[i].max);
		put_rules(&more, rows[i].max + 1, rows[i].pattern);
		assert_int_equal(label_file_parse(&none, more.data, more.len, &got), -1);
		if (got.code != ERR_LABEL_FILE || !strstr(got.message, rows[i].message) || !strstr(got.hint, rows[i].hint))
			fail_msg("got \"%s\", hint \"%s\"", got.message, got.hint);
		put_rules(&many, 100000, rows[i].pattern);
		expect_failure(label_file_parse(&none, many.data, many.len, err), ERR_LABEL_FILE, rows[i].message, "100,000");
	}
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	auto_free char *bytes = malloc(LABEL_FILE_BYTES_MAX + 1);
	auto_label_file file = {0};
	assert_non_null(bytes);
	memset(bytes, '#', LABEL_FILE_BYTES_MAX + 1);
	memcpy(bytes, LABEL_FILE_KIND "\n", sizeof LABEL_FILE_KIND);
	expect_failure(label_file_parse(&file, bytes, LABEL_FILE_BYTES_MAX + 1, err), ERR_LABEL_FILE, "4194304 bytes",
				   "long");
	bytes[LABEL_FILE_BYTES_MAX - 1] = '\n';
	expect_ok(label_file_parse(&file, bytes, LABEL_FILE_BYTES_MAX, err));
}

/* --- templates --- */

static unsigned check_template(int dir_fd, const char *name)
{
	struct err got = ERR_INIT;
	const char *dot = strrchr(name, '.');
	auto_buf text = {0}, again = {0};
	auto_label_file file = {0};
	if (dot == NULL || strcmp(dot, ".yaml") != 0)
		return 0;
	if (io_read_file(&text, dir_fd, name, LABEL_FILE_BYTES_MAX, &got) != 0 ||
		label_file_parse(&file, text.data, text.len, &got) != 0)
		fail_msg("%s: %s", name, got.message);
	assert_true(file.rule_count + file.otherwise.label_count + file.detected_count > 0);
	expect_ok(label_file_format(&again, &file, err));
	return 1;
}

/* The tests run at the top of the repository; elsewhere the templates are not at hand. */
static void templates_are_label_files(void **state)
{
	DIR *dir = opendir("manifests/templates");
	unsigned count = 0;
	if (dir == NULL) {
		if (getenv("CI") != NULL)
			fail_msg("manifests/templates is not here");
		skip();
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += check_template(dirfd(dir), entry->d_name);
	(void)closedir(dir);
	assert_true(count >= 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_file_is_read),      cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(faults_name_their_place),   cmocka_unit_test(other_kinds_are_refused),
		cmocka_unit_test(limits_are_exact),          cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(templates_are_label_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
