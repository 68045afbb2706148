/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/partner_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "ops/partner_change.h"

#include <string.h>

/* What became of a partner's entry, field by field. */

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
	{PARTNER_NAME, "name", "name"},
	{PARTNER_REVOKED, "revoked", "revoked"},
	{PARTNER_KEY, "fingerprint", "key"},
	{PARTNER_FORMER, "former", "former keys"},
	{PARTNER_CERTIFICATE, "certificate", "certificate"},
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

static const char *former_text(struct cli *cli, const struct partner *partner)
{
	char texts[FORMER_KEYS_MAX][FINGERPRINT_MAX + 112];
	const char *items[FORMER_KEYS_MAX];
	unsigned count = 0;
	for (; count < partner->former_count && count < FORMER_KEYS_MAX; count++) {
		const struct former_key *former = &partner->former[count];
		(void)snprintf(texts[count], sizeof texts[count], "%s (%s %s)", former->fingerprint.hex,
					   former->revoked != 0 ? "revoked" : "until",
					   show_day(former->revoked != 0 ? former->revoked : former->until).text);
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
	case PARTNER_REVOKED:
		(void)snprintf(text, sizeof text, "%s", partner->revoked != 0 ? show_time(partner->revoked).text : "not");
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
	case PARTNER_NAME:
		return party_text(cli, partner->party.name, partner->party.organisation);
	case PARTNER_KEY:
		return fingerprint_text(cli, &partner->fingerprint);
	case PARTNER_FORMER:
		return former_text(cli, partner);
	case PARTNER_SECTOR:
		return sector_names[partner->sector];
	case PARTNER_PERSON:
		return safe(&cli->terminal, partner->person);
	default:
		return facts_text(cli, partner, field);
	}
}

void partner_show_changes(struct cli *cli, const struct screen *screen, const struct session *session,
						  const struct partner *before, const struct partner *after)
{
	unsigned differences = partner_differences(before, after) &
						   ~(unsigned)PARTNER_CERTIFICATE; /* digests tell nobody */
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (differences & fields[i].field)
			report_rowf(screen, fields[i].row, "%s %s %s", field_text(cli, session, before, fields[i].field),
						cli->terminal.utf8 ? "\xE2\x86\x92" : "->", field_text(cli, session, after, fields[i].field));
}

struct json *partner_changes_json(const struct partner *before, const struct partner *after)
{
	struct json *array = json_array_new();
	unsigned differences = partner_differences(before, after);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (differences & fields[i].field)
			json_add_text(array, fields[i].key);
	return array;
}
