/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "policy/decide.h"
#include "policy/rules.h"

#include <stdlib.h>

/* The shipped schemes, and two more: a set ("kind", combined by union), and who it may go to ("rel", by intersection).
 */
#define KIND                                                                                    \
	"valise-scheme: 1\nid: kind\nversion: 1\ntitle: Kinds\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: union\nlabels: [{id: a, text: KIND:A}, {id: b, text: KIND:B}]\n"
#define REL                                                                                            \
	"valise-scheme: 1\nid: rel\nversion: 1\ntitle: Releasable to\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: intersection\nlabels: [{id: be, text: REL:BE}, {id: nl, text: REL:NL}, {id: us, text: REL:US}]\n"

struct world {
	struct scheme_set schemes;
	struct manifest manifest;
};

static void world_clear(struct world *world)
{
	scheme_set_clear(&world->schemes);
	manifest_clear(&world->manifest);
}
#define auto_world AUTO(world_clear) struct world

static void world_init(struct world *world)
{
	memset(world, 0, sizeof *world);
	expect_ok(scheme_set_load_shipped(&world->schemes, NULL, err));
	expect_ok(scheme_set_add(&world->schemes, KIND, strlen(KIND), NULL, err));
	expect_ok(scheme_set_add(&world->schemes, REL, strlen(REL), NULL, err));
	expect_ok(manifest_init(&world->manifest, err));
}

/* "pd/none tlp/red" as a marking. */
struct marking {
	struct manifest_label labels[8];
	struct manifest_marking marking;
};

static void marking_from(struct marking *out, const char *words)
{
	memset(out, 0, sizeof *out);
	out->marking.labels = out->labels;
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		assert_true(out->marking.count < COUNT(out->labels) && len <= LABEL_ID_MAX);
		memcpy(out->labels[out->marking.count++].id, words, len);
		words += len;
		words += strspn(words, " ");
	}
}

/* One file more, with these labels. */
static void add_file(struct manifest *manifest, const char *path, const char *words)
{
	struct marking marking;
	struct manifest_entry entry = {.path = (char *)path, .media_type = (char *)"", .type = ENTRY_FILE};
	marking_from(&marking, words);
	expect_ok(manifest_add_marking(manifest, &marking.marking, &entry.marking, err));
	expect_ok(manifest_add_entry(manifest, &entry, err));
}

static void add_files(struct manifest *manifest, const char *const files[], size_t count)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	for (size_t i = 0; i < count && files[i] != NULL; i++)
		add_file(manifest, names[i], files[i]);
}

static char *join(char (*marks)[LABEL_ID_MAX + 1], uint32_t count, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t i = 0; i < count; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", marks[i]);
	return out;
}

/* --- one file --- */

static void complete_markings_pass(void **state)
{
	static const char *const rows[] = {
		"pd/none tlp/clear",
		"pd/personal tlp/red",
		"pap/red pd/none tlp/amber-strict",
		"tlp/red pd/none",
		"kind/a kind/b pd/none tlp/clear",
		"pd/none rel/be rel/us tlp/clear",
	};
	auto_world world;
	world_init(&world);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct marking marking;
		marking_from(&marking, rows[i]);
		expect_ok(policy_check_marking(&world.schemes, &marking.marking, rows[i], err));
	}
}

