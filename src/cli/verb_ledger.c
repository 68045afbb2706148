/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/verbs.h"

#include <string.h>

const struct option verb_ledger_void_options[] = {
	{.name = "reason", .value = "TEXT", .help = "why it was never sent; kept in the ledger"},
	OPTION_END,
};

struct listing {
	struct cli *cli;
	const struct registry *registry;
	struct table table;
	struct json *array; /* NULL for people */
};

static void add_json(struct json *array, const struct ledger_row *row)
{
	struct json *json = json_object_new();
	json_set_time(json, "time", row->time);
	json_set_text(json, "event", row->event);
	json_set_text(json, "alias", row->alias[0] != '\0' ? row->alias : NULL);
	json_set_text(json, "partner", row->partner.hex[0] != '\0' ? row->partner.hex : NULL);
	json_set_text(json, "bundle", row->bundle.text[0] != '\0' ? row->bundle.text : NULL);
	json_set_digest(json, "digest", &row->digest);
	json_set_int(json, "sequence", (int64_t)row->sequence);
	json_set_int(json, "files", (int64_t)row->files);
	json_set_int(json, "bytes", (int64_t)row->bytes);
	json_set_text(json, "marks", row->marks);
	json_set_text(json, "text", row->text);
	json_set_text(json, "verb", row->verb[0] != '\0' ? row->verb : NULL);
	json_set_text(json, "code", row->code[0] != '\0' ? row->code : NULL);
	json_add(array, json);
}

static enum style event_style(const char *event)
{
	if (strcmp(event, "refused") == 0)
		return STYLE_BAD;
	if (strcmp(event, "sent") == 0 || strcmp(event, "received") == 0 || strcmp(event, "verified") == 0 ||
		strcmp(event, "listed") == 0 || strcmp(event, "read") == 0)
		return STYLE_GOOD;
	return STYLE_WARN;
}

/* Refusals are noted by key alone: the registry may know whose it is. */
static const char *name_partner(const struct listing *listing, const struct ledger_row *row)
{
	const struct partner *partner = row->alias[0] == '\0' ? registry_find(listing->registry, &row->partner) : NULL;
	if (partner != NULL)
		return partner->alias;
	return row->alias[0] != '\0' ? row->alias : row->partner.hex[0] != '\0' ? row->partner.hex : "-";
}

/* Path, reason, or what was refused and why. */
static void add_what(struct table *table, struct terminal *terminal, const struct ledger_row *row)
{
	auto_buf what = {0};
	struct err ignored = ERR_INIT;
	const char *gap = row->verb[0] != '\0' && row->code[0] != '\0' ? " " : "";
	const char *colon = row->verb[0] != '\0' || row->code[0] != '\0' ? ": " : "";
	if (buf_printf(&what, &ignored, "%s%s%s%s%s", row->verb, gap, row->code, colon, row->text) < 0)
		table->failed = true;
	else
		table_add(table, STYLE_PLAIN, safe(terminal, what.data));
}

static void add_row(struct listing *listing, const struct ledger_row *row)
{
	struct table *table = &listing->table;
	struct terminal *terminal = &listing->cli->terminal;
	table_printf(table, STYLE_PLAIN, "%.19s", show_time(row->time).text);
	table_add(table, event_style(row->event), safe(terminal, row->event));
	table_printf(table, STYLE_PLAIN, "%.20s", safe(terminal, name_partner(listing, row)));
	table_printf(table, STYLE_PLAIN, row->sequence > 0 ? "%llu" : "-", (unsigned long long)row->sequence);
	table_printf(table, STYLE_PLAIN, "%.8s", row->bundle.text[0] != '\0' ? row->bundle.text : "-");
	table_printf(table, STYLE_PLAIN, "%s", row->files > 0 ? show_count(row->files).text : "-");
	table_printf(table, STYLE_PLAIN, "%s", row->bytes > 0 ? show_size(row->bytes).text : "-");
	table_add(table, STYLE_PLAIN, safe(terminal, row->marks != NULL && row->marks[0] != '\0' ? row->marks : "-"));
	add_what(table, terminal, row);
}

static int list_one(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct listing *listing = ctx;
	if (listing->array != NULL)
		add_json(listing->array, row);
	else
		add_row(listing, row);
	return listing->table.failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

static void add_heading(struct table *table)
{
	static const char *const headings[] = {"TIME (UTC)", "EVENT", "PARTNER", "NO",  "BUNDLE",
										   "FILES",      "SIZE",  "LABELS",  "WHAT"};
	enum { COLUMNS = sizeof headings / sizeof headings[0] };
	table_init(table, COLUMNS);
	table->last_below = true;
	for (size_t i = 0; i < COLUMNS; i++)
		table_add(table, STYLE_BOLD, headings[i]);
}

int verb_ledger_list(struct cli *cli, struct options *options, struct err *err)
{
	(void)options;
	auto_session session = {.lock_fd = -1};
	struct listing listing = {
		.cli = cli, .registry = &session.registry, .array = cli->json != NULL ? json_array_new() : NULL};
	add_heading(&listing.table);
	int rc = session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err);
	if (rc == 0)
		rc = ledger_list(session.ledger, list_one, &listing, err);
	if (rc == 0 && cli->json == NULL && listing.table.count > listing.table.columns)
		(void)table_print(&listing.table, &cli->terminal, &cli->terminal.out);
	else if (rc == 0 && cli->json == NULL)
		say(cli, "The ledger is empty: nothing was sent, received or refused here.\n");
	table_clear(&listing.table);
	if (cli->json != NULL)
		json_set(cli->json, "entries", listing.array);
	return rc;
}

int verb_ledger_void(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct uuid bundle;
	const char *reason = options_get(options, "reason");
	if (reason == NULL || reason[0] == '\0') {
		(void)err_set(err, ERR_USAGE, "ledger void needs --reason");
		return err_hint(err, "say why it was never sent, for example --reason \"stick lost before handover\"");
	}
	if (session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		ledger_void(session.ledger, options->words[0], reason, &bundle, err) < 0)
		return -1;
	if (cli->json != NULL)
		json_set_text(cli->json, "bundle", bundle.text);
	result(cli, "%s\n", bundle.text);
	(void)fflush(stdout);
	say(cli, "Recorded as never sent. The next bundle for the same recipients tells them.\n");
	return 0;
}
