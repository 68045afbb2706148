/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"
#include "cli/confirm.h"
#include "cli/registry_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "keyring/registry_change.h"
#include "media/output.h"
#include "ops/registry_export.h"
#include "ops/registry_found.h"

#include <fcntl.h>
#include <stdlib.h>

const struct option verb_registry_sign_options[] = {
	{.name = "found", .value = "ALIAS", .help = "found a signed registry; this station's alias"},
	{.name = "needed", .value = "N", .help = "how many administrators must sign"},
	{.name = "fingerprint", .value = "FPR", .help = "of an administrator, for a first FILE"},
	{.name = "yes", .help = "do not ask"},
	OPTION_END,
};
const struct option verb_registry_export_options[] = {
	{.name = "output", .letter = 'o', .value = "FILE", .help = "where to write it"},
	OPTION_END,
};
const struct option verb_registry_import_options[] = {
	{.name = "fingerprint", .value = "FPR", .help = "of an administrator, for this station's first"},
	{.name = "yes", .help = "do not ask"},
	OPTION_END,
};

/* --- what the verbs share --- */

static int parse_needed(uint32_t *out, const struct options *options, struct err *err)
{
	const char *text = options_get(options, "needed");
	char *end;
	*out = 0;
	if (text == NULL)
		return 0;
	long value = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > REGISTRY_ADMINISTRATORS_MAX)
		return err_set(err, ERR_USAGE, "--needed wants a number of people, 1 to %d", REGISTRY_ADMINISTRATORS_MAX);
	*out = (uint32_t)value;
	return 0;
}

/* For a first registry alone; NULL where none was typed. */
static int parse_confirmed(struct cli *cli, const struct options *options, struct fingerprint *storage,
						   const struct fingerprint **out, struct err *err)
{
	const char *text = options_get(options, "fingerprint");
	*out = NULL;
	if (text == NULL)
		return 0;
	if (confirm_fingerprint(cli, text, storage, err) < 0)
		return -1;
	*out = storage;
	return 0;
}

static int ask(struct cli *cli, const struct options *options, const char *question, struct err *err)
{
	return options_has(options, "yes") || !cli->terminal.can_ask ? 0 : terminal_confirm(&cli->terminal, question, err);
}

static void tell_strangers(struct cli *cli, const struct registry_candidate *candidate)
{
	if (candidate->strangers > 0)
		say(cli, "%s: %s by keys of no administrator.\n",
			styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "Left out"),
			show_number_of(candidate->strangers, "signature").text);
	if (cli->json != NULL)
		json_set_int(cli->json, "left-out", candidate->strangers);
}

static int show_candidate(struct cli *cli, const struct session *session, const struct registry_candidate *candidate,
						  struct err *err)
{
	unsigned count = 0;
	tell_strangers(cli, candidate);
	if (cli->json != NULL)
		return registry_difference_json(cli, &session->registry, candidate, err);
	if (cli->verbosity == QUIET)
		return 0;
	say(cli, "Registry number %llu brings:\n", (unsigned long long)candidate->fresh.doc.serial);
	if (registry_show_difference(cli, session, candidate, &count, err) < 0)
		return -1;
	if (count == 0)
		say(cli, "  nothing but its number and its end\n");
	registry_show_head(cli, &cli->terminal.err, &candidate->fresh, &candidate->by_own);
	return 0;
}

static int adopt(struct cli *cli, struct session *session, struct registry_candidate *candidate, struct err *err)
{
	const struct registry_quorum quorum = candidate->by_own;
	if (registry_candidate_adopt(candidate, session, err) < 0)
		return -1;
	say(cli, "%s: registry number %llu.\n", styled(&cli->terminal, &cli->terminal.err, STYLE_GOOD, "In force"),
		(unsigned long long)session->registry.doc.serial);
	if (cli->json != NULL)
		registry_head_to_json(cli->json, &session->registry, &quorum);
	return 0;
}

