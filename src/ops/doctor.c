/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/doctor_internal.h"

#include "format/waybill.h"
#include "keyring/registry_change.h"
#include "keyring/trust_self.h"
#include "ops/partner.h"
#include "ops/registry_state.h"

#include <stdarg.h>
#include <string.h>

/* --- findings --- */

void finding_add(struct examination *ex, enum finding_level level, const char *topic, const char *advice,
				 const char *fmt, ...)
{
	struct findings *out = ex->out;
	struct doctor_finding *items = reallocarray(out->items, out->count + 1, sizeof *items);
	if (items == NULL) {
		ex->out_of_memory = true;
		return;
	}
	out->items = items;
	struct doctor_finding *finding = &items[out->count++];
	*finding = (struct doctor_finding){.level = level};
	(void)snprintf(finding->topic, sizeof finding->topic, "%s", topic);
	(void)snprintf(finding->advice, sizeof finding->advice, "%s", advice);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(finding->text, sizeof finding->text, fmt, args);
	va_end(args);
	if (level > out->worst)
		out->worst = level;
}

void finding_add_err(struct examination *ex, enum finding_level level, const char *topic, const struct err *err)
{
	finding_add(ex, level, topic, err->hint, "%s", err->message);
}

void findings_clear(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){0};
}

/* --- keys --- */

static void add_key(struct examination *ex, const char *topic, const char *who, enum key_state state, int64_t days,
					const char *fault, bool own)
{
	const char *advice = own ? "extend or renew the key, then give partners the new card"
							 : "ask the partner for a new card";
	switch (state) {
	case KEY_FINE:
		return;
	case KEY_EXPIRES_SOON:
		finding_add(ex, FINDING_ATTENTION, topic, advice, "the key of %s expires in %lld days", who, (long long)days);
		return;
	case KEY_EXPIRED:
		finding_add(ex, own ? FINDING_BROKEN : FINDING_ATTENTION, topic, advice, "the key of %s has expired", who);
		return;
	case KEY_REVOKED:
		finding_add(ex, own ? FINDING_BROKEN : FINDING_ATTENTION, topic, advice, "the key of %s is revoked", who);
		return;
	case KEY_UNREADABLE:
		finding_add(ex, FINDING_BROKEN, topic, "restore it from a backup, or take the card in anew", "%s", fault);
		return;
	}
}

static void examine_own_key(struct examination *ex, const struct station *station)
{
	if (!station_can_sign(station)) {
		finding_add(ex, FINDING_OK, "own key", "", "none: this station verifies only");
		return;
	}
	struct err err = ERR_INIT;
	auto_buf kept = {0}, clean = {0};
	struct cert cert;
	if (station_certificate(station, &kept, &err) < 0 ||
		gpg_launder(kept.data, kept.len, &station->doc.fingerprint, &clean, &cert, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "own key", &err);
		return;
	}
	int64_t days;
	enum key_state state = cert_state(&cert, ROLE_SEND | ROLE_RECEIVE, utc_now(), &days);
	add_key(ex, "own key", "this station", state, days, "", true);
	if (state == KEY_FINE && days < 0)
		finding_add(ex, FINDING_OK, "own key", "", "%s, without end", cert.algorithm);
	else if (state == KEY_FINE)
		finding_add(ex, FINDING_OK, "own key", "", "%s, good for %lld days", cert.algorithm, (long long)days);
}

/* Without it nobody can open what is sent here; the certificate alone does not tell. */
static void examine_own_secret(struct examination *ex, const struct station *station)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	struct err err = ERR_INIT;
	struct cert cert;
	auto_gpg *gpg = NULL;
	if (gpg_open_station(&gpg, station->gnupg, &never, &err) < 0 ||
		gpg_describe(gpg, &station->doc.fingerprint, &cert, &err) < 0)
		finding_add_err(ex, FINDING_BROKEN, "own key", &err);
	else if (!cert.has_secret)
		finding_add(ex, FINDING_BROKEN, "own key", "restore the folder gnupg of the home from a backup",
					"the secret key is not in the home");
}

