/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner.h"

#include "base/io.h"
#include "format/party_fields.h"
#include "ops/ceilings.h"
#include "policy/terms.h"

#include <fcntl.h>
#include <string.h>

/* --- cards --- */

void card_view_clear(struct card_view *view)
{
	card_clear(&view->card);
	*view = (struct card_view){0};
}

static int card_read(struct card *out, const char *path, struct err *err)
{
	auto_buf bytes = {0};
	if (io_read_file(&bytes, AT_FDCWD, path, CARD_BYTES_MAX, err) < 0)
		return -1;
	if (bytes.len == 0)
		return err_set(err, ERR_DOCUMENT, "%s is empty", path);
	return card_parse(out, bytes.data, bytes.len, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

int card_examine(const char *path, struct card_view *out, struct err *err)
{
	*out = (struct card_view){0};
	if (card_read(&out->card, path, err) < 0)
		return -1;
	auto_buf clean = {0};
	if (gpg_launder(out->card.certificate, out->card.certificate_len, &out->card.fingerprint, &clean, &out->cert, err) <
		0) {
		card_view_clear(out);
		return err_wrap(err, "%s: ", path);
	}
	return 0;
}

/* --- taking in --- */

static int set_jurisdiction(struct partner *partner, const char *code, struct err *err)
{
	if (code == NULL)
		return 0;
	if (!jurisdiction_is_valid(code)) {
		(void)err_set(err, ERR_USAGE, "--jurisdiction %s: not two upper-case letters", code);
		return err_hint(err, "type a country code as in ISO 3166, for example --jurisdiction NL");
	}
	memcpy(partner->party.jurisdiction, code, sizeof partner->party.jurisdiction);
	return 0;
}

static int set_communities(struct communities *out, const struct partner_request *request, struct err *err)
{
	for (unsigned i = 0; i < request->community_count; i++)
		if (communities_add(out, request->communities[i], err) < 0)
			return err_wrap(err, "--community: ");
	return 0;
}

static int set_mechanism(struct mechanisms *out, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	auto_free char *term = equals != NULL ? strndup(text, (size_t)(equals - text)) : NULL;
	if (equals == NULL) {
		(void)err_set(err, ERR_USAGE, "--mechanism %s: what is its reference?", text);
		return err_hint(err, "type for example --mechanism \"eu-gdpr:A46-3-b=arrangement of 2026-03-01, No. 12\"");
	}
	if (term == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (term_find(term, TERM_MECHANISM) == NULL) {
		(void)err_set(err, ERR_USAGE, "--mechanism %s: not a transfer mechanism", term);
		return err_hint(err, "valise-labels(5), PERSONAL DATA, lists them; for example eu-gdpr:A46-3-b");
	}
	return mechanisms_add(out, term, equals + 1, err) < 0 ? err_wrap(err, "--mechanism: ") : 0;
}

static int set_mechanisms(struct mechanisms *out, const struct partner_request *request, struct err *err)
{
	for (unsigned i = 0; i < request->mechanism_count; i++)
		if (set_mechanism(out, request->mechanisms[i], err) < 0)
			return -1;
	return 0;
}

static int set_sector(enum sector *out, const char *text, struct err *err)
{
	*out = SECTOR_PUBLIC;
	for (unsigned i = 0; text != NULL && i < SECTOR_COUNT; i++)
		if (strcmp(sector_names[i], text) == 0)
			*out = (enum sector)i;
	return text == NULL || strcmp(sector_names[*out], text) == 0
			   ? 0
			   : err_set(err, ERR_USAGE, "--sector %s: not one of public, private", text);
}

static int check_request(const struct card_view *view, const struct partner_request *request, struct err *err)
{
	if (!alias_is_valid(request->alias)) {
		(void)err_set(err, ERR_USAGE, "--as %s: an alias is made of a to z, 0 to 9 and -, at most %d of them",
					  request->alias, ALIAS_MAX);
		return err_hint(err, "choose a short word for this partner, for example --as agency-b");
	}
	/* The card's own is not told: whoever is tired would copy it, and then it proves nothing. */
	if (!fingerprint_equal(&request->confirmed, &view->card.fingerprint)) {
		(void)err_set(err, ERR_FINGERPRINT, "the fingerprint that was given is not that of the card");
		return err_hint(err,
						"have the partner read it out by phone once more; if it still differs, the card is not theirs");
	}
	return 0;
}

int partner_add(struct session *session, const struct card_view *view, const struct partner_request *request,
				struct err *err)
{
	if (check_request(view, request, err) < 0)
		return -1;
	struct ceilings ceilings = {0};
	struct communities communities = {0};
	struct mechanisms mechanisms = {0};
	struct partner partner = {
		.fingerprint = view->card.fingerprint,
		.party = view->card.party,
		.roles = request->roles != 0 ? request->roles : ROLE_SEND | ROLE_RECEIVE,
		.approvals = 1,
		.added = utc_now(),
		.ceilings = request->ceiling_count > 0 ? &ceilings : NULL,
		.communities = request->community_count > 0 ? &communities : NULL,
		.mechanisms = request->mechanism_count > 0 ? &mechanisms : NULL,
	};
	(void)snprintf(partner.alias, sizeof partner.alias, "%s", request->alias);
	/* Distinct people are counted by this name; until an administrator says otherwise it is the card's. */
	(void)snprintf(partner.person, sizeof partner.person, "%s", view->card.party.name);
	if (set_jurisdiction(&partner, request->jurisdiction, err) < 0 || set_communities(&communities, request, err) < 0 ||
		set_mechanisms(&mechanisms, request, err) < 0 || set_sector(&partner.sector, request->sector, err) < 0 ||
		ceilings_resolve(&ceilings, &session->schemes, request->ceilings, request->ceiling_count, err) < 0)
		return -1;
	return registry_add(&session->registry, &partner, &view->card, &request->confirmed, partner.added, err);
}

/* --- looking at them --- */

/* The latest end among the subkeys that can do it; 0 never, -1 none can. */
static int64_t latest_end(const struct cert *cert, bool encrypt)
{
	int64_t latest = -1;
	for (unsigned i = 0; i < cert->subkey_count; i++) {
		const struct cert_subkey *key = &cert->subkeys[i];
		if (key->revoked || key->invalid || !(encrypt ? key->can_encrypt : key->can_sign))
			continue;
		if (key->expires == 0)
			return 0;
		if (key->expires > latest)
			latest = key->expires;
	}
	return latest;
}

/* The earlier of two ends, where 0 is never. */
static int64_t earlier(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 || a < b ? a : b;
}

enum key_state cert_state(const struct cert *cert, unsigned roles, int64_t now, int64_t *out_days)
{
	int64_t end = cert->expires;
	if (roles & ~(unsigned)ROLE_RECEIVE)
		end = earlier(end, latest_end(cert, false));
	if (roles & ROLE_RECEIVE)
		end = earlier(end, latest_end(cert, true));
	*out_days = end == 0 ? -1 : end > now ? (end - now) / DAY_S : 0;
	if (cert->revoked || cert->disabled || cert->invalid)
		return KEY_REVOKED;
	if (cert->expired || (end != 0 && end <= now))
		return KEY_EXPIRED;
	return end != 0 && *out_days < KEY_SOON_DAYS ? KEY_EXPIRES_SOON : KEY_FINE;
}

static int load_certificate(struct gpg *gpg, const struct session *session, const struct partner *partner,
							struct cert *out, struct err *err)
{
	auto_buf bytes = {0};
	if (registry_certificate(&session->registry, partner, &bytes, err) < 0 ||
		gpg_import(gpg, bytes.data, bytes.len, &partner->fingerprint, err) < 0)
		return -1;
	return gpg_describe(gpg, &partner->fingerprint, out, err);
}

static int examine_with(struct gpg *gpg, const struct session *session, const struct partner *partner,
						struct partner_view *out, struct err *err)
{
	struct err fault = ERR_INIT;
	*out = (struct partner_view){.partner = partner, .days_left = -1};
	if (load_certificate(gpg, session, partner, &out->cert, &fault) == 0) {
		out->key_state = cert_state(&out->cert, partner->roles, utc_now(), &out->days_left);
		return 0;
	}
	if (fault.code == ERR_GNUPG || fault.code == ERR_MEMORY || fault.code == ERR_CANCELLED) {
		*err = fault;
		return -1;
	}
	out->key_state = KEY_UNREADABLE;
	(void)snprintf(out->fault, sizeof out->fault, "%.*s", (int)sizeof out->fault - 1, fault.message);
	return 0;
}

int partner_examine(const struct session *session, const struct partner *partner, struct partner_view *out,
					struct err *err)
{
	auto_gpg *gpg = NULL;
	if (gpg_open_throwaway(&gpg, err) < 0)
		return -1;
	return examine_with(gpg, session, partner, out, err);
}

int partner_examine_all(const struct session *session,
						int (*each)(void *ctx, const struct partner_view *view, struct err *err), void *ctx,
						struct err *err)
{
	auto_gpg *gpg = NULL;
	if (session->registry.doc.count == 0)
		return 0;
	if (gpg_open_throwaway(&gpg, err) < 0)
		return -1;
	for (uint32_t i = 0; i < session->registry.doc.count; i++) {
		struct partner_view view;
		if (examine_with(gpg, session, &session->registry.doc.partners[i], &view, err) < 0 || each(ctx, &view, err) < 0)
			return -1;
	}
	return 0;
}
