/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/partner_view.h"
#include "cli/registry_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"

const struct option verb_partner_add_options[] = {
	{.name = "as", .value = "ALIAS", .help = "short name for this partner: a-z, 0-9 and -"},
	{.name = "fingerprint", .value = "FPR", .help = "as the partner read it out, digits or words"},
	{.name = "role",
	 .value = "R[,R...]",
	 .times = OPTION_MANY,
	 .help = "send,receive (default), carry, approve, administer"},
	{.name = "ceiling", .value = "LABEL", .times = OPTION_MANY, .help = "highest label it may hold; repeat"},
	{.name = "jurisdiction", .value = "CC", .help = "country, in place of the card's claim"},
	{.name = "community", .value = "NAME", .times = OPTION_MANY, .help = "a circle that it belongs to; repeat"},
	{.name = "mechanism",
	 .value = "TERM=REFERENCE",
	 .times = OPTION_MANY,
	 .help = "by what personal data may go there; repeat"},
	{.name = "sector", .value = "SECTOR", .help = "public (default) or private"},
	OPTION_END,
};

/* The card's words are claims: whoever made the card chose them. */
static void show_claims(struct cli *cli, const struct card_view *view)
{
	const struct screen *screen = &cli->terminal.err;
	const struct card *card = &view->card;
	if (cli->verbosity == QUIET)
		return;
	say(cli, "The card claims, and nobody has checked:\n");
	report_row(screen, "name", quoted(cli, card->party.name));
	report_row(screen, "organisation", quoted(cli, card->party.organisation));
	report_rowf(screen, "kind", "%s%s%s", party_kind_names[card->party.kind],
				card->party.jurisdiction[0] != '\0' ? ", under the law of " : "", card->party.jurisdiction);
	report_row(screen, "made", show_time(card->created).text);
	say(cli, "Its certificate says:\n");
	report_row(screen, "user id", quoted(cli, view->cert.uid));
	report_rowf(screen, "key", "%s, made %s, %s", safe(&cli->terminal, view->cert.algorithm),
				show_day(view->cert.created).text,
				view->cert.expires != 0 ? show_expiry(view->cert.expires, utc_now()).text : "without end");
}

static void tell_added(struct cli *cli, const struct session *session, const struct partner *partner)
{
	const struct screen *screen = &cli->terminal.err;
	char roles[64];
	roles_format(roles, sizeof roles, partner->roles);
	if (cli->verbosity == QUIET)
		return;
	say(cli, "%s: %s is now the partner %s.\n", styled(&cli->terminal, screen, STYLE_GOOD, "Added"),
		party_text(cli, partner->party.name, partner->party.organisation), safe(&cli->terminal, partner->alias));
	report_row(screen, "fingerprint", fingerprint_text(cli, &partner->fingerprint));
	report_row(screen, "roles", roles);
	report_row_styled(screen, "may hold", partner_ceilings_text(cli, screen, session, partner->ceilings));
}

int verb_partner_add(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_card_view view = {0};
	auto_partner_lists lists = {0};
	struct partner_request request = {0};
	const char *fingerprint = options_get(options, "fingerprint");
	bool ask = fingerprint == NULL && cli->terminal.can_ask;
	if (!options_has(options, "as")) {
		(void)err_set(err, ERR_USAGE, "partner add needs --as ALIAS");
		return err_hint(err, "choose a short word for this partner, for example --as agency-b");
	}
	if (partner_gather_settings(&request.settings, &lists, options, err) < 0 ||
		(!ask && confirm_fingerprint(cli, fingerprint, &request.confirmed, err) < 0) ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		card_examine(options->words[0], &view, err) < 0)
		return -1;
	show_claims(cli, &view);
	if ((ask && confirm_fingerprint(cli, NULL, &request.confirmed, err) < 0) ||
		partner_add(&session, &view, &request, err) < 0)
		return -1;
	const struct partner *added = registry_find(&session.registry, &request.confirmed);
	if (added == NULL)
		return err_set(err, ERR_INTERNAL, "the partner was taken in but is not in the registry");
	tell_added(cli, &session, added);
	registry_tell_draft(cli, &session);
	partner_put_json(cli, &session, added);
	return 0;
}
