/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/partner_view.h"
#include "cli/report.h"
#include "cli/show.h"
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

/* --- what changed --- */

static const struct {
	unsigned field;
	const char *key; /* as in JSON and the registry */
	const char *row;
} fields[] = {
	{PARTNER_ALIAS, "alias", "alias"},
	{PARTNER_ROLES, "roles", "roles"},
	{PARTNER_CEILINGS, "ceilings", "may hold"},
	{PARTNER_JURISDICTION, "jurisdiction", "jurisdiction"},
	{PARTNER_COMMUNITIES, "communities", "communities"},
	{PARTNER_MECHANISMS, "mechanisms", "mechanisms"},
	{PARTNER_SECTOR, "sector", "sector"},
	{PARTNER_PERSON, "person", "person"},
	{PARTNER_APPROVALS, "approvals", "approvals"},
	{PARTNER_VALID_UNTIL, "valid-until", "valid until"},
};

static const char *list_text(struct cli *cli, const char *const *items, unsigned count)
{
	auto_buf text = {0};
	struct err ignored = ERR_INIT;
	for (unsigned i = 0; i < count; i++)
		if (buf_printf(&text, &ignored, "%s%s", i > 0 ? ", " : "", items[i]) < 0)
			return "(out of memory)";
	return count > 0 ? safe(&cli->terminal, text.data) : "none";
}

static const char *communities_text(struct cli *cli, const struct communities *communities)
{
	const char *items[COMMUNITIES_MAX];
	unsigned count = 0;
	for (; communities != NULL && count < communities->count; count++)
		items[count] = communities->items[count];
	return list_text(cli, items, count);
}

static const char *mechanisms_text(struct cli *cli, const struct mechanisms *mechanisms)
{
	char texts[MECHANISMS_MAX][TERM_MAX + MECHANISM_REFERENCE_MAX + 8];
	const char *items[MECHANISMS_MAX];
	unsigned count = 0;
	for (; mechanisms != NULL && count < mechanisms->count; count++) {
		(void)snprintf(texts[count], sizeof texts[count], "%s (%s)", mechanisms->items[count].term,
					   mechanisms->items[count].reference);
		items[count] = texts[count];
	}
	return list_text(cli, items, count);
}

static const char *facts_text(struct cli *cli, const struct partner *partner, unsigned field)
{
	char text[sizeof(struct phrase)];
	switch (field) {
	case PARTNER_ROLES:
		roles_format(text, sizeof text, partner->roles);
		break;
	case PARTNER_APPROVALS:
		(void)snprintf(text, sizeof text, "%u", partner->approvals);
		break;
	case PARTNER_VALID_UNTIL:
		(void)snprintf(text, sizeof text, "%s",
					   partner->valid_until != 0 ? show_time(partner->valid_until).text : "no end");
		break;
	default:
		return "";
	}
	return text[0] != '\0' ? ring_keep(&cli->terminal, text) : "none";
}

/* Colours of labels would not be wrapped right in a row: here the words alone. */
static const char *field_text(struct cli *cli, const struct session *session, const struct partner *partner,
							  unsigned field)
{
	static const struct screen plain = {.file = NULL};
	switch (field) {
	case PARTNER_ALIAS:
		return ring_keep(&cli->terminal, partner->alias);
	case PARTNER_CEILINGS:
		return partner_ceilings_text(cli, &plain, session, partner->ceilings);
	case PARTNER_JURISDICTION:
		return partner->party.jurisdiction[0] != '\0' ? safe(&cli->terminal, partner->party.jurisdiction) : "none";
	case PARTNER_COMMUNITIES:
		return communities_text(cli, partner->communities);
	case PARTNER_MECHANISMS:
		return mechanisms_text(cli, partner->mechanisms);
	case PARTNER_SECTOR:
		return sector_names[partner->sector];
	case PARTNER_PERSON:
		return safe(&cli->terminal, partner->person);
	default:
		return facts_text(cli, partner, field);
	}
}

static void tell_changes(struct cli *cli, const struct session *session, const struct partner *before,
						 const struct partner *after)
{
	unsigned differences = partner_differences(before, after);
	if (cli->verbosity == QUIET)
		return;
	say(cli, "%s: %s, partner %s.\n", styled(&cli->terminal, &cli->terminal.err, STYLE_GOOD, "Changed"),
		party_text(cli, after->party.name, after->party.organisation), safe(&cli->terminal, after->alias));
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (differences & fields[i].field)
			report_rowf(&cli->terminal.err, fields[i].row, "%s %s %s",
						field_text(cli, session, before, fields[i].field), cli->terminal.utf8 ? "\xE2\x86\x92" : "->",
						field_text(cli, session, after, fields[i].field));
}

static struct json *changes_json(const struct partner *before, const struct partner *after)
{
	struct json *array = json_array_new();
	unsigned differences = partner_differences(before, after);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (differences & fields[i].field)
			json_add_text(array, fields[i].key);
	return array;
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
		session_open(&session, cli->home, SESSION_NO_LEDGER, &cli->passphrase, err) < 0 ||
		partner_set(&session, options->words[0], &settings, &before, err) < 0)
		return -1;
	const struct partner *after = registry_find(&session.registry, &before.fingerprint);
	if (after == NULL)
		return err_set(err, ERR_INTERNAL, "the partner was changed but is not in the registry");
	tell_changes(cli, &session, &before, after);
	if (cli->json == NULL)
		return 0;
	json_set(cli->json, "changed", changes_json(&before, after));
	json_set(cli->json, "before", partner_entry_json(&before));
	partner_put_json(cli, &session, after);
	return 0;
}
