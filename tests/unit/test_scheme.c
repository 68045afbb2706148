/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "policy/scheme.h"

#include <stdlib.h>

#define FLAGS "exclusive: true\nrequired: false\nceiling: true\ncombine: \"max\"\n"
#define LABELS                                      \
	"labels:\n"                                     \
	"  - {id: \"low\", rank: 0, text: \"X:LOW\"}\n" \
	"  - {id: \"high\", rank: 10, text: \"X:HIGH\", rule: \"Few.\", colour: \"#FF2B2B\", background: \"#000000\"}\n"
#define LEGACY "legacy:\n  - {text: \"X:OLD\", action: \"warn\", means: \"low\", note: \"as it was\"}\n"
#define GOOD "valise-scheme: 1\nid: \"x\"\nversion: \"3\"\ntitle: \"An example\"\n" FLAGS LABELS LEGACY

static int add_changed(struct scheme_set *set, const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, GOOD, old, new_text);
	return scheme_set_add(set, text.data, text.len, NULL, err);
}

static void load(struct scheme_set *set)
{
	expect_ok(scheme_set_load_shipped(set, NULL, err));
}

/* --- what is shipped --- */

static void shipped_schemes_say_what_the_manual_says(void **state)
{
	static const struct {
		const char *id, *version;
		bool required, ceiling;
		const char *labels;
		const char *example;
	} rows[] = {
		{"pap", "1.0", false, false, "PAP:CLEAR, PAP:GREEN, PAP:AMBER, PAP:RED", "PAP:AMBER"},
		{"pd", "1", true, true, "PD:NONE, PD:ANONYMISED, PD:PSEUDONYMISED, PD:PERSONAL", "PD:NONE"},
		{"tlp", "2.0", true, true, "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED", "TLP:AMBER"},
	};
	auto_schemes set = {0};
	load(&set);
	assert_int_equal(set.count, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct scheme *scheme = &set.schemes[i];
		char labels[256];
		scheme_list_labels(labels, sizeof labels, scheme);
		assert_string_equal(scheme->id, rows[i].id);
		assert_string_equal(scheme->version, rows[i].version);
		assert_string_equal(labels, rows[i].labels);
		assert_string_equal(scheme->example->text, rows[i].example);
		assert_true(scheme->exclusive);
		assert_int_equal(scheme->required, rows[i].required);
		assert_int_equal(scheme->ceiling, rows[i].ceiling);
		assert_int_equal(scheme->combine, COMBINE_MAX);
		for (size_t j = 0; j < scheme->label_count; j++)
			assert_int_equal(scheme->labels[j].rank, 10 * (int64_t)j);
	}
}

static void colours_are_those_of_the_standard(void **state)
{
	static const unsigned char amber[3] = {0xff, 0xc0, 0x00}, black[3];
	auto_schemes set = {0};
	struct label_ref ref;
	load(&set);
	assert_true(label_find(&ref, &set, "tlp/amber-strict"));
	assert_true(ref.label->has_colour);
	assert_memory_equal(ref.label->colour, amber, 3);
	assert_memory_equal(ref.label->background, black, 3);
	assert_true(label_find(&ref, &set, "pd/none"));
	assert_false(ref.label->has_colour);
}

/* The text of valise-format(5), SCHEMES, written out by hand. */
static void semantic_digest_is_that_of_the_manual(void **state)
{
	static const char text[] =
		"valise-scheme-semantics 1\nid tlp\ncombine max\nexclusive yes\nrequired yes\nceiling yes\n"
		"label amber 20\nlabel amber-strict 30\nlabel clear 0\nlabel green 10\nlabel red 40\n";
	auto_schemes set = {0};
	struct digest want;
	load(&set);
	hash_bytes(&want, text, strlen(text));
	assert_true(digest_equal(&scheme_find(&set, "tlp")->semantics, &want));
}

static void digest_of(const char *old, const char *new_text, struct digest *out)
{
	auto_schemes set = {0};
	expect_ok(add_changed(&set, old, new_text, err));
	*out = scheme_find(&set, "x")->semantics;
}

