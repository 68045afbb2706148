/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/label_wizard.h"
#include "cli/plan.h"
#include "cli/report_decision.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/authorise.h"

#include <string.h>

const struct option verb_label_options[] = {
	{.name = "check", .help = "show what each file would carry, and what stops it"},
	{.name = "to", .value = "ALIAS[,ALIAS...]", .times = OPTION_MANY, .help = "decide for these partners too"},
	{.name = "label", .value = "LABEL", .times = OPTION_MANY, .help = "as for pack; repeat"},
	{.name = "label-file", .value = "FILE", .help = "in place of .valise-labels.yaml"},
	{.name = "authorisation", .value = "FILE", .times = OPTION_MANY, .help = "as for pack; repeat"},
	{.name = "authorise", .help = "sign that these files may go under lower labels"},
	{.name = "lower-to", .value = "LABEL", .times = OPTION_MANY, .help = "the lowest that they may have; repeat"},
	{.name = "from", .value = "LABEL", .times = OPTION_MANY, .help = "what may be given up; else what is remembered"},
	{.name = "reason", .value = "TEXT", .help = "why; it is signed with the rest"},
	{.name = "expires", .value = "90d", .help = "how long it may be used"},
	{.name = "output", .letter = 'o', .value = "FILE", .help = "where the authorisation goes"},
	OPTION_END,
};

/* --- which of the three --- */

enum mode { MODE_WRITE, MODE_CHECK, MODE_AUTHORISE };

/* Options that mean nothing in a mode are mistakes there. */
static int check_options(enum mode mode, const struct options *options, struct err *err)
{
	static const struct {
		const char *name;
		enum mode mode;
	} owners[] = {
		{"to", MODE_CHECK},           {"label", MODE_CHECK},
		{"label-file", MODE_CHECK},   {"authorisation", MODE_CHECK},
		{"lower-to", MODE_AUTHORISE}, {"from", MODE_AUTHORISE},
		{"reason", MODE_AUTHORISE},   {"expires", MODE_AUTHORISE},
		{"output", MODE_AUTHORISE},
	};
	for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
		if (options_has(options, owners[i].name) && owners[i].mode != mode)
			return err_set(err, ERR_USAGE, "--%s goes with --%s", owners[i].name,
						   owners[i].mode == MODE_CHECK ? "check" : "authorise");
	return 0;
}

static int find_mode(enum mode *out, const struct options *options, struct err *err)
{
	bool check = options_has(options, "check"), authorise = options_has(options, "authorise");
	if (check && authorise)
		return err_set(err, ERR_USAGE, "--check and --authorise exclude one another");
	*out = check ? MODE_CHECK : authorise ? MODE_AUTHORISE : MODE_WRITE;
	return check_options(*out, options, err);
}

/* --- looking --- */

static int check(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_pack_plan *plan = NULL;
	AUTO(plan_lists_clear) struct plan_lists lists = {0};
	struct pack_request request = {.intent = PACK_TO_SHOW};
	struct pack_summary summary;
	if (plan_parse(&request, &lists, options, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0 ||
		plan_make(cli, &session, &request, &plan, err) < 0)
		return -1;
	pack_plan_summary(plan, &summary);
	return plan_show(cli, &session, &summary, PLAN_WITH_REASONS, err);
}

/* --- writing --- */

static int fail_without_terminal(const char *dir, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "label asks questions, and there is no terminal to ask at");
	return err_hint(err, "write %s/" LABEL_FILE_NAME " by hand, from a template; then: valise label --check %s", dir,
					dir);
}

static void show_labels(struct cli *cli, const struct session *session, const struct label_file *file)
{
	const struct screen *screen = &cli->terminal.err;
	struct err why = ERR_INIT;
	for (uint32_t i = 0; i < file->otherwise.label_count; i++) {
		struct label_ref ref;
		char id[LABEL_ID_MAX + 1];
		if (label_resolve(&ref, &session->schemes, file->otherwise.labels[i], &why) < 0)
			continue;
		label_format_id(id, ref);
		report_row_styled(screen, i == 0 ? "labels" : "", label_text(cli, screen, &session->schemes, id));
	}
	for (uint32_t i = 0; i < file->detected_count; i++)
		report_rowf(screen, i == 0 ? "except" : "", "where a file says its own label of %s", file->detected[i]);
	if (file->record_count > 0)
		report_rowf(screen, "record", "%s", file->records[0].id);
	if (file->purpose != NULL)
		report_row(screen, "purpose", quoted(cli, file->purpose));
}

/* The table of what the answers lead to, from the very text that will be written. */
static int show_result(struct cli *cli, struct session *session, const char *dir, const struct label_look *look,
					   const struct label_file *file, struct err *err)
{
	auto_pack_plan *plan = NULL;
	auto_buf text = {0};
	struct pack_summary summary;
	const struct pack_request request = {
		.intent = PACK_TO_SHOW, .paths = &dir, .path_count = 1, .label_file = look->path, .label_text = &text};
	if (label_file_format(&text, file, err) < 0)
		return -1;
	if (plan_make(cli, session, &request, &plan, err) < 0)
		return -1;
	pack_plan_summary(plan, &summary);
	report_entries(cli, &cli->terminal.err, &session->schemes, summary.manifest);
	if (summary.decisions->refused)
		report_decisions(cli, &cli->terminal.err, summary.decisions, NULL);
	return 0;
}

