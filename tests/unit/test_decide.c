/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_fixture.h"

/* Each row: a case, and what one rule says of one of its parties. */
struct row {
	const char *name;
	void (*set_up)(struct policy_fixture *f);
	enum policy_rule rule;
	int64_t who;
	enum policy_outcome outcome;
	enum err_code code;         /* of a refusal */
	const char *message, *hint; /* pieces; NULL: any */
};

static const struct policy_finding *find(const struct policy_report *report, enum policy_rule rule, int64_t who)
{
	for (uint32_t i = 0; i < report->count; i++)
		if (report->findings[i].rule == rule && report->findings[i].recipient == who)
			return &report->findings[i];
	fail_msg("no finding of %s for %lld", policy_rule_name(rule), (long long)who);
	return NULL;
}

static const char *const outcomes[] = {
	[POLICY_ALLOWS] = "allows", [POLICY_REFUSES] = "refuses", [POLICY_NOT_CONCERNED] = "is not concerned"};

static void expect_finding(const struct row *row, const struct policy_finding *found)
{
	const struct err *why = &found->why;
	if (found->outcome != row->outcome || why->code != row->code)
		fail_msg("%s: %s %s, not %s: %s %s", row->name, policy_rule_name(row->rule), outcomes[found->outcome],
				 outcomes[row->outcome], err_name(why->code), why->message);
	if ((row->message != NULL && strstr(why->message, row->message) == NULL) ||
		(row->hint != NULL && strstr(why->hint, row->hint) == NULL))
		fail_msg("%s: got \"%s\", hint \"%s\"", row->name, why->message, why->hint);
	/* every decision says by what, and every refusal what to do, but for what only a broken sender makes */
	assert_true(found->outcome == POLICY_NOT_CONCERNED || why->message[0] != '\0');
	if (found->outcome == POLICY_REFUSES && why->code != ERR_MANIFEST && why->code != ERR_LABEL && why->hint[0] == '\0')
		fail_msg("%s: no hint to \"%s\"", row->name, why->message);
}

/* The short way and the long one agree. */
static void expect_same_check(const struct row *row, const struct policy_case *about,
							  const struct policy_report *report)
{
	struct err err = ERR_INIT, first = ERR_INIT;
	const int expected = policy_report_check(report, &first);
	const int rc = policy_check(about, &err);
	if (rc != expected || report->refused != (expected < 0))
		fail_msg("%s: policy_check() returned %d", row->name, rc);
	if (err.code != first.code || strcmp(err.message, first.message) != 0 || strcmp(err.hint, first.hint) != 0)
		fail_msg("%s: \"%s\" and \"%s\"", row->name, err.message, first.message);
}

static void judge_row(const struct row *row)
{
	auto_fixture f;
	auto_policy_report report = {0};
	policy_fixture_init(&f);
	row->set_up(&f);
	fixture_seal(&f);
	expect_ok(policy_decide(&f.about, &report, err));
	expect_finding(row, find(&report, row->rule, row->who));
	expect_same_check(row, &f.about, &report);
}

static void judge_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		judge_row(&rows[i]);
}

static void nothing(struct policy_fixture *f)
{
	(void)f;
}

static void plain(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "");
}

static void red(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "");
	fixture_add_file(f, "b.txt", "pd/none tlp/red", "");
}

static void to_receiver(struct policy_fixture *f)
{
	f->about.side = POLICY_RECEIVING;
}

/* --- 1, 2: labelled --- */

static void unlabelled(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none", "");
}

static void unlabelled_received(struct policy_fixture *f)
{
	unlabelled(f);
	to_receiver(f);
}

static void unknown_label(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/orange", "");
}

static void two_exclusive(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/green tlp/red", "");
}

static void uncarried(struct policy_fixture *f)
{
	red(f);
	f->entries[0].marking = 1;
}

static void unmarked(struct policy_fixture *f)
{
	plain(f);
	f->entries[0].marking = 7;
}

static void implied_missing(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health pd/none tlp/clear", "");
	fixture_imply(f, "cat/health", "pd/pseudo");
}

static void implied_there(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health pd/pseudo tlp/clear", "");
	fixture_imply(f, "cat/health", "pd/pseudo");
}

static void implied_higher(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health pd/personal tlp/clear", "");
	fixture_imply(f, "cat/health", "pd/pseudo");
}

static void implied_other_of_a_set(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health cat/ip pd/none tlp/clear", "");
	fixture_imply(f, "cat/health", "cat/crime");
}

static void implied_not_here(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health pd/none tlp/clear", "");
	fixture_imply(f, "cat/health", "de/vs");
}

