/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "cli/failure.h"
#include "cli/help.h"
#include "cli/passphrase.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* From a command line to an exit status: find the verb, take its options, prepare what it needs, run it, tell how it
 * ended. */

enum { TABLES_MAX = 64, STATUS_USAGE = 2 };

/* --- speaking --- */

void say(struct cli *cli, const char *fmt, ...)
{
	if (cli->verbosity == QUIET)
		return;
	va_list args;
	va_start(args, fmt);
	(void)vfprintf(cli->terminal.err.file, fmt, args);
	va_end(args);
}

void detail(struct cli *cli, const char *fmt, ...)
{
	if (cli->verbosity != VERBOSE)
		return;
	va_list args;
	va_start(args, fmt);
	(void)vfprintf(cli->terminal.err.file, fmt, args);
	va_end(args);
}

void result(struct cli *cli, const char *fmt, ...)
{
	if (cli->json != NULL)
		return;
	va_list args;
	va_start(args, fmt);
	(void)vfprintf(cli->terminal.out.file, fmt, args);
	va_end(args);
}

void result_path(struct cli *cli, const char *path)
{
	result(cli, "%s\n", cli->terminal.out.is_terminal ? safe(&cli->terminal, path) : path);
}

/* --- the command line --- */

/* Which words there are must be known before the verb's own table is: so look with the tables of all. */
static int scan_line(struct options *out, int argc, char *const argv[], struct err *err)
{
	const struct option *tables[TABLES_MAX] = {global_options};
	unsigned count = 1;
	for (const struct verb *verb = verbs; verb->name != NULL && count + 1 < TABLES_MAX; verb++)
		tables[count++] = verb->options;
	return options_scan(out, tables, argc, argv, err);
}

static int check_words(const struct verb *verb, const struct options *options, struct err *err)
{
	char name[64];
	verb_format_name(name, sizeof name, verb);
	if (options->word_count < verb->words_min)
		return err_set(err, ERR_USAGE, "%s needs %s", name, verb->words);
	if (options->word_count > verb->words_max)
		return err_set(err, ERR_USAGE, "%s does not know what to do with \"%s\"", name,
					   options->words[verb->words_max]);
	return 0;
}

static int parse_line(struct cli *cli, struct options *out, unsigned verb_words, int argc, char *const argv[],
					  struct err *err)
{
	const struct option *const tables[] = {cli->verb->options, global_options, NULL};
	if (options_parse(out, tables, argc, argv, err) < 0)
		return -1;
	options_shift(out, verb_words);
	return check_words(cli->verb, out, err);
}

static int parse_colour(enum colour_mode *out, const char *text, struct err *err)
{
	static const char *const names[] = {"auto", "always", "never"};
	*out = COLOUR_AUTO;
	for (size_t i = 0; text != NULL; i++) {
		if (i == sizeof names / sizeof names[0])
			return err_set(err, ERR_USAGE, "--color %s: not one of auto, always, never", text);
		if (strcmp(text, names[i]) == 0) {
			*out = (enum colour_mode)i;
			break;
		}
	}
	return 0;
}

static int apply_globals(struct cli *cli, const struct options *options, struct err *err)
{
	enum colour_mode mode;
	if (parse_colour(&mode, options_get(options, "color"), err) < 0)
		return -1;
	terminal_clear(&cli->terminal);
	terminal_init(&cli->terminal, mode);
	bool quiet = options_has(options, "quiet"), verbose = options_has(options, "verbose");
	if (quiet && verbose)
		return err_set(err, ERR_USAGE, "--quiet and --verbose exclude each other");
	cli->verbosity = quiet ? QUIET : verbose ? VERBOSE : NORMAL;
	cli->home = options_get(options, "home");
	if (cli->home != NULL && cli->home[0] == '\0')
		return err_set(err, ERR_USAGE, "--home is empty");
	progress_bar_init(&cli->bar, &cli->terminal, !quiet);
	return 0;
}

/* --- running --- */

