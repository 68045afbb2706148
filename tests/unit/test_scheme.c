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
#define STIX(digit) "\"marking-definition--0000000" digit "-0000-4000-8000-000000000000\""
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

#define MAX_ONE true, COMBINE_MAX
#define UNION_MANY false, COMBINE_UNION

static const struct shipped_row {
	const char *id, *version;
	bool exclusive;
	enum combine combine;
	bool required, ceiling, restricted;
	const char *labels; /* the first ones */
	const char *example;
} shipped_rows[] = {
	{"cui", "32 CFR 2002", UNION_MANY, false, true, true, "CUI, CUI//SP-CTI, CUI//DCRIT, ", "CUI"},
	{"eu", "2013/488/EU", MAX_ONE, false, true, true,
	 "RESTREINT UE/EU RESTRICTED, CONFIDENTIEL UE/EU CONFIDENTIAL, SECRET UE/EU SECRET, TRÈS SECRET UE/EU TOP SECRET",
	 "RESTREINT UE/EU RESTRICTED"},
	{"limite", "2018", UNION_MANY, false, true, true, "LIMITE", "LIMITE"},
	{"nato", "1", MAX_ONE, false, true, true,
	 "NATO UNCLASSIFIED, NATO RESTRICTED, NATO CONFIDENTIAL, NATO SECRET, COSMIC TOP SECRET", "NATO RESTRICTED"},
	{"pap", "1.0", MAX_ONE, false, false, false, "PAP:CLEAR, PAP:GREEN, PAP:AMBER, PAP:RED", "PAP:AMBER"},
	{"pd", "1", MAX_ONE, true, true, false, "PD:NONE, PD:ANONYMISED, PD:PSEUDONYMISED, PD:PERSONAL", "PD:NONE"},
	{"pdcat", "1", UNION_MANY, false, true, false, "PDCAT:ETHNIC-ORIGIN, PDCAT:POLITICAL-OPINION, ", "PDCAT:CONTACT"},
	{"tlp", "2.0", MAX_ONE, true, true, false, "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED",
	 "TLP:AMBER"},
	{"uk", "2023", MAX_ONE, false, true, true, "OFFICIAL, SECRET, TOP SECRET", "OFFICIAL"},
	{"uk-marks", "2023", UNION_MANY, false, true, true, "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"},
	{"us", "EO 13526", MAX_ONE, false, true, true, "CONFIDENTIAL, SECRET, TOP SECRET", "CONFIDENTIAL"},
};

/* Papers for all that needs one. */
static struct accreditations all_papers(void)
{
	struct accreditations papers = {0};
	for (size_t i = 0; i < COUNT(shipped_rows); i++) {
		if (!shipped_rows[i].restricted)
			continue;
		struct accreditation *paper = &papers.items[papers.count++];
		(void)snprintf(paper->scheme, sizeof paper->scheme, "%s", shipped_rows[i].id);
		(void)snprintf(paper->reference, sizeof paper->reference, "paper %s/1", shipped_rows[i].id);
	}
	return papers;
}

static void check_shipped(const struct scheme *scheme, const struct shipped_row *row)
{
	char labels[2048], paper[80] = "";
	scheme_list_labels(labels, sizeof labels, scheme);
	assert_string_equal(scheme->id, row->id);
	assert_string_equal(scheme->version, row->version);
	assert_memory_equal(labels, row->labels, strlen(row->labels));
	assert_string_equal(scheme->example->text, row->example);
	assert_int_equal(scheme->exclusive, row->exclusive);
	assert_int_equal(scheme->required, row->required);
	assert_int_equal(scheme->ceiling, row->ceiling);
	assert_int_equal(scheme->combine, row->combine);
	assert_int_equal(scheme->restricted, row->restricted);
	if (row->restricted)
		(void)snprintf(paper, sizeof paper, "paper %s/1", row->id);
	assert_string_equal(scheme->accreditation, paper);
	for (size_t i = 0; i < scheme->label_count; i++) {
		assert_string_not_equal(scheme->labels[i].rule, "");
		if (scheme->combine != COMBINE_MAX)
			assert_int_equal(scheme->labels[i].rank, -1);
		else /* levels that need a paper have no rank 0: nobody holds them without a ceiling */
			assert_int_equal(scheme->labels[i].rank, 10 * (int64_t)(i + (row->restricted ? 1 : 0)));
	}
}