static void files_are_labelled(void **state)
{
	static const struct row rows[] = {
		{"no file", nothing, RULE_LABELLED, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"a good file", plain, RULE_LABELLED, -1, POLICY_ALLOWS, ERR_OK, "each file has its labels", NULL},
		{"no recipient is asked", plain, RULE_LABELLED, 0, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"required", unlabelled, RULE_LABELLED, -1, POLICY_REFUSES, ERR_UNLABELLED, "a.txt: carries no label of",
		 "add --label T:RED"},
		{"required, received", unlabelled_received, RULE_LABELLED, -1, POLICY_REFUSES, ERR_UNLABELLED, "a.txt",
		 "ask the sender"},
		{"unknown", unknown_label, RULE_LABELLED, -1, POLICY_REFUSES, ERR_LABEL, "no label \"tlp/orange\"", NULL},
		{"two of one", two_exclusive, RULE_LABELLED, -1, POLICY_REFUSES, ERR_LABEL, "both T:GREEN and T:RED", "one"},
		{"a marking of no file", uncarried, RULE_LABELLED, -1, POLICY_REFUSES, ERR_MANIFEST, "marking 0", NULL},
		{"a file of no marking", unmarked, RULE_LABELLED, -1, POLICY_REFUSES, ERR_MANIFEST, "a.txt", NULL},
		{"implied and missing", implied_missing, RULE_LABELLED, -1, POLICY_REFUSES, ERR_LABEL,
		 "a.txt: carries C:HEALTH, and so must carry P:PSEUDO or a higher one of Scheme pd (pd)",
		 "--label P:PSEUDO or a higher one"},
		{"implied and there", implied_there, RULE_LABELLED, -1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"implied and higher", implied_higher, RULE_LABELLED, -1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"sets have no higher one", implied_other_of_a_set, RULE_LABELLED, -1, POLICY_REFUSES, ERR_LABEL,
		 "must carry C:CRIME of", "add --label C:CRIME, or"},
		{"implied by a scheme that is not here", implied_not_here, RULE_LABELLED, -1, POLICY_REFUSES, ERR_LABEL,
		 "\"de/vs\", which is not here", "schemes/"},
	};
	judge_rows(rows, COUNT(rows));
}

/* --- 3: high water, releasability --- */

static void release_two(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "BE NL US");
	fixture_add_file(f, "b.txt", "pd/none tlp/green", "NL US");
}

static void release_two_received(struct policy_fixture *f)
{
	release_two(f);
	to_receiver(f);
}

static void release_received_at_home(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "BE NL");
	to_receiver(f);
}

static void release_none_common(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "BE NL");
	fixture_add_file(f, "b.txt", "pd/none tlp/green", "US");
}

static void release_one_silent(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "US");
	fixture_add_file(f, "b.txt", "pd/none tlp/green", "");
}

static void release_elsewhere(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "BE NL");
}

static void release_unknown(struct policy_fixture *f)
{
	release_elsewhere(f);
	f->parties[1].party.jurisdiction[0] = '\0';
}

static void release_nobody_known(struct policy_fixture *f)
{
	release_elsewhere(f);
	f->recipients[0].party = NULL;
}

static void release_eu_is_literal(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/clear", "EU");
	(void)strcpy(f->parties[1].party.jurisdiction, "NL");
}

static void files_go_where_they_may(void **state)
{
	static const struct row rows[] = {
		{"marks", red, RULE_HIGH_WATER, -1, POLICY_ALLOWS, ERR_OK, "count as P:NONE, T:RED", NULL},
		{"none said", plain, RULE_RELEASABLE, 0, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"common", release_two, RULE_RELEASABLE, 0, POLICY_ALLOWS, ERR_OK, "US is among NL, US", NULL},
		{"the sender himself", release_two, RULE_RELEASABLE, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"received elsewhere", release_two_received, RULE_RELEASABLE, -1, POLICY_REFUSES, ERR_RELEASE,
		 "this station is of BE, and the files may go to NL, US only", "station.yaml"},
		{"received at home", release_received_at_home, RULE_RELEASABLE, -1, POLICY_ALLOWS, ERR_OK, "BE is among", NULL},
		{"nothing in common", release_none_common, RULE_HIGH_WATER, -1, POLICY_REFUSES, ERR_RELEASE,
		 "b.txt: may be released to nobody", "pack it apart"},
		{"nothing in common, asked again", release_none_common, RULE_RELEASABLE, 0, POLICY_REFUSES, ERR_RELEASE, NULL,
		 NULL},
		{"one that does not say", release_one_silent, RULE_HIGH_WATER, -1, POLICY_REFUSES, ERR_RELEASE,
		 "b.txt: does not say to whom it may be released, and a.txt does", "releasable-to:"},
		{"elsewhere", release_elsewhere, RULE_RELEASABLE, 0, POLICY_REFUSES, ERR_RELEASE, "agency-b is of US",
		 "agency-b"},
		{"unknown", release_unknown, RULE_RELEASABLE, 0, POLICY_REFUSES, ERR_RELEASE, "nobody said what", NULL},
		{"nobody", release_nobody_known, RULE_RELEASABLE, 0, POLICY_REFUSES, ERR_RELEASE, "nobody said what", NULL},
		{"EU is a word like others", release_eu_is_literal, RULE_RELEASABLE, 0, POLICY_REFUSES, ERR_RELEASE, NULL,
		 NULL},
	};
	judge_rows(rows, COUNT(rows));
}