static void other_markings_are_refused(void **state)
{
	static const struct {
		const char *labels;
		enum err_code code;
		const char *message, *hint;
	} rows[] = {
		{"", ERR_UNLABELLED,
		 "reports/a.txt: carries no label of Personal-data state (pd) and of Traffic Light Protocol (tlp)",
		 "add --label PD:NONE (one of PD:NONE, PD:ANONYMISED, PD:PSEUDONYMISED, PD:PERSONAL) and --label TLP:AMBER (one of "
		 "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED)"},
		{"pd/none", ERR_UNLABELLED, "no label of Traffic Light Protocol (tlp)",
		 "add --label TLP:AMBER (one of TLP:CLEAR, "},
		{"tlp/red", ERR_UNLABELLED, "no label of Personal-data state (pd)", "add --label PD:NONE (one of PD:NONE, "},
		{"pap/red kind/a", ERR_UNLABELLED, "(pd) and of ", "--label TLP:AMBER"},
		{"pd/none tlp/amber tlp/red", ERR_LABEL, "reports/a.txt: carries both TLP:AMBER and TLP:RED",
		 "one label of Traffic"},
		{"pap/red pap/clear pd/none tlp/red", ERR_LABEL, "carries both PAP:RED and PAP:CLEAR",
		 "one label of Permissible"},
		{"pd/none tlp/red tlp/red", ERR_LABEL, "carries TLP:RED twice", ""},
		{"kind/a kind/a pd/none tlp/red", ERR_LABEL, "carries KIND:A twice", ""},
		{"pd/none tlp/white", ERR_LABEL, "there is no label \"tlp/white\" here", ""},
		{"eu/secret pd/none tlp/red", ERR_LABEL, "there is no label \"eu/secret\" here", ""},
		{"pd/none TLP:RED", ERR_LABEL, "there is no label \"TLP:RED\" here", ""},
	};
	auto_world world;
	world_init(&world);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		struct marking marking;
		marking_from(&marking, rows[i].labels);
		if (policy_check_marking(&world.schemes, &marking.marking, "reports/a.txt", &err) != -1 ||
			err.code != rows[i].code)
			fail_msg("\"%s\": wanted %s, got %s", rows[i].labels, err_name(rows[i].code), err_name(err.code));
		if (strstr(err.message, rows[i].message) == NULL || strstr(err.hint, rows[i].hint) == NULL)
			fail_msg("\"%s\": got \"%s\", hint \"%s\"", rows[i].labels, err.message, err.hint);
	}
}

/* --- high water --- */

static void marks_are_the_highest_the_union_the_intersection(void **state)
{
	static const struct {
		const char *files[4], *marks;
	} rows[] = {
		{{NULL}, ""},
		{{"pd/none tlp/clear"}, "pd/none tlp/clear"},
		{{"pd/none tlp/clear", "pd/personal tlp/clear"}, "pd/personal tlp/clear"},
		{{"pd/personal tlp/clear", "pd/none tlp/red"}, "pd/personal tlp/red"},
		{{"pd/none tlp/amber-strict", "pd/none tlp/amber", "pd/none tlp/green"}, "pd/none tlp/amber-strict"},
		{{"pap/red pd/none tlp/clear", "pd/none tlp/green"}, "pap/red pd/none tlp/green"},
		{{"pap/clear pd/none tlp/clear", "pap/amber pd/none tlp/clear"}, "pap/amber pd/none tlp/clear"},
		{{"kind/a", "kind/b", "tlp/red"}, "kind/a kind/b tlp/red"},
		{{"kind/a kind/b", "kind/a"}, "kind/a kind/b"},
		{{"rel/be rel/nl", "rel/nl rel/us"}, "rel/nl"},
		{{"rel/be rel/nl rel/us", "rel/be rel/us"}, "rel/be rel/us"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world world;
		char(*marks)[LABEL_ID_MAX + 1];
		char joined[256];
		uint32_t count;
		world_init(&world);
		add_files(&world.manifest, rows[i].files, COUNT(rows[i].files));
		expect_ok(policy_high_water(&world.schemes, &world.manifest, &marks, &count, err));
		assert_string_equal(join(marks, count, joined, sizeof joined), rows[i].marks);
		free(marks);
	}
}

static void marks_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *files[4], *piece;
	} rows[] = {
		{{"rel/be", "rel/us"}, "no label of Releasable to (rel) is on all files"},
		{{"rel/be tlp/red", "tlp/red"}, "no label of Releasable to (rel) is on all files"},
		{{"tlp/red", "nato/secret"}, "there is no label \"nato/secret\""},
		{{"tlp/white"}, "there is no label \"tlp/white\""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world world;
		char(*marks)[LABEL_ID_MAX + 1] = NULL;
		uint32_t count;
		world_init(&world);
		add_files(&world.manifest, rows[i].files, COUNT(rows[i].files));
		expect_failure(policy_high_water(&world.schemes, &world.manifest, &marks, &count, err), ERR_LABEL,
					   rows[i].piece, rows[i].files[0]);
		assert_null(marks);
		assert_int_equal(count, 0);
	}
}

/* --- ceilings --- */

