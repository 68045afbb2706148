/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/options.h"

static const struct option own[] = {
	{.name = "label", .value = "LABEL", .times = OPTION_MANY},
	{.name = "output", .letter = 'o', .value = "FILE"},
	{.name = "yes", .letter = 'y'},
	OPTION_END,
};
static const struct option global[] = {
	{.name = "json"},
	{.name = "home", .value = "DIR"},
	OPTION_END,
};
static const struct option *const tables[] = {own, global, NULL};

enum { WORDS_MAX = 12 };
struct line {
	char *argv[WORDS_MAX];
	int argc;
};

/* "a|b c|d": words with bars between them, so that a word may be empty or hold spaces. */
static void split(struct line *line, char *text)
{
	line->argc = 0;
	for (char *word; (word = strsep(&text, "|")) != NULL;)
		line->argv[line->argc++] = word;
}

static void parse(struct options *out, char *text)
{
	struct line line;
	split(&line, text);
	expect_ok(options_parse(out, tables, line.argc, line.argv, err));
}

static void test_forms(void **state)
{
	char text[] = "pack|--label|A|one|--label=B|--json|-o|f|two|--home=|--|--yes|-";
	struct line line;
	auto_options options = {0};
	split(&line, text + 5);
	expect_ok(options_parse(&options, tables, line.argc, line.argv, err));
	assert_true(options_has(&options, "json"));
	assert_false(options_has(&options, "yes"));
	assert_string_equal(options_get(&options, "output"), "f");
	assert_string_equal(options_get(&options, "home"), "");
	assert_int_equal(options.word_count, 4);
	assert_string_equal(options.words[0], "one");
	assert_string_equal(options.words[1], "two");
	assert_string_equal(options.words[2], "--yes");
	assert_string_equal(options.words[3], "-");
}

static void test_gather(void **state)
{
	char text[] = "--label|A|--label=B=C|--label|D E";
	auto_options options = {0};
	auto_free const char **labels = NULL;
	unsigned count;
	parse(&options, text);
	expect_ok(options_gather(&options, "label", &labels, &count, err));
	assert_int_equal(count, 3);
	assert_string_equal(labels[0], "A");
	assert_string_equal(labels[1], "B=C");
	assert_string_equal(labels[2], "D E");
}

static void test_attached_letter(void **state)
{
	char text[] = "-of|-y|x";
	auto_options options = {0};
	parse(&options, text);
	assert_string_equal(options_get(&options, "output"), "f");
	assert_true(options_has(&options, "yes"));
	options_shift(&options, 1);
	assert_int_equal(options.word_count, 0);
	options_shift(&options, 5);
	assert_int_equal(options.word_count, 0);
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *piece;
	} rows[] = {
		{"--lable|x", "--lable"},
		{"--labe|x", "unknown option"},
		{"--label", "needs a value"},
		{"--label|--json", "--label needs"},
		{"--output|a|-o|b", "twice"},
		{"--json=yes", "takes no value"},
		{"-x", "-x"},
		{"-yo", "-yo"},
		{"---", "unknown option"},
		{"--=x", "unknown option"},
		{"--JSON", "unknown option"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64];
		struct line line;
		struct options options;
		(void)snprintf(text, sizeof text, "%s", rows[i].line);
		split(&line, text);
		expect_failure(options_parse(&options, tables, line.argc, line.argv, err), ERR_USAGE, rows[i].piece,
					   rows[i].line);
		assert_null(options.given);
	}
}

static void test_hint(void **state)
{
	char text[] = "--lable|x";
	struct line line;
	struct options options;
	struct err err = ERR_INIT;
	split(&line, text);
	assert_int_equal(options_parse(&options, tables, line.argc, line.argv, &err), -1);
	assert_non_null(strstr(err.hint, "--label"));
}

/* The verb is found although the line is wrong: its own error then tells what is. */
static void test_scan(void **state)
{
	char text[] = "--nonsense|--home|h|verb|--label|A|--output";
	struct line line;
	auto_options options = {0};
	split(&line, text);
	expect_ok(options_scan(&options, tables, line.argc, line.argv, err));
	assert_int_equal(options.word_count, 1);
	assert_string_equal(options.words[0], "verb");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),   cmocka_unit_test(test_gather), cmocka_unit_test(test_attached_letter),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_hint),   cmocka_unit_test(test_scan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