static int prepare_libraries(struct cli *cli, const char *passphrase_fd, struct err *err)
{
	if (hash_library_init(err) < 0 || secret_library_init(err) < 0)
		return -1;
	if (cli->verb->needs != NEEDS_GPG)
		return 0;
	if (passphrase_prepare(cli, passphrase_fd, err) < 0)
		return -1;
	return gpg_library_init(err);
}

static int run_verb(struct cli *cli, struct options *options, struct err *err)
{
	if (apply_globals(cli, options, err) < 0 || prepare_libraries(cli, options_get(options, "passphrase-fd"), err) < 0)
		return -1;
	return cli->verb->run(cli, options, err);
}

/* The result is lost where standard output is full or gone: that is a failure, whatever was done. */
static void flush_result(const struct cli *cli, struct err *err)
{
	errno = 0;
	bool failed = cli->json != NULL && json_write(cli->json, stdout) < 0;
	if (fflush(stdout) != 0 || ferror(stdout) || failed)
		(void)(errno != 0 ? err_sys(err, "cannot write to standard output")
						  : err_set(err, ERR_IO, "cannot write to standard output"));
}

static int finish(struct cli *cli, int rc, struct err *err)
{
	if (rc < 0 && err->code == ERR_OK)
		(void)err_set(err, ERR_INTERNAL, "failed without saying why");
	progress_bar_wipe(&cli->bar);
	if (rc < 0 && cli->json != NULL)
		json_set(cli->json, "error", failure_json(cli, err));
	/* Before the reason: so a log that gathers both streams tells the verdict first. */
	struct err output = ERR_INIT;
	flush_result(cli, &output);
	if (rc == 0 && output.code != ERR_OK) {
		*err = output;
		rc = -1;
	}
	if (rc < 0)
		failure_print(cli, err);
	return rc < 0 ? err_exit_status(err->code) : 0;
}

/* What needs no verb: the version, the overview, the help of a group of verbs. Returns the exit status, or -1 where a
 * verb must be found. */
static int answer_without_verb(const struct options *scan)
{
	bool help = options_has(scan, "help");
	if (options_has(scan, "version"))
		(void)printf("valise %s\n", VALISE_VERSION);
	else if (scan->word_count == 0 && help)
		help_overview(stdout);
	else if (scan->word_count == 1 && help && verb_is_group(scan->words[0]))
		help_group(stdout, scan->words[0]);
	else if (scan->word_count == 0 && !options_has(scan, "json"))
		return help_overview(stderr), STATUS_USAGE;
	else
		return -1;
	return 0;
}

static int find_and_run(struct cli *cli, const struct options *scan, int argc, char *const argv[], struct err *err)
{
	unsigned verb_words = 0;
	cli->group = scan->word_count > 0 && verb_is_group(scan->words[0]) ? scan->words[0] : NULL;
	if (verb_find(&cli->verb, scan->words, scan->word_count, &verb_words, err) < 0)
		return -1;
	if (options_has(scan, "help")) {
		json_free(steal(&cli->json));
		help_verb(stdout, cli->verb);
		return 0;
	}
	auto_options options = {0};
	if (parse_line(cli, &options, verb_words, argc, argv, err) < 0)
		return -1;
	return run_verb(cli, &options, err);
}

int cli_run(int argc, char *const argv[])
{
	struct err err = ERR_INIT;
	struct cli cli = {.verbosity = NORMAL};
	auto_options scan = {0};
	terminal_init(&cli.terminal, COLOUR_AUTO);
	int rc = scan_line(&scan, argc, argv, &err);
	int early = rc == 0 ? answer_without_verb(&scan) : -1;
	if (rc == 0 && early < 0) {
		bool json = options_has(&scan, "json");
		cli.json = json ? json_object_new() : NULL;
		rc = json && cli.json == NULL ? err_set(&err, ERR_MEMORY, "out of memory")
									  : find_and_run(&cli, &scan, argc, argv, &err);
	}
	int status = finish(&cli, rc, &err);
	json_free(cli.json);
	secret_free(cli.given_passphrase);
	terminal_clear(&cli.terminal);
	return early > 0 ? early : status;
}