static void ceilings_from(struct ceilings *out, const char *words)
{
	struct marking marking;
	marking_from(&marking, words);
	memset(out, 0, sizeof *out);
	for (uint32_t i = 0; i < marking.marking.count; i++)
		memcpy(out->labels[out->count++], marking.labels[i].id, sizeof out->labels[0]);
}

static const struct ceiling_row {
	const char *marks, *ceilings; /* NULL: none at all */
	enum err_code code;
	const char *message;
} ceiling_rows[] = {
	{"pd/none tlp/clear", NULL, ERR_OK, ""},
	{"pd/none tlp/clear", "", ERR_OK, ""},
	{"pd/none tlp/green", NULL, ERR_CEILING,
	 "bob has no ceiling for Traffic Light Protocol (tlp) and may not hold TLP:GREEN"},
	{"pd/anonymised tlp/clear", "", ERR_CEILING,
	 "bob has no ceiling for Personal-data state (pd) and may not hold PD:ANONYMISED"},
	{"pd/none tlp/amber", "tlp/amber", ERR_OK, ""},
	{"pd/none tlp/green", "tlp/amber", ERR_OK, ""},
	{"pd/none tlp/clear", "tlp/amber", ERR_OK, ""},
	{"pd/none tlp/amber-strict", "tlp/amber", ERR_CEILING, "bob may hold TLP:AMBER at most, and a is TLP:AMBER+STRICT"},
	{"pd/none tlp/red", "tlp/amber-strict", ERR_CEILING, "bob may hold TLP:AMBER+STRICT at most, and a is TLP:RED"},
	{"pd/none tlp/red", "tlp/clear", ERR_CEILING, "bob may hold TLP:CLEAR at most, and a is TLP:RED"},
	{"pd/personal tlp/red", "tlp/red", ERR_CEILING, "may not hold PD:PERSONAL"},
	{"pd/personal tlp/red", "tlp/red pd/personal", ERR_OK, ""},
	{"pd/personal tlp/red", "tlp/red pd/pseudonymised", ERR_CEILING, "PD:PSEUDONYMISED at most"},
	{"pap/red pd/none tlp/clear", NULL, ERR_OK, ""},
	{"kind/a kind/b", NULL, ERR_OK, ""},
	{"tlp/red", "tlp/red tlp/green", ERR_CEILING, "TLP:GREEN at most"},
	{"tlp/red", "tlp/green tlp/red", ERR_CEILING, "TLP:GREEN at most"},
	{"tlp/red", "tlp/white", ERR_LABEL, "bob: the ceiling \"tlp/white\""},
	{"tlp/red", "tlp/red eu/secret", ERR_LABEL, "the ceiling \"eu/secret\""},
	{"tlp/red", "tlp/red pap/red", ERR_LABEL, "the ceiling \"pap/red\""},
};

/* What the rule says of a recipient with these ceilings, for one file with these labels. */
static void check_ceiling_row(const struct ceiling_row *row)
{
	auto_world world;
	auto_policy_report report = {0};
	struct ceilings ceilings;
	world_init(&world);
	add_file(&world.manifest, "a", row->marks);
	if (row->ceilings != NULL)
		ceilings_from(&ceilings, row->ceilings);
	const struct policy_party bob = {.name = "bob", .ceilings = row->ceilings != NULL ? &ceilings : NULL};
	const struct policy_case about = {.side = POLICY_SENDING,
									  .schemes = &world.schemes,
									  .manifest = &world.manifest,
									  .station = {.name = "this station"},
									  .recipients = &bob,
									  .recipient_count = 1};
	expect_ok(policy_decide(&about, &report, err));
	const struct policy_finding *found = &report.findings[RULE_COUNT + RULE_CEILING];
	const struct err *why = &found->why;
	assert_true(found->rule == RULE_CEILING && found->recipient == 0);
	if (why->code != row->code || (found->outcome == POLICY_REFUSES) != (row->code != ERR_OK) ||
		strstr(why->message, row->message) == NULL)
		fail_msg("%s under %s: got %s: %s", row->marks, row->ceilings != NULL ? row->ceilings : "nothing",
				 err_name(why->code), why->message);
	if (row->code == ERR_CEILING && strstr(why->hint, "raise the ceiling of bob") == NULL)
		fail_msg("%s: the hint is \"%s\"", row->marks, why->hint);
}