static void shipped_schemes_say_what_the_manual_says(void **state)
{
	struct accreditations papers = all_papers();
	auto_schemes set = {0};
	expect_ok(scheme_set_load_shipped(&set, &papers, err));
	assert_int_equal(set.count, COUNT(shipped_rows));
	assert_int_equal(set.left_out_count, 0);
	for (size_t i = 0; i < COUNT(shipped_rows); i++)
		check_shipped(&set.schemes[i], &shipped_rows[i]);
}

static void restricted_schemes_need_their_paper(void **state)
{
	struct accreditations eu = {.items = {{"eu", "paper 1"}}, .count = 1};
	auto_schemes none = {0}, one = {0}, gap = {0};
	load(&none);
	assert_int_equal(none.count, 4);
	assert_int_equal(none.left_out_count, COUNT(shipped_rows) - 4);
	for (size_t i = 0; i < none.count; i++)
		assert_false(none.schemes[i].restricted);
	expect_ok(scheme_set_load_shipped(&one, &eu, err));
	assert_int_equal(one.count, 5);
	assert_string_equal(scheme_find(&one, "eu")->accreditation, "paper 1");
	(void)strcpy(eu.items[0].scheme, "uk-marks");
	expect_failure(scheme_set_load_shipped(&gap, &eu, err), ERR_SCHEME,
				   "the label uk-marks/sensitive implies uk/official, which no scheme has", "uk-marks without uk");
	assert_int_equal(gap.count, 0);
}

struct constraint_row {
	const char *id;
	unsigned kinds;
	enum label_audience audience;
	unsigned needs;
	const char *implies;
};

static void check_constraints(const struct scheme_set *set, const struct constraint_row *row)
{
	struct label_ref ref;
	if (!label_find(&ref, set, row->id))
		fail_msg("there is no %s", row->id);
	if (ref.label->kinds != row->kinds || ref.label->audience != row->audience || ref.label->needs != row->needs)
		fail_msg("%s: kinds %x, audience %d, needs %x", row->id, ref.label->kinds, (int)ref.label->audience,
				 ref.label->needs);
	assert_int_equal(ref.label->implies_count, row->implies != NULL);
	if (row->implies != NULL)
		assert_string_equal(ref.label->implies[0], row->implies);
}