/* --- import --- */

/* Whoever prepared something himself knows before he is asked that it goes. */
static int tell_dropped(struct cli *cli, const struct session *session, const struct registry_candidate *candidate,
						struct err *err)
{
	uint64_t serial;
	bool is_signed;
	if (registry_candidate_drops(candidate, session, &serial, &is_signed, err) < 0)
		return -1;
	if (serial == 0)
		return 0;
	say(cli, "%s: your draft of number %llu%s will be dropped.\n",
		styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "Attention"), (unsigned long long)serial,
		is_signed ? ", signed by you," : "");
	if (cli->json != NULL)
		json_set_int(cli->json, "dropped-draft", (int64_t)serial);
	return 0;
}

static int import_candidate(struct cli *cli, struct session *session, struct registry_candidate *candidate,
							const struct options *options, struct err *err)
{
	if (candidate->is_held) {
		say(cli, "Nothing new: registry number %llu is in force here.\n",
			(unsigned long long)session->registry.doc.serial);
		if (cli->json != NULL)
			registry_head_to_json(cli->json, &session->registry, &candidate->by_held);
		return 0;
	}
	const bool put_back = candidate->is_put_back;
	if (show_candidate(cli, session, candidate, err) < 0 || registry_candidate_check_signed(candidate, err) < 0 ||
		tell_dropped(cli, session, candidate, err) < 0 ||
		ask(cli, options, put_back ? "Put it back? [y/N]" : "Take it in? [y/N]", err) < 0 ||
		adopt(cli, session, candidate, err) < 0)
		return -1;
	if (put_back)
		say(cli, "Put back as the ledger remembers it. Find out who changed registry.yaml in the home.\n");
	if (cli->json != NULL)
		json_set_bool(cli->json, "put-back", put_back);
	return 0;
}

int verb_registry_import(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_candidate candidate = {0};
	struct fingerprint typed;
	const struct fingerprint *confirmed;
	if (parse_confirmed(cli, options, &typed, &confirmed, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_MEND, &cli->passphrase, err) < 0 ||
		registry_candidate_open_file(&candidate, &session, options->words[0], confirmed, utc_now(), err) < 0)
		return -1;
	return import_candidate(cli, &session, &candidate, options, err);
}

/* --- sign --- */

static int prepare(struct session *session, const struct options *options, struct err *err)
{
	uint32_t needed;
	auto_registry draft = {0};
	const char *alias = options_get(options, "found");
	if (parse_needed(&needed, options, err) < 0)
		return -1;
	if (alias != NULL)
		return registry_found(session, alias, needed > 0 ? needed : 1, err);
	int there = registry_open_draft(&draft, &session->registry, err);
	if (there < 0)
		return -1;
	return there == 0 || needed > 0 ? registry_renew(session, needed, err) : 0;
}

static void tell_missing(struct cli *cli, const struct registry_candidate *candidate)
{
	say(cli, "%s: registry number %llu, by %s; %u %s, %u must.\n",
		styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "Signed, not in force yet"),
		(unsigned long long)candidate->fresh.doc.serial, registry_signers_text(cli, &candidate->by_own),
		candidate->by_own.people, candidate->by_own.people == 1 ? "has" : "have", candidate->by_own.needed);
}

/* One's own draft: in force where that is enough. */
static int sign_draft(struct cli *cli, struct session *session, const struct options *options, struct err *err)
{
	auto_candidate candidate = {0};
	struct err missing = ERR_INIT;
	if (prepare(session, options, err) < 0 || registry_candidate_open_draft(&candidate, session, utc_now(), err) < 0 ||
		show_candidate(cli, session, &candidate, err) < 0 || ask(cli, options, "Sign it? [y/N]", err) < 0 ||
		registry_candidate_sign(&candidate, session, utc_now(), err) < 0)
		return -1;
	if (registry_candidate_check_signed(&candidate, &missing) == 0)
		return adopt(cli, session, &candidate, err);
	tell_missing(cli, &candidate);
	say(cli, "Write it to a file for them: valise registry export -o FILE; they run: valise registry sign FILE\n");
	if (cli->json != NULL)
		registry_head_to_json(cli->json, &candidate.fresh, &candidate.by_own);
	return 0;
}