static void only_what_decides_changes_the_digest(void **state)
{
	static const struct {
		const char *old, *new_text;
		bool same;
	} rows[] = {
		{"version: \"3\"", "version: \"4\"", true},
		{"An example", "Another title", true},
		{"X:HIGH", "X:TOP", true},
		{"#FF2B2B", "#00ff00", true},
		{"Few.", "Very few.", true},
		{LEGACY, "", true},
		{FLAGS LABELS, LABELS FLAGS, true},
		{LABELS, "labels: [{id: high, rank: 10, text: H}, {id: low, rank: 0, text: L}]\n", true},
		{"rank: 10", "rank: 11", false},
		{"id: \"high\"", "id: \"higher\"", false},
		{"exclusive: true", "exclusive: false", false},
		{"required: false", "required: true", false},
		{"ceiling: true", "ceiling: false", false},
	};
	struct digest base, other;
	digest_of("X:LOW", "X:LOW", &base);
	for (size_t i = 0; i < COUNT(rows); i++) {
		digest_of(rows[i].old, rows[i].new_text, &other);
		if (digest_equal(&base, &other) != rows[i].same)
			fail_msg("%s: the digest is wrongly %s", rows[i].new_text, rows[i].same ? "another" : "the same");
	}
}

static void labels_without_rank_have_a_dash(void **state)
{
	static const char text[] = "valise-scheme-semantics 1\nid x\ncombine union\nexclusive no\nrequired no\nceiling no\n"
							   "label a -\nlabel b -\n";
	static const char file[] = "valise-scheme: 1\nid: x\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
							   "ceiling: false\ncombine: union\nlabels: [{id: b, text: B}, {id: a, text: A}]\n";
	auto_schemes set = {0};
	struct digest want;
	expect_ok(scheme_set_add(&set, file, strlen(file), NULL, err));
	hash_bytes(&want, text, strlen(text));
	assert_true(digest_equal(&set.schemes[0].semantics, &want));
	assert_string_equal(set.schemes[0].example->id, "b");
}

/* --- files --- */

