/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_RULES_H
#define VALISE_POLICY_RULES_H

#include "format/manifest.h"
#include "format/registry_doc.h"
#include "format/waybill.h"
#include "policy/scheme.h"

/* The rules of valise-labels(5) as pure functions: facts in, 0 or a named refusal out. */

/* One file's labels: known, one of each exclusive scheme, every required scheme present, and what each implies.
 * errors: ERR_UNLABELLED with the words to type next as hint, ERR_LABEL. */
int policy_check_marking(const struct scheme_set *set, const struct manifest_marking *marking, const char *path,
						 struct err *err);

/* High-water marks over all markings of the manifest (the rule "labelled" sees to it that files carry each of
 * them): the maximum of ordered schemes, the union of sets, the intersection where a scheme says so.
 * out:    sorted ids, malloc'd
 * errors: ERR_LABEL where a label is unknown or cannot be compared, or an intersection is empty; ERR_MEMORY. */
int policy_high_water(const struct scheme_set *set, const struct manifest *manifest, char (**out)[LABEL_ID_MAX + 1],
					  uint32_t *out_count, struct err *err);

/* Jurisdictions that all files may be released to. None where no file says; where one does, all must.
 * out:    sorted, malloc'd; NULL for none
 * errors: ERR_RELEASE naming a file that does not say, or one that leaves nobody; ERR_MEMORY. */
int policy_releasable(const struct manifest *manifest, char (**out)[3], uint32_t *out_count, struct err *err);

/* Ceilings as people give them: each resolves to a label of a scheme that has ceilings; one for each ordered scheme,
 * any labels of another, none twice. Rewritten in the "scheme/id" form, sorted. errors: ERR_LABEL. */
int policy_normalise_ceilings(const struct scheme_set *set, struct ceilings *ceilings, struct err *err);

/* Two rules, so that overriding one leaves the other in force. errors: ERR_EXPIRED after not-after. */
int policy_check_expiry(const struct waybill *waybill, int64_t now, struct err *err);
/* errors: ERR_CLOCK more than the skew before created or before latest_seen (0: unknown). */
int policy_check_clock(const struct waybill *waybill, int64_t now, int64_t latest_seen, struct err *err);

/* How many different people these are. Two keys of one person are one person, also where the name is spelt in other
 * case. in: names borrowed, UTF-8. errors: ERR_MEMORY, ERR_CONTENT. */
int policy_count_people(const char *const *names, unsigned count, unsigned *out, struct err *err);
/* Equal but for case and Unicode form; nobody's is nobody's. errors: ERR_MEMORY, ERR_CONTENT. */
int policy_is_same_organisation(const char *a, const char *b, bool *out, struct err *err);
/* How many people must sign what carries these labels, by station.yaml's `approvals`: the greatest number of all rules
 * that a file's label meets, at least 1. A rule for a label of an ordered scheme is one for all above it as well.
 * errors: ERR_LABEL where a rule names a label that there is not: what is misspelt must not let anything through. */
struct policy_demand {
	unsigned people;
	char label[LABEL_ID_MAX + 1]; /* whose it is; "" where one is enough */
};
int policy_demand_approvals(const struct scheme_set *set, const struct approval_rules *rules,
							const struct manifest *manifest, struct policy_demand *out, struct err *err);
/* errors: ERR_APPROVALS where fewer people signed than are demanded. */
int policy_check_approvals(unsigned people, unsigned demanded, struct err *err);

/* What this station's ledger knows of a bundle that has come. */
enum arrival_known { ARRIVAL_NEW, ARRIVAL_REPLAY, ARRIVAL_EQUIVOCATION };
struct policy_arrival {
	enum arrival_known known;
	struct uuid bundle;
	int64_t received; /* when, for a replay */
	bool whole;       /* it would be unpacked, not only looked into */
};
/* errors: ERR_REPLAY, ERR_EQUIVOCATION. */
int policy_check_replay(const struct policy_arrival *arrival, struct err *err);

/* Bundles between the last that came on this channel and this one. */
struct policy_gap {
	uint64_t missing;       /* nobody knows of them */
	uint64_t declared_void; /* the sender says that they were never sent */
};
struct policy_gap policy_count_gap(const struct manifest *manifest, const struct fingerprint *self, uint64_t last,
								   uint64_t sequence);

/* Whether the ledger gets a line of a failure: of all when receiving; of refusals when packing. */
enum policy_work { WORK_PACKING, WORK_RECEIVING };
bool policy_is_noted(enum policy_work work, enum err_code code);

#endif
