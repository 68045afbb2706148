/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decide.h"

#include "policy/rule_view.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	rule_fn *judge;
	const char *name, *text;
} rules[RULE_COUNT] = {
#define X(rule, function, word, words) [RULE_##rule] = {function, word, words},
	POLICY_RULES(X)
#undef X
};

const char *policy_rule_name(enum policy_rule rule)
{
	return rules[rule].name;
}

const char *policy_rule_text(enum policy_rule rule)
{
	return rules[rule].text;
}

struct policy_party policy_party_of_partner(const struct partner *partner)
{
	return (struct policy_party){.name = partner->alias,
								 .party = &partner->party,
								 .ceilings = partner->ceilings,
								 .communities = partner->communities,
								 .mechanisms = partner->mechanisms,
								 .sector = partner->sector};
}

/* Nothing is transferred to a station by itself: it has no mechanisms, and its sector is the stricter one. */
struct policy_party policy_party_of_station(const struct station_doc *station)
{
	return (struct policy_party){.name = "this station",
								 .party = &station->party,
								 .ceilings = &station->ceilings,
								 .communities = &station->communities,
								 .sector = SECTOR_PUBLIC};
}

/* A receiver judges for itself alone. */
static int64_t end_of(const struct policy_case *about)
{
	return about->side == POLICY_SENDING ? about->recipient_count : 0;
}

static void judge_all(const struct rule_view *view, struct policy_report *report)
{
	const int64_t end = end_of(view->about);
	for (int64_t who = -1; who < end; who++)
		for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
			struct policy_finding *finding = &report->findings[report->count++];
			finding->rule = (enum policy_rule)rule;
			finding->recipient = who;
			finding->outcome = rules[rule].judge(view, who, &finding->why);
			report->refused |= finding->outcome == POLICY_REFUSES;
		}
}

int policy_decide(const struct policy_case *about, struct policy_report *out, struct err *err)
{
	auto_rule_view view = {0};
	*out = (struct policy_report){0};
	if (rule_view_init(&view, about, err) != 0)
		return -1;
	out->findings = calloc((size_t)(end_of(about) + 1) * RULE_COUNT, sizeof *out->findings);
	if (out->findings == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	judge_all(&view, out);
	return 0;
}

int policy_check(const struct policy_case *about, struct err *err)
{
	auto_rule_view view = {0};
	if (rule_view_init(&view, about, err) != 0)
		return -1;
	for (int64_t who = -1; who < end_of(about); who++)
		for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
			struct err why = ERR_INIT;
			if (rules[rule].judge(&view, who, &why) == POLICY_REFUSES) {
				*err = why;
				return -1;
			}
		}
	return 0;
}

int policy_report_check(const struct policy_report *report, struct err *err)
{
	for (uint32_t i = 0; i < report->count; i++)
		if (report->findings[i].outcome == POLICY_REFUSES) {
			*err = report->findings[i].why;
			return -1;
		}
	return 0;
}

void policy_report_clear(struct policy_report *report)
{
	free(report->findings);
	*report = (struct policy_report){0};
}
