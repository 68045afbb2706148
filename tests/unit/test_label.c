/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "policy/scheme.h"

#include <stdlib.h>

#define OTHER                                                                                                  \
	"valise-scheme: 1\nid: \"x\"\nversion: \"3\"\ntitle: \"An example\"\nexclusive: true\nrequired: false\n"   \
	"ceiling: true\ncombine: \"max\"\nlabels:\n  - {id: \"low\", rank: 0, text: \"X:LOW\"}\n"                  \
	"  - {id: \"high\", rank: 10, text: \"X:HIGH\", aliases: [\"X-TOP\", \"Überall\"], tags: [\"x:High\"]}\n" \
	"legacy:\n  - {text: \"X:OLD\", action: \"warn\", means: \"low\"}\n"

static int add_changed(struct scheme_set *set, const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, OTHER, old, new_text);
	return scheme_set_add(set, text.data, text.len, NULL, err);
}

static void load(struct scheme_set *set)
{
	expect_ok(scheme_set_load_shipped(set, NULL, err));
}

/* The levels of which two schemes share texts. */
static void load_levels(struct scheme_set *set)
{
	const struct accreditations papers = {.items = {{"eu", "1"}, {"uk", "2"}, {"us", "3"}, {"nato", "4"}}, .count = 4};
	expect_ok(scheme_set_load_shipped(set, &papers, err));
}

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
		{"tlp:white", "not how the label is written", "write TLP:CLEAR"},
		{"TLP: WHITE", "not how the label is written", "write TLP:CLEAR"},
		{"pap:white", "not how the label is written", "write PAP:CLEAR"},
		{"child", "not how the label is written", "write PDCAT:CHILD"},
		{"TLP:EX:CHR", "is no label of Traffic Light Protocol 2.0: the Chatham House",
		 "write one of TLP:CLEAR, TLP:GREEN"},
		{"tlp:ex:chr", "is no label of Traffic Light Protocol", "write one of TLP:CLEAR, TLP:GREEN"},
		{"tlp:unclear", "is no label of Traffic Light Protocol", "write one of TLP:CLEAR, TLP:GREEN"},
		{"SECRET", "\"SECRET\" is no label",
		 "the labels are PD:NONE, PD:ANONYMISED, PD:PSEUDONYMISED, PD:PERSONAL; TLP:"},
		{"TLP:ROT", "\"TLP:ROT\" is no label of Traffic Light Protocol 2.0",
		 "the labels of tlp are never translated: write one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED"},
		{"TLP:ROUGE", "is no label of Traffic", "never translated"},
		{"tlp vert", "is no label of Traffic", "never translated"},
		{"PDCAT:GESUNDHEIT", "is no label of Personal-data categories", "the labels of pdcat are never translated"},
		{"TLP:BL\xC3\x9C", "is no label of Traffic", "write one of TLP:CLEAR"},
		{"TLP:\xFF", "is no label of Traffic", "write one of TLP:CLEAR"},
		{"tlp/", "is no label of Traffic", "write one of TLP:CLEAR"},
		{"eu/secret", "is no label",
		 "not enabled here: name the accreditation of \"eu\" under \"accreditations\" in station.yaml"},
		{"euro/secret", "is no label", "the labels are"},
		{"/amber", "not how the label is written", "TLP:AMBER"},
		{"tlp/amber/", "not how the label is written", "write TLP:AMBER"},
		{"", "\"\" is no label", "the labels are PD:NONE"},
		{":/+ ", "is no label", "the labels are PD:NONE"},
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

/* --- aliases, earlier words --- */

static void expect_resolves(const struct scheme_set *set, const char *text, const char *want, const char *earlier)
{
	struct label_ref ref;
	char id[LABEL_ID_MAX + 1];
	expect_ok(label_resolve(&ref, set, text, err));
	label_format_id(id, ref);
	if (strcmp(id, want) != 0)
		fail_msg("\"%s\" became %s, not %s", text, id, want);
	if (earlier == NULL)
		assert_null(ref.legacy);
	else
		assert_string_equal(ref.legacy->text, earlier);
}

