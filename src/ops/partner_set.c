/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_change.h"
#include "ops/partner_change.h"
#include "ops/registry_state.h"

#include <string.h>

/* --- differences --- */

static bool same_ceilings(const struct ceilings *a, const struct ceilings *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (strcmp(a->labels[i], b->labels[i]) != 0)
			return false;
	return true;
}

static bool same_communities(const struct communities *a, const struct communities *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same_mechanisms(const struct mechanisms *a, const struct mechanisms *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].term, b->items[i].term) != 0 ||
			strcmp(a->items[i].reference, b->items[i].reference) != 0)
			return false;
	return true;
}

static bool same_name(const struct party *a, const struct party *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->organisation, b->organisation) == 0 && a->kind == b->kind;
}

static bool same_former(const struct partner *a, const struct partner *b)
{
	if (a->former_count != b->former_count)
		return false;
	for (uint32_t i = 0; i < a->former_count; i++)
		if (!fingerprint_equal(&a->former[i].fingerprint, &b->former[i].fingerprint) ||
			!digest_equal(&a->former[i].certificate, &b->former[i].certificate) ||
			a->former[i].until != b->former[i].until || a->former[i].revoked != b->former[i].revoked)
			return false;
	return true;
}

unsigned partner_differences(const struct partner *a, const struct partner *b)
{
	unsigned bits = 0;
	bits |= strcmp(a->alias, b->alias) != 0 ? PARTNER_ALIAS : 0;
	bits |= a->roles != b->roles ? PARTNER_ROLES : 0;
	bits |= !same_ceilings(a->ceilings, b->ceilings) ? PARTNER_CEILINGS : 0;
	bits |= strcmp(a->party.jurisdiction, b->party.jurisdiction) != 0 ? PARTNER_JURISDICTION : 0;
	bits |= !same_communities(a->communities, b->communities) ? PARTNER_COMMUNITIES : 0;
	bits |= !same_mechanisms(a->mechanisms, b->mechanisms) ? PARTNER_MECHANISMS : 0;
	bits |= a->sector != b->sector ? PARTNER_SECTOR : 0;
	bits |= strcmp(a->person, b->person) != 0 ? PARTNER_PERSON : 0;
	bits |= a->approvals != b->approvals ? PARTNER_APPROVALS : 0;
	bits |= a->valid_until != b->valid_until ? PARTNER_VALID_UNTIL : 0;
	bits |= !same_name(&a->party, &b->party) ? PARTNER_NAME : 0;
	bits |= a->revoked != b->revoked ? PARTNER_REVOKED : 0;
	bits |= !digest_equal(&a->certificate, &b->certificate) ? PARTNER_CERTIFICATE : 0;
	bits |= !fingerprint_equal(&a->fingerprint, &b->fingerprint) ? PARTNER_KEY : 0;
	bits |= !same_former(a, b) ? PARTNER_FORMER : 0;
	return bits;
}

/* --- setting --- */

struct setting {
	const struct session *session;
	const char *alias;
	const struct partner_settings *settings;
	struct partner *before;
};

/* A role that needs an encryption key is not given to who has none. */
static int check_new_roles(const struct registry_edit *edit, const struct partner *before, const struct partner *after,
						   struct err *err)
{
	auto_buf certificate = {0}, clean = {0};
	struct cert cert;
	if (!(after->roles & ~before->roles & ROLE_RECEIVE))
		return 0;
	if (registry_edit_certificate(edit, before, &certificate, err) < 0 ||
		gpg_launder(certificate.data, certificate.len, &before->fingerprint, &clean, &cert, err) < 0)
		return -1;
	if (cert_can_encrypt(&cert))
		return 0;
	(void)err_set(err, ERR_CERTIFICATE,
				  "the certificate of %s has no key in force to encrypt to, which the role receive needs",
				  before->alias);
	return err_hint(err, "ask the partner for a new card, and take it in with: valise partner renew %s CARD",
					before->alias);
}

/* The entry moves to where its new name belongs. */
static int rename_partner(struct registry_edit *edit, struct partner *partner, const char *alias, struct err *err)
{
	struct partner moved;
	if (registry_edit_check_alias(edit, alias, err) < 0)
		return -1;
	registry_edit_take(edit, partner, &moved);
	(void)snprintf(moved.alias, sizeof moved.alias, "%s", alias);
	int rc = registry_edit_insert(edit, &moved, err);
	partner_clear(&moved);
	return rc;
}

static int apply_set(struct registry_edit *edit, void *ctx, struct err *err)
{
	struct setting *setting = ctx;
	const char *alias = setting->settings->alias;
	struct partner *partner = registry_edit_find(edit, setting->alias, err);
	if (partner == NULL || partner_copy(setting->before, partner, err) < 0)
		return -1;
	bool renames = alias != NULL && strcmp(alias, partner->alias) != 0;
	if (partner_set_fields(partner, &setting->session->schemes, setting->settings, err) < 0 ||
		check_new_roles(edit, setting->before, partner, err) < 0)
		return -1;
	if (!renames && partner_differences(setting->before, partner) == 0)
		return err_set(err, ERR_USAGE, "nothing to change: that is what the registry says of %s already",
					   partner->alias);
	return renames && rename_partner(edit, partner, alias, err) < 0 ? -1 : EDIT_WRITE;
}

int partner_set(struct session *session, const char *alias, const struct partner_settings *settings,
				struct partner *before, struct err *err)
{
	struct setting setting = {session, alias, settings, before};
	*before = (struct partner){0};
	if (registry_state_follow(session, registry_change(&session->registry, utc_now(), apply_set, &setting, err)) == 0)
		return 0;
	partner_clear(before);
	return -1;
}
