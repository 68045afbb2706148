/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/report.h"
#include "cli/report_damage.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/repair.h"
#include "ops/repair_volumes.h"

#include <string.h>

const struct option verb_repair_options[] = {
	{.name = "output", .letter = 'o', .value = "FILE|DIR/", .help = "where the mended bundle goes"},
	{.name = "parity-file", .value = "FILE", .help = "its parity file, where it is not BUNDLE.parity"},
	{.name = "parity", .value = "SHARE", .help = "make a parity file for a good bundle: 10%"},
	{.name = "parity-volumes", .value = "M", .help = "make M parity volumes for the volumes of a bundle"},
	{.name = "card", .value = "CARD", .help = "believe the sender of this card; needs no station"},
	{.name = "fingerprint", .value = "FPR", .help = "the card's fingerprint, as it was read out to you"},
	OPTION_END,
};

static int parse_request(struct cli *cli, const struct options *options, struct repair_request *request,
						 unsigned *permille, struct err *err)
{
	const char *share = options_get(options, "parity");
	*request = (struct repair_request){.verify = {.home = cli->home},
									   .path = options->words[0],
									   .parity_path = options_get(options, "parity-file"),
									   .output = options_get(options, "output")};
	if (request->output != NULL && request->output[0] == '\0')
		return err_set(err, ERR_USAGE, "-o names nothing");
	if (share != NULL && request->parity_path != NULL)
		return err_set(err, ERR_USAGE, "--parity makes a parity file, --parity-file names one: give one of them");
	if (share != NULL && parity_share_parse(permille, "--parity", share, err) < 0)
		return -1;
	if (share != NULL && *permille == 0)
		return err_set(err, ERR_USAGE, "--parity none: there is nothing to make");
	return confirm_card(cli, options, &request->verify.card_path, &request->verify.confirmed, err);
}

/* A file's name is anybody's. */
static void tell_which(struct cli *cli, const struct waybill *waybill)
{
	say(cli, "It is bundle %s, created %s.\n", waybill->bundle.text, show_time(waybill->created).text);
}

static void tell_survey(struct cli *cli, const struct parity_survey *survey)
{
	if (cli->json != NULL)
		json_set(cli->json, "repair", repair_json(survey));
	else
		report_damage(&cli->terminal.err, survey);
}

static void tell_made(struct cli *cli, const struct repair_report *report)
{
	if (report->is_volume)
		say(cli, "It is one volume of several: the others are needed as well.\n");
	report_notices(cli, &report->verify.notices);
	if (report->parity_fault != NULL)
		say(cli, "There is no new parity file for it: %s\n", safe(&cli->terminal, report->parity_fault));
	if (cli->json == NULL)
		return;
	json_set_text(cli->json, "path", report->path);
	json_set_text(cli->json, "parity", report->parity_path);
	json_set_bool(cli->json, "volume", report->is_volume);
	json_set(cli->json, "from", sender_json(&report->verify.verdict, &report->verify.waybill.from));
	json_set_text(cli->json, "bundle", report->verify.waybill.bundle.text);
	json_set_time(cli->json, "created", report->verify.waybill.created);
	json_set_digest(cli->json, "digest", &report->verify.digest);
	json_set(cli->json, "notices", notices_json(&report->verify.notices));
}

static void tell(struct cli *cli, const struct repair_report *report)
{
	const char *from = safe(&cli->terminal, sender_text(cli, &report->verify.verdict, &report->verify.waybill.from));
	if (report->path != NULL) {
		say(cli, "Mended: the new file is as it was sealed by %s.\n", from);
		tell_which(cli, &report->verify.waybill);
	} else if (report->undamaged)
		say(cli, "Nothing is damaged: the bundle is as it was sealed by %s.\n", from);
	if (report->have_survey && !report->survey.parity_whole && report->path == NULL)
		say(cli, "Its parity file is damaged itself: valise repair --parity makes another, once it is moved away.\n");
	tell_made(cli, report);
	if (report->path != NULL)
		result_path(cli, report->path);
	else if (report->parity_path != NULL)
		result_path(cli, report->parity_path);
}

/* --- volumes --- */