static void aliases_and_earlier_words_resolve(void **state)
{
	static const char *const rows[][3] = {
		{"TLP:WHITE", "tlp/clear", "TLP:WHITE"},
		{"PAP:WHITE", "pap/clear", "PAP:WHITE"},
		{"TLP:CLEAR", "tlp/clear", NULL},
		{"RESTREINT UE/EU RESTRICTED", "eu/restricted", NULL},
		{"R-UE/EU-R", "eu/restricted", NULL},
		{"TRÈS SECRET UE/EU TOP SECRET", "eu/top-secret", NULL},
		{"TRES SECRET UE/EU TOP SECRET", "eu/top-secret", NULL},
		{"TS-UE/EU-TS", "eu/top-secret", NULL},
		{"SECRET UE", "eu/secret", "SECRET UE"},
		{"NS", "nato/secret", NULL},
		{"us/secret", "us/secret", NULL},
		{"uk/secret", "uk/secret", NULL},
		{"OFFICIAL", "uk/official", NULL},
		{"CONFIDENTIAL", "us/confidential", NULL}, /* uk refuses the word; us has it */
	};
	auto_schemes set = {0};
	load_levels(&set);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_resolves(&set, rows[i][0], rows[i][1], rows[i][2]);
}

static void almost_aliases_are_refused(void **state)
{
	static const char *const rows[][3] = {
		{"SECRET", "of more than one scheme", "write uk/secret or us/secret"},
		{"TOP SECRET", "of more than one scheme", "write uk/top-secret or us/top-secret"},
		{"top secret", "not how the label is written", "write uk/top-secret or us/top-secret"},
		{"r-ue/eu-r", "not how the label is written", "write RESTREINT UE/EU RESTRICTED"},
		{"R-UE / EU-R", "not how the label is written", "write RESTREINT UE/EU RESTRICTED"},
		{"tr\xC3\xA8s secret ue/eu top secret", "not how the label is written",
		 "write TR\xC3\x88S SECRET UE/EU TOP SECRET"},
		{"TRE\xCC\x80S SECRET UE/EU TOP SECRET", "not how the label is written", "write TR\xC3\x88S SECRET UE"},
		{"secret ue", "not how the label is written", "write SECRET UE/EU SECRET"},
		{"Cosmic Top Secret", "not how the label is written", "write COSMIC TOP SECRET"},
		{"NATO GEHEIM", "is no label of NATO classified information", "the labels of nato are never translated"},
		{"PROTECT", "ended in 2014", "write one of OFFICIAL, SECRET, TOP SECRET"},
		{"Restricted", "ended in 2014", "write one of OFFICIAL"},
	};
	auto_schemes set = {0};
	load_levels(&set);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_refused(&set, rows[i][0], rows[i][1], rows[i][2]);
}

static void any_two_words_may_be_shared(void **state)
{
	static const char *const texts[] = {"TLP:RED", "TLP:WHITE"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		auto_schemes set = {0};
		struct label_ref ref;
		char hint[64], typed[SCHEME_TEXT_MAX + 1];
		load(&set);
		expect_ok(add_changed(&set, "X-TOP", texts[i], err));
		(void)snprintf(hint, sizeof hint, "write tlp/%s or x/high", i == 0 ? "red" : "clear");
		expect_refused(&set, texts[i], "of more than one scheme", hint);
		assert_true(label_find(&ref, &set, "tlp/red"));
		label_format_typed(typed, &set, ref);
		assert_string_equal(typed, i == 0 ? "tlp/red" : "TLP:RED");
	}
	/* a word that one scheme refuses is another's to use */
	auto_schemes set = {0};
	load(&set);
	expect_ok(add_changed(&set, "X-TOP", "TLP:EX:CHR", err));
	expect_resolves(&set, "TLP:EX:CHR", "x/high", NULL);
}

static void letters_beyond_ascii_are_compared_without_case(void **state)
{
	auto_schemes set = {0};
	load(&set);
	expect_ok(add_changed(&set, "X:LOW", "X:LOW", err));
	expect_resolves(&set, "Überall", "x/high", NULL);
	expect_refused(&set, "ÜBERALL", "not how the label is written", "write X:HIGH");
	expect_refused(&set, "u\xCC\x88 ber-all", "not how the label is written", "write X:HIGH");
}

/* --- what files say inside --- */

static void expect_found(bool found, struct label_ref ref, const char *word, const char *want, const char *earlier)
{
	char id[LABEL_ID_MAX + 1];
	if (want == NULL) {
		if (found || ref.scheme != NULL || ref.label != NULL || ref.legacy != NULL)
			fail_msg("\"%s\" was found", word);
		return;
	}
	if (!found)
		fail_msg("\"%s\" was not found", word);
	label_format_id(id, ref);
	assert_string_equal(id, want);
	assert_string_equal(ref.legacy != NULL ? ref.legacy->text : "", earlier != NULL ? earlier : "");
}

