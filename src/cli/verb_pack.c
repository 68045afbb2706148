/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pack.h"

#include "cli/report_manifest.h"
#include "cli/show.h"
#include "cli/verbs.h"

#include <string.h>

const struct option verb_pack_options[] = {
	{.name = "to", .value = "ALIAS[,ALIAS...]", .times = OPTION_MANY, .help = "the partners that it is for"},
	{.name = "label", .value = "LABEL", .times = OPTION_MANY, .help = "how it is classified, TLP:AMBER; repeat"},
	{.name = "label-file", .value = "FILE", .help = "labels by file; in place of .valise-labels.yaml"},
	{.name = "authorisation",
	 .value = "FILE",
	 .times = OPTION_MANY,
	 .help = "the originator's word that labels may be lower"},
	{.name = "purpose", .value = "TEXT", .help = "what it is for; the recipients read it"},
	{.name = "expires", .value = "90d", .help = "not to be accepted after so many days"},
	{.name = "supersedes", .value = "ID", .help = "it replaces the bundle with this id"},
	{.name = "pad", .help = "hide the size: no compression, padding"},
	{.name = "dry-run", .help = "show what would be packed; make nothing"},
	{.name = "yes", .help = "do not ask"},
	{.name = "output", .letter = 'o', .value = "FILE|DIR/", .help = "where the bundle goes"},
	OPTION_END,
};

/* --- the request --- */

struct aliases {
	char **items; /* owned */
	unsigned count;
};

static void aliases_clear(struct aliases *aliases)
{
	for (unsigned i = 0; i < aliases->count; i++)
		free(aliases->items[i]);
	free(aliases->items);
}

/* One --to: aliases with commas between them. */
static int split_aliases(struct aliases *aliases, const char *text, struct err *err)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		if (len == 0)
			return err_set(err, ERR_USAGE, "an empty alias after --to");
		char **items = reallocarray(aliases->items, aliases->count + 1, sizeof *items);
		char *item = strndup(text, len);
		if (items != NULL)
			aliases->items = items;
		if (items == NULL || item == NULL) {
			free(item);
			return err_set(err, ERR_MEMORY, "out of memory");
		}
		items[aliases->count++] = item;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static int gather_aliases(struct aliases *aliases, const struct options *options, struct err *err)
{
	auto_free const char **texts = NULL;
	unsigned count;
	if (options_gather(options, "to", &texts, &count, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (split_aliases(aliases, texts[i], err) < 0)
			return -1;
	if (aliases->count > 0)
		return 0;
	(void)err_set(err, ERR_USAGE, "pack needs --to ALIAS");
	return err_hint(err, "valise partner list shows the partners");
}

/* Lists that the request borrows. */
struct lists {
	struct aliases aliases;
	const char **labels, **authorisations;
};

static void lists_clear(struct lists *lists)
{
	aliases_clear(&lists->aliases);
	free(lists->labels);
	free(lists->authorisations);
}

static int parse_request(struct pack_request *request, struct lists *lists, const struct options *options,
						 struct err *err)
{
	const char *expires = options_get(options, "expires");
	*request = (struct pack_request){
		.intent = options_has(options, "dry-run") ? PACK_TO_SHOW : PACK_TO_SEAL,
		.paths = options->words,
		.path_count = options->word_count,
		.label_file = options_get(options, "label-file"),
		.purpose = options_get(options, "purpose"),
		.supersedes = options_get(options, "supersedes"),
		.pad = options_has(options, "pad"),
		.output = options_get(options, "output"),
	};
	if (gather_aliases(&lists->aliases, options, err) < 0 ||
		options_gather(options, "label", &lists->labels, &request->label_count, err) < 0 ||
		options_gather(options, "authorisation", &lists->authorisations, &request->authorisation_count, err) < 0 ||
		(expires != NULL && days_parse(&request->expires_days, expires, err) < 0))
		return -1;
	if (request->output != NULL && request->output[0] == '\0')
		return err_set(err, ERR_USAGE, "-o names nothing");
	request->to = (const char *const *)lists->aliases.items;
	request->to_count = lists->aliases.count;
	request->labels = lists->labels;
	request->authorisations = lists->authorisations;
	return 0;
}

/* --- what will leave --- */

static const char *marks_text(struct cli *cli, const struct screen *screen, const struct session *session,
							  const struct pack_summary *summary)
{
	return labels_text(cli, screen, &session->schemes, (const char(*)[LABEL_ID_MAX + 1]) summary->marks,
					   summary->mark_count);
}

static void show_plan(struct cli *cli, const struct screen *screen, const struct session *session,
					  const struct pack_summary *summary)
{
	for (unsigned i = 0; i < summary->recipient_count; i++) {
		const struct partner *to = summary->recipients[i];
		report_rowf(screen, i == 0 ? "for" : "", "%s", safe(&cli->terminal, to->party.organisation));
		report_rowf(screen, "", "%s, %s", safe(&cli->terminal, to->party.name), safe(&cli->terminal, to->alias));
		report_row(screen, "", fingerprint_text(cli, &to->fingerprint));
	}
	report_rowf(screen, "files", "%s in %s, %s", show_count(summary->files).text,
				show_number_of(summary->folders, "folder").text, show_bytes(summary->bytes).text);
	report_row_styled(screen, "labels", marks_text(cli, screen, session, summary));
	if (summary->manifest->purpose != NULL && summary->manifest->purpose[0] != '\0')
		report_row(screen, "purpose", quoted(cli, summary->manifest->purpose));
	report_rowf(screen, "not after", "%s, %s", show_time(summary->not_after).text,
				show_expiry(summary->not_after, utc_now()).text);
}

static struct json *recipients_json(const struct pack_summary *summary, const struct pack_result *done)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < summary->recipient_count; i++) {
		const struct partner *to = summary->recipients[i];
		struct json *json = party_json(&to->fingerprint, to->party.name, to->party.organisation);
		json_set_text(json, "alias", to->alias);
		if (done != NULL)
			json_set_int(json, "sequence", (int64_t)done->sequences[i]);
		json_add(array, json);
	}
	return array;
}

