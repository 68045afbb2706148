/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/label_file.h"
#include "ops/labelling.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/secret.h"

/* The shipped schemes, a set ("kind"), and one that combines by intersection ("rel"). */
#define KIND                                                                                    \
	"valise-scheme: 1\nid: kind\nversion: 1\ntitle: Kinds\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: union\nlabels: [{id: a, text: KIND:A}, {id: b, text: KIND:B}]\n"
#define REL                                                                                            \
	"valise-scheme: 1\nid: rel\nversion: 1\ntitle: Releasable to\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: intersection\nlabels: [{id: be, text: REL:BE}, {id: us, text: REL:US}]\n"
#define OWN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BOB "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define EVE "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"

enum { ROOTS_MAX = 3, FINDINGS_OF_WORLD = 8 };

/* Folders "r", "s", "t" with the files of a test; nothing of it is on a disk. */
struct world {
	struct session session;
	struct partner partner;
	struct manifest manifest;
	struct scan scan;
	struct scan_root roots[ROOTS_MAX];
	struct detected detected;
	struct detected_label found[FINDINGS_OF_WORLD];
	struct labelling *labelling;
	struct notices notices;
	const char *options[8];
	struct labelling_request request;
};

static void world_clear(struct world *w)
{
	labelling_free(w->labelling);
	scheme_set_clear(&w->session.schemes);
	manifest_clear(&w->manifest);
	notices_clear(&w->notices);
	for (uint32_t i = 0; i < ROOTS_MAX; i++)
		buf_clear(&w->roots[i].label_file);
	free(w->scan.sources);
}
#define auto_world AUTO(world_clear) struct world

static void world_init(struct world *w)
{
	static char *const names[ROOTS_MAX] = {(char *)"r", (char *)"s", (char *)"t"};
	memset(w, 0, sizeof *w);
	expect_ok(scheme_set_load_shipped(&w->session.schemes, NULL, err));
	expect_ok(scheme_set_add(&w->session.schemes, KIND, strlen(KIND), NULL, err));
	expect_ok(scheme_set_add(&w->session.schemes, REL, strlen(REL), NULL, err));
	expect_ok(manifest_init(&w->manifest, err));
	(void)strcpy(w->session.station.doc.fingerprint.hex, OWN);
	(void)strcpy(w->partner.alias, "bob");
	(void)strcpy(w->partner.fingerprint.hex, BOB);
	w->session.registry.doc.partners = &w->partner;
	w->session.registry.doc.count = 1;
	for (uint32_t i = 0; i < ROOTS_MAX; i++)
		w->roots[i].name = w->roots[i].path = names[i];
	w->scan.roots = w->roots;
	w->request.labels = w->options;
	w->detected.labels = w->found;
}

/* "r/a r/sub/b s/c": sorted; the folders themselves as well. */
static void add_files(struct world *w, const char *paths)
{
	w->scan.sources = calloc(strlen(paths) + 1, sizeof *w->scan.sources);
	assert_non_null(w->scan.sources);
	while (*paths != '\0') {
		char path[128];
		const size_t len = strcspn(paths, " ");
		struct manifest_entry entry = {.path = path, .media_type = (char *)"", .type = ENTRY_FILE};
		assert_true(len < sizeof path);
		memcpy(path, paths, len);
		path[len] = '\0';
		const uint32_t root = (uint32_t)(path[0] - 'r');
		if (root >= w->scan.root_count)
			w->scan.root_count = root + 1;
		w->scan.sources[w->scan.source_count++].root = root;
		expect_ok(manifest_add_entry(&w->manifest, &entry, err));
		paths += len + strspn(paths + len, " ");
	}
}

/* The label file of folder r, s or t, behind its first line. */
static void set_label_file(struct world *w, uint32_t root, const char *body)
{
	w->roots[root].has_label_file = true;
	expect_ok(buf_append_str(&w->roots[root].label_file, LABEL_FILE_KIND "\n", err));
	expect_ok(buf_append_str(&w->roots[root].label_file, body, err));
}