static void bad_files_are_refused_and_leave_the_set_alone(void **state)
{
	static const struct {
		const char *old, *new_text;
		enum err_code code;
		const char *piece;
	} rows[] = {
		{"valise-scheme: 1", "valise-scheme: 2", ERR_VERSION, "line 1"},
		{"valise-scheme: 1", "valise-schema: 1", ERR_SCHEME, "line 1"},
		{"id: \"x\"\n", "", ERR_SCHEME, "\"id\" is missing"},
		{"version: \"3\"\n", "", ERR_SCHEME, "\"version\" is missing"},
		{"combine: \"max\"\n", "", ERR_SCHEME, "\"combine\" is missing"},
		{"exclusive: true\n", "", ERR_SCHEME, "\"exclusive\" is missing"},
		{"required: false\n", "", ERR_SCHEME, "\"required\" is missing"},
		{"ceiling: true\n", "", ERR_SCHEME, "\"ceiling\" is missing"},
		{LABELS, "", ERR_SCHEME, "\"labels\" is missing"},
		{LABELS LEGACY, "labels: []\n", ERR_SCHEME, "\"labels\" is empty"},
		{"title:", "titel:", ERR_SCHEME, "line 4, column 1: unknown key \"titel\""},
		{"title:", "version:", ERR_SCHEME, "a second time"},
		{"id: \"x\"", "id: \"X\"", ERR_SCHEME, "line 2, column 5: \"id\" must be made of"},
		{"id: \"x\"", "id: \"x/y\"", ERR_SCHEME, "must be made of"},
		{"id: \"low\"", "id: \"LOW\"", ERR_SCHEME, "must be made of"},
		{"id: \"low\"", "id: \"\"", ERR_SCHEME, "must have"},
		{"id: \"low\"", "id: \"high\"", ERR_SCHEME, "\"high\" stands here a second time"},
		{"X:LOW", "X:HIGH", ERR_SCHEME, "have the same text"},
		{"rank: 0", "rank: 10", ERR_SCHEME, "have the same rank"},
		{"rank: 0", "rank: -1", ERR_SCHEME, "whole number"},
		{"rank: 0", "rank: \"low\"", ERR_SCHEME, "whole number"},
		{"rank: 10", "rank: 1000001", ERR_SCHEME, "must be between 0 and 1000000"},
		{"rank: 0, ", "", ERR_SCHEME, "label \"low\" has no rank"},
		{"ceiling: true\ncombine: \"max\"", "ceiling: false\ncombine: \"union\"", ERR_SCHEME, "compares none"},
		{"combine: \"max\"", "combine: \"union\"", ERR_SCHEME, "\"ceiling: true\" needs"},
		{"combine: \"max\"", "combine: \"sum\"", ERR_SCHEME, "must be one of: max, union, intersection"},
		{"exclusive: true", "exclusive: yes", ERR_SCHEME, "must be one of: false, true"},
		{"\"X:LOW\"", "\"x/low\"", ERR_SCHEME, "must not look like scheme/id"},
		{"\"X:LOW\"", "\" X:LOW\"", ERR_SCHEME, "begin or end with a space"},
		{"\"X:LOW\"", "\"X:\\eLOW\"", ERR_SCHEME, "invisible"},
		{"\"X:LOW\"", "\"X:\\u202ELOW\"", ERR_SCHEME, "invisible"},
		{"\"X:LOW\"", "\"\"", ERR_SCHEME, "must have"},
		{"#FF2B2B", "FF2B2B", ERR_SCHEME, "must be a colour"},
		{"#FF2B2B", "#FF2B2", ERR_SCHEME, "must be a colour"},
		{"#FF2B2B", "#GG2B2B", ERR_SCHEME, "must be a colour"},
		{"#FF2B2B", "#FF2B2B0", ERR_SCHEME, "bytes"},
		{"means: \"low\", ", "", ERR_SCHEME, "needs \"means\""},
		{"means: \"low\"", "means: \"lower\"", ERR_SCHEME, "no label of this scheme"},
		{"X:OLD", "X:LOW", ERR_SCHEME, "at once"},
		{"\"warn\"", "\"ask\"", ERR_SCHEME, "must be one of: warn, refuse"},
		{LEGACY, "example: \"top\"\n", ERR_SCHEME, "the example \"top\""},
		{LEGACY, "legacy: &a []\n", ERR_SCHEME, "anchors"},
		{LEGACY, "labels: []\n", ERR_SCHEME, "a second time"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_schemes set = {0};
		load(&set);
		expect_failure(add_changed(&set, rows[i].old, rows[i].new_text, err), rows[i].code, rows[i].piece,
					   rows[i].new_text);
		assert_int_equal(set.count, 3);
		assert_null(scheme_find(&set, "x"));
	}
}

static void ids_that_are_too_long_together_are_refused(void **state)
{
	char id[80] = "id: \"";
	auto_schemes set = {0};
	memset(id + 5, 'x', 61);
	strcpy(id + 66, "\"\n");
	expect_failure(add_changed(&set, "id: \"x\"\n", id, err), ERR_SCHEME, "more than 64 characters", "65 and more");
	/* "x…x/high" is longer than "x…x/low" by one */
	memmove(id + 5, id + 7, 62);
	expect_ok(add_changed(&set, "id: \"x\"\n", id, err));
	assert_int_equal(strlen(set.schemes[0].id), 59);
}

static void an_id_comes_once(void **state)
{
	auto_schemes set = {0};
	load(&set);
	expect_failure(add_changed(&set, "id: \"x\"", "id: \"tlp\"", err), ERR_SCHEME, "there is a scheme \"tlp\" already",
				   "tlp");
	assert_int_equal(set.count, 3);
}

static void a_disabled_scheme_is_checked_and_left_out(void **state)
{
	auto_schemes set = {0};
	expect_ok(add_changed(&set, LEGACY, "enabled: false\n", err));
	assert_int_equal(set.count, 0);
	expect_failure(add_changed(&set, LABELS LEGACY, "enabled: false\nlabels: []\n", err), ERR_SCHEME, "empty", "empty");
	expect_ok(add_changed(&set, LEGACY, "enabled: true\n", err));
	assert_int_equal(set.count, 1);
}

static void schemes_are_sorted_however_they_come(void **state)
{
	static const char *const ids[] = {"id: \"m\"", "id: \"z\"", "id: \"a\"", "id: \"q\""};
	auto_schemes set = {0};
	for (size_t i = 0; i < COUNT(ids); i++)
		expect_ok(add_changed(&set, "id: \"x\"", ids[i], err));
	for (size_t i = 1; i < set.count; i++)
		assert_true(strcmp(set.schemes[i - 1].id, set.schemes[i].id) < 0);
	assert_int_equal(set.count, COUNT(ids));
}

static void too_many_are_refused(void **state)
{
	auto_schemes set = {0};
	for (int i = 0; i < SCHEMES_MAX; i++) {
		char id[32];
		(void)snprintf(id, sizeof id, "id: \"x%d\"", i);
		expect_ok(add_changed(&set, "id: \"x\"", id, err));
	}
	expect_failure(add_changed(&set, "id: \"x\"", "id: \"y\"", err), ERR_SCHEME, "more than 64", "65 schemes");
	auto_buf text = {0};
	expect_ok(buf_append_str(&text, "labels:\n", err));
	for (int i = 0; i <= LABELS_PER_SCHEME_MAX; i++)
		expect_ok(buf_printf(&text, err, "  - {id: \"l%d\", rank: %d, text: \"L%d\"}\n", i, i, i));
	auto_schemes other = {0};
	expect_failure(add_changed(&other, LABELS, text.data, err), ERR_SCHEME, "more than 1000 labels", "1001 labels");
}

static void long_lists_are_cut_between_labels(void **state)
{
	auto_schemes set = {0};
	char small[32], exact[64];
	load(&set);
	const struct scheme *tlp = scheme_find(&set, "tlp");
	scheme_list_labels(small, sizeof small, tlp);
	assert_string_equal(small, "TLP:CLEAR, TLP:GREEN, …");
	scheme_list_labels(exact, sizeof "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED", tlp);
	assert_string_equal(exact, "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED");
}

/* --- labels --- */

static void exact_words_resolve(void **state)
{
	static const char *const rows[][2] = {
		{"TLP:AMBER", "tlp/amber"}, {"TLP:AMBER+STRICT", "tlp/amber-strict"},
		{"tlp/amber", "tlp/amber"}, {"tlp/amber-strict", "tlp/amber-strict"},
		{"PD:NONE", "pd/none"},     {"pap/red", "pap/red"},
		{"PAP:RED", "pap/red"},
	};
	auto_schemes set = {0};
	load(&set);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct label_ref ref;
		char id[LABEL_ID_MAX + 1];
		expect_ok(label_resolve(&ref, &set, rows[i][0], err));
		label_format_id(id, ref);
		assert_string_equal(id, rows[i][1]);
	}
}

