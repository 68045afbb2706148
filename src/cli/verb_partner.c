/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "ops/partner.h"

#include <string.h>

const struct option verb_partner_add_options[] = {
	{.name = "as", .value = "ALIAS", .help = "short name for this partner: a-z, 0-9 and -"},
	{.name = "fingerprint", .value = "FPR", .help = "as the partner read it out, in full"},
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

static const struct {
	const char *word, *shown;
	enum style style;
} key_states[] = {
	[KEY_FINE] = {"good", "good", STYLE_GOOD},
	[KEY_EXPIRES_SOON] = {"expires-soon", "expires soon", STYLE_WARN},
	[KEY_EXPIRED] = {"expired", "EXPIRED", STYLE_BAD},
	[KEY_REVOKED] = {"revoked", "REVOKED", STYLE_BAD},
	[KEY_UNREADABLE] = {"unreadable", "UNREADABLE", STYLE_BAD},
};

static void format_days(char *out, size_t size, const struct partner_view *view)
{
	if (view->key_state == KEY_UNREADABLE || view->key_state == KEY_REVOKED)
		(void)snprintf(out, size, "-");
	else if (view->days_left < 0)
		(void)snprintf(out, size, "no end");
	else
		(void)snprintf(out, size, "%lld", (long long)view->days_left);
}

static const char *ceilings_text(struct cli *cli, const struct screen *screen, const struct session *session,
								 const struct ceilings *ceilings)
{
	if (ceilings == NULL || ceilings->count == 0)
		return "lowest only";
	return labels_text(cli, screen, &session->schemes, ceilings->labels, ceilings->count);
}

/* --- JSON --- */

static struct json *communities_json(const struct communities *communities)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; communities != NULL && i < communities->count; i++)
		json_add_text(array, communities->items[i]);
	return array;
}

static struct json *mechanisms_json(const struct mechanisms *mechanisms)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; mechanisms != NULL && i < mechanisms->count; i++) {
		struct json *json = json_object_new();
		json_set_text(json, "term", mechanisms->items[i].term);
		json_set_text(json, "reference", mechanisms->items[i].reference);
		json_add(array, json);
	}
	return array;
}

static struct json *partner_json(const struct partner_view *view)
{
	const struct partner *partner = view->partner;
	struct json *json = party_json(&partner->fingerprint, partner->party.name, partner->party.organisation);
	char roles[64];
	roles_format(roles, sizeof roles, partner->roles);
	json_set_text(json, "alias", partner->alias);
	json_set_text(json, "kind", party_kind_names[partner->party.kind]);
	json_set_text(json, "jurisdiction", partner->party.jurisdiction[0] != '\0' ? partner->party.jurisdiction : NULL);
	json_set_text(json, "person", partner->person);
	json_set_text(json, "sector", sector_names[partner->sector]);
	json_set(json, "communities", communities_json(partner->communities));
	json_set(json, "mechanisms", mechanisms_json(partner->mechanisms));
	json_set_text(json, "roles", roles);
	json_set_int(json, "approvals", partner->approvals);
	json_set_labels(json, "ceilings",
					partner->ceilings != NULL ? (const char(*)[LABEL_ID_MAX + 1]) partner->ceilings->labels : NULL,
					partner->ceilings != NULL ? partner->ceilings->count : 0);
	json_set_time(json, "added", partner->added);
	json_set_time(json, "valid-until", partner->valid_until);
	json_set_text(json, "key", key_states[view->key_state].word);
	if (view->days_left >= 0)
		json_set_int(json, "key-days-left", view->days_left);
	if (view->key_state == KEY_UNREADABLE)
		json_set_text(json, "fault", view->fault);
	return json;
}

/* --- add --- */

static int gather_roles(unsigned *out, const struct options *options, struct err *err)
{
	auto_free const char **texts = NULL;
	unsigned count;
	*out = 0;
	if (options_gather(options, "role", &texts, &count, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		unsigned roles;
		if (!roles_parse(&roles, texts[i]) || roles == 0) {
			(void)err_set(err, ERR_USAGE, "--role %s: not known", texts[i]);
			return err_hint(err, "roles are " ROLE_NAMES "; several with a comma and no space");
		}
		*out |= roles;
	}
	return 0;
}

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
	report_row_styled(screen, "may hold", ceilings_text(cli, screen, session, partner->ceilings));
}