static void add_option(struct world *w, const char *word)
{
	w->options[w->request.label_count++] = word;
}

static void add_finding(struct world *w, uint32_t entry, const char *id, const char *where)
{
	struct detected_label *found = &w->found[w->detected.count++];
	found->entry = entry;
	assert_true(label_find(&found->finding.label, &w->session.schemes, id));
	(void)snprintf(found->finding.where, sizeof found->finding.where, "%s", where);
}

static int prepare(struct world *w, struct err *err)
{
	return labelling_prepare(&w->labelling, &w->session, &w->request, &w->scan, &w->manifest, &w->notices, err);
}

static int decide(struct world *w, struct err *err)
{
	if (prepare(w, err) < 0)
		return -1;
	return labelling_decide(w->labelling, &w->detected, &w->manifest, &w->notices, err);
}

static const struct manifest_marking *marking_of(const struct world *w, uint32_t entry)
{
	assert_true(w->manifest.entries[entry].marking < w->manifest.marking_count);
	return &w->manifest.markings[w->manifest.entries[entry].marking];
}

/* "pd/none tlp/red" */
static void check_labels(const struct world *w, uint32_t entry, const char *want)
{
	const struct manifest_marking *marking = marking_of(w, entry);
	char got[512] = "";
	for (uint32_t i = 0, used = 0; i < marking->count; i++)
		used += (uint32_t)snprintf(got + used, sizeof got - used, "%s%s", i > 0 ? " " : "", marking->labels[i].id);
	if (strcmp(got, want) != 0)
		fail_msg("%s: wanted %s, got %s", w->manifest.entries[entry].path, want, got);
}

static void check_why(const struct world *w, uint32_t entry, uint32_t label, const char *want)
{
	auto_buf why = {0};
	expect_ok(labelling_explain(w->labelling, entry, label, &why, err));
	assert_string_equal(why.data, want);
}

static const char *notice_with(const struct world *w, const char *piece)
{
	for (unsigned i = 0; i < w->notices.count; i++)
		if (strstr(w->notices.lines[i], piece) != NULL)
			return w->notices.lines[i];
	return NULL;
}

static void check_notice(const struct world *w, const char *want)
{
	if (notice_with(w, want) == NULL)
		fail_msg("no notice \"%s\" among %u; the first: %s", want, w->notices.count,
				 w->notices.count > 0 ? w->notices.lines[0] : "");
}

static void check_refused(struct world *w, enum err_code code, const char *message, const char *hint)
{
	struct err got = ERR_INIT;
	if (decide(w, &got) != -1 || got.code != code)
		fail_msg("wanted %s, got %s: %s", err_name(code), err_name(got.code), got.message);
	if (strstr(got.message, message) == NULL || strstr(got.hint, hint) == NULL)
		fail_msg("got \"%s\", hint \"%s\"", got.message, got.hint);
}

/* --- precedence --- */

static void the_last_rule_that_speaks_decides_each_scheme(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a.json r/raw/b.json r/raw/c.txt r/x");
	set_label_file(&w, 0,
				   "default: {labels: [TLP:GREEN, PD:NONE]}\n"
				   "rules:\n"
				   "  - {match: \"*.json\", labels: [TLP:AMBER, PAP:RED]}\n"
				   "  - {match: raw/, labels: [TLP:RED]}\n"
				   "  - {match: \"raw/**/*.json\", labels: [PD:PERSONAL]}\n");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pap/red pd/none tlp/amber");
	check_labels(&w, 1, "pap/red pd/personal tlp/red");
	check_labels(&w, 2, "pd/none tlp/red");
	check_labels(&w, 3, "pd/none tlp/green");
	assert_int_equal(marking_of(&w, 0)->labels[0].origin, LABEL_FROM_LABEL_FILE);
	check_why(&w, 1, 0, "rule at line 4 of r/.valise-labels.yaml");
	check_why(&w, 1, 1, "rule at line 6 of r/.valise-labels.yaml");
	check_why(&w, 3, 1, "default of r/.valise-labels.yaml");
	assert_int_equal(w.manifest.mark_count, 3);
	assert_string_equal(w.manifest.marks[2], "tlp/red");
	assert_int_equal(w.manifest.scheme_count, 3);
	assert_int_equal(w.notices.count, 0);
}