static void received_releasability_is_recomputed(void **state)
{
	static const struct {
		const char *said[3];
		enum err_code code;
	} rows[] = {
		{{"NL", "US"}, ERR_OK},
		{{"NL"}, ERR_MANIFEST},
		{{NULL}, ERR_MANIFEST},
		{{"NL", "UK"}, ERR_MANIFEST},
		{{"BE", "NL", "US"}, ERR_MANIFEST},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_fixture f;
		char said[3][3] = {{0}};
		uint32_t count = 0;
		policy_fixture_init(&f);
		release_two(&f);
		fixture_seal(&f);
		for (; count < 3 && rows[i].said[count] != NULL; count++)
			(void)strcpy(said[count], rows[i].said[count]);
		char(*own)[3] = f.manifest.releasable;
		f.manifest.releasable = said;
		f.manifest.releasable_count = count;
		f.about.side = POLICY_RECEIVING;
		auto_policy_report report = {0};
		expect_ok(policy_decide(&f.about, &report, err));
		const struct policy_finding *found = find(&report, RULE_HIGH_WATER, -1);
		f.manifest.releasable = own;
		if (found->why.code != rows[i].code)
			fail_msg("row %zu: %s: %s", i, err_name(found->why.code), found->why.message);
	}
}

/* --- 4, 5, 11: ceilings and equivalence --- */

static void low_partner(struct policy_fixture *f)
{
	red(f);
	fixture_ceilings(f, 1, "tlp/green");
}

static void low_station(struct policy_fixture *f)
{
	red(f);
	fixture_ceilings(f, 0, "tlp/green");
}

static void low_receiver(struct policy_fixture *f)
{
	low_station(f);
	to_receiver(f);
}

static void no_ceilings_at_all(struct policy_fixture *f)
{
	plain(f);
	f->recipients[0].ceilings = NULL;
}

static void second_recipient_low(struct policy_fixture *f)
{
	red(f);
	f->about.recipient_count = 2;
	fixture_ceilings(f, 2, "");
}

static void sets_with_ceilings(struct policy_fixture *f)
{
	((struct scheme *)scheme_find(&f->schemes, "cat"))->ceiling = true;
	fixture_add_file(f, "a.txt", "cat/ip pd/none tlp/clear", "");
	fixture_add_file(f, "b.txt", "cat/health pd/none tlp/clear", "");
	fixture_ceilings(f, 0, "cat/crime cat/health cat/ip");
	fixture_ceilings(f, 1, "cat/health cat/ip");
}

static void set_above(struct policy_fixture *f)
{
	sets_with_ceilings(f);
	fixture_ceilings(f, 1, "cat/crime cat/ip");
}

static void set_none(struct policy_fixture *f)
{
	sets_with_ceilings(f);
	fixture_ceilings(f, 1, "");
}

static struct equivalence table_items[] = {
	{.from = "eu/c", .to = "us/c", .since = FIXTURE_NOW - 9, .until = FIXTURE_NOW + 9},
	{.from = "eu/s", .to = "uk/s", .since = FIXTURE_NOW - 9},
	{.from = "eu/s", .to = "us/s", .since = FIXTURE_NOW - 9},
	{.from = "uk/s", .to = "us/s", .since = FIXTURE_NOW - 9},
};
static const struct equivalence_doc table = {.items = table_items, .count = COUNT(table_items)};

static void equal(struct policy_fixture *f)
{
	f->about.equivalence = &table;
	fixture_add_file(f, "a.txt", "eu/c pd/none tlp/clear", "");
	fixture_ceilings(f, 0, "eu/s");
	fixture_ceilings(f, 1, "us/s");
}

static void equal_above(struct policy_fixture *f)
{
	equal(f);
	(void)strcpy(f->labels[0][0].id, "eu/s");
	fixture_ceilings(f, 1, "us/c");
}

static void equal_without_table(struct policy_fixture *f)
{
	equal(f);
	f->about.equivalence = NULL;
}

static void equal_not_in_table(struct policy_fixture *f)
{
	equal(f);
	(void)strcpy(f->labels[0][0].id, "eu/r");
}

static void equal_too_late(struct policy_fixture *f)
{
	equal(f);
	f->about.now += 9 * DAY_S;
}

static void equal_only_backwards(struct policy_fixture *f)
{
	equal(f);
	(void)strcpy(f->labels[0][0].id, "us/s");
	fixture_ceilings(f, 0, "us/s");
	fixture_ceilings(f, 1, "eu/s");
}

