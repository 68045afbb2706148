/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_change.h"

#include "cli/confirm.h"
#include "cli/partner_view.h"
#include "cli/registry_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "keyring/registry_change.h"

#include <string.h>

const struct option verb_partner_renew_options[] = {
	{.name = "fingerprint", .value = "FPR", .help = "of a new key, as the partner read it out; is compared"},
	{.name = "yes", .help = "do not ask before a new key is taken"},
	OPTION_END,
};

const struct option verb_partner_revoke_options[] = {
	{.name = "certificate", .value = "FILE", .help = "revocation of its key, or of a former one"},
	{.name = "former", .value = "FPR", .help = "a key that it had before, and not the present one"},
	{.name = "reason", .value = "TEXT", .help = "why; kept in the registry"},
	OPTION_END,
};

const struct option verb_partner_remove_options[] = {
	{.name = "yes", .help = "do not ask"},
	OPTION_END,
};

/* The entry as it is now, after a change under this alias. */
static const struct partner *find_changed(const struct session *session, const char *alias, struct err *err)
{
	const struct partner *partner = registry_find_alias(&session->registry, alias);
	if (partner == NULL)
		(void)err_set(err, ERR_INTERNAL, "the partner was changed but is not in the registry");
	return partner;
}

static const char nothing_any_more[] =
	"Nothing can be packed to this partner any more, and what its key signs no longer counts.";

/* What the change means from now on; where a draft was written, once enough have signed that. */
static void say_effect(struct cli *cli, const struct session *session, const char *text)
{
	if (session->registry.is_draft)
		say(cli, "Once it is in force: %c%s\n", text[0] - 'A' + 'a', text + 1);
	else
		say(cli, "%s\n", text);
}

/* --- renew --- */

static const char *end_text(struct cli *cli, int64_t end)
{
	return end != 0 ? ring_keep(&cli->terminal, show_day(end).text) : "no end";
}

static const char *use_text(const struct cert_subkey *key)
{
	return key->can_sign && key->can_encrypt ? "signs and is encrypted to"
		   : key->can_sign                   ? "signs"
		   : key->can_encrypt                ? "is encrypted to"
											 : "not in use";
}

/* Of one key, what the renewal brought; NULL for nothing. */
static const char *key_change(struct cli *cli, const struct cert_subkey *old, const struct cert_subkey *new)
{
	char text[128];
	const char *arrow = cli->terminal.utf8 ? "\xE2\x86\x92" : "->";
	if (new->revoked && (old == NULL || !old->revoked))
		(void)snprintf(text, sizeof text, "revoked");
	else if (old == NULL)
		(void)snprintf(text, sizeof text, "new, %s, until %s", use_text(new), end_text(cli, new->expires));
	else if (old->expires != new->expires)
		(void)snprintf(text, sizeof text, "until %s %s %s", end_text(cli, old->expires), arrow,
					   end_text(cli, new->expires));
	else if (old->can_sign != new->can_sign || old->can_encrypt != new->can_encrypt || old->invalid != new->invalid)
		(void)snprintf(text, sizeof text, "%s %s %s", use_text(old), arrow, use_text(new));
	else
		return NULL;
	return ring_keep(&cli->terminal, text);
}

static void tell_keys(struct cli *cli, const struct partner_renewal *renewal)
{
	for (unsigned i = 0; i < renewal->after.subkey_count; i++) {
		const struct cert_subkey *new = &renewal->after.subkeys[i];
		const char *change = key_change(cli, cert_find_key(&renewal->before, &new->fingerprint), new);
		if (change == NULL)
			continue;
		report_row(&cli->terminal.err, i == 0 ? "primary key" : "subkey", fingerprint_text(cli, &new->fingerprint));
		report_row(&cli->terminal.err, "", change);
	}
}

static void tell_renewed(struct cli *cli, const struct session *session, const struct partner *partner,
						 const struct partner_renewal *renewal)
{
	const struct screen *screen = &cli->terminal.err;
	int64_t days;
	enum key_state state = cert_state(&renewal->after, partner->roles, utc_now(), &days);
	if (cli->verbosity == QUIET)
		return;
	if (!renewal->changed) {
		say(cli, "Nothing new: the certificate of %s stays as it is.\n", safe(&cli->terminal, partner->alias));
		return;
	}
	say(cli, "%s: the certificate of %s, partner %s.\n", styled(&cli->terminal, screen, STYLE_GOOD, "Renewed"),
		party_text(cli, partner->party.name, partner->party.organisation), safe(&cli->terminal, partner->alias));
	tell_keys(cli, renewal);
	report_row_styled(screen, "key", partner_state_text(cli, screen, state));
	if (state == KEY_REVOKED)
		say_effect(cli, session, nothing_any_more);
}