/* What administrators say of it: a revoked key packs nothing that counts where their registry is followed. */
static void examine_own_entry(struct examination *ex, const struct registry *registry)
{
	struct err err = ERR_INIT;
	if (registry->doc.administrators_needed == 0)
		return;
	if (trust_check_self(registry, ROLES_ALL, utc_now(), &err) < 0)
		finding_add_err(ex, FINDING_BROKEN, "own key", &err);
	else if (trust_self_entry(registry, &registry->station->doc.fingerprint) == NULL)
		finding_add(ex, FINDING_ATTENTION, "own key",
					"give its administrators what `valise card --rotation` writes, or your card",
					"the registry does not know this key yet");
}

struct partner_tally {
	struct examination *ex;
	const struct session *session;
	unsigned fine;
};

static int examine_partner(void *ctx, const struct partner_view *view, struct err *err)
{
	struct partner_tally *tally = ctx;
	const struct partner *partner = view->partner;
	int64_t now = utc_now();
	(void)err;
	if (partner->revoked != 0)
		return 0; /* somebody has decided about it already */
	add_key(tally->ex, "partners", partner->alias, view->key_state, view->key_days_left, view->fault, false);
	tally->fine += view->key_state == KEY_FINE;
	doctor_examine_partner_ceilings(tally->ex, tally->session, partner);
	if (partner->valid_until != 0 && partner->valid_until < now + KEY_SOON_DAYS * (int64_t)DAY_S)
		finding_add(tally->ex, FINDING_ATTENTION, "partners", "have the administrator look at it",
					partner->valid_until < now ? "the entry of %s has ended" : "the entry of %s ends soon",
					partner->alias);
	return 0;
}

static void examine_partners(struct examination *ex, struct session *session)
{
	struct partner_tally tally = {.ex = ex, .session = session};
	struct err err = ERR_INIT;
	if (partner_examine_all(session, PARTNER_BY_CERTIFICATE, examine_partner, &tally, &err) < 0)
		finding_add_err(ex, FINDING_BROKEN, "partners", &err);
	else if (session->registry.doc.count == 0)
		finding_add(ex, FINDING_OK, "partners", "", "none yet");
	else
		finding_add(ex, FINDING_OK, "partners", "", "%u of %u with a key that is good for %d days or more", tally.fine,
					session->registry.doc.count, KEY_SOON_DAYS);
}

/* --- the documents --- */

/* Signatures, and what the ledger knows was held: looked at anew each time. */
static void examine_signatures(struct examination *ex, struct session *session)
{
	struct err err = ERR_INIT;
	struct registry_quorum signers;
	char names[200];
	const struct registry *registry = &session->registry;
	if (registry_state_examine(registry, session->ledger, utc_now(), &signers, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "registry", &err);
		return;
	}
	registry_quorum_names(&signers, names, sizeof names);
	if (registry->doc.administrators_needed > 0)
		finding_add(ex, FINDING_OK, "registry", "", "signed by %s", names);
}

static void examine_life(struct examination *ex, const struct registry *registry)
{
	auto_notices notices = {0};
	registry_state_tell_life(&notices, registry, utc_now());
	for (unsigned i = 0; i < notices.count; i++)
		finding_add(ex, FINDING_ATTENTION, "registry", "what administrators sign lasts a year: valise-admin(7)", "%s",
					notices.lines[i]);
}

/* Too few administrators make a registry that ends with its time, and a station that can follow no other. */
static void examine_quorum(struct examination *ex, const struct registry *registry)
{
	struct err err = ERR_INIT;
	const struct partner *weakest = NULL;
	char end[UTC_TEXT + 1];
	int64_t when;
	const struct registry_doc *doc = registry_whole(registry, &err);
	if (doc == NULL || registry_find_weakest(doc, &weakest, &when, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "registry", &err);
		return;
	}
	if (doc->administrators_needed == 0 || weakest == NULL)
		return;
	utc_format(end, when);
	finding_add(ex, FINDING_ATTENTION, "registry",
				"renew that key or entry before, give more people the role administer, or have fewer of them sign",
				"%u administrators must sign the next one: that hangs on %s (%s), whose key or entry ends at %s",
				(unsigned)doc->administrators_needed, weakest->party.name, weakest->alias, end);
}