/* By way of uk/s it would be US S. */
static struct equivalence chain_items[] = {
	{.from = "eu/s", .to = "uk/s", .since = FIXTURE_NOW - 9},
	{.from = "uk/s", .to = "us/s", .since = FIXTURE_NOW - 9},
};
static const struct equivalence_doc chain = {.items = chain_items, .count = COUNT(chain_items)};

static void equal_is_not_chained(struct policy_fixture *f)
{
	equal(f);
	f->about.equivalence = &chain;
	(void)strcpy(f->labels[0][0].id, "eu/s");
}

static void equal_of_two_schemes_fits_both(struct policy_fixture *f)
{
	equal(f);
	(void)strcpy(f->labels[0][0].id, "eu/s");
	fixture_ceilings(f, 1, "uk/s us/c");
}

static void own_ceiling_counts_first(struct policy_fixture *f)
{
	equal(f);
	fixture_ceilings(f, 1, "eu/r us/s");
}

static void ceiling_of_no_scheme(struct policy_fixture *f)
{
	plain(f);
	fixture_ceilings(f, 1, "de/vs");
}

static void nobody_gets_more_than_his_ceiling(void **state)
{
	static const struct row rows[] = {
		{"within", red, RULE_CEILING, 0, POLICY_ALLOWS, ERR_OK,
		 "P:NONE is within the ceiling P:PERSONAL, T:RED is within the ceiling T:RED", NULL},
		{"no entry", no_ceilings_at_all, RULE_CEILING, 0, POLICY_ALLOWS, ERR_OK, "T:CLEAR needs no ceiling", NULL},
		{"partner", low_partner, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING,
		 "agency-b may hold T:GREEN at most, and b.txt is T:RED",
		 "have the administrator of the registry raise the ceiling of agency-b (valise partner set agency-b --ceiling T:RED, "
		 "with the other ceilings that it has), or leave out the files labelled T:RED"},
		{"sending station", low_station, RULE_CEILING, -1, POLICY_REFUSES, ERR_CEILING,
		 "this station may hold T:GREEN at most, and b.txt is T:RED", "`ceilings` in station.yaml"},
		{"receiving station", low_receiver, RULE_CEILING, -1, POLICY_REFUSES, ERR_CEILING,
		 "this station may hold T:GREEN",
		 "ask the sender to leave out what is labelled T:RED, or have this station's ceiling raised: \"tlp/red\""},
		{"the first of two", second_recipient_low, RULE_CEILING, 0, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"every recipient", second_recipient_low, RULE_CEILING, 1, POLICY_REFUSES, ERR_CEILING,
		 "agency-c has no ceiling for Scheme tlp (tlp) and may not hold T:RED, which is on b.txt", "agency-c"},
		{"a set", sets_with_ceilings, RULE_CEILING, 0, POLICY_ALLOWS, ERR_OK, "C:IP is within", NULL},
		{"not in the set", set_above, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING,
		 "agency-b may hold C:CRIME, C:IP of Scheme cat only, and b.txt is C:HEALTH", "agency-b"},
		{"no set", set_none, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "no ceiling for Scheme cat", NULL},
		{"equal", equal, RULE_CEILING, 0, POLICY_ALLOWS, ERR_OK, "EU C counts as US C (us), within US S", NULL},
		{"equal, too high", equal_above, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING,
		 "agency-b may hold US C at most, and a.txt is EU S, which counts as US S (us)", NULL},
		{"no table", equal_without_table, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING,
		 "there is no equivalence in force from EU C to a scheme of its ceilings (us: US S)", "agency-b"},
		{"not in the table", equal_not_in_table, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "from EU R to", NULL},
		{"out of date", equal_too_late, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "from EU C to", NULL},
		{"one direction", equal_only_backwards, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "from US S to", NULL},
		{"never chained", equal_is_not_chained, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "from EU S to", NULL},
		{"two equals", equal_of_two_schemes_fits_both, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "US C at most",
		 NULL},
		{"own scheme first", own_ceiling_counts_first, RULE_CEILING, 0, POLICY_REFUSES, ERR_CEILING, "EU R at most",
		 NULL},
		{"no such ceiling", ceiling_of_no_scheme, RULE_CEILING, 0, POLICY_REFUSES, ERR_LABEL, "the ceiling \"de/vs\"",
		 "correct the ceilings of agency-b"},
	};
	judge_rows(rows, COUNT(rows));
}

/* --- 6: audience --- */

static void persons_only(struct policy_fixture *f)
{
	red(f);
	fixture_label(f, "tlp/red")->kinds = 1u << PARTY_PERSON;
}

static void to_a_person(struct policy_fixture *f)
{
	persons_only(f);
	f->parties[1].party.kind = PARTY_PERSON;
}

static void received_by_an_organisation(struct policy_fixture *f)
{
	persons_only(f);
	to_receiver(f);
}