/* --- renew, with another key --- */

static void show_rotation(struct cli *cli, const struct screen *screen, const struct partner_renewal *renewal)
{
	report_row(screen, "old key", fingerprint_text(cli, &renewal->from));
	report_row(screen, "new key", fingerprint_text(cli, &renewal->to));
	report_row(screen, "both until", show_day(renewal->until).text);
}

/* The old key's word is the proof; a fingerprint that was read out is one more. */
static int confirm_rotation(struct cli *cli, const struct options *options, const char *alias,
							const struct partner_renewal *renewal, struct err *err)
{
	const struct screen *screen = &cli->terminal.err;
	const char *typed = options_get(options, "fingerprint");
	struct fingerprint confirmed;
	if (typed != NULL && confirm_fingerprint(cli, typed, &confirmed, err) < 0)
		return -1;
	if (typed != NULL && !fingerprint_equal(&confirmed, &renewal->to)) {
		(void)err_set(err, ERR_FINGERPRINT, "the fingerprint that was given is not that of the new key");
		return err_hint(err, "ask the partner by phone: somebody who holds the old key may have signed for another");
	}
	if (options_has(options, "yes") || !cli->terminal.can_ask || typed != NULL)
		return 0;
	(void)fprintf(screen->file, "The key of %s, which is in force here, has signed for another one:\n",
				  safe(&cli->terminal, alias));
	show_rotation(cli, screen, renewal);
	return terminal_confirm(&cli->terminal, "Take the new key? [y/N]", err);
}

static int ask_first(struct cli *cli, const struct session *session, const struct options *options,
					 struct partner_renewal *found, struct err *err)
{
	const char *alias = options->words[0];
	if (partner_examine_renewal(session, alias, options->words[1], found, err) < 0)
		return -1;
	if (found->rotated)
		return confirm_rotation(cli, options, alias, found, err);
	return options_has(options, "fingerprint")
			   ? err_set(err, ERR_USAGE, "--fingerprint belongs to a rotation, and %s is none", options->words[1])
			   : 0;
}

static void tell_rotated(struct cli *cli, const struct session *session, const struct partner *partner,
						 const struct partner_renewal *renewal)
{
	if (cli->verbosity == QUIET)
		return;
	if (!renewal->changed) {
		say(cli, "Nothing new: the key of %s is that one already.\n", safe(&cli->terminal, partner->alias));
		return;
	}
	say(cli, "%s: %s, partner %s, has another key now.\n",
		styled(&cli->terminal, &cli->terminal.err, STYLE_GOOD, "Renewed"),
		party_text(cli, partner->party.name, partner->party.organisation), safe(&cli->terminal, partner->alias));
	show_rotation(cli, &cli->terminal.err, renewal);
	say_effect(cli, session,
			   session->registry.is_draft
				   ? "Packing goes to the new key; until that day the old one's signatures count as well."
				   : "Packing goes to the new key from now on; until that day the old one's signatures count as well.");
}

static void tell_former_revoked(struct cli *cli, const struct session *session, const struct partner *partner,
								const struct fingerprint *former)
{
	const struct screen *screen = &cli->terminal.err;
	if (cli->verbosity == QUIET)
		return;
	say(cli, "%s: a former key of %s, partner %s.\n", styled(&cli->terminal, screen, STYLE_WARN, "Revoked"),
		party_text(cli, partner->party.name, partner->party.organisation), safe(&cli->terminal, partner->alias));
	report_row(screen, "former key", fingerprint_text(cli, former));
	say_effect(
		cli, session,
		"What it signs no longer counts, whatever time that claims; what was received before can be read again.\n"
		"The present key of this partner stays in force.");
}

static void renewal_to_json(struct json *json, const struct partner_renewal *renewal)
{
	json_set_bool(json, "renewed", renewal->changed);
	if (renewal->revoked.hex[0] != '\0')
		json_set_text(json, "former-revoked", renewal->revoked.hex);
	if (!renewal->rotated)
		return;
	json_set_text(json, "former", renewal->from.hex);
	json_set_time(json, "former-until", renewal->until);
}

