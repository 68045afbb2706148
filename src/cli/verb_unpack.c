/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "format/names.h"
#include "ops/unpack.h"

#include <string.h>
#include <sys/stat.h>

const struct option verb_unpack_options[] = {
	{.name = "output", .letter = 'o', .value = "DIR", .help = "the folder to make; must not exist"},
	{.name = "bag", .help = "as a BagIt bag: files below DIR/data, and digests"},
	{.name = "again", .help = "also what was received before"},
	{.name = "repair", .help = "mend it first where it is damaged, by its parity file"},
	{.name = "override", .value = "RULE", .times = OPTION_MANY, .help = "expired, or clock; is logged by name"},
	{.name = "reason", .value = "TEXT", .help = "why; demanded with --override"},
	OPTION_END,
};

static int parse_overrides(unsigned *out, const struct options *options, struct err *err)
{
	static const char *const names[] = {"expired", "clock", NULL};
	auto_free const char **rules = NULL;
	unsigned count;
	*out = 0;
	if (options_gather(options, "override", &rules, &count, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(rules[i], names[0]) == 0)
			*out |= OVERRIDE_EXPIRED;
		else if (strcmp(rules[i], names[1]) == 0)
			*out |= OVERRIDE_CLOCK;
		else
			return err_set(err, ERR_USAGE, "--override %s: there are expired and clock", rules[i]);
	}
	return 0;
}

/* Of the same stem: one that is not there is missed then, and is no path inside. */
static bool is_sister(const char *first, const char *word)
{
	struct volume_name a, b;
	return volume_name_parse(&a, first) && volume_name_parse(&b, word) && a.stem_len == b.stem_len &&
		   memcmp(a.stem, b.stem, a.stem_len) == 0;
}

/* Something that is there and is named as bundles are; or is named as a volume beside the first one. */
static bool is_file(const char *first, const char *word)
{
	struct stat st;
	return is_sister(first, word) || (text_ends_with(word, BUNDLE_SUFFIX) && stat(word, &st) == 0);
}

/* How many of the words are files: the first, and those behind it that are meant so. */
static unsigned count_files(const struct options *options)
{
	unsigned count = 1;
	while (count < options->word_count && is_file(options->words[0], options->words[count]))
		count++;
	return count;
}

static int parse_request(struct unpack_request *request, const struct options *options, unsigned files, struct err *err)
{
	*request = (struct unpack_request){
		.output = options_get(options, "output"),
		.only = options->words + files,
		.only_count = options->word_count - files,
		.bag = options_has(options, "bag"),
		.again = options_has(options, "again"),
		.repair = options_has(options, "repair"),
		.reason = options_get(options, "reason"),
	};
	if (parse_overrides(&request->overrides, options, err) < 0)
		return -1;
	bool reason = request->reason != NULL && request->reason[0] != '\0';
	if (request->overrides != 0 && !reason) {
		(void)err_set(err, ERR_USAGE, "--override needs --reason TEXT");
		return err_hint(err, "say why the rule may be broken this once; it is written to the ledger");
	}
	if (request->overrides == 0 && reason)
		return err_set(err, ERR_USAGE, "--reason belongs to --override RULE");
	if (request->bag && request->only_count > 0) {
		(void)err_set(err, ERR_USAGE, "--bag takes a whole bundle, no single PATHs");
		return err_hint(err, "leave out --bag, or the paths");
	}
	if (request->output != NULL && request->output[0] == '\0')
		return err_set(err, ERR_USAGE, "-o names nothing");
	return 0;
}

static void tell(struct cli *cli, const struct session *session, const struct unpack_request *request,
				 const struct unpack_result *done)
{
	report_received(cli, session, &done->received,
					request->only_count > 0 ? ", what was asked for is unchanged" : ", whole and unchanged");
	say(cli, "Unpacked %s in %s, %s.\n", show_number_of(done->files, "file").text,
		show_number_of(done->folders, "folder").text, show_bytes(done->bytes).text);
	say(cli, "The labels of each file: MANIFEST.html in it, for any browser.\n");
	if (!done->attributes)
		say(cli, "The file system there does not take labels as attributes.\n");
	if (request->only_count > 0)
		say(cli, "Only a part: the bundle does not count as received.\n");
	(void)fflush(stderr);
	if (cli->json != NULL) {
		received_to_json(cli->json, &done->received);
		json_set_text(cli->json, "path", done->path);
		json_set_bool(cli->json, "complete", request->only_count == 0);
		json_set_bool(cli->json, "bag", request->bag);
		json_set_bool(cli->json, "attributes", done->attributes);
		json_set_int(cli->json, "unpacked-files", done->files);
		json_set_int(cli->json, "unpacked-folders", done->folders);
		json_set_int(cli->json, "unpacked-bytes", (int64_t)done->bytes);
	}
	result_path(cli, done->path);
}

/* --- media that are fed in turn --- */

static int ask_for_next(void *ctx, const char *missing, const char *place, char **out_path, struct err *err)
{
	struct cli *cli = ctx;
	char line[PATH_BYTES_MAX];
	struct err own = ERR_INIT;
	progress_bar_wipe(&cli->bar);
	(void)fprintf(cli->terminal.err.file, "Still missing: %s\n", safe(&cli->terminal, missing));
	(void)fprintf(cli->terminal.err.file, "Put in the next medium; Enter looks in %s, or type where it is.\n",
				  safe(&cli->terminal, place));
	if (terminal_ask(&cli->terminal, ">", line, sizeof line, &own) < 0) {
		if (own.code == ERR_DECLINED) /* the end of input: there is no more */
			return 0;
		*err = own;
		return -1;
	}
	*out_path = strdup(line[0] != '\0' ? line : place);
	return *out_path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void tell_of_fed(void *ctx, const char *text)
{
	struct cli *cli = ctx;
	progress_bar_wipe(&cli->bar);
	say(cli, "  %s\n", safe(&cli->terminal, text));
}

/* What was left out of a folder may be what is missing: nobody learns of it otherwise. */
static void tell_left_out(struct cli *cli, const struct notices *left_out, struct err *err)
{
	char hint[ERR_HINT_MAX];
	if (left_out->count == 0)
		return;
	report_notices(cli, left_out);
	if (cli->json != NULL)
		json_set(cli->json, "notices", notices_json(left_out));
	(void)snprintf(hint, sizeof hint, "%s", err->hint);
	if (err->code == ERR_CHUNKS_MISSING)
		(void)err_hint(err, "%.380s; what was left out may be one of them: valise repair mends a file, where it can",
					   hint);
}

int verb_unpack(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct unpack_request request;
	struct unpack_result done = {0};
	struct progress progress = progress_bar_hook(&cli->bar);
	auto_volume_sets sets = {0};
	const unsigned files = count_files(options);
	if (parse_request(&request, options, files, err) < 0 || volumes_one(&sets, options->words, files, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0)
		return -1;
	const struct feed feed = {.ask = ask_for_next, .tell = tell_of_fed, .ctx = cli};
	request.files = &sets.items[0];
	request.feed = cli->terminal.can_ask ? &feed : NULL;
	int rc = unpack_bundle(&session, &request, &progress, &done, err);
	progress_bar_wipe(&cli->bar);
	notices_append(&done.received.notices, &sets.notices);
	if (rc == 0)
		tell(cli, &session, &request, &done);
	else
		tell_left_out(cli, &sets.notices, err);
	unpack_result_clear(&done);
	return rc;
}
