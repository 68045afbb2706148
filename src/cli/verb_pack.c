/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pack.h"

#include "cli/plan.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "format/parity_list.h"
#include "format/volume_name.h"

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
	{.name = "hide-recipients", .help = "tell neither couriers nor finders for whom it is"},
	{.name = "pad", .help = "hide the size: no compression, padding"},
	{.name = "volume-size", .value = "SIZE", .help = "files of at most 4G, 700M, cd, dvd or bd"},
	{.name = "parity", .value = "SHARE", .help = "what a parity file can give back: 10%, or none"},
	{.name = "parity-volumes", .value = "M", .help = "make M more files; any M lost ones of all come back"},
	{.name = "dry-run", .help = "show what would be packed; make nothing"},
	{.name = "yes", .help = "do not ask"},
	{.name = "output", .letter = 'o', .value = "FILE|DIR/", .help = "where the bundle goes"},
	OPTION_END,
};

/* --- the request --- */

static int parse_parity(struct pack_request *request, const struct options *options, struct err *err)
{
	const char *share = options_get(options, "parity"), *volumes = options_get(options, "parity-volumes");
	request->parity.asked = share != NULL;
	if ((share != NULL && parity_share_parse(&request->parity.permille, "--parity", share, err) < 0) ||
		(volumes != NULL && parity_volumes_parse(&request->parity_volumes, volumes, err) < 0))
		return -1;
	if (volumes == NULL || (options_has(options, "volume-size") && request->volume_bytes != VOLUME_SIZE_NONE))
		return 0;
	(void)err_set(err, ERR_USAGE, "--parity-volumes is for a bundle in several files");
	return err_hint(err, "give --volume-size SIZE as well");
}

static int parse_request(struct pack_request *request, struct plan_lists *lists, const struct options *options,
						 struct err *err)
{
	const char *expires = options_get(options, "expires");
	*request = (struct pack_request){
		.intent = options_has(options, "dry-run") ? PACK_TO_SHOW : PACK_TO_SEAL,
		.purpose = options_get(options, "purpose"),
		.supersedes = options_get(options, "supersedes"),
		.pad = options_has(options, "pad"),
		.hide_recipients = options_has(options, "hide-recipients"),
		.output = options_get(options, "output"),
	};
	const char *volume_size = options_get(options, "volume-size");
	if (plan_parse(request, lists, options, err) < 0 ||
		(volume_size != NULL && volume_size_parse(&request->volume_bytes, volume_size, err) < 0) ||
		parse_parity(request, options, err) < 0 ||
		(expires != NULL && days_parse(&request->expires_days, "--expires", expires, LIFE_DAYS_MAX, err) < 0))
		return -1;
	if (request->to_count == 0) {
		(void)err_set(err, ERR_USAGE, "pack needs --to ALIAS");
		return err_hint(err, "valise partner list shows the partners");
	}
	if (request->output != NULL && request->output[0] == '\0')
		return err_set(err, ERR_USAGE, "-o names nothing");
	return 0;
}

static int give_dry_run(struct cli *cli, const struct session *session, const struct pack_summary *summary,
						struct err *err)
{
	if (cli->json != NULL)
		json_set_bool(cli->json, "dry-run", true);
	int rc = plan_show(cli, session, summary, cli->verbosity == VERBOSE ? PLAN_WITH_FILES : PLAN_SUMMARY, err);
	if (rc == 0)
		say(cli, "Nothing was made: this was a dry run.\n");
	return rc;
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
	plan_report(cli, &cli->terminal.err, session, summary);
	if (cli->verbosity == VERBOSE)
		report_entries(cli, &cli->terminal.err, &session->schemes, summary->manifest);
	report_notices(cli, summary->notices);
	return terminal_confirm(&cli->terminal, "Seal it? [y/N]", err);
}

/* --- the verb --- */

static struct json *files_json(char *const *paths, unsigned count)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < count; i++) {
		struct json *one = json_object_new();
		json_set_text(one, "file", paths[i]);
		json_add(array, one);
	}
	return array;
}

static const char *const read_back_words[] = {
	[PACK_NOT_READ_BACK] = NULL, [PACK_READ_PAST_CACHE] = "past-cache", [PACK_READ_CACHE_DROPPED] = "cache-dropped"};

static void tell_read_back(struct cli *cli, const struct pack_result *done)
{
	if (done->read_back == PACK_NOT_READ_BACK)
		return;
	say(cli,
		"Read back from the medium%s: every byte is as it was signed.\n"
		"Whether its own controller answered from memory shows once it was out: valise verify\n",
		done->read_back == PACK_READ_PAST_CACHE ? ", past this machine's memory" : "");
	if (done->by_program)
		say(cli,
			"A program of its own drives this file system (FUSE): what that remembers cannot be ruled out either.\n");
}

