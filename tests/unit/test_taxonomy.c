/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "policy/taxonomy.h"

#include <stdlib.h>

#define FLAT                                                                                     \
	"{\"namespace\": \"Colour\", \"description\": \"Colours of things\", \"version\": 3, "       \
	"\"predicates\": [{\"value\": \"red\", \"colour\": \"#CC0000\", \"description\": \"hot\"}, " \
	"{\"value\": \"amber+strict\", \"expanded\": \"warm\"}, {\"value\": \"ex:chr\"}]}"
#define NESTED                                                                                                    \
	"{\"namespace\": \"origin\", \"version\": 1, \"predicates\": [{\"value\": \"how\"}, {\"value\": \"bare\"}], " \
	"\"values\": [{\"predicate\": \"how\", \"entry\": [{\"value\": \"By hand\"}, {\"value\": \"by-hand\"}]}]}"

static int parse(struct taxonomy *out, const char *text, const char *id, struct err *err)
{
	return taxonomy_parse(out, text, strlen(text), id, err);
}

static void test_flat(void **state)
{
	auto_taxonomy taxonomy = {0};
	expect_ok(parse(&taxonomy, FLAT, NULL, err));
	assert_string_equal(taxonomy.id, "colour");
	assert_string_equal(taxonomy.title, "Colours of things");
	assert_string_equal(taxonomy.version, "3");
	assert_int_equal(taxonomy.count, 3);
	assert_string_equal(taxonomy.tags[0].tag, "Colour:red");
	assert_string_equal(taxonomy.tags[0].id, "red");
	assert_string_equal(taxonomy.tags[0].rule, "hot");
	assert_true(taxonomy.tags[0].has_colour);
	assert_string_equal(taxonomy.tags[1].tag, "Colour:amber+strict");
	assert_string_equal(taxonomy.tags[1].id, "amber-strict");
	assert_string_equal(taxonomy.tags[1].rule, "warm");
	assert_string_equal(taxonomy.tags[2].id, "ex-chr");
	assert_null(taxonomy.tags[2].rule);
}

/* Two values that an id cannot tell apart, and a predicate without values beside one with. */
static void test_values(void **state)
{
	auto_taxonomy taxonomy = {0};
	expect_ok(parse(&taxonomy, NESTED, "our-origin", err));
	assert_string_equal(taxonomy.id, "our-origin");
	assert_int_equal(taxonomy.count, 3);
	assert_string_equal(taxonomy.tags[0].tag, "origin:how=\"By hand\"");
	assert_string_equal(taxonomy.tags[0].id, "how-by-hand");
	assert_string_equal(taxonomy.tags[1].tag, "origin:how=\"by-hand\"");
	assert_int_equal(strncmp(taxonomy.tags[1].id, "how-by-hand-", 12), 0);
	assert_int_equal(strlen(taxonomy.tags[1].id), 20);
	assert_string_equal(taxonomy.tags[2].tag, "origin:bare");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{"", "line 1"},
		{"{", "line 1, column"},
		{"{\"namespace\": \"a\", \"namespace\": \"b\"}", "duplicate"},
		{"[]", "no MISP taxonomy"},
		{"{\"namespace\": \"a\"}", "\"predicates\""},
		{"{\"predicates\": [{\"value\": \"a\"}]}", "\"namespace\""},
		{"{\"namespace\": \"a\", \"predicates\": [{\"vlaue\": \"b\"}]}",
		 "predicate 1 of the taxonomy has no \"value\""},
		{"{\"namespace\": \"a\", \"predicates\": [{\"value\": \"b\"}, {\"value\": \"b\"}]}", "a second time"},
		{"{\"namespace\": \"a\", \"predicates\": [{\"value\": \"b\\u202e\"}]}", "characters"},
		{"{\"namespace\": \"+\", \"predicates\": [{\"value\": \"b\"}]}", "gives no id"},
		{"{\"namespace\": \"a\", \"predicates\": [{\"value\": \"b\"}], \"values\": [{\"predicate\": \"c\", \"entry\": []}]}",
		 "names the predicate \"c\""},
		{"{\"namespace\": \"a\", \"predicates\": [{\"value\": \"b\"}], \"values\": "
		 "[{\"predicate\": \"b\", \"entry\": [{\"value\": \"x\\\"y\"}]}]}",
		 "quote"},
	};
	struct taxonomy taxonomy;
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect_failure(parse(&taxonomy, rows[i].text, NULL, err), ERR_DOCUMENT, rows[i].piece, rows[i].text);
		assert_null(taxonomy.tags);
	}
	expect_failure(parse(&taxonomy, FLAT, "No Id", err), ERR_USAGE, "no id for a scheme", "id");
}

