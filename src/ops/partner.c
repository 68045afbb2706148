/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner.h"

#include "base/io.h"
#include "ops/registry_state.h"

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

static int check_request(const struct card_view *view, const struct partner_request *request, struct err *err)
{
	if (!alias_is_valid(request->settings.alias)) {
		(void)err_set(err, ERR_USAGE, "--as %s: an alias is made of a to z, 0 to 9 and -, at most %d of them",
					  request->settings.alias, ALIAS_MAX);
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
	AUTO(partner_clear)
	struct partner partner = {
		.fingerprint = view->card.fingerprint,
		.party = view->card.party,
		.roles = ROLE_SEND | ROLE_RECEIVE,
		.approvals = 1,
		.added = utc_now(),
	};
	(void)snprintf(partner.alias, sizeof partner.alias, "%s", request->settings.alias);
	/* Distinct people are counted by this name; until an administrator says otherwise it is the card's. */
	(void)snprintf(partner.person, sizeof partner.person, "%s", view->card.party.name);
	if (partner_set_fields(&partner, &session->schemes, &request->settings, err) < 0)
		return -1;
	return registry_state_follow(
		session, registry_add(&session->registry, &partner, &view->card, &request->confirmed, partner.added, err));
}

/* --- looking at them --- */

static int64_t days_until(int64_t end, int64_t now)
{
	return end > now ? (end - now) / DAY_S : 0;
}

/* All but to be packed to. */
static bool needs_signing(unsigned roles)
{
	return roles != ROLE_RECEIVE;
}

/* Of the end of what these roles need; 0 for none. */
static enum key_state end_state(int64_t end, int64_t now, int64_t *out_days)
{
	*out_days = end == 0 ? -1 : days_until(end, now);
	if (end != 0 && end <= now)
		return KEY_EXPIRED;
	return end != 0 && *out_days < KEY_SOON_DAYS ? KEY_EXPIRES_SOON : KEY_FINE;
}

enum key_state cert_state(const struct cert *cert, unsigned roles, int64_t now, int64_t *out_days)
{
	const unsigned uses = (needs_signing(roles) ? CERT_SIGNS : 0) | (roles & ROLE_RECEIVE ? CERT_ENCRYPTS : 0);
	const enum key_state state = end_state(cert_end(cert, uses), now, out_days);
	if (cert->revoked || cert->disabled || cert->invalid)
		return KEY_REVOKED;
	return cert->expired ? KEY_EXPIRED : state;
}

enum key_state key_ends_state(const struct key_ends *ends, unsigned roles, int64_t now, int64_t *out_days)
{
	const int64_t end = earlier_end(needs_signing(roles) ? ends->signs : 0,
									(roles & ROLE_RECEIVE) != 0 ? ends->encrypts : 0);
	const enum key_state state = end_state(end, now, out_days);
	return ends->revoked ? KEY_REVOKED : state;
}

enum key_state partner_state(const struct partner *partner, enum key_state key, int64_t key_days, int64_t now,
							 int64_t *out_days)
{
	int64_t until = partner->valid_until;
	*out_days = key_days;
	if (until != 0 && (key_days < 0 || days_until(until, now) < key_days))
		*out_days = days_until(until, now);
	if (partner->revoked != 0)
		return KEY_REVOKED;
	if (key != KEY_FINE && key != KEY_EXPIRES_SOON)
		return key;
	if (until != 0 && until <= now)
		return KEY_EXPIRED;
	return *out_days >= 0 && *out_days < KEY_SOON_DAYS ? KEY_EXPIRES_SOON : KEY_FINE;
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

/* Where the certificate cannot be read, that is what is to be told of the partner. */
static int note_fault(struct partner_view *out, const struct err *fault, struct err *err)
{
	if (fault->code == ERR_GNUPG || fault->code == ERR_MEMORY || fault->code == ERR_CANCELLED) {
		*err = *fault;
		return -1;
	}
	out->state = out->key_state = KEY_UNREADABLE;
	(void)snprintf(out->fault, sizeof out->fault, "%.*s", (int)sizeof out->fault - 1, fault->message);
	return 0;
}

static int examine_with(struct gpg *gpg, const struct session *session, const struct partner *partner,
						struct partner_view *out, struct err *err)
{
	struct err fault = ERR_INIT;
	const int64_t now = utc_now();
	*out = (struct partner_view){.partner = partner, .days_left = -1, .key_days_left = -1};
	if (load_certificate(gpg, session, partner, &out->cert, &fault) < 0)
		return note_fault(out, &fault, err);
	out->key_state = cert_state(&out->cert, partner->roles, now, &out->key_days_left);
	out->state = partner_state(partner, out->key_state, out->key_days_left, now, &out->days_left);
	return 0;
}

/* By what the registry's row says of its certificate; that this is still the one is asked of its digest. */
static int examine_row(const struct session *session, const struct partner *partner, struct partner_view *out,
					   struct err *err)
{
	auto_buf bytes = {0};
	struct err fault = ERR_INIT;
	const int64_t now = utc_now();
	*out = (struct partner_view){.partner = partner, .days_left = -1, .key_days_left = -1};
	if (registry_certificate(&session->registry, partner, &bytes, &fault) < 0)
		return note_fault(out, &fault, err);
	out->key_state = key_ends_state(&partner->ends, partner->roles, now, &out->key_days_left);
	out->state = partner_state(partner, out->key_state, out->key_days_left, now, &out->days_left);
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

struct examining {
	const struct session *session;
	enum partner_source source;
	struct gpg *gpg; /* opened when it is first needed */
	partner_view_fn *each;
	void *ctx;
};

static int examine_by_source(struct examining *examining, const struct partner *partner, struct partner_view *out,
							 struct err *err)
{
	if (examining->source == PARTNER_BY_ROW && partner->ends.known)
		return examine_row(examining->session, partner, out, err);
	if (examining->gpg == NULL && gpg_open_throwaway(&examining->gpg, err) < 0)
		return -1;
	return examine_with(examining->gpg, examining->session, partner, out, err);
}

static int examine_next(void *ctx, const struct partner *partner, struct err *err)
{
	struct examining *examining = ctx;
	struct partner_view view;
	return examine_by_source(examining, partner, &view, err) < 0 ? -1 : examining->each(examining->ctx, &view, err);
}

int partner_examine_all(const struct session *session, enum partner_source source, partner_view_fn *each, void *ctx,
						struct err *err)
{
	struct examining examining = {.session = session, .source = source, .each = each, .ctx = ctx};
	int rc = registry_each(&session->registry, examine_next, &examining, err);
	gpg_close(examining.gpg);
	return rc;
}