static int parse_volumes(struct cli *cli, const struct options *options, struct volumes_request *request,
						 unsigned *count, struct err *err)
{
	const char *text = options_get(options, "parity-volumes");
	*request = (struct volumes_request){.verify = {.home = cli->home},
										.paths = options->words,
										.count = options->word_count,
										.output = options_get(options, "output")};
	if (options_has(options, "parity") || options_has(options, "parity-file"))
		return err_set(err, ERR_USAGE, "parity volumes are used and made without --parity and --parity-file");
	if (request->output != NULL && request->output[0] == '\0')
		return err_set(err, ERR_USAGE, "-o names nothing");
	if (text != NULL && parity_volumes_parse(count, text, err) < 0)
		return -1;
	return confirm_card(cli, options, &request->verify.card_path, &request->verify.confirmed, err);
}

static void volumes_to_json(struct json *json, const struct volumes_report *report)
{
	struct json *made = json_array_new();
	for (unsigned i = 0; i < report->made_count; i++)
		json_add_text(made, report->made[i]);
	json_set_int(json, "volumes-total", report->volumes);
	json_set_int(json, "volumes-lost", report->lost);
	json_set_int(json, "parity-volumes-total", report->parity);
	json_set_int(json, "parity-volumes-usable", report->sound_parity);
	if (report->parity_bytes > 0)
		json_set_int(json, "parity-volume-bytes", (int64_t)report->parity_bytes);
	json_set(json, "made", made);
	if (report->made_count > 0)
		json_set_text(json, "bundle", report->verify.waybill.bundle.text);
	json_set(json, "notices", notices_json(&report->notices));
}

static void tell_volumes(struct cli *cli, const struct volumes_report *report, bool making)
{
	report_notices(cli, &report->notices);
	if (!making && report->volumes > 0)
		say(cli, "%s, %u of them missing or damaged; %u of %s can be used.\n",
			show_number_of(report->volumes, "volume").text, report->lost, report->sound_parity,
			show_number_of(report->parity, "parity volume").text);
	if (!making && report->made_count > 0)
		tell_which(cli, &report->verify.waybill);
	if (making && report->made_count > 0)
		say(cli, "Each of the parity volumes has %llu bytes, some more than the longest volume.\n",
			(unsigned long long)report->parity_bytes);
	if (cli->json != NULL)
		volumes_to_json(cli->json, report);
	for (unsigned i = 0; i < report->made_count; i++)
		result_path(cli, report->made[i]);
}

static int repair_volumes(struct cli *cli, const struct options *options, struct err *err)
{
	auto_volumes_report report = {.made = NULL};
	struct volumes_request request;
	unsigned count = 0;
	struct progress progress = progress_bar_hook(&cli->bar);
	if (parse_volumes(cli, options, &request, &count, err) < 0)
		return -1;
	int rc = count > 0 ? volumes_make_parity(&request, count, &progress, &report, err)
					   : volumes_repair(&request, &progress, &report, err);
	progress_bar_wipe(&cli->bar);
	tell_volumes(cli, &report, count > 0);
	return rc;
}

static bool is_about_volumes(const struct options *options)
{
	bool found = options_has(options, "parity-volumes");
	for (unsigned i = 0; i < options->word_count; i++)
		found = found || parity_volume_is_path(options->words[i]);
	return found;
}

/* --- the verb --- */

int verb_repair(struct cli *cli, struct options *options, struct err *err)
{
	if (is_about_volumes(options))
		return repair_volumes(cli, options, err);
	if (options->word_count > 1)
		return err_set(err, ERR_USAGE, "repair takes one BUNDLE, or volumes together with their parity volumes");
	auto_repair_report report = {.path = NULL};
	struct repair_request request;
	unsigned permille = 0;
	struct progress progress = progress_bar_hook(&cli->bar);
	if (parse_request(cli, options, &request, &permille, err) < 0)
		return -1;
	int rc = permille != 0 ? repair_make_parity(&request, permille, &progress, &report, err)
						   : repair_bundle(&request, &progress, &report, err);
	progress_bar_wipe(&cli->bar);
	if (report.have_survey)
		tell_survey(cli, &report.survey);
	if (rc == 0)
		tell(cli, &report);
	return rc;
}