static void labels_of_one_scheme_come_from_one_rule(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b");
	set_label_file(&w, 0,
				   "default: {labels: [TLP:GREEN, PD:NONE, KIND:A]}\n"
				   "rules: [{match: a, labels: [KIND:A, KIND:B]}, {match: a, labels: [KIND:B]}]\n");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "kind/b pd/none tlp/green");
	check_labels(&w, 1, "kind/a pd/none tlp/green");
}

static void options_supply_and_raise_and_never_lower(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b r/c");
	set_label_file(&w, 0,
				   "rules: [{match: a, labels: [TLP:RED]}, {match: b, labels: [TLP:CLEAR, KIND:A, PD:PERSONAL]}]\n");
	add_option(&w, "TLP:AMBER");
	add_option(&w, "PD:NONE");
	add_option(&w, "KIND:B");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "kind/b pd/none tlp/red");
	check_labels(&w, 1, "kind/a kind/b pd/personal tlp/amber");
	check_labels(&w, 2, "kind/b pd/none tlp/amber");
	assert_int_equal(marking_of(&w, 1)->labels[3].origin, LABEL_FROM_OPTION);
	check_why(&w, 1, 3, "--label");
	check_notice(&w, "--label TLP:AMBER lowers nothing: the higher label stays on r/a");
	check_notice(&w, "--label PD:NONE lowers nothing: the higher label stays on r/b");
	assert_int_equal(w.notices.count, 2);
}

static void options_do_not_widen_an_intersection(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b");
	set_label_file(&w, 0, "default: {labels: [TLP:RED, PD:NONE]}\nrules: [{match: a, labels: [REL:BE]}]\n");
	add_option(&w, "REL:US");
	add_option(&w, "REL:BE");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pd/none rel/be tlp/red");
	check_labels(&w, 1, "pd/none rel/be rel/us tlp/red");
	check_notice(&w, "--label REL:US lowers nothing");
}

static void the_station_speaks_last(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b");
	(void)strcpy(w.session.station.doc.default_labels.labels[0], "tlp/red");
	(void)strcpy(w.session.station.doc.default_labels.labels[1], "pd/none");
	w.session.station.doc.default_labels.count = 2;
	set_label_file(&w, 0, "rules: [{match: a, labels: [TLP:CLEAR]}]\n");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pd/none tlp/clear");
	check_labels(&w, 1, "pd/none tlp/red");
	assert_int_equal(marking_of(&w, 1)->labels[1].origin, LABEL_FROM_DEFAULT);
	check_why(&w, 1, 1, "default-labels of this station");
	check_notice(&w, "TLP:RED comes from default-labels of this station, for r/b");
	check_notice(&w, "PD:NONE comes from default-labels of this station, for all files");
}

static void what_stands_inside_counts_where_it_is_asked_for(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b r/c r/d");
	set_label_file(&w, 0,
				   "detected: [tlp]\ndefault: {labels: [TLP:CLEAR, PD:NONE]}\n"
				   "rules: [{match: b, labels: [TLP:RED]}]\n");
	add_finding(&w, 0, "tlp/green", "line 3");
	add_finding(&w, 0, "tlp/amber", "line 12");
	add_finding(&w, 1, "tlp/green", "line 1");
	add_finding(&w, 3, "pap/red", "line 1");
	set_label_file(&w, 1, "");
	w.roots[1].has_label_file = false;
	add_option(&w, "PAP:RED");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pap/red pd/none tlp/amber");
	check_labels(&w, 1, "pap/red pd/none tlp/red");
	check_labels(&w, 2, "pap/red pd/none tlp/clear");
	check_labels(&w, 3, "pap/red pd/none tlp/clear");
	assert_int_equal(marking_of(&w, 0)->labels[2].origin, LABEL_FROM_DETECTED);
	check_why(&w, 0, 2, "inside, line 12");
	check_notice(&w, "r/b says TLP:GREEN inside and is labelled higher, TLP:RED");
}