static void expect_refused(const struct scheme_set *set, const char *text, const char *message, const char *hint)
{
	struct err err = ERR_INIT;
	struct label_ref ref;
	if (label_resolve(&ref, set, text, &err) != -1 || err.code != ERR_LABEL)
		fail_msg("\"%s\" is not refused as it must: %s", text, err_name(err.code));
	if (strstr(err.message, message) == NULL || strstr(err.hint, hint) == NULL)
		fail_msg("\"%s\": got \"%s\", hint \"%s\"", text, err.message, err.hint);
	assert_null(ref.scheme);
	assert_null(ref.label);
}

static void other_words_are_refused_with_the_right_ones(void **state)
{
	static const char *const rows[][3] = {
		{"tlp:amber", "not how the label is written", "write TLP:AMBER"},
		{"Tlp:Amber", "not how the label is written", "write TLP:AMBER"},
		{"TLP: AMBER", "not how the label is written", "write TLP:AMBER"},
		{" TLP:AMBER", "not how the label is written", "write TLP:AMBER"},
		{"TLP:AMBER ", "not how the label is written", "write TLP:AMBER"},
		{"TLP:AMBER\n", "not how the label is written", "write TLP:AMBER"},
		{"TLP-AMBER", "not how the label is written", "write TLP:AMBER"},
		{"tlp/AMBER", "not how the label is written", "write TLP:AMBER"},
		{"TLP/amber", "not how the label is written", "write TLP:AMBER"},
		{"TLP AMBER STRICT", "not how the label is written", "write TLP:AMBER+STRICT"},
		{"tlp/amber+strict", "not how the label is written", "write TLP:AMBER+STRICT"},
		{"TLP:AMBER-STRICT", "not how the label is written", "write TLP:AMBER+STRICT"},
		{"AMBER", "not how the label is written", "write PAP:AMBER or TLP:AMBER"},
		{"personal", "not how the label is written", "write PD:PERSONAL"},
		{"TLP:WHITE", "is no label of Traffic Light Protocol 2.0", "write TLP:CLEAR"},
		{"tlp:white", "\"TLP:WHITE\" is no label", "write TLP:CLEAR"},
		{"PAP:WHITE", "is no label of Permissible Actions Protocol", "write PAP:CLEAR"},
		{"tlp:ex:chr", "is no label of Traffic Light Protocol", "write one of TLP:CLEAR, TLP:GREEN"},
		{"tlp:unclear", "is no label of Traffic Light Protocol", "write one of TLP:CLEAR, TLP:GREEN"},
		{"SECRET", "\"SECRET\" is no label", "PAP:CLEAR, PAP:GREEN, PAP:AMBER, PAP:RED; PD:NONE, "},
		{"TLP:ROT", "\"TLP:ROT\" is no label", "TLP:AMBER, TLP:AMBER+STRICT, TLP:RED"},
		{"tlp/", "is no label", "the labels are"},
		{"/amber", "not how the label is written", "TLP:AMBER"},
		{"tlp/amber/", "not how the label is written", "write TLP:AMBER"},
		{"", "\"\" is no label", "the labels are PAP:CLEAR"},
		{":/+ ", "is no label", "the labels are PAP:CLEAR"},
		{"TLP\xEF\xBC\x9A"
		 "AMBER",
		 "is no label", "the labels are"},
	};
	auto_schemes set = {0};
	load(&set);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_refused(&set, rows[i][0], rows[i][1], rows[i][2]);
}