static void ceilings_hold(void **state)
{
	for (size_t i = 0; i < COUNT(ceiling_rows); i++)
		check_ceiling_row(&ceiling_rows[i]);
}

static void ceilings_are_rewritten(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"TLP:AMBER", "tlp/amber"},
		{"TLP:AMBER+STRICT PD:NONE", "pd/none tlp/amber-strict"},
		{"tlp/red PD:PERSONAL", "pd/personal tlp/red"},
	};
	auto_world world;
	world_init(&world);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ceilings ceilings;
		char joined[256];
		ceilings_from(&ceilings, rows[i][0]);
		expect_ok(policy_normalise_ceilings(&world.schemes, &ceilings, err));
		assert_string_equal(join(ceilings.labels, ceilings.count, joined, sizeof joined), rows[i][1]);
	}
}

static void wrong_ceilings_are_refused_and_stay(void **state)
{
	static const char *const rows[][2] = {
		{"TLP:AMBER tlp:red", "not how the label is written"},
		{"TLP:AMBER TLP:RED", "two ceilings for Traffic Light Protocol: TLP:AMBER and TLP:RED"},
		{"TLP:AMBER tlp/amber", "two ceilings for"},
		{"PAP:RED", "Permissible Actions Protocol has no ceilings"},
		{"KIND:A", "Kinds has no ceilings"},
		{"SECRET", "\"SECRET\" is no label"},
	};
	auto_world world;
	world_init(&world);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ceilings ceilings, before;
		ceilings_from(&ceilings, rows[i][0]);
		before = ceilings;
		expect_failure(policy_normalise_ceilings(&world.schemes, &ceilings, err), ERR_LABEL, rows[i][1], rows[i][0]);
		assert_memory_equal(&ceilings, &before, sizeof before);
	}
}

static void sets_may_have_many_ceilings(void **state)
{
	auto_world world;
	struct ceilings ceilings;
	char joined[256];
	world_init(&world);
	((struct scheme *)scheme_find(&world.schemes, "kind"))->ceiling = true;
	ceilings_from(&ceilings, "KIND:B TLP:AMBER KIND:A");
	expect_ok(policy_normalise_ceilings(&world.schemes, &ceilings, err));
	assert_string_equal(join(ceilings.labels, ceilings.count, joined, sizeof joined), "kind/a kind/b tlp/amber");
	ceilings_from(&ceilings, "KIND:B kind/b");
	expect_failure(policy_normalise_ceilings(&world.schemes, &ceilings, err), ERR_LABEL, "two ceilings for Kinds",
				   "twice");
}

/* --- a received manifest --- */

static void list_scheme(struct manifest *manifest, const struct scheme *scheme, const char *id)
{
	struct manifest_scheme *grown = realloc(manifest->schemes, (manifest->scheme_count + 1) * sizeof *grown);
	assert_non_null(grown);
	manifest->schemes = grown;
	grown += manifest->scheme_count++;
	memset(grown, 0, sizeof *grown);
	(void)snprintf(grown->id, sizeof grown->id, "%s", id);
	(void)snprintf(grown->version, sizeof grown->version, "%s", scheme->version);
	grown->semantics = scheme->semantics;
}

/* A manifest as a good sender makes it: two files, two markings. */
static void make_good(struct world *world)
{
	world_init(world);
	add_file(&world->manifest, "a", "pd/none tlp/amber");
	add_file(&world->manifest, "b", "pap/red pd/personal tlp/green");
	list_scheme(&world->manifest, scheme_find(&world->schemes, "pap"), "pap");
	list_scheme(&world->manifest, scheme_find(&world->schemes, "pd"), "pd");
	list_scheme(&world->manifest, scheme_find(&world->schemes, "tlp"), "tlp");
	expect_ok(
		policy_high_water(&world->schemes, &world->manifest, &world->manifest.marks, &world->manifest.mark_count, err));
}

static void break_nothing(struct manifest *m)
{
	(void)m;
}

static void break_other_version(struct manifest *m)
{
	strcpy(m->schemes[2].version, "2.1"); /* same ranks and rules: fine */
}

static void break_semantics(struct manifest *m)
{
	strcpy(m->schemes[2].version, "3.0");
	m->schemes[2].semantics.bytes[31] ^= 1;
}