/* --- what stands inside against what is carried --- */

static void more_inside_than_outside_is_refused(void **state)
{
	static const struct {
		const char *body, *finding, *message, *hint;
	} rows[] = {
		{"default: {labels: [TLP:GREEN, PD:NONE]}\n", "tlp/red",
		 "r/sub/b[1].json: says TLP:RED inside (line 12: x.y) and is labelled TLP:GREEN",
		 "below rules: at the end of r/.valise-labels.yaml add: - {match: \"sub/b?1].json\", labels: [\"TLP:RED\"]}; or "
		 "detected: [\"tlp\"]"},
		{"detected: [tlp]\ndefault: {labels: [PD:NONE, TLP:RED]}\nrules: [{match: sub/, labels: [TLP:AMBER]}]\n",
		 "tlp/amber-strict", "says TLP:AMBER+STRICT inside (line 12: x.y) and is labelled TLP:AMBER", "labels: ["},
		{"default: {labels: [TLP:GREEN, PD:NONE]}\n", "pap/clear", "says PAP:CLEAR inside", "PAP:CLEAR"},
		{"default: {labels: [TLP:GREEN, PD:NONE, KIND:A]}\n", "kind/b", "says KIND:B inside", "KIND:B"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world w;
		world_init(&w);
		add_files(&w, "r/a r/sub/b[1].json");
		set_label_file(&w, 0, rows[i].body);
		add_finding(&w, 1, rows[i].finding, "line 12: x.y");
		check_refused(&w, ERR_UNDERSTATED, rows[i].message, rows[i].hint);
	}
}

static void without_a_label_file_the_hint_is_an_option(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b");
	add_option(&w, "TLP:GREEN");
	add_option(&w, "PD:NONE");
	add_finding(&w, 0, "tlp/red", "line 1");
	add_finding(&w, 1, "tlp/amber", "line 1");
	check_refused(&w, ERR_UNDERSTATED, "labelled TLP:GREEN; 1 more file is of this kind", "give --label TLP:RED");
}

static void an_option_that_raises_mends_it(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a");
	set_label_file(&w, 0, "default: {labels: [TLP:GREEN, PD:NONE]}\n");
	add_option(&w, "TLP:RED");
	add_finding(&w, 0, "tlp/red", "line 1");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pd/none tlp/red");
}

static void files_that_are_not_inspected_are_flagged_and_told(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a.dd r/b r/c.dd");
	set_label_file(&w, 0,
				   "default: {labels: [TLP:GREEN, PD:NONE]}\n"
				   "rules: [{match: \"*.dd\", not-inspected: \"disk images\"}, {match: c.dd, labels: [TLP:RED]}]\n");
	add_finding(&w, 0, "tlp/red", "line 1");
	expect_ok(decide(&w, err));
	assert_memory_equal(labelling_skips(w.labelling), "\1\0\1", 3);
	check_labels(&w, 0, "pd/none tlp/green");
	check_notice(&w, "2 files are not looked into for labels: disk images (the first is r/a.dd)");
	assert_int_equal(w.notices.count, 1);
}

static void says_less_is_told_once_for_each_pair(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b r/c");
	set_label_file(&w, 0, "default: {labels: [TLP:RED, PD:NONE]}\n");
	add_finding(&w, 0, "tlp/green", "line 1");
	add_finding(&w, 1, "tlp/green", "line 1");
	add_finding(&w, 2, "tlp/clear", "line 1");
	expect_ok(decide(&w, err));
	check_notice(&w, "2 files say TLP:GREEN inside and are labelled higher, TLP:RED (the first is r/a)");
	check_notice(&w, "r/c says TLP:CLEAR inside");
	assert_int_equal(w.notices.count, 2);
}

/* --- refusals --- */

static void bad_words_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *body;
		enum err_code code;
		const char *message, *hint;
	} rows[] = {
		{"default: {labels: [PD:NONE, tlp:amber]}\n", ERR_LABEL,
		 "r/.valise-labels.yaml: line 2, column 29: \"tlp:amber\" is not how", "write TLP:AMBER"},
		{"default: {labels: [\"TLP: AMBER\"]}\n", ERR_LABEL, "line 2, column 20: ", "write TLP:AMBER"},
		{"default: {labels: [AMBER]}\n", ERR_LABEL, "line 2, column 20: ", "TLP:AMBER"},
		{"default: {labels: [TLP:ROUGE]}\n", ERR_LABEL, "\"TLP:ROUGE\" is no label", "TLP:RED"},
		{"default: {labels: [tlp:ex:chr]}\n", ERR_LABEL, "line 2, column 20: ", "TLP:CLEAR, TLP:GREEN"},
		{"default: {labels: [SECRET]}\n", ERR_LABEL, "line 2, column 20: \"SECRET\"", ""},
		{"rules:\n  - {match: nothing-here, labels: [TLP:RED, TLP:GREEN]}\n", ERR_LABEL,
		 "line 3, column 45: \"TLP:RED\" and \"TLP:GREEN\" contradict each other", "keep one of them"},
		{"default: {labels: [TLP:RED, tlp/red]}\n", ERR_LABEL, "are the same label", ""},
		{"detected: [tlp, colours]\n", ERR_LABEL, "line 2, column 17: there is no scheme \"colours\"", "tlp"},
		{"default: {originator: carol}\n", ERR_LABEL_FILE, "line 2, column 23: no partner is called \"carol\"",
		 "partner list"},
		{"handling: \"this is tlp:amber, careful\"\n", ERR_LABEL_FILE,
		 "line 2, column 11: \"handling\" holds the label", "take the label out"},
		{"handling: \"TLP:WHITE\"\n", ERR_LABEL_FILE, "\"handling\" holds the label TLP:WHITE", ""},
		{"labels: [TLP:RED]\n", ERR_LABEL_FILE, "r/.valise-labels.yaml: line 2, column 1: unknown key",
		 "the keys here"},
		{"default: {labels: [PD:NONE]}\n", ERR_UNLABELLED, "r/a: carries no label of Traffic Light Protocol",
		 "--label TLP:AMBER"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world w;
		world_init(&w);
		add_files(&w, "r/a");
		set_label_file(&w, 0, rows[i].body);
		check_refused(&w, rows[i].code, rows[i].message, rows[i].hint);
	}
}

