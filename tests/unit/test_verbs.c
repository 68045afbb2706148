/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/help.h"
#include "cli/verbs.h"

static const struct verb *find(const char *first, const char *second, unsigned *taken)
{
	const char *const words[] = {first, second};
	const struct verb *verb = NULL;
	expect_ok(verb_find(&verb, words, second != NULL ? 2 : 1, taken, err));
	return verb;
}

static void test_find(void **state)
{
	unsigned taken;
	assert_string_equal(find("pack", "add", &taken)->name, "pack");
	assert_int_equal(taken, 1);
	assert_string_equal(find("partner", "add", &taken)->sub, "add");
	assert_int_equal(taken, 2);
	assert_true(verb_is_group("ledger"));
	assert_false(verb_is_group("pack"));
	assert_false(verb_is_group("nonsense"));
}

static void test_unknown(void **state)
{
	static const struct {
		const char *first, *second, *piece;
	} rows[] = {
		{"packs", NULL, "unknown verb \"packs\""},
		{"pac", NULL, "unknown verb"},
		{"PACK", NULL, "unknown verb"},
		{"partner", NULL, "add, list, show"},
		{"partner", "ad", "partner ad"},
		{"handover", "sign", "unknown verb"},
		{"", NULL, "unknown verb"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const words[] = {rows[i].first, rows[i].second};
		const struct verb *verb;
		unsigned taken;
		expect_failure(verb_find(&verb, words, rows[i].second != NULL ? 2 : 1, &taken, err), ERR_USAGE, rows[i].piece,
					   rows[i].first);
	}
}

/* One option name means the same everywhere: the verb is found before its own table is known. */
static void test_options_agree(void **state)
{
	for (const struct verb *a = verbs; a->name != NULL; a++)
		for (const struct verb *b = verbs; b->name != NULL; b++)
			for (const struct option *x = a->options; x->name != NULL; x++)
				for (const struct option *y = b->options; y->name != NULL; y++)
					if (strcmp(x->name, y->name) == 0 || (x->letter != 0 && x->letter == y->letter))
						assert_int_equal(x->value != NULL, y->value != NULL);
}

static void check_lines(char *text, const char *name)
{
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		if (strlen(line) > 80)
			fail_msg("%s: more than 80 columns: %s", name, line);
		for (const char *at = line; *at != '\0'; at++)
			if (*at < 0x20 || *at > 0x7E)
				fail_msg("%s: not plain ASCII: %s", name, line);
	}
}

static void test_help_fits(void **state)
{
	for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
		char *text = NULL, name[64];
		size_t len;
		FILE *to = open_memstream(&text, &len);
		assert_non_null(to);
		help_verb(to, verb);
		help_overview(to);
		if (verb->sub != NULL)
			help_group(to, verb->name);
		assert_int_equal(fclose(to), 0);
		verb_format_name(name, sizeof name, verb);
		assert_non_null(strstr(text, name));
		check_lines(text, name);
		free(text);
	}
}

static void test_table_is_complete(void **state)
{
	for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
		assert_non_null(verb->run);
		assert_non_null(verb->options);
		assert_non_null(verb->synopsis);
		assert_true(verb->words_min == 0 || verb->words != NULL);
		assert_true(verb->words_min <= verb->words_max);
		assert_true(verb->summary[0] >= 'a' && verb->summary[0] <= 'z');
		for (const struct option *option = verb->options; option->name != NULL; option++)
			assert_non_null(option->help);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_options_agree),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_table_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
