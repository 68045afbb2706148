/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_secret.h"

#include "base/array.h"

#include <string.h>

void secret_facts_clear(struct secret_facts *facts)
{
	free(facts->items);
	*facts = (struct secret_facts){0};
}

static const struct partner *find_partner(const struct session *session, const char *alias, struct err *err)
{
	const struct partner *partner = registry_find_alias(&session->registry, alias);
	if (partner != NULL)
		return partner;
	(void)err_set(err, ERR_PARTNER, "no partner is called %s", alias);
	(void)err_hint(err, "`valise partner list` shows who is known");
	return NULL;
}

static int check_can_keep(const struct session *session, struct err *err)
{
	if (station_can_sign(&session->station))
		return 0;
	(void)err_set(err, ERR_STATION, "this station has no key of its own: it neither packs nor opens bundles");
	return err_hint(err, "pre-shared secrets belong to the stations at both ends");
}

/* By the keys that both have today, whichever they had when the secret came: so both stations show the same once both
 * have taken in each other's new key. */
static void describe(struct secret_fact *out, const struct session *session, const struct partner *partner,
					 const struct secret_ref *ref, const struct secret *secret)
{
	out->ref = *ref;
	channel_secret_check(out->check, secret, &session->station.doc.fingerprint, &partner->fingerprint);
}

/* --- one more --- */

int partner_secret_add(struct session *session, const char *alias, const struct secret *secret, struct secret_fact *out,
					   struct err *err)
{
	struct secret_ref ref;
	const struct partner *partner = find_partner(session, alias, err);
	if (partner == NULL || check_can_keep(session, err) < 0 || session_lock(session, err) < 0 ||
		secrets_add(&session->station, &partner->fingerprint, secret, &ref, err) < 0)
		return -1;
	describe(out, session, partner, &ref, secret);
	out->packs = true;
	return 0;
}

int partner_secret_new(struct session *session, const char *alias, struct secret **out_secret, struct secret_fact *out,
					   struct err *err)
{
	auto_secret *secret = NULL;
	*out_secret = NULL;
	if (secret_random(&secret, CHANNEL_SECRET_BYTES, err) < 0 ||
		partner_secret_add(session, alias, secret, out, err) < 0)
		return -1;
	*out_secret = steal(&secret);
	return 0;
}

void partner_secret_take_back(const struct session *session, const struct secret_fact *fact)
{
	struct err second = ERR_INIT; /* the first error is the one to tell */
	(void)secrets_remove(&session->station, &fact->ref, &second);
}

/* --- looking --- */

static int none_kept(const char *alias, struct err *err)
{
	(void)err_set(err, ERR_PARTNER, "no pre-shared secret with %s is kept here", alias);
	return err_hint(err, "valise partner secret new %s makes one; valise partner secret add %s takes one in", alias,
					alias);
}

/* Those with the partner of this name, also under a key that it had before; at least one. */
static int list_kept(struct secret_refs *out, const struct session *session, const struct partner *partner,
					 struct err *err)
{
	auto_secret_refs all = {0};
	if (secrets_list(&all, &session->station, err) < 0 || secrets_of(out, &all, partner, err) < 0)
		return -1;
	return out->count > 0 ? 0 : none_kept(partner->alias, err);
}

static int add_fact(struct secret_facts *out, const struct session *session, const struct partner *partner,
					const struct secret_ref *ref, struct gpg *gpg, struct err *err)
{
	auto_secret *secret = NULL;
	if (secrets_open(&secret, &session->station, ref, gpg, err) < 0)
		return -1;
	struct secret_fact *grown = array_grow(out->items, out->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	out->items = grown;
	struct secret_fact *fact = &out->items[out->count++];
	*fact = (struct secret_fact){.packs = false};
	describe(fact, session, partner, ref, secret);
	return 0;
}

int partner_secret_check(struct session *session, const char *alias, struct secret_facts *out, struct err *err)
{
	auto_secret_refs refs = {0};
	auto_gpg *gpg = NULL;
	const struct partner *partner = find_partner(session, alias, err);
	if (partner == NULL || list_kept(&refs, session, partner, err) < 0 ||
		gpg_open_station(&gpg, session->station.gnupg, &session->passphrase, err) < 0)
		return -1;
	for (unsigned i = 0; i < refs.count; i++)
		if (add_fact(out, session, partner, &refs.items[i], gpg, err) < 0)
			return -1;
	out->items[out->count - 1].packs = true;
	return 0;
}

/* --- removing --- */

/* id: NULL for the last. */
static const struct secret_ref *find_of(const struct secret_refs *refs, const char *id)
{
	for (unsigned i = refs->count; i > 0; i--)
		if (id == NULL || strcmp(refs->items[i - 1].id_hex, id) == 0)
			return &refs->items[i - 1];
	return NULL;
}

int partner_secret_find(const struct session *session, const char *alias, const char *id, struct secret_ref *out,
						bool *out_last, struct err *err)
{
	auto_secret_refs refs = {0};
	const struct partner *partner = find_partner(session, alias, err);
	if (partner == NULL || list_kept(&refs, session, partner, err) < 0)
		return -1;
	if (id == NULL && refs.count > 1) {
		(void)err_set(err, ERR_USAGE, "%u secrets with %s are kept: which one?", refs.count, alias);
		return err_hint(err, "valise partner secret show-check %s shows their ids", alias);
	}
	const struct secret_ref *ref = find_of(&refs, id);
	if (ref == NULL) {
		(void)err_set(err, ERR_PARTNER, "no secret with %s has the id %s", alias, id);
		return err_hint(err, "valise partner secret show-check %s shows their ids", alias);
	}
	*out = *ref;
	*out_last = refs.count == 1;
	return 0;
}

int partner_secret_remove(struct session *session, const struct secret_ref *ref, struct err *err)
{
	return session_lock(session, err) < 0 ? -1 : secrets_remove(&session->station, ref, err);
}
