/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

int verb_help(struct cli *cli, struct options *options, struct err *err)
{
	json_free(steal(&cli->json)); /* help is for people */
	const struct verb *verb;
	unsigned taken;
	if (options->word_count == 0) {
		help_overview(stdout);
	} else if (options->word_count == 1 && verb_is_group(options->words[0])) {
		help_group(stdout, options->words[0]);
	} else {
		if (verb_find(&verb, options->words, options->word_count, &taken, err) < 0)
			return -1;
		help_verb(stdout, verb);
	}
	return 0;
}
