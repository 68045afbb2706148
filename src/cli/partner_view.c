/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/partner_view.h"

#include "cli/report.h"
#include "cli/show.h"
#include "keyring/secrets.h"

static const struct {
	const char *word, *shown;
	enum style style;
} states[] = {
	[KEY_FINE] = {"good", "good", STYLE_GOOD},
	[KEY_EXPIRES_SOON] = {"expires-soon", "expires soon", STYLE_WARN},
	[KEY_EXPIRED] = {"expired", "EXPIRED", STYLE_BAD},
	[KEY_REVOKED] = {"revoked", "REVOKED", STYLE_BAD},
	[KEY_UNREADABLE] = {"unreadable", "UNREADABLE", STYLE_BAD},
};

static void format_days(char *out, size_t size, enum key_state state, int64_t days)
{
	if (state == KEY_UNREADABLE || state == KEY_REVOKED)
		(void)snprintf(out, size, "-");
	else if (days < 0)
		(void)snprintf(out, size, "no end");
	else
		(void)snprintf(out, size, "%lld", (long long)days);
}

void partner_add_state(struct table *table, const struct partner_view *view)
{
	char days[32];
	format_days(days, sizeof days, view->state, view->days_left);
	table_add(table, states[view->state].style, states[view->state].shown);
	table_add(table, states[view->state].style == STYLE_GOOD ? STYLE_PLAIN : states[view->state].style, days);
}

const char *partner_state_text(struct cli *cli, const struct screen *screen, enum key_state state)
{
	return styled(&cli->terminal, screen, states[state].style, states[state].shown);
}

const char *partner_ceilings_text(struct cli *cli, const struct screen *screen, const struct session *session,
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

static struct json *former_json(const struct partner *partner)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < partner->former_count; i++) {
		struct json *json = json_object_new();
		json_set_text(json, "fingerprint", partner->former[i].fingerprint.hex);
		json_set_time(json, "until", partner->former[i].until);
		json_set_time(json, "revoked", partner->former[i].revoked);
		json_set_text(json, "revoked-reason",
					  partner->former[i].revoked_reason[0] != '\0' ? partner->former[i].revoked_reason : NULL);
		json_add(array, json);
	}
	return array;
}

struct json *partner_entry_json(const struct partner *partner)
{
	struct json *json = party_json(&partner->fingerprint, partner->party.name, partner->party.organisation);
	char roles[64];
	roles_format(roles, sizeof roles, partner->roles);
	json_set_fingerprint(json, &partner->fingerprint);
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
	json_set_time(json, "revoked", partner->revoked);
	json_set_text(json, "revoked-reason", partner->revoked_reason);
	json_set(json, "former", former_json(partner));
	return json;
}

struct json *partner_json(const struct partner_view *view)
{
	struct json *json = partner_entry_json(view->partner);
	json_set_text(json, "key", states[view->key_state].word);
	if (view->key_days_left >= 0)
		json_set_int(json, "key-days-left", view->key_days_left);
	json_set_text(json, "state", states[view->state].word);
	if (view->days_left >= 0)
		json_set_int(json, "days-left", view->days_left);
	if (view->key_state == KEY_UNREADABLE)
		json_set_text(json, "fault", view->fault);
	return json;
}

/* The change is made: that its key cannot be looked at now is no failure of it. */
void partner_put_json(struct cli *cli, const struct session *session, const struct partner *partner)
{
	struct partner_view view;
	struct err err = ERR_INIT;
	if (cli->json == NULL)
		return;
	if (partner_examine(session, partner, &view, &err) < 0) {
		view = (struct partner_view){.partner = partner,
									 .key_state = KEY_UNREADABLE,
									 .state = KEY_UNREADABLE,
									 .days_left = -1,
									 .key_days_left = -1};
		(void)snprintf(view.fault, sizeof view.fault, "%.*s", (int)sizeof view.fault - 1, err.message);
	}
	json_set(cli->json, "partner", partner_json(&view));
}

/* --- for people --- */