static void endless_words_are_refused(void **state)
{
	auto_schemes set = {0};
	char text[5000];
	load(&set);
	memset(text, 'A', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	expect_refused(&set, text, "AAAA", "the labels are");
	expect_refused(&(struct scheme_set){0}, "TLP:RED", "is no label", "there is no scheme");
}

static void a_text_of_two_schemes_needs_the_id(void **state)
{
	auto_schemes set = {0};
	struct label_ref ref;
	char typed[SCHEME_TEXT_MAX + 1];
	load(&set);
	expect_ok(add_changed(&set, "X:HIGH", "TLP:RED", err));
	expect_refused(&set, "TLP:RED", "of more than one scheme", "write tlp/red or x/high");
	expect_refused(&set, "tlp:red", "not how", "write tlp/red or x/high");
	expect_ok(label_resolve(&ref, &set, "x/high", err));
	assert_string_equal(ref.scheme->id, "x");
	label_format_typed(typed, &set, ref);
	assert_string_equal(typed, "x/high");
	assert_true(label_find(&ref, &set, "tlp/amber"));
	label_format_typed(typed, &set, ref);
	assert_string_equal(typed, "TLP:AMBER");
}

static void documents_know_ids_only(void **state)
{
	static const char *const none[] = {"TLP:AMBER",  "tlp",        "tlp/",       "/amber", "tl/amber",
									   "tlpx/amber", "tlp/amberx", "tlp/amber/", ""};
	auto_schemes set = {0};
	struct label_ref ref;
	load(&set);
	assert_true(label_find(&ref, &set, "tlp/amber"));
	assert_string_equal(ref.label->text, "TLP:AMBER");
	for (size_t i = 0; i < COUNT(none); i++) {
		if (label_find(&ref, &set, none[i]))
			fail_msg("\"%s\" was found", none[i]);
		assert_null(ref.label);
	}
}

static int start_library(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_schemes_say_what_the_manual_says),
		cmocka_unit_test(colours_are_those_of_the_standard),
		cmocka_unit_test(semantic_digest_is_that_of_the_manual),
		cmocka_unit_test(only_what_decides_changes_the_digest),
		cmocka_unit_test(labels_without_rank_have_a_dash),
		cmocka_unit_test(bad_files_are_refused_and_leave_the_set_alone),
		cmocka_unit_test(ids_that_are_too_long_together_are_refused),
		cmocka_unit_test(an_id_comes_once),
		cmocka_unit_test(a_disabled_scheme_is_checked_and_left_out),
		cmocka_unit_test(schemes_are_sorted_however_they_come),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(long_lists_are_cut_between_labels),
		cmocka_unit_test(exact_words_resolve),
		cmocka_unit_test(other_words_are_refused_with_the_right_ones),
		cmocka_unit_test(endless_words_are_refused),
		cmocka_unit_test(a_text_of_two_schemes_needs_the_id),
		cmocka_unit_test(documents_know_ids_only),
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
