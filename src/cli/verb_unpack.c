/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/unpack.h"

#include <string.h>

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

static int parse_request(struct unpack_request *request, const struct options *options, struct err *err)
{
	*request = (struct unpack_request){
		.path = options->words[0],
		.output = options_get(options, "output"),
		.only = options->words + 1,
		.only_count = options->word_count - 1,
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

int verb_unpack(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct unpack_request request;
	struct unpack_result done = {0};
	struct progress progress = progress_bar_hook(&cli->bar);
	if (parse_request(&request, options, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0)
		return -1;
	int rc = unpack_bundle(&session, &request, &progress, &done, err);
	progress_bar_wipe(&cli->bar);
	if (rc == 0)
		tell(cli, &session, &request, &done);
	unpack_result_clear(&done);
	return rc;
}