static void break_scheme_id(struct manifest *m)
{
	strcpy(m->schemes[0].id, "euci");
}

static void break_unlisted_scheme(struct manifest *m)
{
	m->scheme_count--;
}

static void break_mark_lower(struct manifest *m)
{
	strcpy(m->marks[2], "tlp/green");
}

static void break_mark_higher(struct manifest *m)
{
	strcpy(m->marks[2], "tlp/red");
}

static void break_mark_missing(struct manifest *m)
{
	m->mark_count--;
}

static void break_marks_swapped(struct manifest *m)
{
	strcpy(m->marks[0], "pd/personal");
	strcpy(m->marks[1], "pap/red");
}

static void break_label(struct manifest *m)
{
	strcpy(m->markings[0].labels[1].id, "tlp/orange");
}

static void break_required(struct manifest *m)
{
	m->markings[0].count = 1;
}

static void break_exclusive(struct manifest *m)
{
	strcpy(m->markings[1].labels[1].id, "tlp/red");
}

static void break_carried(struct manifest *m)
{
	m->entries[0].marking = 1;
}

/* The first refusal of the rules that judge the manifest by itself. */
static int check_received(const struct world *world, struct err *err)
{
	auto_policy_report report = {0};
	const struct policy_case about = {.side = POLICY_RECEIVING,
									  .schemes = &world->schemes,
									  .manifest = &world->manifest,
									  .station = {.name = "this station"}};
	if (policy_decide(&about, &report, err) < 0)
		return -1;
	report.count = RULE_HIGH_WATER + 1;
	return policy_report_check(&report, err);
}

static void received_manifests_are_judged(void **state)
{
	static const struct {
		const char *name;
		void (*break_it)(struct manifest *);
		enum err_code code;
		const char *piece;
	} rows[] = {
		{"good", break_nothing, ERR_OK, ""},
		{"other version, same semantics", break_other_version, ERR_OK, ""},
		{"other semantics", break_semantics, ERR_SCHEME, "at the sender (version 3.0) than here (version 2.0)"},
		{"a scheme that is not here", break_scheme_id, ERR_SCHEME,
		 "the scheme \"euci\", version 1.0, which is not here"},
		{"a scheme that is not listed", break_unlisted_scheme, ERR_MANIFEST, "uses tlp/amber and does not list"},
		{"a mark too low", break_mark_lower, ERR_MANIFEST, "marks are not those of its files"},
		{"a mark too high", break_mark_higher, ERR_MANIFEST, "marks are not those of its files"},
		{"a mark missing", break_mark_missing, ERR_MANIFEST, "marks are not those of its files"},
		{"marks in another order", break_marks_swapped, ERR_MANIFEST, "marks are not those of its files"},
		{"an unknown label", break_label, ERR_LABEL, "a: there is no label \"tlp/orange\""},
		{"a required scheme missing", break_required, ERR_UNLABELLED, "a: carries no label of Traffic"},
		{"two of an exclusive scheme", break_exclusive, ERR_LABEL, "b: carries both TLP:RED and TLP:GREEN"},
		{"a marking that nothing carries", break_carried, ERR_MANIFEST, "no file carries marking 0"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world world;
		make_good(&world);
		rows[i].break_it(&world.manifest);
		if (rows[i].code == ERR_OK)
			expect_ok(check_received(&world, err));
		else
			expect_failure(check_received(&world, err), rows[i].code, rows[i].piece, rows[i].name);
	}
}

static void schemes_of_no_label_are_not_listed(void **state)
{
	auto_world world;
	make_good(&world);
	list_scheme(&world.manifest, scheme_find(&world.schemes, "kind"), "kind");
	expect_failure(check_received(&world, err), ERR_MANIFEST, "lists the scheme kind and uses none", "unused scheme");
}

static void hints_for_receivers_do_not_say_label(void **state)
{
	struct err err = ERR_INIT;
	auto_world world;
	make_good(&world);
	break_required(&world.manifest);
	assert_int_equal(check_received(&world, &err), -1);
	assert_null(strstr(err.hint, "--label"));
	assert_non_null(strstr(err.hint, "ask the sender"));
}

static void folders_alone_need_no_label(void **state)
{
	auto_world world;
	struct manifest_entry entry = {.path = (char *)"only", .media_type = (char *)"", .type = ENTRY_FOLDER};
	world_init(&world);
	expect_ok(manifest_add_entry(&world.manifest, &entry, err));
	expect_ok(check_received(&world, err));
}

/* --- the clock --- */

static void clocks_are_judged(void **state)
{
	enum { MADE = 1772000000, END = MADE + 30 * DAY_S };
	static const struct {
		const char *name;
		int64_t now, latest;
		enum err_code code;
	} rows[] = {
		{"just made", MADE, 0, ERR_OK},
		{"last second", END, 0, ERR_OK},
		{"a second too late", END + 1, 0, ERR_EXPIRED},
		{"years too late", END + 400 * (int64_t)DAY_S, 0, ERR_EXPIRED},
		{"a little before", MADE - WAYBILL_SKEW_S, 0, ERR_OK},
		{"too long before", MADE - WAYBILL_SKEW_S - 1, 0, ERR_CLOCK},
		{"in 1970", 0, 0, ERR_CLOCK},
		{"behind what was seen, a little", MADE + DAY_S, MADE + 2 * DAY_S, ERR_OK},
		{"behind what was seen, too far", MADE + DAY_S - 1, MADE + 2 * DAY_S, ERR_CLOCK},
		{"after what was seen", MADE + 3 * DAY_S, MADE + 2 * DAY_S, ERR_OK},
		{"expired comes first", END + 1, END + 9 * DAY_S, ERR_EXPIRED},
	};
	const struct waybill waybill = {.created = MADE, .not_after = END};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		int rc = policy_check_expiry(&waybill, rows[i].now, &err);
		if (rc == 0)
			rc = policy_check_clock(&waybill, rows[i].now, rows[i].latest, &err);
		if (err.code != rows[i].code || rc != (rows[i].code == ERR_OK ? 0 : -1))
			fail_msg("%s: got %s: %s", rows[i].name, err_name(err.code), err.message);
		if (rc != 0)
			assert_true(err.hint[0] != '\0');
	}
}