static void tell_parity(struct cli *cli, const struct pack_result *done)
{
	const struct phrase size = show_size(done->parity_bytes);
	if (done->parity_path != NULL && done->volume_count > 1)
		say(cli, "Beside each, to be carried with it: its parity file, %s in all, which can mend it.\n", size.text);
	else if (done->parity_path != NULL)
		say(cli, "Beside it, to be carried with it: its parity file, %s, which can mend it.\n", size.text);
	if (done->parity_volume_count > 0)
		say(cli, "Beside them, each to be carried by itself: %s.\n",
			show_number_of(done->parity_volume_count, "parity volume").text);
}

static void tell(struct cli *cli, const struct pack_summary *summary, const struct pack_result *done)
{
	if (cli->json != NULL) {
		json_set_text(cli->json, "path", done->path);
		json_set(cli->json, "volumes", files_json(done->volumes, done->volume_count));
		if (done->parity_volume_count > 0)
			json_set(cli->json, "parity-volumes", files_json(done->parity_volumes, done->parity_volume_count));
		json_set_text(cli->json, "approve-folder", done->approve_folder);
		json_set_text(cli->json, "parity", done->parity_path);
		json_set_text(cli->json, "bundle", done->bundle.text);
		json_set_digest(cli->json, "digest", &done->digest);
		json_set_time(cli->json, "created", done->created);
		json_set_int(cli->json, "file-bytes", (int64_t)done->file_bytes);
		json_set_int(cli->json, "payload-bytes", (int64_t)done->payload_bytes);
		json_set_text(cli->json, "read-back", read_back_words[done->read_back]);
		plan_to_json(cli->json, summary, done);
		return;
	}
	char digest[DIGEST_HEX + 1];
	digest_format(digest, &done->digest);
	say(cli, "Sealed %s, %s, for %s; %s.\n", show_number_of(summary->files, "file").text,
		show_size(summary->bytes).text, show_number_of(summary->recipient_count, "recipient").text,
		show_expiry(done->not_after, utc_now()).text);
	tell_read_back(cli, done);
	if (done->approve_folder != NULL)
		say(cli,
			"It waits for %u more to sign (valise approve), and may not be carried yet.\n"
			"Their keys to it are beside it, and are never carried: %s\n",
			summary->demand->people - 1, safe(&cli->terminal, done->approve_folder));
	if (done->volume_count > 1)
		say(cli, "It is %u volumes; the recipient needs all of them.\n", done->volume_count);
	tell_parity(cli, done);
	detail(cli, "bundle %s\ndigest %s\n", safe(&cli->terminal, done->bundle.text), digest);
	/* For programs as well: the paths as they are, not escaped. */
	for (unsigned i = 0; i < done->volume_count; i++)
		result_path(cli, done->volumes[i]);
}

static int seal(struct cli *cli, struct session *session, struct pack_plan *plan, const struct pack_summary *summary,
				struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	struct pack_result done = {0};
	const unsigned told = summary->notices->count;
	progress_bar_init(&cli->bar, &cli->terminal, cli->verbosity != QUIET); /* the time of the question does not count */
	int rc = pack_seal(session, plan, &progress, &done, err);
	progress_bar_wipe(&cli->bar);
	if (rc == 0) {
		const struct notices *all = summary->notices;
		const struct notices fresh = {.lines = told < all->count ? all->lines + told : NULL,
									  .count = all->count - told};
		report_notices(cli, &fresh);
		tell(cli, summary, &done);
	}
	pack_result_clear(&done);
	return rc;
}

int verb_pack(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_pack_plan *plan = NULL;
	AUTO(plan_lists_clear) struct plan_lists lists = {0};
	struct pack_request request;
	struct pack_summary summary;
	bool dry_run = options_has(options, "dry-run");
	if (parse_request(&request, &lists, options, err) < 0 ||
		session_open(&session, cli->home, dry_run ? SESSION_LEDGER_READ : SESSION_LEDGER_WRITE, &cli->passphrase, err) <
			0 ||
		plan_make(cli, &session, &request, &plan, err) < 0)
		return -1;
	pack_plan_summary(plan, &summary);
	if (dry_run)
		return give_dry_run(cli, &session, &summary, err);
	if (confirm(cli, &session, options, &summary, err) < 0)
		return -1;
	return seal(cli, &session, plan, &summary, err);
}