static void shipped_constraints_are_those_of_the_manual(void **state)
{
	const unsigned registered = 1U << NEED_REGISTRATION, counted = registered | 1U << NEED_COPY;
	const unsigned record = 1U << NEED_RECORD;
	const struct constraint_row rows[] = {
		{"tlp/clear", 0, AUDIENCE_ANY, 0, NULL},
		{"tlp/green", 0, AUDIENCE_COMMUNITY, 0, NULL},
		{"tlp/amber", 0, AUDIENCE_ANY, 0, NULL},
		{"tlp/amber-strict", 0, AUDIENCE_ORGANISATION, 0, NULL},
		{"tlp/red", 1U << PARTY_PERSON, AUDIENCE_ANY, 0, NULL},
		{"pap/red", 0, AUDIENCE_ANY, 0, NULL},
		{"pd/anonymised", 0, AUDIENCE_ANY, 0, NULL},
		{"pd/pseudonymised", 0, AUDIENCE_ANY, record | 1U << NEED_KEY_HOLDER, NULL},
		{"pd/personal", 0, AUDIENCE_ANY, record, NULL},
		{"pdcat/art9-health", 0, AUDIENCE_ANY, 1U << NEED_ARTICLE_9, "pd/pseudonymised"},
		{"pdcat/art10-criminal", 0, AUDIENCE_ANY, 1U << NEED_ARTICLE_10, "pd/pseudonymised"},
		{"pdcat/child", 0, AUDIENCE_ANY, 0, "pd/pseudonymised"},
		{"eu/restricted", 0, AUDIENCE_ANY, 0, NULL},
		{"eu/confidential", 0, AUDIENCE_ANY, registered, NULL},
		{"eu/secret", 0, AUDIENCE_ANY, counted, NULL},
		{"eu/top-secret", 0, AUDIENCE_ANY, counted, NULL},
		{"nato/restricted", 0, AUDIENCE_ANY, 0, NULL},
		{"nato/confidential", 0, AUDIENCE_ANY, registered, NULL},
		{"nato/top-secret", 0, AUDIENCE_ANY, counted, NULL},
		{"us/top-secret", 0, AUDIENCE_ANY, 0, NULL},
		{"uk-marks/sensitive", 0, AUDIENCE_ANY, 0, "uk/official"},
		{"cui/attorney-wp", 0, AUDIENCE_ANY, 0, "cui/privilege"},
		{"limite/limite", 0, AUDIENCE_ANY, 0, NULL},
	};
	struct accreditations papers = all_papers();
	auto_schemes set = {0};
	expect_ok(scheme_set_load_shipped(&set, &papers, err));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_constraints(&set, &rows[i]);
	const struct scheme *pdcat = scheme_find(&set, "pdcat");
	for (size_t i = 0; i < pdcat->label_count; i++)
		assert_string_equal(pdcat->labels[i].implies[0], "pd/pseudonymised");
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
		"label amber 20\nlabel amber-strict 30\nrecipients one-organisation\nlabel clear 0\n"
		"label green 10\nrecipients shared-community\nlabel red 40\nrecipient-kind person\n";
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
		{"X:LOW\"", "X:LOW\", aliases: [\"L\"], tags: [\"x:low\"]", true},
		{"rank: 0", "rank: 0, stix: [" STIX("0") "]", true},
		{"rank: 0", "rank: 0, recipient-kinds: [person]", false},
		{"rank: 0", "rank: 0, recipients: shared-community", false},
		{"rank: 0", "rank: 0, needs: [copy]", false},
		{"rank: 0", "rank: 0, implies: [pd/none]", false},
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

static void expect_semantics(const char *file, const char *text)
{
	auto_schemes set = {0};
	struct digest want;
	expect_ok(scheme_set_add(&set, file, strlen(file), NULL, err));
	hash_bytes(&want, text, strlen(text));
	assert_true(digest_equal(&set.schemes[0].semantics, &want));
	assert_string_equal(set.schemes[0].example->id, "b");
}

static void labels_without_rank_have_a_dash(void **state)
{
	expect_semantics("valise-scheme: 1\nid: x\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
					 "ceiling: false\ncombine: union\nlabels: [{id: b, text: B}, {id: a, text: A}]\n",
					 "valise-scheme-semantics 1\nid x\ncombine union\nexclusive no\nrequired no\nceiling no\n"
					 "label a -\nlabel b -\n");
}

/* All of them, written in another order than the digest's. */
static void constraints_follow_their_label(void **state)
{
	expect_semantics("valise-scheme: 1\nid: x\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
					 "ceiling: true\ncombine: union\nlabels:\n"
					 "  - id: b\n    text: B\n    implies: [x/a, pd/personal, a/z]\n"
					 "    needs: [registration, record, key-holder, copy, article-9-basis, article-10-basis]\n"
					 "    recipients: one-organisation\n    recipient-kinds: [station, person, role]\n"
					 "  - {id: a, text: A}\n",
					 "valise-scheme-semantics 1\nid x\ncombine union\nexclusive no\nrequired no\nceiling yes\n"
					 "label a -\nlabel b -\n"
					 "recipient-kind person\nrecipient-kind role\nrecipient-kind station\n"
					 "recipients one-organisation\n"
					 "needs article-10-basis\nneeds article-9-basis\nneeds copy\nneeds key-holder\nneeds record\n"
					 "needs registration\n"
					 "implies a/z\nimplies pd/personal\nimplies x/a\n");
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
		{"id: \"low\"", "id: \"high\"", ERR_SCHEME, "line 11, column 10: the label \"high\" stands here a second time"},
		{"X:LOW", "X:HIGH", ERR_SCHEME, "line 11, column 34: \"X:HIGH\" is the text of the label \"low\" already"},
		{"rank: 0", "rank: 10", ERR_SCHEME, "line 11, column 24: the labels \"low\" and \"high\" have the same rank"},
		{"rank: 0", "rank: -1", ERR_SCHEME, "whole number"},
		{"rank: 0", "rank: \"low\"", ERR_SCHEME, "whole number"},
		{"rank: 10", "rank: 1000001", ERR_SCHEME, "must be between 0 and 1000000"},
		{"rank: 0, ", "", ERR_SCHEME, "line 10, column 10: label \"low\" has no rank"},
		{"ceiling: true\ncombine: \"max\"", "ceiling: false\ncombine: \"union\"", ERR_SCHEME,
		 "line 10, column 23: label \"low\" has a rank"},
		{"combine: \"max\"", "combine: \"intersection\"", ERR_SCHEME, "line 7, column 10: \"ceiling: true\" needs"},
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
		{"means: \"low\", ", "", ERR_SCHEME, "line 13, column 12: \"X:OLD\" needs \"means\""},
		{"means: \"low\"", "means: \"lower\"", ERR_SCHEME, "line 13, column 44: \"X:OLD\" means \"lower\""},
		{"X:OLD", "X:LOW", ERR_SCHEME, "line 13, column 12: \"X:LOW\" is the text of the label \"low\" already"},
		{"\"warn\"", "\"ask\"", ERR_SCHEME, "must be one of: warn, refuse"},
		{LEGACY, "example: \"top\"\n", ERR_SCHEME, "line 12, column 10: the example \"top\""},
		{LEGACY, "legacy: &a []\n", ERR_SCHEME, "anchors"},
		{LEGACY, "labels: []\n", ERR_SCHEME, "a second time"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_schemes set = {0};
		load(&set);
		expect_failure(add_changed(&set, rows[i].old, rows[i].new_text, err), rows[i].code, rows[i].piece,
					   rows[i].new_text);
		assert_int_equal(set.count, 4);
		assert_null(scheme_find(&set, "x"));
	}
}

/* What is added to the label "high", or to the word of an earlier version, in a good file. */
#define ADD_HIGH "rank: 10"
#define ADD_OLD "note: \"as it was\""

static void bad_constraints_and_words_are_refused(void **state)
{
	static const struct {
		const char *at, *added;
		const char *piece;
		const char *hint;
	} rows[] = {
		{ADD_HIGH, "recipient-kinds: []", "line 11, column 46: \"recipient-kinds\" is an empty list",
		 "leave the key out"},
		{ADD_HIGH, "recipient-kinds: [person, human]",
		 "line 11, column 54: \"recipient-kinds\" must be one of: person,", ""},
		{ADD_HIGH, "recipient-kinds: [person, person]", "names \"person\" twice", "once"},
		{ADD_HIGH, "recipient-kinds: person", "must be a list", ""},
		{ADD_HIGH, "recipients: any", "must be one of: shared-community, one-organisation", ""},
		{ADD_HIGH, "recipients: [shared-community]", "must be text", ""},
		{ADD_HIGH, "needs: [number]", "must be one of: registration, copy, record, key-holder, article-9-basis, ", ""},
		{ADD_HIGH, "needs: []", "is an empty list", "leave the key out"},
		{ADD_HIGH, "needs: [copy, record, copy]", "names \"copy\" twice", "once"},
		{ADD_HIGH, "implies: [low]", "line 11, column 38: \"implies\" must list labels as scheme/id",
		 "pd/pseudonymised"},
		{ADD_HIGH, "implies: [\"PD:NONE\"]", "must list labels as scheme/id", ""},
		{ADD_HIGH, "implies: [\"a/b/c\"]", "must list labels as scheme/id", ""},
		{ADD_HIGH, "implies: []", "is an empty list", ""},
		{ADD_HIGH, "implies: [a/b, a/b]", "names \"a/b\" twice", ""},
		{ADD_HIGH, "implies: [a/a, a/b, a/c, a/d, a/e]", "more than 4 items", ""},
		{ADD_HIGH, "implies: [x/high]", "line 11, column 38: the label \"high\" implies itself", "take it out"},
		{ADD_HIGH, "implies: [x/none]", "\"none\" is no label of this scheme", "low, high"},
		{ADD_HIGH, "implies: [x/low]", "no file can carry \"high\" and \"low\"", "exclusive: false"},
		{ADD_HIGH, "aliases: []", "is an empty list", ""},
		{ADD_HIGH, "aliases: [a/b]", "must not look like scheme/id", "capital"},
		{ADD_HIGH, "aliases: [\"A \"]", "begin or end with a space", ""},
		{ADD_HIGH, "aliases: [\"\"]", "must have", ""},
		{ADD_HIGH, "aliases: [\"\\u200B\"]", "invisible", ""},
		{ADD_HIGH, "aliases: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]", "more than 16 items", ""},
		{ADD_HIGH, "aliases: [X:LOW]", "line 11, column 38: \"X:LOW\" is the text of the label \"low\" already",
		 "must stand for one label"},
		{ADD_HIGH, "aliases: [\"X:HIGH\"]", "\"X:HIGH\" is an alias of the label \"high\" already", ""},
		{ADD_HIGH, "aliases: [H, H]", "column 41: \"H\" is an alias of the label \"high\" already", ""},
		{ADD_HIGH, "aliases: [\"X:OLD\"]", "line 13, column 12: \"X:OLD\" is an alias of the label \"high\" already",
		 ""},
		{ADD_HIGH, "tags: [\"x:a\", \"X:A\"]", "line 11, column 42: the tag \"X:A\" stands here a second time",
		 "take it out"},
		{ADD_OLD, "tags: [\"x:a\", \"x:b\", \"x:a\"]", "the tag \"x:a\" stands here a second time", ""},
		{ADD_HIGH, "stix: [" STIX("1") ", " STIX("2") ", " STIX("1") "]", "the marking \"marking-definition--00000001",
		 ""},
		{ADD_HIGH, "stix: [\"00000001-0000-4000-8000-000000000000\"]", "ids of STIX marking definitions", "UUID"},
		{ADD_HIGH, "stix: [\"marking-definition--0000000A-0000-4000-8000-000000000000\"]", "ids of STIX", "lower case"},
		{ADD_HIGH, "stix: [\"marking-definition--00000001-0000-4000-8000-0000000000000\"]", "ids of STIX", ""},
		{ADD_OLD, "stix: [\"marking-definition--\"]", "ids of STIX", ""},
		{ADD_OLD, "aliases: [\"x\"]", "unknown key \"aliases\"", ""},
		{ADD_HIGH, "constraints: {}", "unknown key \"constraints\"", ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_schemes set = {0};
		struct err err = ERR_INIT;
		char text[512];
		(void)snprintf(text, sizeof text, "%s, %s", rows[i].at, rows[i].added);
		if (add_changed(&set, rows[i].at, text, &err) != -1 || err.code != ERR_SCHEME || set.count != 0)
			fail_msg("%s is not refused as it must", rows[i].added);
		if (strstr(err.message, rows[i].piece) == NULL || strstr(err.hint, rows[i].hint) == NULL)
			fail_msg("%s: got \"%s\", hint \"%s\"", rows[i].added, err.message, err.hint);
		assert_memory_equal(err.message, "line ", 5);
	}
}

/* The same tag, or marking, of a label and of an earlier word: whichever comes second is named. */
static void words_are_compared_over_the_whole_file(void **state)
{
	static const char file[] = "valise-scheme: 1\nlegacy:\n  - {text: O, action: refuse, tags: [t:a]}\n" FLAGS
							   "labels:\n  - {id: a, rank: 1, text: A, tags: [T:A]}\n"
							   "id: x\nversion: 1\ntitle: T\n";
	auto_schemes set = {0};
	expect_failure(scheme_set_add(&set, file, strlen(file), NULL, err), ERR_SCHEME,
				   "line 9, column 38: the tag \"T:A\" stands here a second time", "tag");
}

static void a_ceiling_may_be_a_set(void **state)
{
	static const char file[] = "valise-scheme: 1\nid: x\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
							   "ceiling: true\ncombine: union\nlabels: [{id: b, text: B}]\n";
	auto_schemes set = {0};
	expect_ok(scheme_set_add(&set, file, strlen(file), NULL, err));
	assert_true(set.schemes[0].ceiling);
}

/* --- what needs all schemes --- */

/* A scheme "x" whose labels a, b, c imply what is given; NULL for nothing. */
static void add_implying(struct scheme_set *set, const char *id, const char *const implied[3])
{
	auto_buf text = {0};
	expect_ok(buf_printf(&text, err,
						 "valise-scheme: 1\nid: %s\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
						 "ceiling: false\ncombine: union\nlabels:\n",
						 id));
	for (int i = 0; i < 3; i++) {
		expect_ok(buf_printf(&text, err, "  - {id: %c, text: \"%s:%c\"", 'a' + i, id, 'A' + i));
		if (implied[i] != NULL)
			expect_ok(buf_printf(&text, err, ", implies: [%s]", implied[i]));
		expect_ok(buf_append_str(&text, "}\n", err));
	}
	expect_ok(scheme_set_add(set, text.data, text.len, NULL, err));
}

static void implied_labels_are_there_and_in_no_circle(void **state)
{
	static const struct {
		const char *x[3], *y[3];
		const char *piece; /* NULL: fine */
		const char *hint;
	} rows[] = {
		{{0}, {0}, NULL, NULL},
		{{"y/a", "y/a, x/a", "pd/none, y/c"}, {"y/b", "y/c", "tlp/red"}, NULL, NULL},
		{{"y/d"}, {0}, "the label x/a implies y/d, which no scheme has", "scheme \"x\""},
		{{"z/a"}, {0}, "the label x/a implies z/a, which no scheme has", "the file of the scheme \"z\""},
		{{"us/secret"}, {0}, "the label x/a implies us/secret, which no scheme has", "the accreditation of \"us\""},
		{{"x/b", "x/a"}, {0}, "the label x/b implies x/a, which implies x/b in the end", "take one"},
		{{"x/b", "y/a"}, {"y/b", "y/c", "x/a"}, "the label y/c implies x/a, which implies y/c in the end", "take one"},
		{{NULL, NULL, "y/a"}, {"y/b", "y/c", "y/a"}, "the label y/c implies y/a", "take one"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_schemes set = {0};
		struct err err = ERR_INIT;
		load(&set);
		add_implying(&set, "x", rows[i].x);
		add_implying(&set, "y", rows[i].y);
		int rc = scheme_set_check(&set, &err);
		if (rc != (rows[i].piece != NULL ? -1 : 0))
			fail_msg("row %zu: %s", i, err.message);
		if (rc != 0 && (err.code != ERR_SCHEME || strstr(err.message, rows[i].piece) == NULL ||
						strstr(err.hint, rows[i].hint) == NULL))
			fail_msg("row %zu: got \"%s\", hint \"%s\"", i, err.message, err.hint);
	}
}

/* A thousand labels, each implying the next: the walk needs no stack of its own, and ends. */
static void long_chains_end(void **state)
{
	auto_buf text = {0};
	auto_schemes set = {0};
	expect_ok(buf_append_str(&text,
							 "valise-scheme: 1\nid: x\nversion: 1\ntitle: T\nexclusive: false\nrequired: false\n"
							 "ceiling: false\ncombine: union\nlabels:\n",
							 err));
	for (int i = 0; i < LABELS_PER_SCHEME_MAX; i++)
		expect_ok(buf_printf(&text, err, "  - {id: l%d, text: L%d, implies: [%s%d]}\n", i, i,
							 i + 1 < LABELS_PER_SCHEME_MAX ? "x/l" : "y/l", i + 1));
	expect_ok(scheme_set_add(&set, text.data, text.len, NULL, err));
	expect_failure(scheme_set_check(&set, err), ERR_SCHEME, "the label x/l999 implies y/l1000", "a chain");
	assert_non_null(scheme_find_label(&set.schemes[0], "l0"));
	assert_non_null(scheme_find_label(&set.schemes[0], "l999"));
	assert_non_null(scheme_find_label(&set.schemes[0], "l10"));
	assert_null(scheme_find_label(&set.schemes[0], "l1000"));
	assert_null(scheme_find_label(&set.schemes[0], ""));
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
	assert_int_equal(set.count, 4);
}

static void a_disabled_scheme_is_checked_and_left_out(void **state)
{
	struct accreditations paper = {.items = {{"x", "paper 7"}}, .count = 1};
	auto_buf text = {0};
	auto_schemes set = {0}, on = {0};
	unit_replace(&text, GOOD, LEGACY, "enabled: false\n");
	expect_ok(scheme_set_add(&set, text.data, text.len, NULL, err));
	assert_int_equal(set.count, 0);
	assert_int_equal(set.left_out_count, 1);
	assert_string_equal(set.left_out[0], "x");
	expect_ok(scheme_set_add(&on, text.data, text.len, &paper, err));
	assert_int_equal(on.count, 1);
	assert_true(on.schemes[0].restricted);
	assert_string_equal(on.schemes[0].accreditation, "paper 7");
	expect_failure(add_changed(&on, LABELS LEGACY, "enabled: false\nlabels: []\n", err), ERR_SCHEME, "empty", "empty");
}

/* Else a file in schemes/ of the home would do without the paper. */
static void nobody_takes_the_id_of_a_disabled_scheme(void **state)
{
	auto_schemes set = {0};
	load(&set);
	expect_failure(add_changed(&set, "id: \"x\"", "id: \"eu\"", err), ERR_SCHEME,
				   "there is a scheme \"eu\" already, which is not enabled here", "eu");
	assert_int_equal(set.count, 4);
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

static int start_library(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_schemes_say_what_the_manual_says),
		cmocka_unit_test(restricted_schemes_need_their_paper),
		cmocka_unit_test(shipped_constraints_are_those_of_the_manual),
		cmocka_unit_test(constraints_follow_their_label),
		cmocka_unit_test(bad_constraints_and_words_are_refused),
		cmocka_unit_test(words_are_compared_over_the_whole_file),
		cmocka_unit_test(a_ceiling_may_be_a_set),
		cmocka_unit_test(implied_labels_are_there_and_in_no_circle),
		cmocka_unit_test(long_chains_end),
		cmocka_unit_test(nobody_takes_the_id_of_a_disabled_scheme),
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
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
