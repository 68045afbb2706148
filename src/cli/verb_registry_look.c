/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/registry_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "keyring/registry_change.h"
#include "ops/registry_state.h"

const struct option verb_registry_look_options[] = {
	{.name = "fingerprint", .value = "FPR", .help = "of an administrator, for a first registry from a FILE"},
	OPTION_END,
};

/* A file, or the draft; the registry held stays what it is. */
static int open_candidate(struct cli *cli, const struct options *options, struct session *session,
						  struct registry_candidate *out, struct err *err)
{
	struct fingerprint typed;
	const char *text = options_get(options, "fingerprint");
	if (text != NULL && confirm_fingerprint(cli, text, &typed, err) < 0)
		return -1;
	return options->word_count > 0 ? registry_candidate_open_file(out, session, options->words[0],
																  text != NULL ? &typed : NULL, utc_now(), err)
								   : registry_candidate_open_draft(out, session, utc_now(), err);
}

/* --- diff --- */

int verb_registry_diff(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_candidate candidate = {0};
	unsigned count = 0;
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0 ||
		open_candidate(cli, options, &session, &candidate, err) < 0)
		return -1;
	if (cli->json != NULL)
		return registry_difference_json(cli, &session.registry, &candidate, err);
	cli->terminal.err = cli->terminal.out; /* here the difference is the result */
	if (registry_show_difference(cli, &session, &candidate, &count, err) < 0)
		return -1;
	if (count == 0)
		result(cli, "no difference\n");
	return 0;
}

/* --- verify --- */

static int verify_held(const struct session *session, struct registry_quorum *quorum, struct err *err)
{
	uint32_t count;
	const struct registry *held = &session->registry;
	const struct registry_doc *doc = registry_whole(held, err);
	return doc == NULL || registry_state_examine(held, session->ledger, utc_now(), quorum, err) < 0
			   ? -1
			   : registry_check_certificates(held, doc, &count, err);
}

static void report_good(struct cli *cli, const struct registry *registry, const struct registry_quorum *quorum)
{
	const struct screen *screen = result_screen(cli);
	if (screen == NULL) {
		registry_head_to_json(cli->json, registry, quorum);
		return;
	}
	if (registry->doc.serial == 0) {
		(void)fprintf(screen->file, "%s  no partners yet\n", styled(&cli->terminal, screen, STYLE_GOOD, "GOOD"));
		return;
	}
	(void)fprintf(screen->file, "%s  registry number %llu, with the certificates of its partners\n",
				  styled(&cli->terminal, screen, STYLE_GOOD, "GOOD"), (unsigned long long)registry->doc.serial);
	registry_show_head(cli, screen, registry, quorum);
}

/* For whoever has it run each night: what is over, or soon will be, needs a person. */
static int judge_life(struct cli *cli, const struct registry *held, struct err *err)
{
	auto_notices soon = {0};
	if (registry_state_check_life(held, utc_now(), err) == 0) {
		registry_state_tell_life(&soon, held, utc_now());
		report_notices(cli, &soon);
		return 0;
	}
	if (err->code == ERR_EXPIRED)
		(void)err_recode(err, ERR_ATTENTION);
	return -1;
}

int verb_registry_verify(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_candidate candidate = {0};
	struct registry_quorum quorum;
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	if (options->word_count > 0) {
		if (open_candidate(cli, options, &session, &candidate, err) < 0)
			return -1;
		if (!candidate.is_held) {
			if (registry_candidate_check_signed(&candidate, err) < 0)
				return -1;
			report_good(cli, &candidate.fresh, &candidate.by_own);
			return 0;
		}
	}
	if (verify_held(&session, &quorum, err) < 0)
		return -1;
	report_good(cli, &session.registry, &quorum);
	return judge_life(cli, &session.registry, err);
}

/* --- history --- */

struct history {
	struct cli *cli;
	struct table table;
	struct json *array; /* NULL for people */
};

static int add_held(void *ctx, const struct ledger_registry *row, struct err *err)
{
	struct history *history = ctx;
	struct table *table = &history->table;
	char digest[DIGEST_HEX + 1];
	digest_format(digest, &row->digest);
	if (history->array != NULL) {
		struct json *json = json_object_new();
		json_set_time(json, "time", row->time);
		json_set_int(json, "serial", (int64_t)row->serial);
		json_set_text(json, "domain", row->domain.text);
		json_set_digest(json, "digest", &row->digest);
		json_set_text(json, "signers", row->signers[0] != '\0' ? row->signers : NULL);
		json_add(history->array, json);
		return 0;
	}
	table_printf(table, STYLE_PLAIN, "%.19s", show_time(row->time).text);
	table_printf(table, STYLE_PLAIN, "%llu", (unsigned long long)row->serial);
	table_printf(table, STYLE_PLAIN, "%.8s", row->domain.text);
	table_printf(table, STYLE_PLAIN, "%.16s", digest);
	table_add(table, STYLE_PLAIN,
			  row->signers[0] != '\0' ? safe(&history->cli->terminal, row->signers) : "this station itself");
	return 0;
}

static void begin_history(struct table *table)
{
	static const char *const headings[] = {"SINCE (UTC)", "NUMBER", "DOMAIN", "SHA-256", "SIGNED BY"};
	table_init(table, sizeof headings / sizeof headings[0]);
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		table_add(table, STYLE_BOLD, headings[i]);
}

static int print_history(struct history *history, struct ledger *ledger, struct err *err)
{
	struct cli *cli = history->cli;
	if (ledger_registry_list(ledger, add_held, history, err) < 0)
		return -1;
	if (cli->json == NULL && table_print(&history->table, &cli->terminal, &cli->terminal.out) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

int verb_registry_history(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct history history = {.cli = cli, .array = cli->json != NULL ? json_array_new() : NULL};
	/* Opened for writing: what is in use now and was not noted yet is. */
	int rc = session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err);
	begin_history(&history.table);
	if (rc == 0)
		rc = print_history(&history, session.ledger, err);
	table_clear(&history.table);
	if (cli->json != NULL)
		json_set(cli->json, "registries", history.array);
	return rc;
}