int verb_partner_renew(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct partner_renewal seen, renewal;
	if (session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		ask_first(cli, &session, options, &seen, err) < 0 ||
		partner_renew(&session, options->words[0], options->words[1], &seen, &renewal, err) < 0)
		return -1;
	const struct partner *partner = find_changed(&session, options->words[0], err);
	if (partner == NULL)
		return -1;
	if (renewal.revoked.hex[0] != '\0')
		tell_former_revoked(cli, &session, partner, &renewal.revoked);
	else if (renewal.rotated)
		tell_rotated(cli, &session, partner, &renewal);
	else
		tell_renewed(cli, &session, partner, &renewal);
	if (renewal.changed)
		registry_tell_draft(cli, &session);
	if (cli->json == NULL)
		return 0;
	renewal_to_json(cli->json, &renewal);
	partner_put_json(cli, &session, partner);
	return 0;
}

/* --- revoke --- */

static void tell_revoked(struct cli *cli, const struct session *session, const struct partner *partner,
						 const struct partner_revocation *how)
{
	say(cli, "%s: %s, partner %s%s.\n", styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "Revoked"),
		party_text(cli, partner->party.name, partner->party.organisation), safe(&cli->terminal, partner->alias),
		how->certificate_path != NULL ? ", by the key's own revocation certificate" : ", in this registry alone");
	say_effect(cli, session, nothing_any_more);
}

static int gather_revocation(struct cli *cli, const struct options *options, struct partner_revocation *how,
							 struct fingerprint *former, struct err *err)
{
	const char *typed = options_get(options, "former");
	*how = (struct partner_revocation){.certificate_path = options_get(options, "certificate"),
									   .former = typed != NULL ? former : NULL,
									   .reason = options_get(options, "reason")};
	return typed != NULL ? confirm_fingerprint(cli, typed, former, err) : 0;
}

int verb_partner_revoke(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct partner_revocation how;
	struct fingerprint typed, former;
	if (gather_revocation(cli, options, &how, &typed, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		partner_revoke(&session, options->words[0], &how, &former, err) < 0)
		return -1;
	const struct partner *partner = find_changed(&session, options->words[0], err);
	if (partner == NULL)
		return -1;
	if (former.hex[0] != '\0')
		tell_former_revoked(cli, &session, partner, &former);
	else
		tell_revoked(cli, &session, partner, &how);
	if (how.certificate_path == NULL && !session.registry.is_draft)
		say(cli, "Tell the others who trust this key: each registry has to be told by itself.\n");
	registry_tell_draft(cli, &session);
	if (cli->json != NULL && former.hex[0] != '\0')
		json_set_text(cli->json, "former", former.hex);
	partner_put_json(cli, &session, partner);
	return 0;
}

/* --- remove --- */

static int confirm_removal(struct cli *cli, const struct options *options, const struct partner *partner,
						   struct err *err)
{
	const struct screen *screen = &cli->terminal.err;
	if (options_has(options, "yes") || !cli->terminal.can_ask)
		return 0;
	(void)fprintf(screen->file, "This takes %s, partner %s, out of the registry:\n",
				  party_text(cli, partner->party.name, partner->party.organisation),
				  safe(&cli->terminal, partner->alias));
	report_row(screen, "fingerprint", fingerprint_text(cli, &partner->fingerprint));
	report_row(screen, "means",
			   "its bundles no longer verify here, and those that were received cannot be read again; nothing can be "
			   "packed to it. Only a card and a typed fingerprint bring it back");
	return terminal_confirm(&cli->terminal, "Remove it? [y/N]", err);
}

int verb_partner_remove(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_registry draft = {0};
	AUTO(partner_clear) struct partner removed = {0};
	const char *alias = options->words[0];
	if (session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0)
		return -1;
	int prepared = registry_open_draft(&draft, &session.registry, err);
	if (prepared < 0)
		return -1;
	const struct partner *partner = registry_find_alias(prepared == 1 ? &draft : &session.registry, alias);
	if (partner == NULL)
		return err_set(err, ERR_PARTNER, "no partner is called \"%s\"", alias);
	if (confirm_removal(cli, options, partner, err) < 0 || partner_remove(&session, alias, &removed, err) < 0)
		return -1;
	say(cli, "Removed: %s, who was the partner %s.\n", party_text(cli, removed.party.name, removed.party.organisation),
		safe(&cli->terminal, removed.alias));
	say_effect(cli, &session, "Its bundles no longer verify here, and those that were received cannot be read again.");
	registry_tell_draft(cli, &session);
	if (cli->json != NULL) {
		struct json *json = party_json(&removed.fingerprint, removed.party.name, removed.party.organisation);
		json_set_text(json, "alias", removed.alias);
		json_set(cli->json, "removed", json);
	}
	return 0;
}