static void kind_unknown(struct policy_fixture *f)
{
	persons_only(f);
	f->recipients[0].party = NULL;
}

/* A lower label that asks for more than the mark, which is red. */
static void below_the_mark(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/green", "");
	fixture_add_file(f, "b.txt", "pd/none tlp/red", "");
	fixture_label(f, "tlp/green")->audience = AUDIENCE_COMMUNITY;
}

static void shared(struct policy_fixture *f)
{
	below_the_mark(f);
	fixture_communities(f, 0, "first wa");
	fixture_communities(f, 1, "csirts wa");
}

static void shared_in_pairs_only(struct policy_fixture *f)
{
	shared(f);
	f->about.recipient_count = 3;
	fixture_communities(f, 2, "first");
	fixture_communities(f, 3, "wa");
}

static void shared_by_all(struct policy_fixture *f)
{
	shared_in_pairs_only(f);
	fixture_communities(f, 2, "wa");
}

static void two_organisations(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "pd/none tlp/strict", "");
	fixture_label(f, "tlp/strict")->audience = AUDIENCE_ORGANISATION;
	f->about.recipient_count = 2;
}

static void one_organisation(struct policy_fixture *f)
{
	two_organisations(f);
	(void)strcpy(f->parties[1].party.organisation, "Agency C");
}

static void organisation_unknown(struct policy_fixture *f)
{
	two_organisations(f);
	f->parties[1].party.organisation[0] = f->parties[2].party.organisation[0] = '\0';
}

static void labels_choose_their_audience(void **state)
{
	static const struct row rows[] = {
		{"any", red, RULE_AUDIENCE, 0, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"kind", persons_only, RULE_AUDIENCE, 0, POLICY_REFUSES, ERR_RECIPIENT,
		 "T:RED is for recipients of kind person only, and agency-b is of kind organisation (b.txt)",
		 "kind person after --to"},
		{"the sender may be of any kind", persons_only, RULE_AUDIENCE, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"a person", to_a_person, RULE_AUDIENCE, 0, POLICY_ALLOWS, ERR_OK, "agency-b may have T:RED", NULL},
		{"received", received_by_an_organisation, RULE_AUDIENCE, -1, POLICY_REFUSES, ERR_RECIPIENT,
		 "this station is of", "station.yaml"},
		{"unknown kind", kind_unknown, RULE_AUDIENCE, 0, POLICY_REFUSES, ERR_RECIPIENT, "of kind unknown", NULL},
		{"a label below the mark", below_the_mark, RULE_AUDIENCE, 0, POLICY_REFUSES, ERR_RECIPIENT,
		 "T:GREEN stays within a community, and agency-b shares none with this station (a.txt)", "`communities`"},
		{"shared", shared, RULE_AUDIENCE, 0, POLICY_ALLOWS, ERR_OK, "agency-b may have T:GREEN", NULL},
		{"in pairs, first", shared_in_pairs_only, RULE_AUDIENCE, 0, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"in pairs, second", shared_in_pairs_only, RULE_AUDIENCE, 1, POLICY_REFUSES, ERR_RECIPIENT,
		 "no community holds agency-c and the recipients before it", NULL},
		{"in pairs, third", shared_in_pairs_only, RULE_AUDIENCE, 2, POLICY_REFUSES, ERR_RECIPIENT, NULL, NULL},
		{"all in one", shared_by_all, RULE_AUDIENCE, 2, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"two organisations", two_organisations, RULE_AUDIENCE, 1, POLICY_REFUSES, ERR_RECIPIENT,
		 "agency-c (Agency C) is of another than agency-b (Agency B)", "a bundle for each"},
		{"one organisation", one_organisation, RULE_AUDIENCE, 1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"no names are not one name", organisation_unknown, RULE_AUDIENCE, 1, POLICY_REFUSES, ERR_RECIPIENT, NULL,
		 NULL},
	};
	judge_rows(rows, COUNT(rows));
}

/* --- numbers, and the end of a label --- */

static void numbers_wanted(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "eu/s pd/none tlp/clear", "");
	fixture_label(f, "eu/s")->needs = 1u << NEED_REGISTRATION | 1u << NEED_COPY;
	fixture_ceilings(f, 0, "eu/s");
	fixture_ceilings(f, 1, "eu/s");
}

static void number_empty(struct policy_fixture *f)
{
	numbers_wanted(f);
	f->markings[0].registration = (char *)"";
}

static void copy_wanted(struct policy_fixture *f)
{
	numbers_wanted(f);
	f->markings[0].registration = (char *)"A-17";
}

static void copy_wanted_received(struct policy_fixture *f)
{
	copy_wanted(f);
	to_receiver(f);
}

static void numbers_there(struct policy_fixture *f)
{
	copy_wanted(f);
	f->markings[0].copy = (char *)"2";
}