static void show_key(struct cli *cli, const struct screen *screen, const struct partner_view *view)
{
	const char *state = partner_state_text(cli, screen, view->key_state);
	char days[32];
	if (view->key_state == KEY_UNREADABLE) {
		report_row_styled(screen, "key", state);
		report_row(screen, "", safe(&cli->terminal, view->fault));
		return;
	}
	format_days(days, sizeof days, view->key_state, view->key_days_left);
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

static void show_former_state(struct cli *cli, const struct screen *screen, const struct former_key *former)
{
	if (former->revoked != 0) {
		report_rowf(screen, "", "revoked %s", show_time(former->revoked).text);
		if (former->revoked_reason[0] != '\0')
			report_row(screen, "", quoted(cli, former->revoked_reason));
	} else
		report_rowf(screen, "", "%s %s", former->until > utc_now() ? "counts until" : "counted until",
					show_day(former->until).text);
}

static void show_former(struct cli *cli, const struct screen *screen, const struct partner *partner)
{
	for (uint32_t i = partner->former_count; i > 0; i--) {
		const struct former_key *former = &partner->former[i - 1];
		report_row(screen, "former key", fingerprint_text(cli, &former->fingerprint));
		show_former_state(cli, screen, former);
	}
}

static void show_revoked(struct cli *cli, const struct screen *screen, const struct partner *partner)
{
	if (partner->revoked == 0)
		return;
	report_row_styled(screen, "revoked", styled(&cli->terminal, screen, STYLE_BAD, show_time(partner->revoked).text));
	if (partner->revoked_reason != NULL)
		report_row(screen, "", quoted(cli, partner->revoked_reason));
}

/* The pre-shared secrets, without opening them; the one that is packed with last. */
static void list_secrets(struct secret_refs *out, const struct session *session, const struct partner *partner)
{
	auto_secret_refs all = {0};
	struct err ignored = ERR_INIT; /* partner secret show-check tells it in full */
	*out = (struct secret_refs){0};
	if (secrets_list(&all, &session->station, &ignored) == 0)
		(void)secrets_of(out, &all, partner, &ignored);
}

struct json *partner_secrets_json(const struct session *session, const struct partner *partner)
{
	auto_secret_refs refs = {0};
	struct json *array = json_array_new();
	list_secrets(&refs, session, partner);
	for (unsigned i = 0; i < refs.count; i++)
		json_add_text(array, refs.items[i].id_hex);
	return array;
}

static void show_secrets(const struct screen *screen, const struct session *session, const struct partner *partner)
{
	auto_secret_refs refs = {0};
	list_secrets(&refs, session, partner);
	for (unsigned i = 0; i < refs.count; i++)
		report_rowf(screen, "shared secret", "%s%s", refs.items[i].id_hex,
					i + 1 == refs.count ? ", packed with" : ", for reading only");
}

void partner_show_entry(struct cli *cli, const struct screen *screen, const struct session *session,
						const struct partner *partner)
{
	char roles[64];
	roles_format(roles, sizeof roles, partner->roles);
	report_row(screen, "kind", party_kind_names[partner->party.kind]);
	report_row(screen, "person", safe(&cli->terminal, partner->person));
	if (partner->party.jurisdiction[0] != '\0')
		report_row(screen, "jurisdiction", safe(&cli->terminal, partner->party.jurisdiction));
	report_fingerprint(cli, screen, &partner->fingerprint);
	show_former(cli, screen, partner);
	report_row(screen, "roles", roles[0] != '\0' ? roles : "none");
	report_row_styled(screen, "may hold", partner_ceilings_text(cli, screen, session, partner->ceilings));
	show_facts(cli, screen, partner);
	report_rowf(screen, "approvals", "%u", partner->approvals);
	report_row(screen, "added", show_time(partner->added).text);
	if (partner->valid_until != 0)
		report_rowf(screen, "valid until", "%s, %s", show_time(partner->valid_until).text,
					show_expiry(partner->valid_until, utc_now()).text);
	show_revoked(cli, screen, partner);
}

void partner_show(struct cli *cli, const struct session *session, const struct partner_view *view)
{
	const struct screen *screen = &cli->terminal.out;
	const struct partner *partner = view->partner;
	report_row(screen, "alias", partner->alias);
	report_row(screen, "name", safe(&cli->terminal, partner->party.name));
	report_row(screen, "organisation", safe(&cli->terminal, partner->party.organisation));
	partner_show_entry(cli, screen, session, partner);
	show_secrets(screen, session, partner);
	show_key(cli, screen, view);
}

/* --- options --- */

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

void partner_lists_clear(struct partner_lists *lists)
{
	free(lists->ceilings);
	free(lists->communities);
	free(lists->mechanisms);
}

int partner_gather_settings(struct partner_settings *out, struct partner_lists *lists, const struct options *options,
							struct err *err)
{
	*out = (struct partner_settings){
		.alias = options_get(options, "as"),
		.jurisdiction = options_get(options, "jurisdiction"),
		.sector = options_get(options, "sector"),
		.person = options_get(options, "person"),
		.approvals = options_get(options, "approvals"),
		.valid_until = options_get(options, "valid-until"),
	};
	if (gather_roles(&out->roles, options, err) < 0 ||
		options_gather(options, "ceiling", &lists->ceilings, &out->ceiling_count, err) < 0 ||
		options_gather(options, "community", &lists->communities, &out->community_count, err) < 0 ||
		options_gather(options, "mechanism", &lists->mechanisms, &out->mechanism_count, err) < 0)
		return -1;
	out->ceilings = lists->ceilings;
	out->communities = lists->communities;
	out->mechanisms = lists->mechanisms;
	return 0;
}
