/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "policy/downgrade.h"

/* The shipped schemes, a set ("kind", by union), and who it may go to ("rel", by intersection). */
#define KIND                                                                                    \
	"valise-scheme: 1\nid: kind\nversion: 1\ntitle: Kinds\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: union\nlabels: [{id: a, text: KIND:A}, {id: b, text: KIND:B}]\n"
#define REL                                                                                            \
	"valise-scheme: 1\nid: rel\nversion: 1\ntitle: Releasable to\nexclusive: false\nrequired: false\n" \
	"ceiling: false\ncombine: intersection\nlabels: [{id: be, text: REL:BE}, {id: us, text: REL:US}]\n"

enum { NOW = 1795457520 };

static struct scheme_set schemes;
static const struct fingerprint us = {"0123456789ABCDEF0123456789ABCDEF01234567"};
static const struct fingerprint agency = {"89ABCDEF0123456789ABCDEF0123456789ABCDEF"};
static struct digest content = {.bytes = {1}}, other = {.bytes = {2}};

/* "tlp/red pd/none" into rows of labels; the count. */
static uint32_t split(const char *words, char (*out)[LABEL_ID_MAX + 1])
{
	uint32_t count = 0;
	for (; *words != '\0'; count++) {
		size_t len = strcspn(words, " ");
		memcpy(out[count], words, len);
		out[count][len] = '\0';
		words += len + (words[len] == ' ');
	}
	return count;
}

/* One file: what it was by the agency's word, what it is, and what the authorisation says ("" for no such). */
struct row {
	const char *was, *now, *from, *to, *piece; /* piece NULL: allowed */
};

static struct authorisation authorise(const struct row *row)
{
	struct authorisation a = {.by = agency, .created = NOW - 60, .not_after = NOW, .files = &content, .file_count = 1};
	a.from_count = split(row->from, a.from);
	a.to_count = split(row->to, a.to);
	return a;
}

static int check(const struct row *row, const struct authorisation *a, struct err *err)
{
	struct manifest_label labels[8] = {0};
	char words[8][LABEL_ID_MAX + 1];
	struct manifest_marking marking = {.labels = labels, .count = split(row->now, words)};
	for (uint32_t i = 0; i < marking.count; i++)
		strcpy(labels[i].id, words[i]);
	struct downgrade_memory memory = {.labels = row->was, .by = agency, .by_name = "agency-b", .time = NOW - DAY_S};
	struct downgrade_case about = {.schemes = &schemes,
								   .path = "reports/b.txt",
								   .content = &content,
								   .marking = &marking,
								   .memories = &memory,
								   .memory_count = 1,
								   .authorisations = a,
								   .authorisation_count = a != NULL,
								   .now = NOW};
	return policy_check_downgrade(&about, err);
}

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct authorisation a = authorise(&rows[i]);
		const struct authorisation *given = a.from_count + a.to_count > 0 ? &a : NULL;
		if (rows[i].piece != NULL)
			expect_failure(check(&rows[i], given, err), ERR_DOWNGRADE, rows[i].piece, rows[i].now);
		else
			expect_ok(check(&rows[i], given, err));
	}
}

static void test_without_authorisation(void **state)
{
	static const struct row rows[] = {
		{"pd/none tlp/red", "pd/none tlp/red", "", "", NULL},
		{"pd/none tlp/amber", "pd/none tlp/red", "", "", NULL},
		{"pd/none tlp/amber", "pd/personal tlp/amber", "", "", NULL},
		{"pd/none tlp/amber", "pap/red pd/none tlp/amber", "", "", NULL},
		{"pd/none tlp/red", "pd/none tlp/amber", "", "",
		 "reports/b.txt: the same bytes were TLP:RED on 2026-11-22, by the word of agency-b; now TLP:AMBER"},
		{"pd/personal tlp/red", "pd/none tlp/red", "", "", "were PD:PERSONAL on"},
		{"pap/red pd/none tlp/red", "pap/amber pd/none tlp/red", "", "", "now PAP:AMBER"},
		{"pap/clear pd/none tlp/red", "pd/none tlp/red", "", "", "now without a label of"},
		{"pd/none tlp/red", "pd/none", "", "", "now without a label of"},
		/* sets: each label counts */
		{"kind/a tlp/red", "kind/a kind/b tlp/red", "", "", NULL},
		{"kind/a kind/b tlp/red", "kind/b tlp/red", "", "", "were KIND:A on"},
		{"kind/a tlp/red", "tlp/red", "", "", "now without a label of Kinds"},
		/* who may have it: one more is lower, and so is saying nothing */
		{"rel/be rel/us tlp/red", "rel/be tlp/red", "", "", NULL},
		{"tlp/red", "rel/be tlp/red", "", "", NULL},
		{"rel/be tlp/red", "rel/be rel/us tlp/red", "", "",
		 "were REL:BE on 2026-11-22, by the word of agency-b; now also REL:US"},
		{"rel/be tlp/red", "rel/us tlp/red", "", "", "now also REL:US"},
		{"rel/be tlp/red", "tlp/red", "", "", "now without a label of Releasable to"},
		/* a scheme that is gone here */
		{"old/x tlp/red", "tlp/red", "", "", "were old/x on"},
		{"old/x tlp/red", "old/x tlp/red", "", "", NULL},
		{"tlp/purple", "tlp/red", "", "", "were tlp/purple on"},
		{"", "tlp/clear", "", "", NULL},
		{"  tlp/red ", "tlp/clear", "", "", "TLP:RED"},
	};
	run(rows, COUNT(rows));
}

