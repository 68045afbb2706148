/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/scan_view.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "media/medium.h"

const struct option verb_scan_options[] = {
	{.name = "all", .help = "look through all sticks, cards and discs"},
	{.name = "check", .help = "read all of every bundle, as verify does"},
	OPTION_END,
};

/* Folders, and with --all what is known of the media that they are. */
struct places {
	struct media media;
	const char **paths; /* owned; what they point to is not */
	unsigned count;
};

static void places_clear(struct places *places)
{
	media_clear(&places->media);
	free(places->paths);
}

static int take_media(struct places *places, struct err *err)
{
	if (media_find(&places->media, err) < 0)
		return -1;
	places->paths = calloc(places->media.count + 1, sizeof *places->paths);
	if (places->paths == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; places->count < places->media.count; places->count++)
		places->paths[places->count] = places->media.items[places->count].point;
	return 0;
}

static int take_folders(struct places *places, const struct options *options, struct err *err)
{
	places->count = options->word_count > 0 ? options->word_count : 1;
	places->paths = calloc(places->count, sizeof *places->paths);
	if (places->paths == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	places->paths[0] = ".";
	for (unsigned i = 0; i < options->word_count; i++)
		places->paths[i] = options->words[i];
	return 0;
}

static int take_places(struct places *places, const struct options *options, struct err *err)
{
	if (!options_has(options, "all"))
		return take_folders(places, options, err);
	return options->word_count == 0 ? take_media(places, err)
									: err_set(err, ERR_USAGE, "--all looks at all media: no DIR goes with it");
}

/* --- telling --- */

static void print_media(struct cli *cli, const struct media *media)
{
	for (size_t i = 0; i < media->count; i++) {
		const struct medium *medium = &media->items[i];
		const char *point = safe(&cli->terminal, medium->point), *source = safe(&cli->terminal, medium->source);
		report_rowf(&cli->terminal.out, i == 0 ? "media" : "", "%s: %s, %s, %s free%s", point, source,
					safe(&cli->terminal, medium->system), show_size(medium->free_bytes).text,
					medium->read_only ? ", read-only" : "");
	}
	if (media->count == 0)
		say(cli, "Nothing that can be carried away is mounted.\n");
}

static struct json *media_json(const struct media *media)
{
	struct json *array = json_array_new();
	for (size_t i = 0; i < media->count; i++)
		json_add(array, medium_json(&media->items[i]));
	return array;
}

static int tell(struct cli *cli, bool all, const struct media *media, const struct look *look, struct err *err)
{
	if (cli->json != NULL) {
		if (all)
			json_set(cli->json, "media", media_json(media));
		scan_to_json(cli->json, look);
		return 0;
	}
	if (all && cli->verbosity != QUIET)
		print_media(cli, media);
	if (scan_print(cli, look, err) < 0)
		return -1;
	report_notices(cli, &look->notices);
	return 0;
}

/* What was found is told in any case; that something is wrong with it is what the exit status adds. */
static int judge(const struct look *look, struct err *err)
{
	const uint32_t count = look_count_attention(look);
	if (count == 0)
		return 0;
	(void)err_set(err, ERR_ATTENTION, "damaged, refused, not read or not seen: %s", show_count(count).text);
	return err_hint(err, "valise verify tells more of a bundle; what is damaged is copied again from where it came, or "
						 "mended by its parity file: valise repair");
}

int verb_scan(struct cli *cli, struct options *options, struct err *err)
{
	AUTO(places_clear) struct places places = {0};
	auto_look look = {.session.lock_fd = -1};
	struct progress progress = progress_bar_hook(&cli->bar);
	if (take_places(&places, options, err) < 0)
		return -1;
	const struct look_request request = {
		.home = cli->home,
		.places = places.paths,
		.place_count = places.count,
		.depth = options_has(options, "check") ? LOOK_CHECK : LOOK_QUICK,
	};
	int rc = look_at(&request, &progress, &look, err);
	progress_bar_wipe(&cli->bar);
	if (rc < 0 || tell(cli, options_has(options, "all"), &places.media, &look, err) < 0)
		return -1;
	return judge(&look, err);
}
