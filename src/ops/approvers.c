/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/approvers.h"

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

int approvers_find(const struct session *session, int64_t now, struct approvers *out, struct err *err)
{
	const struct registry_doc *registry = registry_whole(&session->registry, err);
	*out = (struct approvers){.items = NULL};
	if (registry == NULL)
		return -1;
	*out = (struct approvers){.items = calloc(registry->count + (size_t)1, sizeof(struct partner *))};
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < registry->count; i++) {
		bool may = false;
		if (!is_in_force(&registry->partners[i], now))
			continue;
		if (is_somebody_else(&session->station.doc, &registry->partners[i], &may, err) < 0)
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
						 "approve; organisation and person must be those of the registry");
}