static void tags_are_found_in_any_case(void **state)
{
	static const char *const rows[][3] = {
		{"tlp:clear", "tlp/clear", NULL},
		{"tlp:green", "tlp/green", NULL},
		{"TLP:Amber", "tlp/amber", NULL},
		{"tlp:amber+strict", "tlp/amber-strict", NULL},
		{"TLP:RED", "tlp/red", NULL},
		{"tlp:white", "tlp/clear", "TLP:WHITE"},
		{"tlp:ex:chr", NULL, NULL},
		{"tlp:unclear", NULL, NULL},
		{"tlp:redd", NULL, NULL},
		{"tlp:re", NULL, NULL},
		{"", NULL, NULL},
		{"pap:amber", "pap/amber", NULL},
		{"PAP:WHITE", "pap/clear", "PAP:WHITE"},
		{"gdpr:special-categories=\"health\"", "pdcat/art9-health", NULL},
		{"gdpr:special-categories=health", NULL, NULL},
		{"nato:classification=\"NR\"", "nato/restricted", NULL},
		{"euci:ts-ue/eu-ts", "eu/top-secret", NULL},
		{"dni-ism:classification:us=\"S\"", "us/secret", NULL},
		{"X:hIGH", "x/high", NULL},
	};
	auto_schemes set = {0};
	load_levels(&set);
	expect_ok(add_changed(&set, "X:LOW", "X:LOW", err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct label_ref ref;
		bool found = label_find_tag(&ref, &set, rows[i][0]);
		expect_found(found, ref, rows[i][0], rows[i][1], rows[i][2]);
	}
	auto_schemes plain = {0};
	struct label_ref ref;
	load(&plain);
	assert_false(label_find_tag(&ref, &plain, "nato:classification=\"NR\""));
}

static void markings_are_found_by_their_ids(void **state)
{
	static const char *const rows[][3] = {
		{"94868c89-83c2-464b-929b-a1a8aa3c8487", "tlp/clear", NULL},
		{"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "tlp/green", NULL},
		{"55d920b0-5e8b-4f79-9ee9-91f868d9b421", "tlp/amber", NULL},
		{"939a9414-2ddd-4d32-a0cd-375ea402b003", "tlp/amber-strict", NULL},
		{"e828b379-4e03-4974-9ac4-e53a884c97c1", "tlp/red", NULL},
		{"613f2e26-407d-48c7-9eca-b8e91df99dc9", "tlp/clear", "TLP:WHITE"},
		{"34098fce-860f-48ae-8e50-ebd3cc5e41da", "tlp/green", NULL},
		{"f88d31f6-486f-44da-b317-01333bde0b82", "tlp/amber", NULL},
		{"826578e1-40ad-459f-bc73-ede076f81f37", "tlp/amber-strict", NULL},
		{"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "tlp/red", NULL},
		{"5e57c739-391a-4eb3-b6be-7d15ca92d5ee", NULL, NULL},
		{"5E57C739-391A-4EB3-B6BE-7D15CA92D5ED", NULL, NULL},
	};
	auto_schemes set = {0};
	struct label_ref ref;
	load(&set);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char id[80];
		(void)snprintf(id, sizeof id, "marking-definition--%s", rows[i][0]);
		bool found = label_find_stix(&ref, &set, id);
		expect_found(found, ref, id, rows[i][1], rows[i][2]);
	}
	assert_false(label_find_stix(&ref, &set, rows[0][0]));
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
		cmocka_unit_test(exact_words_resolve),
		cmocka_unit_test(other_words_are_refused_with_the_right_ones),
		cmocka_unit_test(endless_words_are_refused),
		cmocka_unit_test(a_text_of_two_schemes_needs_the_id),
		cmocka_unit_test(aliases_and_earlier_words_resolve),
		cmocka_unit_test(almost_aliases_are_refused),
		cmocka_unit_test(any_two_words_may_be_shared),
		cmocka_unit_test(letters_beyond_ascii_are_compared_without_case),
		cmocka_unit_test(tags_are_found_in_any_case),
		cmocka_unit_test(markings_are_found_by_their_ids),
		cmocka_unit_test(documents_know_ids_only),
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
