/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_CLI_H
#define VALISE_CLI_CLI_H

#include "base/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "keyring/gpg.h"

/* What every verb works with. */
enum verbosity { QUIET, NORMAL, VERBOSE };

struct verb;

struct cli {
	const struct verb *verb;
	const char *group; /* "partner", where only that is known of the verb */
	struct terminal terminal;
	struct progress_bar bar;
	enum verbosity verbosity;
	const char *home;  /* --home or NULL */
	struct json *json; /* the one object for standard output, filled by the verb; NULL without --json */
	struct gpg_passphrase passphrase;
	struct secret *given_passphrase; /* owned */
};

/* The whole program, from a command line to an exit status. */
int cli_run(int argc, char *const argv[]);

/* To standard error, for people: silent with --quiet; detail() speaks only with --verbose. Foreign text goes through
 * safe() first. */
[[gnu::format(printf, 2, 3)]] void say(struct cli *cli, const char *fmt, ...);
[[gnu::format(printf, 2, 3)]] void detail(struct cli *cli, const char *fmt, ...);
/* To standard output: the result itself; nothing with --json. */
[[gnu::format(printf, 2, 3)]] void result(struct cli *cli, const char *fmt, ...);

/* The same for a path, which may hold what others named: escaped where a person reads it at a terminal; its bytes as
 * they are where a script does. */
void result_path(struct cli *cli, const char *path);

/* Where tables and reports for people go, or NULL where --json speaks instead. */
static inline const struct screen *result_screen(const struct cli *cli)
{
	return cli->json == NULL ? &cli->terminal.out : NULL;
}

#endif
