/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_APPROVERS_H
#define VALISE_OPS_APPROVERS_H

#include "ops/session.h"
#include "policy/rules.h"

/* Who may approve what this station packs: partners in force with the role approve, of its own organisation, other
 * people than its own, and cleared for it: they get its key. */
struct approvers {
	const struct partner **items; /* owned; partners are the registry's */
	unsigned count;
	unsigned people; /* some may be two keys of one person */
};
struct approvers_case {
	const struct session *session;
	const struct manifest *manifest; /* classified */
	int64_t now;
	struct notices *notices; /* who is left out for a ceiling is told there */
};
int approvers_find(const struct approvers_case *about, struct approvers *out, struct err *err);
void approvers_clear(struct approvers *approvers);

/* errors: ERR_PARTNER where they and the packer are fewer people than must sign. */
int approvers_check(const struct approvers *approvers, const struct policy_demand *demand,
					const struct station_doc *self, struct err *err);

/* Recount the people, once some of items were taken out. errors: ERR_MEMORY. */
int approvers_count(struct approvers *approvers, struct err *err);

#endif