static void examine_draft(struct examination *ex, const struct registry *held)
{
	struct err err = ERR_INIT;
	auto_registry draft = {0};
	int there = registry_open_draft(&draft, held, &err);
	if (there < 0)
		finding_add_err(ex, FINDING_ATTENTION, "registry", &err);
	else if (there == 1)
		finding_add(ex, FINDING_OK, "registry", "", "a draft of number %llu waits: valise registry diff shows it",
					(unsigned long long)draft.doc.serial);
}

static bool examine_registry(struct examination *ex, struct session *session)
{
	struct err err = ERR_INIT;
	const struct registry *registry = &session->registry;
	if (registry_open(&session->registry, &session->station, NULL, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "registry", &err);
		return false;
	}
	finding_add(ex, FINDING_OK, "registry", "", "number %llu, partners: %u", (unsigned long long)registry->doc.serial,
				registry->doc.count);
	examine_signatures(ex, session);
	examine_life(ex, registry);
	doctor_examine_leftovers(ex, registry);
	examine_quorum(ex, registry);
	examine_draft(ex, registry);
	return true;
}

static void examine_clock(struct examination *ex, struct ledger *ledger)
{
	struct err err = ERR_INIT;
	int64_t latest = 0;
	char seen[UTC_TEXT + 1], now[UTC_TEXT + 1];
	if (ledger_latest_seen(ledger, &latest, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "clock", &err);
		return;
	}
	utc_format(seen, latest);
	utc_format(now, utc_now());
	if (latest > utc_now() + WAYBILL_SKEW_S)
		finding_add(ex, FINDING_BROKEN, "clock", "set the clock of this machine",
					"it says %s, but the ledger has seen %s: bundles are refused", now, seen);
	else if (latest > utc_now())
		finding_add(ex, FINDING_ATTENTION, "clock", "check the clock of this machine",
					"it says %s, but the ledger has seen %s", now, seen);
	else
		finding_add(ex, FINDING_OK, "clock", "", "it says %s", now);
}

static void examine_ledger(struct examination *ex, struct session *session)
{
	struct err err = ERR_INIT;
	if (ledger_open(&session->ledger, session->station.home, LEDGER_READ_ONLY, &err) < 0 ||
		ledger_check(session->ledger, &err) < 0)
		finding_add(ex, FINDING_BROKEN, "ledger",
					"restore ledger.sqlite from a backup; without it, replays and gaps are no longer noticed", "%s",
					err.message);
	else
		finding_add(ex, FINDING_OK, "ledger", "", "whole");
	if (session->ledger != NULL)
		examine_clock(ex, session->ledger);
}

/* --- the round --- */

static void examine_station(struct examination *ex, struct session *session, const char *home, bool gpg_usable)
{
	struct err err = ERR_INIT;
	auto_free char *path = NULL;
	if (station_home_path(&path, home, &err) < 0 || station_open(&session->station, path, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "station", &err);
		return;
	}
	finding_add(ex, FINDING_OK, "station", "", "%s (%s)", session->station.doc.party.name,
				session->station.doc.party.organisation);
	doctor_examine_home(ex, &session->station);
	doctor_examine_settings(ex, &session->station);
	bool schemes = doctor_examine_schemes(ex, session);
	if (schemes)
		doctor_examine_inspection(ex, session);
	examine_ledger(ex, session);
	bool registry = examine_registry(ex, session);
	if (!gpg_usable)
		return;
	examine_own_key(ex, &session->station);
	if (station_can_sign(&session->station))
		examine_own_secret(ex, &session->station);
	if (!registry)
		return;
	if (station_can_sign(&session->station))
		examine_own_entry(ex, &session->registry);
	examine_partners(ex, session);
	if (schemes)
		doctor_examine_equivalence(ex, session);
}

int doctor_examine(const char *home, struct findings *out, struct err *err)
{
	*out = (struct findings){0};
	struct examination ex = {.out = out};
	auto_session session = {.lock_fd = -1};
	bool gpg_usable;
	doctor_examine_gnupg(&ex, &gpg_usable);
	examine_station(&ex, &session, home, gpg_usable);
	doctor_examine_memory(&ex);
	doctor_examine_core_dumps(&ex);
	doctor_examine_swap(&ex);
	doctor_examine_entropy(&ex);
	if (!ex.out_of_memory)
		return 0;
	findings_clear(out);
	return err_set(err, ERR_MEMORY, "out of memory");
}
