/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_CONFIRM_H
#define VALISE_CLI_CONFIRM_H

#include "base/ident.h"
#include "cli/cli.h"

/* A fingerprint that a person confirms: as given after --fingerprint, else typed at the terminal. Nothing is shown
 * before that could be copied. given: the option's value, or NULL. errors: ERR_USAGE where it is not one, or there is
 * neither option nor terminal. */
int confirm_fingerprint(struct cli *cli, const char *given, struct fingerprint *out, struct err *err);
/* The options --card CARD and --fingerprint FPR, of who believes one card and no station. out: *card NULL where they
 * are not given. errors: ERR_USAGE, also where one is given without the other. */
int confirm_card(struct cli *cli, const struct options *options, const char **card, struct fingerprint *confirmed,
				 struct err *err);

#endif
