/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_OPTIONS_H
#define VALISE_CLI_OPTIONS_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stdbool.h>

/* One parser for every verb, driven by a table. Long options are exact, `--opt value` and `--opt=value` are the same,
 * options may stand anywhere, `--` ends them. Options that may come more than once gather in order; others come once.
 */

enum option_times { OPTION_ONCE, OPTION_MANY };

struct option {
	const char *name;  /* "label", without dashes; NULL ends a table */
	char letter;       /* 'o' for -o; 0 for none */
	const char *value; /* "LABEL", as the help shows it; NULL for a switch */
	enum option_times times;
	const char *help; /* one line; NULL hides it from the help */
};
#define OPTION_END   \
	{                \
		.name = NULL \
	}

struct option_given {
	const struct option *option;
	const char *value; /* borrowed from argv; NULL for a switch */
};

/* A command line, taken apart. All text is borrowed from argv. */
struct options {
	struct option_given *given; /* owned, in the order of the line */
	unsigned given_count;
	const char **words; /* owned; everything that is no option */
	unsigned word_count;
};
void options_clear(struct options *options);
#define auto_options AUTO(options_clear) struct options

/* in: tables: NULL-terminated array of tables; argv[argc] without the program's name.
 * errors: ERR_USAGE naming the option, with the nearest known one as hint; ERR_MEMORY. */
int options_parse(struct options *out, const struct option *const tables[], int argc, char *const argv[],
				  struct err *err);

/* The same, but unknown and ill-used options are taken for switches: for finding the verb, before its table is known.
 */
int options_scan(struct options *out, const struct option *const tables[], int argc, char *const argv[],
				 struct err *err);

/* Whether the option is there; its value (the last, where several), or NULL. */
bool options_has(const struct options *options, const char *name);
const char *options_get(const struct options *options, const char *name);

/* All values of an option in order. out: *out malloc'd array (NULL for none), its texts borrowed. */
int options_gather(const struct options *options, const char *name, const char ***out, unsigned *out_count,
				   struct err *err);

/* Drop the first words (the verb). */
void options_shift(struct options *options, unsigned words);

#endif