static void clock_refusals_name_the_times(void **state)
{
	const struct waybill waybill = {.created = 1772000000, .not_after = 1772000000 + DAY_S};
	expect_failure(policy_check_expiry(&waybill, 1772000000 + 2 * DAY_S, err), ERR_EXPIRED, "2026-02-26T06:13:20Z",
				   "expired");
	expect_failure(policy_check_clock(&waybill, 0, 0, err), ERR_CLOCK,
				   "this clock says 1970-01-01T00:00:00Z, and the bundle was made at 2026-02-25T06:13:20Z", "clock");
	expect_failure(policy_check_clock(&waybill, 1772000000, 1772000000 + 2 * DAY_S, err), ERR_CLOCK,
				   "this station was already at work at 2026-02-27T06:13:20Z", "seen");
}

/* --- people --- */

static void people_are_counted_not_keys(void **state)
{
	static const struct {
		const char *names[4];
		unsigned people;
	} rows[] = {
		{{NULL}, 0},
		{{"Anna"}, 1},
		{{"Anna", "Bob"}, 2},
		{{"Anna", "Bob", "Anna"}, 2},
		{{"Anna", "ANNA", "anna", "Bob"}, 2},
		{{"Zo\u00eb", "Zoe\u0308", "ZO\u00cb"}, 1},
		{{"Anna", "Anna ", " Anna"}, 1},
		{{"Ann Able", "Ann  Able", "Ann\u00a0Able", "Ann\u3000\u2003able"}, 1},
		{{"Ann Able", "Ann\u1680Able", "\uff21nn Able"}, 1},
		{{"Ann Able", "AnnAble"}, 2},
		{{"", " "}, 1},
		{{"0123456789ABCDEF0123456789ABCDEF01234567", "Anna"}, 2},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned count = 0, people = 99;
		while (count < 4 && rows[i].names[count] != NULL)
			count++;
		expect_ok(policy_count_people(rows[i].names, count, &people, err));
		if (people != rows[i].people)
			fail_msg("row %zu: %u people", i, people);
	}
}