static void test_with_authorisation(void **state)
{
	static const struct row rows[] = {
		{"pd/none tlp/red", "pd/none tlp/amber", "tlp/red", "tlp/amber", NULL},
		{"pd/none tlp/red", "pd/none tlp/amber-strict", "tlp/red", "tlp/amber", NULL},
		{"pd/none tlp/red", "pd/none tlp/green", "tlp/red", "tlp/amber", "now TLP:GREEN, which no authorisation"},
		{"pd/none tlp/red", "pd/none tlp/green", "tlp/red", "tlp/amber tlp/green", "now TLP:GREEN"},
		{"pd/none tlp/amber-strict", "pd/none tlp/amber", "tlp/red", "tlp/amber", "were TLP:AMBER+STRICT"},
		{"pd/personal tlp/red", "pd/none tlp/amber", "tlp/red", "tlp/amber", "were PD:PERSONAL"},
		{"pd/personal tlp/red", "pd/none tlp/amber", "pd/personal tlp/red", "pd/none tlp/amber", NULL},
		/* of what is required something must be said */
		{"pd/none tlp/red", "pd/none tlp/clear", "tlp/red", "", "now TLP:CLEAR"},
		{"pd/none tlp/red", "pd/none tlp/clear", "tlp/red", "tlp/purple", "now TLP:CLEAR"},
		{"pap/red tlp/red", "tlp/red", "pap/red", "", NULL},
		{"pap/red tlp/red", "pap/green tlp/red", "pap/red", "", NULL},
		{"pap/red tlp/red", "tlp/red", "pap/red", "pap/green", "now without"},
		{"pap/red tlp/red", "tlp/red", "pap/red", "pap/mauve", "now without"},
		{"kind/a kind/b", "kind/b", "kind/a", "", NULL},
		{"kind/a kind/b", "kind/b", "kind/a", "kind/b", NULL},
		{"kind/a kind/b", "", "kind/a", "", "were KIND:B"},
		{"rel/be", "rel/be rel/us", "rel/be", "rel/us", NULL},
		{"rel/be", "rel/be rel/us", "rel/be", "", "also REL:US"},
		{"rel/be", "", "rel/be", "", NULL},
		{"old/x tlp/red", "tlp/red", "old/x", "", NULL},
		{"old/x tlp/red", "tlp/red", "old/y", "", "were old/x"},
	};
	run(rows, COUNT(rows));
}

static void test_authorisation_facts(void **state)
{
	static const struct row row = {"pd/none tlp/red", "pd/none tlp/amber", "tlp/red", "tlp/amber", NULL};
	struct authorisation a = authorise(&row);
	expect_ok(check(&row, &a, err));
	a.files = &other;
	expect_failure(check(&row, &a, err), ERR_DOWNGRADE, "no authorisation given here covers", "other bytes");
	a = authorise(&row);
	a.by = us;
	expect_failure(check(&row, &a, err), ERR_DOWNGRADE, "covers", "not the originator's");
	a = authorise(&row);
	a.not_after = NOW - 1;
	expect_failure(check(&row, &a, err), ERR_DOWNGRADE, "covers", "over");
	a = authorise(&row);
	a.created = NOW + DAY_S + 1;
	expect_failure(check(&row, &a, err), ERR_DOWNGRADE, "covers", "not yet");
	a.created = NOW + DAY_S;
	expect_ok(check(&row, &a, err));
}

/* Each originator's word counts for itself; and a long word in a damaged ledger is no label. */
static void test_several(void **state)
{
	static const struct row row = {"", "", "tlp/red", "tlp/amber", NULL};
	struct authorisation both[2] = {authorise(&row), authorise(&row)};
	struct manifest_label label = {.id = "tlp/amber"};
	struct manifest_marking marking = {.labels = &label, .count = 1};
	char long_word[200];
	struct downgrade_memory memories[] = {
		{.labels = "tlp/red", .by = agency, .by_name = "agency-b", .time = NOW},
		{.labels = "tlp/red", .by = us, .by_name = "this station", .by_self = true, .time = NOW},
	};
	struct downgrade_case about = {.schemes = &schemes,
								   .path = "a",
								   .content = &content,
								   .marking = &marking,
								   .memories = memories,
								   .memory_count = 2,
								   .authorisations = both,
								   .authorisation_count = 1,
								   .now = NOW};
	struct err first = ERR_INIT, second = ERR_INIT;
	assert_int_equal(policy_check_downgrade(&about, &first), -1);
	assert_non_null(strstr(first.message, "by the word of this station"));
	assert_non_null(strstr(first.hint, "sign that it may go: valise label --authorise"));
	about.authorisation_count = 0;
	assert_int_equal(policy_check_downgrade(&about, &second), -1);
	assert_non_null(strstr(second.hint, "ask agency-b for an authorisation"));
	both[1].by = us;
	about.authorisation_count = 2;
	expect_ok(policy_check_downgrade(&about, err));
	memset(long_word, 'x', sizeof long_word - 1);
	long_word[sizeof long_word - 1] = '\0';
	memories[0].labels = long_word;
	expect_failure(policy_check_downgrade(&about, err), ERR_DOWNGRADE, "xxxx", "long word");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	if (hash_library_init(&err) != 0 || scheme_set_load_shipped(&schemes, NULL, &err) != 0 ||
		scheme_set_add(&schemes, KIND, strlen(KIND), NULL, &err) != 0)
		return -1;
	return scheme_set_add(&schemes, REL, strlen(REL), NULL, &err);
}

static int tear_down(void **state)
{
	scheme_set_clear(&schemes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_authorisation),
		cmocka_unit_test(test_with_authorisation),
		cmocka_unit_test(test_authorisation_facts),
		cmocka_unit_test(test_several),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
