/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_CONFIRM_H
#define VALISE_CLI_CONFIRM_H

#include "base/ident.h"
#include "cli/cli.h"

/* A fingerprint that a person confirms: as given after --fingerprint, else typed at the terminal. Nothing is shown
 * before that could be copied. given: the option's value, or NULL. errors: ERR_USAGE where it is not one, or there is
 * neither option nor terminal. */
int confirm_fingerprint(struct cli *cli, const char *given, struct fingerprint *out, struct err *err);

#endif