static void handling_may_say_what_is_no_label(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a");
	set_label_file(&w, 0, "handling: \"STLP:REDX, keep dry\"\npurpose: p\ndefault: {labels: [TLP:RED, PD:NONE]}\n");
	expect_ok(decide(&w, err));
	assert_string_equal(w.manifest.handling, "STLP:REDX, keep dry");
	assert_string_equal(w.manifest.purpose, "p");
}

static void options_that_contradict_each_other_are_refused(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a");
	add_option(&w, "TLP:RED");
	add_option(&w, "TLP:GREEN");
	check_refused(&w, ERR_LABEL, "--label TLP:RED and --label TLP:GREEN contradict", "one of them");
}

static void rules_without_files_are_told(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a.csv");
	set_label_file(&w, 0,
				   "default: {labels: [TLP:RED, PD:NONE]}\nrules:\n  - {match: \"*.cvs\", labels: [TLP:GREEN]}\n"
				   "  - {match: a.csv, labels: [TLP:AMBER]}\n  - {match: a.csv/, labels: [TLP:GREEN]}\n");
	expect_ok(decide(&w, err));
	check_notice(&w, "r/.valise-labels.yaml: line 4: \"*.cvs\" matched no file");
	check_notice(&w, "line 6: \"a.csv/\" matched no file");
	assert_int_equal(w.notices.count, 2);
	check_labels(&w, 0, "pd/none tlp/amber");
}