static void plan_to_json(struct json *json, const struct pack_summary *summary, const struct pack_result *done)
{
	json_set(json, "to", recipients_json(summary, done));
	json_set_int(json, "files", summary->files);
	json_set_int(json, "folders", summary->folders);
	json_set_int(json, "bytes", (int64_t)summary->bytes);
	json_set_labels(json, "marks", (const char(*)[LABEL_ID_MAX + 1]) summary->marks, summary->mark_count);
	json_set_text(json, "purpose", summary->manifest->purpose);
	json_set_time(json, "not-after", done != NULL ? done->not_after : summary->not_after);
	json_set(json, "notices", notices_json(summary->notices));
}

static void give_dry_run(struct cli *cli, const struct session *session, const struct pack_summary *summary)
{
	if (cli->json != NULL) {
		json_set_bool(cli->json, "dry-run", true);
		plan_to_json(cli->json, summary, NULL);
		json_set(cli->json, "entries", entries_json(summary->manifest));
		return;
	}
	const struct screen *screen = &cli->terminal.out;
	show_plan(cli, screen, session, summary);
	if (cli->verbosity == VERBOSE)
		report_entries(cli, screen, &session->schemes, summary->manifest);
	(void)fflush(stdout);
	report_notices(cli, summary->notices);
	say(cli, "Nothing was made: this was a dry run.\n");
}

/* --- asking --- */

/* A person sees who gets what before anything is made; whoever pipes or says --yes has looked already. */
static int confirm(struct cli *cli, const struct session *session, const struct options *options,
				   const struct pack_summary *summary, struct err *err)
{
	if (options_has(options, "yes") || !cli->terminal.can_ask) {
		report_notices(cli, summary->notices);
		return 0;
	}
	(void)fputs("This will leave:\n", cli->terminal.err.file);
	show_plan(cli, &cli->terminal.err, session, summary);
	if (cli->verbosity == VERBOSE)
		report_entries(cli, &cli->terminal.err, &session->schemes, summary->manifest);
	report_notices(cli, summary->notices);
	return terminal_confirm(&cli->terminal, "Seal it? [y/N]", err);
}

/* --- the verb --- */

static void tell(struct cli *cli, const struct pack_summary *summary, const struct pack_result *done)
{
	if (cli->json != NULL) {
		json_set_text(cli->json, "path", done->path);
		json_set_text(cli->json, "bundle", done->bundle.text);
		json_set_digest(cli->json, "digest", &done->digest);
		json_set_time(cli->json, "created", done->created);
		json_set_int(cli->json, "file-bytes", (int64_t)done->file_bytes);
		json_set_int(cli->json, "payload-bytes", (int64_t)done->payload_bytes);
		plan_to_json(cli->json, summary, done);
		return;
	}
	char digest[DIGEST_HEX + 1];
	digest_format(digest, &done->digest);
	say(cli, "Sealed %s, %s, for %s; %s.\n", show_number_of(summary->files, "file").text,
		show_size(summary->bytes).text, show_number_of(summary->recipient_count, "recipient").text,
		show_expiry(done->not_after, utc_now()).text);
	detail(cli, "bundle %s\ndigest %s\n", safe(&cli->terminal, done->bundle.text), digest);
	/* For programs as well: the path as it is, not escaped. */
	result(cli, "%s\n", done->path);
}

static int seal(struct cli *cli, struct session *session, struct pack_plan *plan, const struct pack_summary *summary,
				struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	struct pack_result done = {0};
	progress_bar_init(&cli->bar, &cli->terminal, cli->verbosity != QUIET); /* the time of the question does not count */
	int rc = pack_seal(session, plan, &progress, &done, err);
	progress_bar_wipe(&cli->bar);
	if (rc == 0)
		tell(cli, summary, &done);
	pack_result_clear(&done);
	return rc;
}

static int make_plan(struct cli *cli, struct session *session, const struct pack_request *request,
					 struct pack_plan **out, struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	int rc = pack_plan_make(session, request, &progress, out, err);
	progress_bar_wipe(&cli->bar);
	return rc;
}

int verb_pack(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_pack_plan *plan = NULL;
	AUTO(lists_clear) struct lists lists = {0};
	struct pack_request request;
	struct pack_summary summary;
	bool dry_run = options_has(options, "dry-run");
	if (parse_request(&request, &lists, options, err) < 0 ||
		session_open(&session, cli->home, dry_run ? SESSION_LEDGER_READ : SESSION_LEDGER_WRITE, &cli->passphrase, err) <
			0 ||
		make_plan(cli, &session, &request, &plan, err) < 0)
		return -1;
	pack_plan_summary(plan, &summary);
	if (dry_run) {
		give_dry_run(cli, &session, &summary);
		return 0;
	}
	if (confirm(cli, &session, options, &summary, err) < 0)
		return -1;
	return seal(cli, &session, plan, &summary, err);
}