/* Lists that a request borrows. */
struct add_lists {
	const char **ceilings, **communities, **mechanisms;
};

static void add_lists_clear(struct add_lists *lists)
{
	free(lists->ceilings);
	free(lists->communities);
	free(lists->mechanisms);
}

static int parse_add(struct partner_request *request, struct add_lists *lists, const struct options *options,
					 struct err *err)
{
	request->alias = options_get(options, "as");
	request->jurisdiction = options_get(options, "jurisdiction");
	if (request->alias == NULL) {
		(void)err_set(err, ERR_USAGE, "partner add needs --as ALIAS");
		return err_hint(err, "choose a short word for this partner, for example --as agency-b");
	}
	if (gather_roles(&request->roles, options, err) < 0 ||
		options_gather(options, "ceiling", &lists->ceilings, &request->ceiling_count, err) < 0 ||
		options_gather(options, "community", &lists->communities, &request->community_count, err) < 0 ||
		options_gather(options, "mechanism", &lists->mechanisms, &request->mechanism_count, err) < 0)
		return -1;
	request->ceilings = lists->ceilings;
	request->communities = lists->communities;
	request->mechanisms = lists->mechanisms;
	request->sector = options_get(options, "sector");
	return 0;
}

int verb_partner_add(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_card_view view = {0};
	AUTO(add_lists_clear) struct add_lists lists = {0};
	struct partner_request request = {0};
	const char *fingerprint = options_get(options, "fingerprint");
	bool ask = fingerprint == NULL && cli->terminal.can_ask;
	if (parse_add(&request, &lists, options, err) < 0 ||
		(!ask && confirm_fingerprint(cli, fingerprint, &request.confirmed, err) < 0) ||
		session_open(&session, cli->home, SESSION_NO_LEDGER, &cli->passphrase, err) < 0 ||
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
	if (cli->json != NULL) {
		struct partner_view shown;
		if (partner_examine(&session, added, &shown, err) < 0)
			return -1;
		json_set(cli->json, "partner", partner_json(&shown));
	}
	return 0;
}

/* --- list --- */

struct listing {
	struct cli *cli;
	const struct session *session;
	struct table table;
	struct json *array;
};

static int list_one(void *ctx, const struct partner_view *view, struct err *err)
{
	struct listing *listing = ctx;
	struct cli *cli = listing->cli;
	const struct partner *partner = view->partner;
	char roles[64], days[32];
	(void)err;
	if (listing->array != NULL) {
		json_add(listing->array, partner_json(view));
		return 0;
	}
	/* Colours of labels would not be measured right in a table: here the words alone. */
	const struct screen plain = {.file = stdout};
	roles_format(roles, sizeof roles, partner->roles);
	format_days(days, sizeof days, view);
	table_add(&listing->table, STYLE_PLAIN, partner->alias);
	table_add(&listing->table, STYLE_PLAIN, safe(&cli->terminal, partner->party.name));
	table_add(&listing->table, STYLE_PLAIN, safe(&cli->terminal, partner->party.organisation));
	table_add(&listing->table, STYLE_PLAIN, roles);
	table_add(&listing->table, STYLE_PLAIN, ceilings_text(cli, &plain, listing->session, partner->ceilings));
	table_add(&listing->table, key_states[view->key_state].style, key_states[view->key_state].shown);
	table_add(&listing->table, STYLE_PLAIN, days);
	return 0;
}

static void list_heading(struct table *table)
{
	static const char *const headings[] = {"ALIAS", "NAME", "ORGANISATION", "ROLES", "MAY HOLD", "KEY", "DAYS LEFT"};
	table_init(table, sizeof headings / sizeof headings[0]);
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		table_add(table, STYLE_BOLD, headings[i]);
}

int verb_partner_list(struct cli *cli, struct options *options, struct err *err)
{
	(void)options;
	auto_session session = {.lock_fd = -1};
	struct listing listing = {.cli = cli, .session = &session};
	if (session_open(&session, cli->home, SESSION_NO_LEDGER, &cli->passphrase, err) < 0)
		return -1;
	list_heading(&listing.table);
	listing.array = cli->json != NULL ? json_array_new() : NULL;
	int rc = partner_examine_all(&session, list_one, &listing, err);
	if (rc == 0 && cli->json == NULL && session.registry.doc.count > 0 &&
		table_print(&listing.table, &cli->terminal, &cli->terminal.out) < 0)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	if (rc == 0 && session.registry.doc.count == 0)
		say(cli, "No partners yet. Take one in with: valise partner add CARD --as ALIAS --fingerprint FPR\n");
	table_clear(&listing.table);
	if (cli->json != NULL)
		json_set(cli->json, "partners", listing.array);
	return rc;
}

/* --- show --- */

static void show_key(struct cli *cli, const struct screen *screen, const struct partner_view *view)
{
	const char *state = styled(&cli->terminal, screen, key_states[view->key_state].style,
							   key_states[view->key_state].shown);
	char days[32];
	if (view->key_state == KEY_UNREADABLE) {
		report_row_styled(screen, "key", state);
		report_row(screen, "", safe(&cli->terminal, view->fault));
		return;
	}
	format_days(days, sizeof days, view);
	report_row_styled(screen, "key", state);
	report_rowf(screen, "", "%s, made %s, days left: %s", safe(&cli->terminal, view->cert.algorithm),
				show_day(view->cert.created).text, days);
	report_row(screen, "user id", quoted(cli, view->cert.uid));
}

static void show_facts(struct cli *cli, const struct screen *screen, const struct partner *partner)
{
	for (uint32_t i = 0; partner->communities != NULL && i < partner->communities->count; i++)
		report_row(screen, i == 0 ? "communities" : "", partner->communities->items[i]);
	for (uint32_t i = 0; partner->mechanisms != NULL && i < partner->mechanisms->count; i++)
		report_rowf(screen, i == 0 ? "mechanisms" : "", "%s, %s",
					safe(&cli->terminal, partner->mechanisms->items[i].term),
					safe(&cli->terminal, partner->mechanisms->items[i].reference));
	report_row(screen, "sector", sector_names[partner->sector]);
}

static void show_partner(struct cli *cli, const struct session *session, const struct partner_view *view)
{
	const struct screen *screen = &cli->terminal.out;
	const struct partner *partner = view->partner;
	char roles[64];
	roles_format(roles, sizeof roles, partner->roles);
	report_row(screen, "alias", partner->alias);
	report_row(screen, "name", safe(&cli->terminal, partner->party.name));
	report_row(screen, "organisation", safe(&cli->terminal, partner->party.organisation));
	report_row(screen, "kind", party_kind_names[partner->party.kind]);
	report_row(screen, "person", safe(&cli->terminal, partner->person));
	if (partner->party.jurisdiction[0] != '\0')
		report_row(screen, "jurisdiction", safe(&cli->terminal, partner->party.jurisdiction));
	report_row(screen, "fingerprint", fingerprint_text(cli, &partner->fingerprint));
	report_row(screen, "roles", roles);
	report_row_styled(screen, "may hold", ceilings_text(cli, screen, session, partner->ceilings));
	show_facts(cli, screen, partner);
	report_rowf(screen, "approvals", "%u", partner->approvals);
	report_row(screen, "added", show_time(partner->added).text);
	if (partner->valid_until != 0)
		report_rowf(screen, "valid until", "%s, %s", show_time(partner->valid_until).text,
					show_expiry(partner->valid_until, utc_now()).text);
	show_key(cli, screen, view);
}

int verb_partner_show(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct partner_view view;
	if (session_open(&session, cli->home, SESSION_NO_LEDGER, &cli->passphrase, err) < 0)
		return -1;
	const struct partner *partner = registry_find_alias(&session.registry, options->words[0]);
	if (partner == NULL)
		return err_set(err, ERR_PARTNER, "no partner is called \"%s\"", options->words[0]);
	if (partner_examine(&session, partner, &view, err) < 0)
		return -1;
	if (cli->json != NULL)
		json_set(cli->json, "partner", partner_json(&view));
	else
		show_partner(cli, &session, &view);
	return 0;
}