/* --- facts --- */

#define RECORD(who)                                                                                             \
	"{controller: " who ", contact: a@example.org, data-protection-officer: dpo@example.org, purposes: cases, " \
	"data-subjects: staff, data-categories: names, approximate-number: 12, recipients: Agency B, "              \
	"third-country: US, legal-basis: \"eudpr:5-1-a\", retention: P1Y}"

static void each_fact_is_decided_by_itself(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b");
	set_label_file(
		&w, 0,
		"default: {labels: [TLP:RED, PD:NONE], caveats: [one, two], releasable-to: [US, BE], originator: bob,\n"
		"  expires: 2027-01-01T00:00:00Z}\n"
		"rules:\n"
		"  - {match: a, registration: \"17\", copy: \"1\", originator: self, record: r2}\n"
		"  - {match: \"?\", releasable-to: [BE]}\n"
		"  - {match: a, caveats: [three]}\n"
		"records: {r1: " RECORD("A") ", r2: " RECORD("B") "}\n");
	expect_ok(decide(&w, err));
	const struct manifest_marking *a = marking_of(&w, 0), *b = marking_of(&w, 1);
	assert_int_equal(a->caveat_count, 1);
	assert_string_equal(a->caveats[0], "three");
	assert_string_equal(a->registration, "17");
	assert_string_equal(a->copy, "1");
	assert_string_equal(a->record, "r2");
	assert_string_equal(a->originator.hex, "");
	assert_true(a->expires == 1798761600 && b->expires == 1798761600);
	assert_int_equal(b->caveat_count, 2);
	assert_string_equal(b->originator.hex, BOB);
	assert_null(b->registration);
	assert_null(b->record);
	assert_int_equal(b->releasable_count, 1);
	assert_string_equal(b->releasable[0], "BE");
	assert_int_equal(w.manifest.record_count, 1);
	assert_string_equal(w.manifest.records[0].id, "r2");
	assert_int_equal(w.manifest.releasable_count, 1);
	assert_string_equal(w.manifest.releasable[0], "BE");
}

static void originators_by_fingerprint(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a r/b r/c");
	set_label_file(&w, 0,
				   "default: {labels: [TLP:RED, PD:NONE], originator: " OWN "}\n"
				   "rules: [{match: b, originator: " BOB "}, {match: c, originator: " EVE "}]\n");
	expect_ok(decide(&w, err));
	assert_string_equal(marking_of(&w, 0)->originator.hex, "");
	assert_string_equal(marking_of(&w, 1)->originator.hex, BOB);
	assert_string_equal(marking_of(&w, 2)->originator.hex, EVE);
	check_notice(&w, "no partner has the fingerprint " EVE);
	assert_int_equal(w.notices.count, 1);
}

/* --- several folders --- */

static void each_folder_has_its_own_rules(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r/a s/a t/a");
	set_label_file(&w, 0, "purpose: p\ndefault: {labels: [TLP:RED, PD:NONE]}\n");
	set_label_file(&w, 1, "purpose: p\ndefault: {labels: [PD:NONE]}\nrules: [{match: a, labels: [TLP:GREEN]}]\n");
	add_option(&w, "TLP:CLEAR");
	add_option(&w, "PD:NONE");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pd/none tlp/red");
	check_labels(&w, 1, "pd/none tlp/green");
	check_labels(&w, 2, "pd/none tlp/clear");
	assert_string_equal(w.manifest.purpose, "p");
	check_notice(&w, "--label TLP:CLEAR lowers nothing: the higher label stays on 2 files (the first is r/a)");
}

