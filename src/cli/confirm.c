/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"

static int parse_typed(struct fingerprint *out, const char *text, const char *what, struct err *err)
{
	if (fingerprint_parse_typed(out, text))
		return 0;
	(void)err_set(err, ERR_USAGE, "%s is not a fingerprint: %s", what, text);
	return err_hint(err, "it has 40 or 64 hexadecimal digits, all of them; spaces do not matter");
}

int confirm_fingerprint(struct cli *cli, const char *given, struct fingerprint *out, struct err *err)
{
	char typed[256];
	if (given != NULL)
		return parse_typed(out, given, "--fingerprint", err);
	if (!cli->terminal.can_ask) {
		(void)err_set(err, ERR_USAGE, "--fingerprint FPR is missing, and there is no terminal to ask at");
		return err_hint(err, "type the fingerprint that the partner read out to you, in full");
	}
	(void)fputs("Type the whole fingerprint, as the partner reads it out to you (not from the card):\n",
				cli->terminal.err.file);
	if (terminal_ask(&cli->terminal, ">", typed, sizeof typed, err) < 0)
		return -1;
	return parse_typed(out, typed, "what was typed", err);
}
