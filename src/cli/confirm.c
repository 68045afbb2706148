/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"

#include "base/words.h"

#include <string.h>

enum { TYPED_MAX = 2 * WORDS_TEXT_MAX };

static int parse_typed(struct fingerprint *out, const char *text, const char *what, struct err *err)
{
	return fingerprint_parse_typed(out, text, err) < 0 ? err_wrap(err, "%s: ", what) : 0;
}

/* Words come as they are heard: a few a line, until they are enough for a fingerprint or an empty line ends them. */
static int ask_typed(struct cli *cli, char out[static TYPED_MAX], struct err *err)
{
	size_t len = 0;
	do {
		char line[TYPED_MAX];
		if (terminal_ask(&cli->terminal, ">", line, sizeof line, err) < 0)
			return -1;
		size_t line_len = strlen(line);
		if (line_len == 0)
			return 0;
		if (len + line_len + 2 > TYPED_MAX)
			return err_set(err, ERR_USAGE, "what was typed is longer than a fingerprint");
		out[len++] = ' ';
		memcpy(out + len, line, line_len + 1);
		len += line_len;
	} while (words_are_meant(out) && words_count(out) < WORDS_COUNT_MIN);
	return 0;
}

int confirm_fingerprint(struct cli *cli, const char *given, struct fingerprint *out, struct err *err)
{
	char typed[TYPED_MAX] = "";
	if (given != NULL)
		return parse_typed(out, given, "--fingerprint", err);
	if (!cli->terminal.can_ask) {
		(void)err_set(err, ERR_USAGE, "--fingerprint FPR is missing, and there is no terminal to ask at");
		return err_hint(err, "type the fingerprint that the partner read out to you, in full");
	}
	(void)fputs(
		"Type the whole fingerprint, digits or words, as the partner reads it out to you (not from the card):\n",
		cli->terminal.err.file);
	if (ask_typed(cli, typed, err) < 0)
		return -1;
	return parse_typed(out, typed, "what was typed", err);
}

int confirm_card(struct cli *cli, const struct options *options, const char **card, struct fingerprint *confirmed,
				 struct err *err)
{
	const char *fingerprint = options_get(options, "fingerprint");
	*card = options_get(options, "card");
	if (*card == NULL && fingerprint != NULL)
		return err_set(err, ERR_USAGE, "--fingerprint belongs to --card CARD");
	return *card != NULL ? confirm_fingerprint(cli, fingerprint, confirmed, err) : 0;
}
