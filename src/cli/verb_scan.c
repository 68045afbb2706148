/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/scan_view.h"
#include "cli/show.h"
#include "cli/verbs.h"

const struct option verb_scan_options[] = {
	{.name = "check", .help = "read all of every bundle, as verify does"},
	OPTION_END,
};

/* What was found is told in any case; that something is wrong with it is what the exit status adds. */
static int judge(const struct look *look, struct err *err)
{
	const uint32_t count = look_count_attention(look);
	if (count == 0)
		return 0;
	(void)err_set(err, ERR_ATTENTION, "damaged, refused, not read or not seen: %s", show_count(count).text);
	return err_hint(err, "valise verify tells more of a bundle; what is damaged is copied again from where it came");
}

static int tell(struct cli *cli, const struct look *look, struct err *err)
{
	if (cli->json != NULL) {
		scan_to_json(cli->json, look);
		return 0;
	}
	if (scan_print(cli, look, err) < 0)
		return -1;
	report_notices(cli, &look->notices);
	return 0;
}

int verb_scan(struct cli *cli, struct options *options, struct err *err)
{
	static const char *const here[] = {"."};
	auto_look look = {.session.lock_fd = -1};
	struct progress progress = progress_bar_hook(&cli->bar);
	const struct look_request request = {
		.home = cli->home,
		.places = options->word_count > 0 ? (const char *const *)options->words : here,
		.place_count = options->word_count > 0 ? options->word_count : 1,
		.depth = options_has(options, "check") ? LOOK_CHECK : LOOK_QUICK,
	};
	int rc = look_at(&request, &progress, &look, err);
	progress_bar_wipe(&cli->bar);
	return rc < 0 || tell(cli, &look, err) < 0 ? -1 : judge(&look, err);
}