static int replace_file(const char *path, const struct registry_candidate *candidate, struct err *err)
{
	auto_buf bytes = {0};
	return registry_file_format(&bytes, &candidate->file, err) < 0
			   ? -1
			   : io_replace_file(AT_FDCWD, path, bytes.data, bytes.len, 0644, err);
}

/* Somebody else's: the signature goes into the file, which travels on. */
static int sign_file(struct cli *cli, struct session *session, const struct options *options, struct err *err)
{
	auto_candidate candidate = {0};
	struct fingerprint typed;
	const struct fingerprint *confirmed;
	const char *path = options->words[0];
	if (options_has(options, "found") || options_has(options, "needed"))
		return err_set(err, ERR_USAGE, "--found and --needed are of one's own draft, not of a FILE");
	if (parse_confirmed(cli, options, &typed, &confirmed, err) < 0 ||
		registry_candidate_open_file(&candidate, session, path, confirmed, utc_now(), err) < 0)
		return -1;
	if (candidate.is_held)
		return err_set(err, ERR_USAGE, "%s is in force here already", path);
	if (show_candidate(cli, session, &candidate, err) < 0 || ask(cli, options, "Sign it? [y/N]", err) < 0 ||
		registry_candidate_sign(&candidate, session, utc_now(), err) < 0 || replace_file(path, &candidate, err) < 0)
		return -1;
	tell_missing(cli, &candidate);
	say(cli, "Where enough have signed, each station takes it in: valise registry import FILE\n");
	if (cli->json != NULL)
		registry_head_to_json(cli->json, &candidate.fresh, &candidate.by_own);
	return 0;
}

int verb_registry_sign(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	if (session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0)
		return -1;
	return options->word_count > 0 ? sign_file(cli, &session, options, err) : sign_draft(cli, &session, options, err);
}

/* --- export --- */

static void tell_exported(struct cli *cli, const struct registry *registry, uint32_t signed_by)
{
	const unsigned long long serial = registry->doc.serial;
	if (registry->is_draft)
		say(cli, "Registry number %llu, a draft that is not in force yet, signed by %u of %u.\n", serial,
			(unsigned)signed_by, (unsigned)registry->doc.administrators_needed);
	else
		say(cli, "Registry number %llu.\n", serial);
}

static int export_one(struct cli *cli, const struct registry *registry, const char *path, struct err *err)
{
	uint32_t signed_by;
	auto_buf bytes = {0};
	if (registry->doc.administrators_needed == 0) {
		(void)err_set(err, ERR_USAGE, "this station keeps its partners itself: there is nothing to distribute");
		return err_hint(err, "found a registry that administrators sign: valise registry sign --found ALIAS");
	}
	if (registry_export(&bytes, registry, &signed_by, err) < 0 ||
		output_write_file(path, bytes.data, bytes.len, NULL, err) < 0)
		return -1;
	tell_exported(cli, registry, signed_by);
	result_path(cli, path);
	if (cli->json != NULL) {
		json_set_text(cli->json, "path", path);
		json_set_int(cli->json, "serial", (int64_t)registry->doc.serial);
		json_set_bool(cli->json, "draft", registry->is_draft);
	}
	return 0;
}

int verb_registry_export(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_registry draft = {0};
	const char *path = options_get(options, "output");
	if (path == NULL)
		return err_set(err, ERR_USAGE, "registry export needs -o FILE");
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	int there = registry_open_draft(&draft, &session.registry, err);
	return there < 0 ? -1 : export_one(cli, there == 1 ? &draft : &session.registry, path, err);
}