static void folders_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		const char *r, *s, *message;
	} rows[] = {
		{"purpose: p\n", "purpose: q\n", "r/.valise-labels.yaml and s/.valise-labels.yaml say different things"},
		{"handling: p\n", "handling: q\n", "\"handling\""},
		{"rules: [{match: a, record: x}]\nrecords: {x: " RECORD("A") "}\n",
		 "rules: [{match: a, record: x}]\nrecords: {x: " RECORD("B") "}\n", "the record \"x\" of "},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_world w;
		world_init(&w);
		add_files(&w, "r/a s/a");
		add_option(&w, "TLP:CLEAR");
		add_option(&w, "PD:NONE");
		set_label_file(&w, 0, rows[i].r);
		set_label_file(&w, 1, rows[i].s);
		check_refused(&w, ERR_LABEL_FILE, rows[i].message, "");
	}
}

static void a_file_as_path_has_no_label_file(void **state)
{
	auto_world w;
	world_init(&w);
	add_files(&w, "r s");
	add_option(&w, "TLP:CLEAR");
	add_option(&w, "PD:NONE");
	expect_ok(decide(&w, err));
	check_labels(&w, 0, "pd/none tlp/clear");
	assert_int_equal(w.manifest.marking_count, 1);
}

/* --- size --- */

static void many_files_and_many_rules(void **state)
{
	enum { FILES = 100000, RULES = LABEL_RULES_MAX };
	auto_world w;
	world_init(&w);
	w.scan.sources = calloc(FILES, sizeof *w.scan.sources);
	w.scan.source_count = FILES;
	w.scan.root_count = 1;
	for (unsigned i = 0; i < FILES; i++) {
		char path[64];
		struct manifest_entry entry = {.path = path, .media_type = (char *)"", .type = ENTRY_FILE};
		(void)snprintf(path, sizeof path, "r/%03u/reports/%06u.json", i / 1000, i);
		expect_ok(manifest_add_entry(&w.manifest, &entry, err));
	}
	set_label_file(&w, 0, "default: {labels: [TLP:GREEN, PD:NONE]}\nrules:\n");
	for (unsigned i = 0; i < RULES; i++)
		expect_ok(buf_printf(&w.roots[0].label_file, err, "- {match: %03u/reports/%06u.json, labels: [%s]}\n", i / 100,
							 i * 10, i % 2 ? "TLP:RED" : "TLP:AMBER"));
	expect_ok(decide(&w, err)); /* how long it takes is for the benchmark to say */
	check_labels(&w, 0, "pd/none tlp/amber");
	check_labels(&w, 10, "pd/none tlp/red");
	check_labels(&w, 11, "pd/none tlp/green");
	assert_int_equal(w.manifest.marking_count, 3);
	assert_int_equal(w.notices.count, 0);
}

static int group_setup(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err) < 0 || secret_library_init(&err) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_rule_that_speaks_decides_each_scheme),
		cmocka_unit_test(labels_of_one_scheme_come_from_one_rule),
		cmocka_unit_test(options_supply_and_raise_and_never_lower),
		cmocka_unit_test(options_do_not_widen_an_intersection),
		cmocka_unit_test(the_station_speaks_last),
		cmocka_unit_test(what_stands_inside_counts_where_it_is_asked_for),
		cmocka_unit_test(more_inside_than_outside_is_refused),
		cmocka_unit_test(without_a_label_file_the_hint_is_an_option),
		cmocka_unit_test(an_option_that_raises_mends_it),
		cmocka_unit_test(files_that_are_not_inspected_are_flagged_and_told),
		cmocka_unit_test(says_less_is_told_once_for_each_pair),
		cmocka_unit_test(bad_words_are_refused_with_their_place),
		cmocka_unit_test(handling_may_say_what_is_no_label),
		cmocka_unit_test(options_that_contradict_each_other_are_refused),
		cmocka_unit_test(rules_without_files_are_told),
		cmocka_unit_test(each_fact_is_decided_by_itself),
		cmocka_unit_test(originators_by_fingerprint),
		cmocka_unit_test(each_folder_has_its_own_rules),
		cmocka_unit_test(folders_that_contradict_each_other_are_refused),
		cmocka_unit_test(a_file_as_path_has_no_label_file),
		cmocka_unit_test(many_files_and_many_rules),
	};
	return cmocka_run_group_tests(tests, group_setup, NULL);
}
