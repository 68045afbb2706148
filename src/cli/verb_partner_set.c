/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/partner_view.h"
#include "cli/registry_view.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "ops/partner_change.h"

#include <string.h>

const struct option verb_partner_set_options[] = {
	{.name = "as", .value = "ALIAS", .help = "another short name"},
	{.name = "role",
	 .value = "R[,R...]",
	 .times = OPTION_MANY,
	 .help = "all it may do: send,receive,carry,approve,administer"},
	{.name = "ceiling", .value = "LABEL", .times = OPTION_MANY, .help = "highest label it may hold; repeat, or none"},
	{.name = "jurisdiction", .value = "CC", .help = "country whose law applies, or none"},
	{.name = "community", .value = "NAME", .times = OPTION_MANY, .help = "a circle it belongs to; repeat, or none"},
	{.name = "mechanism",
	 .value = "TERM=REFERENCE",
	 .times = OPTION_MANY,
	 .help = "how personal data may go there; repeat, or none"},
	{.name = "sector", .value = "SECTOR", .help = "public or private"},
	{.name = "person", .value = "NAME", .help = "who is behind the key; people are counted by it"},
	{.name = "approvals", .value = "N", .help = "how many people must have signed its bundles"},
	{.name = "valid-until", .value = "DATE", .help = "last day of the entry, 2027-06-30; \"\": no end"},
	OPTION_END,
};

static void tell_changes(struct cli *cli, const struct session *session, const struct partner *before,
						 const struct partner *after)
{
	if (cli->verbosity == QUIET)
		return;
	say(cli, "%s: %s, partner %s.\n", styled(&cli->terminal, &cli->terminal.err, STYLE_GOOD, "Changed"),
		party_text(cli, after->party.name, after->party.organisation), safe(&cli->terminal, after->alias));
	partner_show_changes(cli, &cli->terminal.err, session, before, after);
	registry_tell_draft(cli, session);
}

/* --- the verb --- */

static bool names_something(const struct options *options)
{
	for (const struct option *option = verb_partner_set_options; option->name != NULL; option++)
		if (options_has(options, option->name))
			return true;
	return false;
}

int verb_partner_set(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_partner_lists lists = {0};
	AUTO(partner_clear) struct partner before = {0};
	struct partner_settings settings;
	if (!names_something(options)) {
		(void)err_set(err, ERR_USAGE, "nothing to change is named");
		return err_hint(err, "say what, for example --ceiling TLP:AMBER or --valid-until 2027-06-30");
	}
	if (partner_gather_settings(&settings, &lists, options, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		partner_set(&session, options->words[0], &settings, &before, err) < 0)
		return -1;
	const struct partner *after = registry_find(&session.registry, &before.fingerprint);
	if (after == NULL)
		return err_set(err, ERR_INTERNAL, "the partner was changed but is not in the registry");
	tell_changes(cli, &session, &before, after);
	if (cli->json == NULL)
		return 0;
	json_set(cli->json, "changed", partner_changes_json(&before, after));
	json_set(cli->json, "before", partner_entry_json(&before));
	partner_put_json(cli, &session, after);
	return 0;
}
