/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "format/volume_name.h"
#include "ops/copy.h"

#include <string.h>

const struct option verb_copy_options[] = {
	{.name = "volume-size", .value = "SIZE", .help = "deal one bundle out anew: 4G, dvd, none, auto"},
	{.name = "parity", .value = "SHARE", .help = "with --volume-size: of parity files, or none"},
	{.name = "replug", .help = "wait until the medium was out and back; read it again"},
	OPTION_END,
};

/* --- for people --- */

static const char *how_text(const struct copied *item)
{
	switch (item->how) {
	case COPY_RESUMED:
		return "written, an attempt before had begun it";
	case COPY_THERE_BEFORE:
		return "was there already";
	default:
		return "written";
	}
}

static const char *way_text(const struct copied *item)
{
	return item->way == DIRECT_PAST_CACHE ? "from the medium, past this machine's memory"
										  : "after this machine was asked to forget it";
}

static void report_sender(struct cli *cli, const struct screen *screen, const struct copied *item)
{
	if (item->judged)
		report_rowf(screen, "from", "%s, whose signature was checked", sender_text(cli, &item->verdict, &item->from));
	else
		report_rowf(screen, "from", "NOT CHECKED: nobody here knows the sender %s", fingerprint_text(cli, &item->from));
}

static void report_proof(const struct screen *screen, const struct copied *item)
{
	if (!item->is_bundle)
		report_row(screen, "proven", "the medium gives back what was written beside the bundle");
	else if (item->judged)
		report_row(screen, "proven", "every byte that the medium gives back is as it was signed");
	else
		report_row(screen, "proven",
				   "what the medium gives back is the bundle that was given, and matches its own list");
}

static void report_item(struct cli *cli, const struct copied *item)
{
	const struct screen *screen = &cli->terminal.err;
	if (item->path == NULL)
		return;
	say(cli, "%s\n", safe(&cli->terminal, item->path));
	if (item->is_bundle)
		report_sender(cli, screen, item);
	report_rowf(screen, "size", "%s, %s", show_bytes(item->bytes).text, how_text(item));
	report_row(screen, "read back", way_text(item));
	report_proof(screen, item);
}

static void report_limits(struct cli *cli, const struct copy_report *report)
{
	const struct screen *screen = &cli->terminal.err;
	const bool can_leave = strcmp(report->medium.point, "/") != 0;
	if (report->replugged == REPLUG_WAS_OUT)
		report_row(screen, "replugged", "the medium was out, and gives back the same");
	if (report->replugged == REPLUG_NOT_PROVEN)
		report_row(screen, "replugged",
				   "it gives back the same, but this machine cannot tell that it was out and not only unmounted");
	if (report->replugged != REPLUG_WAS_OUT)
		report_rowf(screen, "not proven", "whether its own controller answered from its memory%s%s",
					can_leave ? "; after it was out for a moment `valise verify` tells" : "",
					can_leave && report->replugged == REPLUG_NOT_ASKED ? ", or say --replug to copy" : "");
	if (report->medium.by_program)
		report_row(
			screen, "",
			"a program of its own drives this file system (FUSE): what that program remembers cannot be ruled out");
}

static void report_copies(struct cli *cli, const struct copy_report *report)
{
	for (unsigned i = 0; i < report->count; i++)
		if (report->items[i].path != NULL)
			result_path(cli, report->items[i].path);
	(void)fflush(stdout);
	if (cli->verbosity == QUIET)
		return;
	for (unsigned i = 0; i < report->count; i++)
		report_item(cli, &report->items[i]);
}

/* --- for programs --- */

static struct json *item_json(const struct copied *item)
{
	static const char *const how[] = {
		[COPY_NEW] = "written", [COPY_RESUMED] = "resumed", [COPY_THERE_BEFORE] = "was-there"};
	struct json *json = json_object_new();
	const bool done = item->path != NULL;
	json_set_text(json, "source", item->source);
	json_set_text(json, "path", item->path);
	json_set_text(json, "kind", item->is_bundle ? "bundle" : "beside");
	json_set_text(json, "how", done ? how[item->how] : NULL);
	json_set_int(json, "file-bytes", (int64_t)item->bytes);
	json_set_int(json, "kept-bytes", (int64_t)item->kept);
	json_set_text(json, "read-back", !done ? NULL : item->way == DIRECT_PAST_CACHE ? "past-cache" : "cache-dropped");
	if (!item->is_bundle)
		return json;
	json_set_text(json, "bundle", item->bundle.text[0] != '\0' ? item->bundle.text : NULL);
	json_set_digest(json, "digest", &item->digest);
	json_set_bool(json, "judged", item->judged);
	json_set(json, "from", sender_json(&item->verdict, &item->from));
	json_set(json, "signers", signers_json(&item->verdict));
	return json;
}

static void copies_to_json(struct json *json, const struct copy_report *report)
{
	static const char *const replugged[] = {
		[REPLUG_NOT_ASKED] = "not-asked", [REPLUG_WAS_OUT] = "was-out", [REPLUG_NOT_PROVEN] = "not-proven"};
	struct json *copies = json_array_new();
	for (unsigned i = 0; i < report->count; i++)
		json_add(copies, item_json(&report->items[i]));
	json_set(json, "copies", copies);
	if (report->medium.point != NULL)
		json_set(json, "medium", medium_json(&report->medium));
	json_set_text(json, "replugged", replugged[report->replugged]);
	json_set(json, "notices", notices_json(&report->notices));
}

/* --- the verb --- */

static void tell_wait(void *ctx, enum copy_waits what, const struct medium *medium)
{
	struct cli *cli = ctx;
	progress_bar_wipe(&cli->bar);
	if (what == COPY_WAITS_LEAVING)
		say(cli, "Written and read back. Now take the medium at %s out: unmount it, then pull it.\n",
			safe(&cli->terminal, medium->point));
	else
		say(cli, "It is out. Put it back in.\n");
}

int verb_copy(struct cli *cli, struct options *options, struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	const char *volume_size = options_get(options, "volume-size"), *parity = options_get(options, "parity");
	struct copy_request request = {.home = cli->home,
								   .sources = options->words,
								   .count = options->word_count - 1,
								   .folder = options->words[options->word_count - 1],
								   .split = volume_size != NULL,
								   .parity = {.asked = parity != NULL},
								   .replug = options_has(options, "replug"),
								   .wait = tell_wait,
								   .wait_ctx = cli,
								   .progress = &progress};
	auto_copy_report report = {0};
	if (parity != NULL && volume_size == NULL) {
		(void)err_set(err, ERR_USAGE,
					  "--parity goes with --volume-size: what is copied one to one keeps its parity file");
		return err_hint(err, "valise repair --parity makes one for a bundle that has none");
	}
	if ((volume_size != NULL && volume_size_parse(&request.volume_bytes, volume_size, err) < 0) ||
		(parity != NULL && parity_share_parse(&request.parity.permille, "--parity", parity, err) < 0))
		return -1;
	const int rc = copy_bundles(&request, &report, err);
	progress_bar_wipe(&cli->bar);
	if (cli->json != NULL) {
		copies_to_json(cli->json, &report);
		return rc;
	}
	report_copies(cli, &report);
	report_notices(cli, &report.notices);
	if (rc == 0 && cli->verbosity != QUIET)
		report_limits(cli, &report);
	return rc;
}