static void too_few_people_are_refused(void **state)
{
	expect_ok(policy_check_approvals(1, 1, err));
	expect_ok(policy_check_approvals(3, 2, err));
	expect_failure(policy_check_approvals(1, 2, err), ERR_APPROVALS, "1 of 2 people", "one");
	expect_failure(policy_check_approvals(0, 1, err), ERR_APPROVALS, "0 of 1 people", "none");
}

static void organisations_are_compared_as_people_read_them(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {{"Agency A", "AGENCY a", true},
				{"Zo\u00eb", "Zoe\u0308", true},
				{"Agency A", "Agency B", false},
				{"Agency A", "Agency A ", false},
				{"", "", false},
				{"Agency A", "", false}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool same = !rows[i].same;
		expect_ok(policy_is_same_organisation(rows[i].a, rows[i].b, &same, err));
		if (same != rows[i].same)
			fail_msg("row %zu", i);
	}
}

/* --- how many must sign --- */

static struct approval_rules approvals_of(const char *first, unsigned people, const char *second, unsigned more)
{
	struct approval_rules rules = {.count = second != NULL ? 2 : 1};
	(void)strcpy(rules.items[0].label, first);
	rules.items[0].people = people;
	if (second != NULL)
		(void)strcpy(rules.items[1].label, second);
	rules.items[1].people = more;
	return rules;
}

static void labels_demand_people(void **state)
{
	static const struct {
		const char *files[2];
		unsigned people;
		const char *label;
	} rows[] = {
		{{"pd/none tlp/green"}, 1, ""},
		{{"pd/none tlp/amber"}, 2, "tlp/amber"},
		{{"pd/none tlp/red"}, 2, "tlp/red"}, /* what holds for a label holds for those above it */
		{{"pd/none tlp/green", "pd/none tlp/red"}, 2, "tlp/red"},
		{{"pd/pseudonymised pdcat/art9-health tlp/green"}, 3, "pdcat/art9-health"},
		{{"pd/pseudonymised pdcat/art9-health tlp/red"}, 3, "pdcat/art9-health"},
		{{"pd/personal pdcat/contact tlp/green"}, 1, ""},
	};
	const struct approval_rules rules = approvals_of("tlp/amber", 2, "pdcat/art9-*", 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world world;
		struct policy_demand demand;
		world_init(&world);
		for (size_t k = 0; k < 2 && rows[i].files[k] != NULL; k++)
			add_file(&world.manifest, k == 0 ? "a" : "b", rows[i].files[k]);
		expect_ok(policy_demand_approvals(&world.schemes, &rules, &world.manifest, &demand, err));
		if (demand.people != rows[i].people || strcmp(demand.label, rows[i].label) != 0)
			fail_msg("row %zu: %u people for \"%s\"", i, demand.people, demand.label);
	}
}

/* A set has no order: a rule for one of its labels is for no other. */
static void a_set_has_no_higher_labels(void **state)
{
	const struct approval_rules rules = approvals_of("kind/a", 2, NULL, 0);
	auto_world world;
	struct policy_demand demand;
	world_init(&world);
	add_file(&world.manifest, "f", "kind/b pd/none tlp/red");
	expect_ok(policy_demand_approvals(&world.schemes, &rules, &world.manifest, &demand, err));
	assert_int_equal(demand.people, 1);
	add_file(&world.manifest, "g", "kind/a pd/none tlp/clear");
	expect_ok(policy_demand_approvals(&world.schemes, &rules, &world.manifest, &demand, err));
	assert_int_equal(demand.people, 2);
}

static void a_misspelt_rule_lets_nothing_through(void **state)
{
	static const char *const wrong[] = {"tlp/rot", "tpl/red", "pdcat/art8-*", "nothing/*", "eu/secret"};
	auto_world world;
	world_init(&world);
	add_file(&world.manifest, "f", "pd/none tlp/clear");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct policy_demand demand;
		const struct approval_rules rules = approvals_of(wrong[i], 2, NULL, 0);
		expect_failure(policy_demand_approvals(&world.schemes, &rules, &world.manifest, &demand, err), ERR_LABEL,
					   wrong[i], wrong[i]);
	}
}

/* --- what came before --- */

