/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/approvers.h"

#include "policy/decide.h"

#include <stdlib.h>

static bool is_in_force(const struct partner *partner, int64_t now)
{
	return (partner->roles & ROLE_APPROVE) != 0 && partner->revoked == 0 &&
		   (partner->valid_until == 0 || now < partner->valid_until);
}

/* Another key of the packer's own is no second person. */
static int is_somebody_else(const struct station_doc *self, const struct partner *partner, bool *out, struct err *err)
{
	const char *names[] = {self->party.name, partner->person};
	unsigned people = 0;
	bool same = false;
	if (policy_is_same_organisation(self->party.organisation, partner->party.organisation, &same, err) < 0 ||
		policy_count_people(names, 2, &people, err) < 0)
		return -1;
	*out = same && people == 2;
	return 0;
}

int approvers_count(struct approvers *approvers, struct err *err)
{
	auto_free const char **names = calloc(approvers->count + (size_t)1, sizeof *names);
	if (names == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < approvers->count; i++)
		names[i] = approvers->items[i]->person;
	return policy_count_people(names, approvers->count, &approvers->people, err);
}

/* An approver's message opens all of it: whoever may not hold the labels gets none. The other rules are of recipients.
 */
static int is_cleared(const struct approvers_case *about, const struct partner *partner, bool *out, struct err *err)
{
	auto_policy_report report = {.findings = NULL};
	const struct policy_party party = policy_party_of_partner(partner);
	struct policy_case as_recipient = session_policy_case(about->session, POLICY_SENDING, about->manifest, about->now);
	as_recipient.recipients = &party;
	as_recipient.recipient_count = 1;
	*out = false;
	if (policy_decide(&as_recipient, &report, err) < 0)
		return -1;
	for (uint32_t i = 0; i < report.count; i++) {
		const struct policy_finding *finding = &report.findings[i];
		if (finding->rule != RULE_CEILING || finding->recipient != 0 || finding->outcome != POLICY_REFUSES)
			continue;
		notice_add(about->notices, "%s cannot approve this, and gets no key to it: %s", partner->alias,
				   finding->why.message);
		return 0;
	}
	*out = true;
	return 0;
}

static int may_approve(const struct approvers_case *about, const struct partner *partner, bool *out, struct err *err)
{
	*out = false;
	if (!is_in_force(partner, about->now))
		return 0;
	if (is_somebody_else(&about->session->station.doc, partner, out, err) < 0)
		return -1;
	return *out ? is_cleared(about, partner, out, err) : 0;
}

int approvers_find(const struct approvers_case *about, struct approvers *out, struct err *err)
{
	const struct session *session = about->session;
	const struct registry_doc *registry = registry_whole(&session->registry, err);
	*out = (struct approvers){.items = NULL};
	if (registry == NULL)
		return -1;
	*out = (struct approvers){.items = calloc(registry->count + (size_t)1, sizeof(struct partner *))};
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < registry->count; i++) {
		bool may = false;
		if (may_approve(about, &registry->partners[i], &may, err) < 0)
			return -1;
		if (may)
			out->items[out->count++] = &registry->partners[i];
	}
	return approvers_count(out, err);
}

void approvers_clear(struct approvers *approvers)
{
	free(approvers->items);
	*approvers = (struct approvers){0};
}

int approvers_check(const struct approvers *approvers, const struct policy_demand *demand,
					const struct station_doc *self, struct err *err)
{
	if (approvers->people + 1 >= demand->people)
		return 0;
	(void)err_set(err, ERR_PARTNER,
				  "%s asks for %u people of %s who sign, and the registry has %u who could approve beside the packer",
				  demand->label, demand->people, self->party.organisation, approvers->people);
	return err_hint(err, "take in the card of a colleague: valise partner add CARD --as ALIAS --fingerprint FPR --role "
						 "approve; organisation, person and ceilings are those of the registry");
}
