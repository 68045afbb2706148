/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_APPROVERS_H
#define VALISE_OPS_APPROVERS_H

#include "ops/session.h"
#include "policy/rules.h"

/* Who may approve what this station packs: partners in force with the role approve, of its own organisation, and other
 * people than its own. */
struct approvers {
	const struct partner **items; /* owned; partners are the registry's */
	unsigned count;
	unsigned people; /* some may be two keys of one person */
};
int approvers_find(const struct session *session, int64_t now, struct approvers *out, struct err *err);
void approvers_clear(struct approvers *approvers);

/* errors: ERR_PARTNER where they and the packer are fewer people than must sign. */
int approvers_check(const struct approvers *approvers, const struct policy_demand *demand,
					const struct station_doc *self, struct err *err);

/* Recount the people, once some of items were taken out. errors: ERR_MEMORY. */
int approvers_count(struct approvers *approvers, struct err *err);

#endif
