/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/partner_view.h"
#include "cli/registry_view.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "keyring/registry_change.h"

const struct option verb_partner_list_options[] = {
	{.name = "expiring", .value = "60d", .help = "only who ends within so many days, or is over"},
	OPTION_END,
};

/* --- list --- */

struct listing {
	struct cli *cli;
	const struct session *session;
	struct table table;
	struct json *array;
	uint32_t within_days; /* only who ends within so many; 0: all */
	unsigned seen, shown;
};

/* Of a revoked partner an end is nothing to be reminded of; of an unreadable certificate it is not known. */
static bool ends_within(const struct partner_view *view, uint32_t days)
{
	if (view->state == KEY_REVOKED)
		return false;
	return view->state == KEY_UNREADABLE || view->state == KEY_EXPIRED ||
		   (view->days_left >= 0 && view->days_left < (int64_t)days);
}

static int list_one(void *ctx, const struct partner_view *view, struct err *err)
{
	struct listing *listing = ctx;
	struct cli *cli = listing->cli;
	const struct partner *partner = view->partner;
	char roles[64];
	(void)err;
	listing->seen++;
	if (listing->within_days > 0 && !ends_within(view, listing->within_days))
		return 0;
	listing->shown++;
	if (listing->array != NULL) {
		json_add(listing->array, partner_json(view));
		return 0;
	}
	/* Colours of labels would not be measured right in a table: here the words alone. */
	const struct screen plain = {.file = stdout};
	roles_format(roles, sizeof roles, partner->roles);
	table_add(&listing->table, STYLE_PLAIN, partner->alias);
	table_add(&listing->table, STYLE_PLAIN, safe(&cli->terminal, partner->party.name));
	table_add(&listing->table, STYLE_PLAIN, safe(&cli->terminal, partner->party.organisation));
	table_add(&listing->table, STYLE_PLAIN, roles);
	table_add(&listing->table, STYLE_PLAIN, partner_ceilings_text(cli, &plain, listing->session, partner->ceilings));
	partner_add_state(&listing->table, view);
	return 0;
}

static void list_heading(struct table *table)
{
	static const char *const headings[] = {"ALIAS", "NAME", "ORGANISATION", "ROLES", "MAY HOLD", "STATE", "DAYS LEFT"};
	table_init(table, sizeof headings / sizeof headings[0]);
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		table_add(table, STYLE_BOLD, headings[i]);
}

static int print_listing(struct listing *listing, struct err *err)
{
	struct cli *cli = listing->cli;
	if (cli->json != NULL)
		return 0;
	if (listing->seen == 0)
		say(cli, "No partners yet. Take one in with: valise partner add CARD --as ALIAS --fingerprint FPR\n");
	else if (listing->shown == 0)
		say(cli, "Nobody's key or entry ends within %s.\n", show_number_of(listing->within_days, "day").text);
	else if (table_print(&listing->table, &cli->terminal, &cli->terminal.out) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

static int judge_expiring(const struct listing *listing, struct err *err)
{
	if (listing->within_days == 0 || listing->shown == 0)
		return 0;
	(void)err_set(err, ERR_ATTENTION, "key or entry ends within %s, or is over: %s",
				  show_number_of(listing->within_days, "day").text, show_number_of(listing->shown, "partner").text);
	return err_hint(err, "ask them for new cards, and take these in with: valise partner renew ALIAS CARD; an entry is "
						 "prolonged with: valise partner set ALIAS --valid-until DATE");
}

static int list_partners(struct listing *listing, struct err *err)
{
	if (partner_examine_all(listing->session, PARTNER_BY_ROW, list_one, listing, err) < 0 ||
		print_listing(listing, err) < 0)
		return -1;
	return judge_expiring(listing, err);
}

int verb_partner_list(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct listing listing = {.cli = cli, .session = &session};
	const char *expiring = options_get(options, "expiring");
	if ((expiring != NULL && days_parse(&listing.within_days, "--expiring", expiring, LOOK_AHEAD_DAYS_MAX, err) < 0) ||
		session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	list_heading(&listing.table);
	listing.array = cli->json != NULL ? json_array_new() : NULL;
	int rc = list_partners(&listing, err);
	table_clear(&listing.table);
	if (cli->json != NULL)
		json_set(cli->json, "partners", listing.array);
	return rc;
}

/* --- show --- */

/* One that is prepared only stands in the draft: that is shown then, and is the session's registry. */
static const struct partner *find_shown(struct cli *cli, struct session *session, const char *alias, struct err *err)
{
	auto_registry draft = {0};
	const struct partner *partner = registry_find_alias(&session->registry, alias);
	int there = partner == NULL ? registry_open_draft(&draft, &session->registry, err) : 0;
	if (there < 0)
		return NULL;
	if (there == 1 && registry_find_alias(&draft, alias) != NULL) {
		const struct registry held = session->registry;
		session->registry = draft;
		draft = held;
		partner = registry_find_alias(&session->registry, alias);
		registry_tell_draft(cli, session);
	}
	if (partner == NULL)
		(void)err_set(err, ERR_PARTNER, "no partner is called \"%s\"", alias);
	return partner;
}

int verb_partner_show(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct partner_view view;
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	const struct partner *partner = find_shown(cli, &session, options->words[0], err);
	if (partner == NULL || partner_examine(&session, partner, &view, err) < 0)
		return -1;
	if (cli->json != NULL) {
		struct json *json = partner_json(&view);
		json_set(json, "secrets", partner_secrets_json(&session, partner));
		json_set(cli->json, "partner", json);
		json_set_bool(cli->json, "draft", session.registry.is_draft);
	} else
		partner_show(cli, &session, &view);
	return 0;
}
