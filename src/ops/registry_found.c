/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_found.h"

#include "base/array.h"
#include "base/hash.h"
#include "keyring/registry_change.h"

#include <stdlib.h>
#include <string.h>

/* --- founding --- */

struct founding {
	const struct session *session;
	const char *alias;
	uint32_t needed;
};

static int copy_facts(struct partner *own, const struct station_doc *doc, struct err *err)
{
	own->ceilings = calloc(1, sizeof *own->ceilings);
	own->communities = calloc(1, sizeof *own->communities);
	if (own->ceilings == NULL || own->communities == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*own->ceilings = doc->ceilings;
	*own->communities = doc->communities;
	if (own->communities->count == 0) {
		free(own->communities);
		own->communities = NULL;
	}
	return 0;
}

/* Keys that the station had before: what they sealed is verified where this registry rules as well. */
static int add_former(struct partner *own, const struct station *station, const struct station_former *former,
					  struct err *err)
{
	auto_buf certificate = {0};
	struct former_key *grown = array_grow(own->former, own->former_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	own->former = grown;
	if (station_key_certificate(station, &former->fingerprint, &certificate, err) < 0)
		return -1;
	struct former_key *key = &grown[own->former_count++];
	*key = (struct former_key){.fingerprint = former->fingerprint, .until = former->until};
	hash_bytes(&key->certificate, certificate.data, certificate.len);
	return 0;
}

static int copy_former(struct partner *own, const struct station *station, struct err *err)
{
	for (uint32_t i = 0; i < station->doc.former_count; i++)
		if (add_former(own, station, &station->doc.former[i], err) < 0)
			return -1;
	return 0;
}

/* Whoever founds it is the first administrator, and a partner as all others are. */
static int describe_self(struct partner *own, struct registry_edit *edit, const struct founding *founding,
						 struct err *err)
{
	const struct station *station = edit->fresh.station;
	struct cert cert;
	auto_buf certificate = {0};
	if (station_certificate(station, &certificate, err) < 0 ||
		gpg_launder(certificate.data, certificate.len, &station->doc.fingerprint, &edit->certificate, &cert, err) < 0)
		return -1;
	*own = (struct partner){.fingerprint = station->doc.fingerprint,
							.party = station->doc.party,
							.roles = ROLE_SEND | ROLE_RECEIVE | ROLE_APPROVE | ROLE_ADMINISTER,
							.approvals = 1,
							.added = edit->now};
	(void)snprintf(own->alias, sizeof own->alias, "%s", founding->alias);
	(void)snprintf(own->person, sizeof own->person, "%s", station->doc.party.name);
	registry_edit_take_certificate(edit, own, &cert);
	return copy_facts(own, &station->doc, err) < 0 ? -1 : copy_former(own, station, err);
}

static int apply_founding(struct registry_edit *edit, void *ctx, struct err *err)
{
	const struct founding *founding = ctx;
	AUTO(partner_clear) struct partner own = {0};
	if (edit->fresh.doc.administrators_needed > 0)
		return err_set(err, ERR_USAGE, "administrators sign the registry of this station already");
	if (registry_edit_check_alias(edit, founding->alias, err) < 0 || describe_self(&own, edit, founding, err) < 0 ||
		registry_edit_insert(edit, &own, err) < 0)
		return -1;
	edit->fresh.doc.administrators_needed = founding->needed;
	edit->fresh.is_draft = true;
	return EDIT_WRITE;
}

int registry_found(struct session *session, const char *alias, uint32_t needed, struct err *err)
{
	auto_registry draft = {.station = &session->station};
	struct founding founding = {session, alias, needed};
	if (station_can_sign(&session->station))
		return registry_change(&draft, utc_now(), apply_founding, &founding, err);
	(void)err_set(err, ERR_USAGE, "this station has no key of its own, and cannot sign");
	return err_hint(err, "found the registry at a station that has one");
}

/* --- another year --- */

static int apply_renewal(struct registry_edit *edit, void *ctx, struct err *err)
{
	const uint32_t *needed = ctx;
	if (edit->fresh.doc.administrators_needed == 0) {
		(void)err_set(err, ERR_USAGE, "this station keeps its partners itself: nobody signs its registry");
		return err_hint(err, "to distribute them to other stations, found one that administrators sign: "
							 "valise registry sign --found ALIAS");
	}
	if (*needed > 0)
		edit->fresh.doc.administrators_needed = *needed;
	return EDIT_WRITE;
}

int registry_renew(struct session *session, uint32_t needed, struct err *err)
{
	auto_registry draft = {.station = &session->station};
	return registry_change(&draft, utc_now(), apply_renewal, &needed, err);
}