/* What is made can be read again, and says what the overlay says. */
static void test_scheme_with_ranks(void **state)
{
	static const char overlay[] = "valise-ranks: 1\nexclusive: true\nrequired: false\nceiling: true\ncombine: \"max\"\n"
								  "leave-out: [\"Colour:ex:chr\"]\n"
								  "ranks: {\"Colour:red\": 10, \"Colour:amber+strict\": 5}\n";
	auto_taxonomy taxonomy = {0};
	auto_buf bytes = {0}, text = {0};
	auto_schemes set = {0};
	expect_ok(parse(&taxonomy, FLAT, NULL, err));
	expect_ok(buf_append_str(&bytes, overlay, err));
	expect_ok(taxonomy_format_scheme(&text, &taxonomy, &bytes, err));
	expect_ok(scheme_set_add(&set, text.data, text.len, NULL, err));
	const struct scheme *scheme = scheme_find(&set, "colour");
	assert_non_null(scheme);
	assert_true(scheme->exclusive && scheme->ceiling && !scheme->required);
	assert_int_equal(scheme->label_count, 2);
	assert_int_equal(scheme_find_label(scheme, "red")->rank, 10);
	assert_int_equal(scheme_find_label(scheme, "amber-strict")->rank, 5);
	assert_null(scheme_find_label(scheme, "ex-chr"));
	struct label_ref ref;
	assert_true(label_find_tag(&ref, &set, "colour:AMBER+strict"));
	assert_string_equal(ref.label->id, "amber-strict");
}

static void test_scheme_as_set(void **state)
{
	auto_taxonomy taxonomy = {0};
	auto_buf text = {0};
	auto_schemes set = {0};
	expect_ok(parse(&taxonomy, NESTED, NULL, err));
	expect_ok(taxonomy_format_scheme(&text, &taxonomy, NULL, err));
	expect_ok(scheme_set_add(&set, text.data, text.len, NULL, err));
	const struct scheme *scheme = scheme_find(&set, "origin");
	assert_int_equal(scheme->combine, COMBINE_UNION);
	assert_int_equal(scheme->label_count, 3);
	assert_false(scheme->exclusive);
	assert_int_equal(scheme->labels[0].rank, -1);
}

#define OVERLAY_HEAD "valise-ranks: 1\nexclusive: true\nrequired: false\nceiling: true\ncombine: \"max\"\n"

static void test_overlays_refused(void **state)
{
	static const struct {
		const char *text, *piece;
	} rows[] = {
		{OVERLAY_HEAD "ranks: {\"Colour:red\": 1}\n", "the tag Colour:amber+strict has no rank"},
		{OVERLAY_HEAD "ranks: {\"Colour:blue\": 1}\n", "line 6, column"},
		{OVERLAY_HEAD "ranks: {\"Colour:red\": 1, \"Colour:red\": 2}\n", "a second time"},
		{OVERLAY_HEAD "ranks: {\"Colour:red\": 1}\nleave-out: [\"Colour:red\"]\n", "a second time"},
		{OVERLAY_HEAD "ranks: {\"Colour:red\": high}\n", "whole number"},
		{OVERLAY_HEAD "ranks: {\"Colour:red\": 1, \"Colour:amber+strict\": 1, \"Colour:ex:chr\": 2}\n", "same rank"},
		{OVERLAY_HEAD "colour: 1\nranks: {}\n", "unknown key"},
		{"valise-scheme: 1\n", "line 1"},
	};
	auto_taxonomy taxonomy = {0};
	expect_ok(parse(&taxonomy, FLAT, NULL, err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf bytes = {0}, text = {0};
		expect_ok(buf_append_str(&bytes, rows[i].text, err));
		expect_failure(taxonomy_format_scheme(&text, &taxonomy, &bytes, err), ERR_SCHEME, rows[i].piece, rows[i].text);
	}
}

/* The overlay that is written names every label; only the numbers are missing. */
static void test_overlay_to_fill_in(void **state)
{
	auto_taxonomy taxonomy = {0};
	auto_buf text = {0}, scheme = {0};
	expect_ok(parse(&taxonomy, FLAT, NULL, err));
	expect_ok(taxonomy_format_overlay(&text, &taxonomy, err));
	for (uint32_t i = 0; i < taxonomy.count; i++)
		assert_non_null(strstr(text.data, taxonomy.tags[i].tag));
	expect_failure(taxonomy_format_scheme(&scheme, &taxonomy, &text, err), ERR_SCHEME, "has no value", "empty ranks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_scheme_with_ranks),
		cmocka_unit_test(test_scheme_as_set),
		cmocka_unit_test(test_overlays_refused),
		cmocka_unit_test(test_overlay_to_fill_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
