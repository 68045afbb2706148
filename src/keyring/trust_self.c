/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_self.h"

#include <stdio.h>
#include <string.h>

const struct partner *trust_self_entry(const struct registry *registry, const struct fingerprint *fpr)
{
	return registry->doc.administrators_needed > 0 ? registry_find(registry, fpr) : NULL;
}

/* The present key's; that of a former one until the new one is taken in: another key is no way out of a revocation. */
static const struct partner *find_own(const struct registry *registry)
{
	const struct station_doc *self = &registry->station->doc;
	const struct partner *found = trust_self_entry(registry, &self->fingerprint);
	for (uint32_t i = 0; found == NULL && i < self->former_count; i++)
		found = trust_self_entry(registry, &self->former[i].fingerprint);
	return found;
}

/* --- whom to ask --- */

struct names {
	char text[ERR_HINT_MAX / 2];
	size_t len;
};

static int add_administrator(void *ctx, const struct partner *partner, struct err *err)
{
	struct names *names = ctx;
	(void)err;
	const size_t room = sizeof names->text - names->len;
	if (!partner_is_administrator(partner) || strlen(partner->party.name) + 3 > room)
		return 0;
	const int n = snprintf(names->text + names->len, room, "%s%s", names->len > 0 ? ", " : "", partner->party.name);
	names->len += n > 0 ? (size_t)n : 0;
	return 0;
}

static int tell_whom_to_ask(const struct registry *registry, struct err *err)
{
	struct names names = {.len = 0};
	struct err second = ERR_INIT;
	(void)registry_each(registry, add_administrator, &names, &second);
	return err_hint(err, "ask an administrator of the registry that this station follows: %s",
					names.len > 0 ? names.text : "whoever signed it");
}

/* --- may it --- */

int trust_check_self(const struct registry *registry, unsigned role, int64_t now, struct err *err)
{
	char when[UTC_TEXT + 1];
	const struct partner *entry = find_own(registry);
	if (entry == NULL)
		return 0;
	if (entry->revoked != 0) {
		utc_format(when, entry->revoked);
		(void)err_set(err, ERR_UNFIT_SIGNER, "the registry revoked the key of this station (%s) at %s%s%s",
					  entry->alias, when, entry->revoked_reason != NULL ? ", saying: " : ", without saying why",
					  entry->revoked_reason != NULL ? entry->revoked_reason : "");
	} else if (entry->valid_until != 0 && now >= entry->valid_until) {
		utc_format(when, entry->valid_until);
		(void)err_set(err, ERR_UNFIT_SIGNER, "the entry of this station (%s) in the registry ended at %s", entry->alias,
					  when);
	} else if ((entry->roles & role) == 0) {
		(void)err_set(err, ERR_UNFIT_SIGNER, "the registry does not give this station (%s) the role %s", entry->alias,
					  role == ROLE_APPROVE ? "approve" : "send");
	} else {
		return 0;
	}
	return tell_whom_to_ask(registry, err);
}
