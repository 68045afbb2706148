/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_DECIDE_H
#define VALISE_POLICY_DECIDE_H

#include "format/equivalence_doc.h"
#include "format/manifest.h"
#include "format/registry_doc.h"
#include "format/station_doc.h"
#include "policy/scheme.h"

/* All rules on one case, with the reasons: what pack, unpack, --dry-run and label --check decide by. Facts in, findings
 * out; nothing here reads a file, a clock or a key. */

enum policy_side { POLICY_SENDING, POLICY_RECEIVING };

/* Somebody who would hold the files. All borrowed; NULL where there is none. */
struct policy_party {
	const char *name; /* an alias, or "this station" */
	const struct party *party;
	const struct ceilings *ceilings;
	const struct communities *communities;
	const struct mechanisms *mechanisms;
	enum sector sector;
};

/* As registry and station.yaml have them. What is returned borrows from what was given. */
struct policy_party policy_party_of_partner(const struct partner *partner);
struct policy_party policy_party_of_station(const struct station_doc *station);

struct policy_case {
	enum policy_side side;
	const struct scheme_set *schemes;
	const struct manifest *manifest;           /* entries, markings, records; marks and releasable filled */
	const struct equivalence_doc *equivalence; /* NULL: none */
	struct policy_party station;
	const struct policy_party *recipients; /* sending: who it is for; may be none (label --check) */
	uint32_t recipient_count;
	int64_t now;
	int64_t not_after; /* sending: until when the bundle will be good; 0: unknown */
};

/* The rules by their names, in the order of valise-labels(5), RULES. Each is one pure function in rule_*.c. */
#define POLICY_RULES(X)                                                                                          \
	X(SCHEMES, rule_schemes, "schemes", "both sides have the schemes in use with the same ranks and rules")      \
	X(LABELLED, rule_labelled, "labelled", "every file has a label of each required scheme; all are known here") \
	X(HIGH_WATER, rule_high_water, "high-water", "the bundle counts as the highest of what its files carry")     \
	X(CEILING, rule_ceiling, "ceiling", "nobody gets a label above his ceiling")                                 \
	X(AUDIENCE, rule_audience, "audience", "who may have it by the label's own words")                           \
	X(RELEASABLE, rule_releasable, "releasable", "it goes only to jurisdictions that it may be released to")     \
	X(PERSONAL, rule_personal, "personal-data", "personal data have their record, legal basis and mechanism")    \
	X(NUMBERS, rule_numbers, "numbers", "classified files have their registration and copy numbers")             \
	X(LABEL_EXPIRY, rule_label_expiry, "label-expiry", "no label is past its end")

enum policy_rule {
#define X(name, function, word, text) RULE_##name,
	POLICY_RULES(X)
#undef X
		RULE_COUNT
};
const char *policy_rule_name(enum policy_rule rule);
const char *policy_rule_text(enum policy_rule rule);

enum policy_outcome { POLICY_ALLOWS, POLICY_REFUSES, POLICY_NOT_CONCERNED };

struct policy_finding {
	enum policy_rule rule;
	int64_t recipient; /* number in the case's recipients; -1: this station, or the files by themselves */
	enum policy_outcome outcome;
	/* Of a refusal: code, message, hint; where it allows, the message alone: what it was judged by. */
	struct err why;
};

struct policy_report {
	struct policy_finding *findings; /* owned; by recipient (-1 first), then rule; every rule for each */
	uint32_t count;
	bool refused;
};
void policy_report_clear(struct policy_report *report);
#define auto_policy_report AUTO(policy_report_clear) struct policy_report

/* Every rule for every recipient; a refusal does not end it. errors: ERR_MEMORY. */
int policy_decide(const struct policy_case *about, struct policy_report *out, struct err *err);
/* -1 with the first refusal of a report. */
int policy_report_check(const struct policy_report *report, struct err *err);
/* Both at once, without report. */
int policy_check(const struct policy_case *about, struct err *err);

#endif