static void ends_now(struct policy_fixture *f)
{
	plain(f);
	f->markings[0].expires = FIXTURE_NOW;
}

static void ended(struct policy_fixture *f)
{
	red(f);
	f->markings[1].expires = FIXTURE_NOW - 1;
}

static void ended_received(struct policy_fixture *f)
{
	ended(f);
	to_receiver(f);
}

static void outlived(struct policy_fixture *f)
{
	plain(f);
	f->markings[0].expires = FIXTURE_NOW + 31 * DAY_S - 1;
	f->about.not_after = FIXTURE_NOW + 90 * DAY_S;
}

static void outlived_by_a_day(struct policy_fixture *f)
{
	outlived(f);
	f->markings[0].expires = FIXTURE_NOW + DAY_S - 1;
}

static void not_outlived(struct policy_fixture *f)
{
	outlived(f);
	f->about.not_after = f->markings[0].expires;
}

static void outlived_received(struct policy_fixture *f)
{
	outlived(f);
	to_receiver(f);
}

static void facts_are_there(void **state)
{
	static const struct row rows[] = {
		{"no numbers", plain, RULE_NUMBERS, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"registration", numbers_wanted, RULE_NUMBERS, -1, POLICY_REFUSES, ERR_REQUIREMENT,
		 "a.txt: EU S needs a registration number", "registration: \""},
		{"empty", number_empty, RULE_NUMBERS, -1, POLICY_REFUSES, ERR_REQUIREMENT, "registration number", NULL},
		{"copy", copy_wanted, RULE_NUMBERS, -1, POLICY_REFUSES, ERR_REQUIREMENT, "a copy number", "copy: \""},
		{"copy, received", copy_wanted_received, RULE_NUMBERS, -1, POLICY_REFUSES, ERR_REQUIREMENT, "a copy number",
		 "ask the sender"},
		{"both", numbers_there, RULE_NUMBERS, -1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"no end", plain, RULE_LABEL_EXPIRY, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"ends now", ends_now, RULE_LABEL_EXPIRY, -1, POLICY_ALLOWS, ERR_OK, "2026-09-21T14:13:20Z", NULL},
		{"ended", ended, RULE_LABEL_EXPIRY, -1, POLICY_REFUSES, ERR_EXPIRED,
		 "b.txt: its labels were good until 2026-09-21T14:13:19Z", "label file"},
		{"ended, received", ended_received, RULE_LABEL_EXPIRY, -1, POLICY_REFUSES, ERR_EXPIRED, "b.txt",
		 "ask the sender"},
		{"outlived", outlived, RULE_LABEL_EXPIRY, -1, POLICY_REFUSES, ERR_EXPIRED, "and the bundle would be until",
		 "--expires 30d"},
		{"less than a day", outlived_by_a_day, RULE_LABEL_EXPIRY, -1, POLICY_REFUSES, ERR_EXPIRED, NULL,
		 "labelled anew"},
		{"not outlived", not_outlived, RULE_LABEL_EXPIRY, -1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
		{"outlived, received", outlived_received, RULE_LABEL_EXPIRY, -1, POLICY_ALLOWS, ERR_OK, NULL, NULL},
	};
	judge_rows(rows, COUNT(rows));
}

/* --- 8: personal data; the details are test_personal's --- */

static void personal(struct policy_fixture *f)
{
	fixture_add_file(f, "reports/people.csv", "pd/personal tlp/clear", "")->record = (char *)"incidents";
	fixture_label(f, "pd/personal")->needs = 1u << NEED_RECORD;
	fixture_set_record(f);
	fixture_mechanisms(f, 1, "eu-gdpr:A46-3-b");
}

static void personal_without_record(struct policy_fixture *f)
{
	personal(f);
	f->markings[0].record = NULL;
}

static void personal_with_unknown_record(struct policy_fixture *f)
{
	personal(f);
	f->markings[0].record = (char *)"people";
}

static void category_without_record(struct policy_fixture *f)
{
	fixture_add_file(f, "a.txt", "cat/health pd/none tlp/clear", "");
	fixture_label(f, "cat/health")->needs = 1u << NEED_ARTICLE_9;
}

static void personal_incomplete(struct policy_fixture *f)
{
	personal(f);
	f->record.texts[RECORD_RETENTION] = (char *)"for ever";
}

static void personal_incomplete_received(struct policy_fixture *f)
{
	personal_incomplete(f);
	to_receiver(f);
}

static void personal_not_permitted(struct policy_fixture *f)
{
	personal(f);
	fixture_mechanisms(f, 1, "");
}

static void personal_received_without_mechanism(struct policy_fixture *f)
{
	personal(f);
	f->record.texts[RECORD_MECHANISM] = NULL;
	to_receiver(f);
}

static void personal_within_the_eea(struct policy_fixture *f)
{
	personal(f);
	f->about.recipient_count = 3;
	f->record.texts[RECORD_MECHANISM] = NULL;
	(void)strcpy(f->parties[1].party.jurisdiction, "BE");
}

static void record_of_no_need(struct policy_fixture *f)
{
	plain(f);
	fixture_set_record(f);
	f->record.texts[RECORD_RETENTION] = NULL;
	f->markings[0].record = (char *)"incidents";
}

static void personal_data_have_their_papers(void **state)
{
	static const struct row rows[] = {
		{"none", plain, RULE_PERSONAL, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"none, recipient", plain, RULE_PERSONAL, 0, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"no need of it", record_of_no_need, RULE_PERSONAL, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"complete", personal, RULE_PERSONAL, -1, POLICY_ALLOWS, ERR_OK, "complete processing record", NULL},
		{"third country", personal, RULE_PERSONAL, 0, POLICY_ALLOWS, ERR_OK,
		 "agency-b is in a third country (US), and may have them by eu-gdpr:A46-3-b (arrangement of 2024)", NULL},
		{"no record", personal_without_record, RULE_PERSONAL, -1, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "reports/people.csv: P:PERSONAL needs a processing record (GDPR Art. 30(1)", "record: \""},
		{"no such record", personal_with_unknown_record, RULE_PERSONAL, -1, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "no processing record \"people\"", "record: \""},
		{"a category asks for one, too", category_without_record, RULE_PERSONAL, -1, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "a.txt: C:HEALTH needs a processing record", NULL},
		{"incomplete", personal_incomplete, RULE_PERSONAL, -1, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "reports/people.csv: the processing record \"incidents\": retention must be", "correct retention"},
		{"incomplete, received", personal_incomplete_received, RULE_PERSONAL, -1, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "retention must be", "ask the sender"},
		{"not permitted", personal_not_permitted, RULE_PERSONAL, 0, POLICY_REFUSES, ERR_PERSONAL_DATA,
		 "reports/people.csv: eu-gdpr:A46-3-b", "permit it for agency-b"},
		{"the exporter's duty", personal_received_without_mechanism, RULE_PERSONAL, -1, POLICY_ALLOWS, ERR_OK, NULL,
		 NULL},
		{"at home", personal_within_the_eea, RULE_PERSONAL, 0, POLICY_ALLOWS, ERR_OK, "BE and BE are the same", NULL},
		{"EEA", personal_within_the_eea, RULE_PERSONAL, 2, POLICY_ALLOWS, ERR_OK, "BE and NO are both in the EEA",
		 NULL},
	};
	judge_rows(rows, COUNT(rows));
}

/* --- the same schemes on both sides --- */

static void red_received(struct policy_fixture *f)
{
	red(f);
	to_receiver(f);
}

static void schemes_are_compared_by_the_receiver(void **state)
{
	static const struct row rows[] = {
		{"sending", red, RULE_SCHEMES, -1, POLICY_NOT_CONCERNED, ERR_OK, NULL, NULL},
		{"received", red_received, RULE_SCHEMES, -1, POLICY_ALLOWS, ERR_OK, "pd, tlp: the same ranks and rules", NULL},
	};
	judge_rows(rows, COUNT(rows));
	/* another version of the same is fine; other rules are not; nor is a scheme that is not here */
	for (int i = 0; i < 3; i++) {
		auto_fixture f;
		struct err err = ERR_INIT;
		policy_fixture_init(&f);
		red_received(&f);
		fixture_seal(&f);
		(void)strcpy(f.listed[1].version, "9");
		if (i == 1)
			f.listed[1].semantics.bytes[0] ^= 1;
		if (i == 2)
			(void)strcpy(f.listed[1].id, "tlq");
		assert_int_equal(policy_check(&f.about, &err), i == 0 ? 0 : -1);
		assert_int_equal(err.code, i == 0 ? ERR_OK : ERR_SCHEME);
		if (i == 1)
			assert_non_null(strstr(err.message, "at the sender (version 9) than here (version 1)"));
		if (i == 2)
			assert_non_null(strstr(err.message, "\"tlq\", version 9, which is not here"));
	}
}

/* --- the report --- */

static void every_rule_answers_for_everybody(void **state)
{
	auto_fixture f;
	auto_policy_report report = {0};
	policy_fixture_init(&f);
	red(&f);
	f.about.recipient_count = 3;
	fixture_seal(&f);
	expect_ok(policy_decide(&f.about, &report, err));
	assert_false(report.refused);
	assert_int_equal(report.count, 4 * RULE_COUNT);
	for (uint32_t i = 0; i < report.count; i++) {
		assert_int_equal(report.findings[i].recipient, (int64_t)(i / RULE_COUNT) - 1);
		assert_int_equal(report.findings[i].rule, i % RULE_COUNT);
	}
	for (unsigned i = 0; i < RULE_COUNT; i++)
		assert_true(policy_rule_name((enum policy_rule)i)[0] != '\0' &&
					policy_rule_text((enum policy_rule)i)[0] != '\0');
}

static void a_refusal_does_not_end_the_report(void **state)
{
	auto_fixture f;
	auto_policy_report report = {0};
	policy_fixture_init(&f);
	unlabelled(&f);
	fixture_ceilings(&f, 1, "");
	(void)strcpy(f.labels[0][0].id, "pd/personal");
	fixture_seal(&f);
	expect_ok(policy_decide(&f.about, &report, err));
	assert_true(report.refused);
	assert_int_equal(find(&report, RULE_LABELLED, -1)->outcome, POLICY_REFUSES);
	assert_int_equal(find(&report, RULE_CEILING, 0)->outcome, POLICY_REFUSES);
}

static void a_receiver_judges_for_itself(void **state)
{
	auto_fixture f;
	auto_policy_report report = {0};
	policy_fixture_init(&f);
	red_received(&f);
	fixture_seal(&f);
	expect_ok(policy_decide(&f.about, &report, err));
	assert_int_equal(report.count, RULE_COUNT);
}

static void parties_are_as_they_are_written_down(void **state)
{
	struct ceilings ceilings = {.count = 1};
	struct communities communities = {.count = 2};
	struct mechanisms mechanisms = {.count = 3};
	struct partner partner = {.alias = "bob",
							  .ceilings = &ceilings,
							  .communities = &communities,
							  .mechanisms = &mechanisms,
							  .sector = SECTOR_PRIVATE};
	struct station_doc *station = calloc(1, sizeof *station);
	assert_non_null(station);
	struct policy_party of = policy_party_of_partner(&partner);
	assert_string_equal(of.name, "bob");
	assert_true(of.party == &partner.party && of.ceilings == &ceilings && of.communities == &communities &&
				of.mechanisms == &mechanisms && of.sector == SECTOR_PRIVATE);
	of = policy_party_of_station(station);
	assert_string_equal(of.name, "this station");
	assert_true(of.party == &station->party && of.ceilings == &station->ceilings &&
				of.communities == &station->communities && of.mechanisms == NULL && of.sector == SECTOR_PUBLIC);
	free(station);
}

/* Files cost one look; all else is by marking. Processor time, so that other work on the machine does not count. */
static void many_files_are_decided(void **state)
{
	enum { FILES = 100000, MARKINGS = 1000, PARTIES = 10 };
	auto_fixture f;
	struct policy_party parties[PARTIES];
	struct manifest_entry *entries = calloc(FILES, sizeof *entries);
	struct manifest_marking *markings = calloc(MARKINGS, sizeof *markings);
	struct manifest_label *labels = calloc((size_t)MARKINGS * 4, sizeof *labels);
	assert_true(entries != NULL && markings != NULL && labels != NULL);
	policy_fixture_init(&f);
	personal(&f);
	for (uint32_t i = 0; i < MARKINGS; i++) {
		static const char *const ids[] = {"cat/health", "cat/ip", "pd/personal", "tlp/red"};
		markings[i] = (struct manifest_marking){.labels = &labels[i * 4], .count = 4, .record = (char *)"incidents"};
		for (unsigned k = 0; k < 4; k++)
			(void)strcpy(markings[i].labels[k].id, ids[k]);
	}
	for (uint32_t i = 0; i < FILES; i++)
		entries[i] = (struct manifest_entry){.path = (char *)"a", .type = ENTRY_FILE, .marking = i % MARKINGS};
	for (uint32_t i = 0; i < PARTIES; i++)
		parties[i] = f.recipients[0];
	f.manifest.entries = entries;
	f.manifest.entry_count = FILES;
	f.manifest.markings = markings;
	f.manifest.marking_count = MARKINGS;
	f.about.recipients = parties;
	f.about.recipient_count = PARTIES;
	fixture_seal(&f);
	auto_policy_report report = {0};
	expect_ok(policy_decide(&f.about, &report, err));
	expect_ok(policy_check(&f.about, err));
	assert_false(report.refused);
	free(entries);
	free(markings);
	free(labels);
}

static int start_library(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_labelled),
		cmocka_unit_test(files_go_where_they_may),
		cmocka_unit_test(received_releasability_is_recomputed),
		cmocka_unit_test(nobody_gets_more_than_his_ceiling),
		cmocka_unit_test(labels_choose_their_audience),
		cmocka_unit_test(facts_are_there),
		cmocka_unit_test(personal_data_have_their_papers),
		cmocka_unit_test(schemes_are_compared_by_the_receiver),
		cmocka_unit_test(every_rule_answers_for_everybody),
		cmocka_unit_test(a_refusal_does_not_end_the_report),
		cmocka_unit_test(a_receiver_judges_for_itself),
		cmocka_unit_test(parties_are_as_they_are_written_down),
		cmocka_unit_test(many_files_are_decided),
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