static void what_came_before_is_refused(void **state)
{
	struct policy_arrival arrival = {.bundle = {"11111111-2222-4333-8444-555555555555"}, .received = 1772000000};
	for (int whole = 0; whole < 2; whole++) {
		arrival.whole = whole != 0;
		arrival.known = ARRIVAL_NEW;
		expect_ok(policy_check_replay(&arrival, err));
		arrival.known = ARRIVAL_EQUIVOCATION;
		expect_failure(policy_check_replay(&arrival, err), ERR_EQUIVOCATION, "11111111-2222", "equivocation");
	}
	arrival.known = ARRIVAL_REPLAY;
	expect_failure(policy_check_replay(&arrival, err), ERR_REPLAY, "2026-02-25T06:13:20Z", "whole");
	arrival.whole = false;
	expect_ok(policy_check_replay(&arrival, err));
}

static void gaps_are_counted(void **state)
{
	static const struct fingerprint us = {"AAAA"}, them = {"BBBB"};
	struct manifest_void voided[] = {
		{.to = us, .sequence = 3}, {.to = us, .sequence = 4}, {.to = us, .sequence = 9}, {.to = them, .sequence = 5}};
	const struct manifest manifest = {.voided = voided, .void_count = COUNT(voided)};
	static const struct {
		uint64_t last, sequence, missing, declared;
	} rows[] = {
		{0, 1, 0, 0}, {2, 3, 0, 0}, {3, 3, 0, 0}, {9, 2, 0, 0}, {2, 4, 0, 1},  {2, 5, 0, 2},
		{2, 6, 1, 2}, {4, 6, 1, 0}, {0, 2, 1, 0}, {3, 9, 4, 1}, {3, 10, 4, 2}, {0, UINT64_MAX, UINT64_MAX - 4, 3},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_gap gap = policy_count_gap(&manifest, &us, rows[i].last, rows[i].sequence);
		if (gap.missing != rows[i].missing || gap.declared_void != rows[i].declared)
			fail_msg("row %zu: %llu missing, %llu void", i, (unsigned long long)gap.missing,
					 (unsigned long long)gap.declared_void);
	}
}

static void refusals_are_noted(void **state)
{
	static const struct {
		enum err_code code;
		bool packing, receiving;
	} rows[] = {
		{ERR_OK, false, false},       {ERR_CEILING, true, true},        {ERR_PERSONAL_DATA, true, true},
		{ERR_RELEASE, true, true},    {ERR_UNLABELLED, true, true},     {ERR_USAGE, false, true},
		{ERR_IO, false, true},        {ERR_BAD_SIGNATURE, false, true}, {ERR_REQUIREMENT, true, true},
		{ERR_CANCELLED, false, true}, {ERR_DOWNGRADE, true, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (policy_is_noted(WORK_PACKING, rows[i].code) != rows[i].packing ||
			policy_is_noted(WORK_RECEIVING, rows[i].code) != rows[i].receiving)
			fail_msg("%s", err_name(rows[i].code));
}

static int start_library(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_markings_pass),
		cmocka_unit_test(other_markings_are_refused),
		cmocka_unit_test(marks_are_the_highest_the_union_the_intersection),
		cmocka_unit_test(marks_that_cannot_be_are_refused),
		cmocka_unit_test(ceilings_hold),
		cmocka_unit_test(ceilings_are_rewritten),
		cmocka_unit_test(wrong_ceilings_are_refused_and_stay),
		cmocka_unit_test(sets_may_have_many_ceilings),
		cmocka_unit_test(received_manifests_are_judged),
		cmocka_unit_test(schemes_of_no_label_are_not_listed),
		cmocka_unit_test(hints_for_receivers_do_not_say_label),
		cmocka_unit_test(folders_alone_need_no_label),
		cmocka_unit_test(clocks_are_judged),
		cmocka_unit_test(clock_refusals_name_the_times),
		cmocka_unit_test(people_are_counted_not_keys),
		cmocka_unit_test(too_few_people_are_refused),
		cmocka_unit_test(organisations_are_compared_as_people_read_them),
		cmocka_unit_test(labels_demand_people),
		cmocka_unit_test(a_set_has_no_higher_labels),
		cmocka_unit_test(a_misspelt_rule_lets_nothing_through),
		cmocka_unit_test(what_came_before_is_refused),
		cmocka_unit_test(gaps_are_counted),
		cmocka_unit_test(refusals_are_noted),
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
