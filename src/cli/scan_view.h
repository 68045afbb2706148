/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_SCAN_VIEW_H
#define VALISE_CLI_SCAN_VIEW_H

#include "cli/cli.h"
#include "ops/look.h"

/* What a look found, as a table and lines below it. errors: ERR_MEMORY. */
int scan_print(struct cli *cli, const struct look *look, struct err *err);

/* The same for programs, into object. */
void scan_to_json(struct json *object, const struct look *look);

/* "not-checked" */
const char *look_state_word(enum look_state state);

#endif