static int write_file(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_label_look look = {0};
	auto_label_file file = {0};
	struct progress progress = progress_bar_hook(&cli->bar);
	const char *dir = options->words[0];
	if (options->word_count > 1)
		return err_set(err, ERR_USAGE, "label writes the label file of one folder; --check takes several");
	if (!cli->terminal.can_ask || cli->json != NULL)
		return fail_without_terminal(dir, err);
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	int rc = label_look(&session, dir, &progress, &look, err);
	progress_bar_wipe(&cli->bar);
	if (rc < 0 || label_wizard(cli, &session, &look, &file, err) < 0)
		return -1;
	(void)fputc('\n', cli->terminal.err.file);
	if (show_result(cli, &session, dir, &look, &file, err) < 0)
		return -1;
	show_labels(cli, &session, &file);
	if (terminal_confirm(&cli->terminal, "Write the label file? [y/N]", err) < 0 || label_write(&look, &file, err) < 0)
		return -1;
	result_path(cli, look.path);
	say(cli, "Next: valise pack --to ALIAS %s\n", safe(&cli->terminal, dir));
	return 0;
}

/* --- authorising --- */

struct authorise_lists {
	const char **from, **to;
};

static void authorise_lists_clear(struct authorise_lists *lists)
{
	free(lists->from);
	free(lists->to);
}

static int parse_authorise(struct authorise_request *request, struct authorise_lists *lists,
						   const struct options *options, struct err *err)
{
	const char *expires = options_get(options, "expires");
	*request = (struct authorise_request){.paths = options->words,
										  .path_count = options->word_count,
										  .reason = options_get(options, "reason"),
										  .output = options_get(options, "output")};
	if (options_gather(options, "from", &lists->from, &request->from_count, err) < 0 ||
		options_gather(options, "lower-to", &lists->to, &request->to_count, err) < 0 ||
		(expires != NULL && days_parse(&request->days, "--expires", expires, LIFE_DAYS_MAX, err) < 0))
		return -1;
	request->from = lists->from;
	request->to = lists->to;
	if (request->to_count > 0 && request->reason != NULL && request->output != NULL)
		return 0;
	(void)err_set(err, ERR_USAGE, "--authorise needs --lower-to LABEL, --reason TEXT and -o FILE");
	return err_hint(err, "type for example: valise label --authorise --lower-to TLP:GREEN --lower-to PD:NONE --reason "
						 "\"published\" -o green.yaml FILE");
}

/* Whose word it is looks at it once more, where somebody sits there. */
static int confirm_lowering(struct cli *cli, const struct authorise_request *request, struct err *err)
{
	if (!cli->terminal.can_ask)
		return 0;
	say(cli, "These contents may then go, by this station's word, as low as");
	for (unsigned i = 0; i < request->to_count; i++)
		say(cli, " %s", safe(&cli->terminal, request->to[i]));
	say(cli, ":\n");
	for (unsigned i = 0; i < request->path_count; i++)
		say(cli, "  %s\n", safe(&cli->terminal, request->paths[i]));
	return terminal_confirm(&cli->terminal, "Sign it? [y/N]", err);
}

static int authorise(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_authorisation done = {0};
	AUTO(authorise_lists_clear) struct authorise_lists lists = {0};
	auto_free char *path = NULL;
	struct authorise_request request;
	if (parse_authorise(&request, &lists, options, err) < 0 || confirm_lowering(cli, &request, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		authorise_make(&session, &request, &done, &path, err) < 0)
		return -1;
	if (cli->json != NULL) {
		json_set_text(cli->json, "path", path);
		json_set_int(cli->json, "files", done.file_count);
		json_set_labels(cli->json, "from", (const char(*)[LABEL_ID_MAX + 1]) done.from, done.from_count);
		json_set_labels(cli->json, "to", (const char(*)[LABEL_ID_MAX + 1]) done.to, done.to_count);
		json_set_time(cli->json, "not-after", done.not_after);
		return 0;
	}
	say(cli, "Signed for %s; %s.\n", show_number_of(done.file_count, "content").text,
		show_expiry(done.not_after, utc_now()).text);
	result_path(cli, path);
	return 0;
}

int verb_label(struct cli *cli, struct options *options, struct err *err)
{
	enum mode mode = MODE_WRITE;
	if (find_mode(&mode, options, err) < 0)
		return -1;
	switch (mode) {
	case MODE_CHECK:
		return check(cli, options, err);
	case MODE_AUTHORISE:
		return authorise(cli, options, err);
	default:
		return write_file(cli, options, err);
	}
}
