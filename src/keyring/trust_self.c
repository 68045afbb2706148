/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_self.h"

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

static int tell_whom_to_ask(const struct registry *registry, struct err *err)
{
	char names[ERR_HINT_MAX / 2];
	registry_name_administrators(names, sizeof names, registry);
	return err_hint(err, "ask an administrator of the registry that this station follows: %s",
					names[0] != '\0' ? names : "whoever signed it");
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
