/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_FAILURE_H
#define VALISE_CLI_FAILURE_H

#include "cli/cli.h"

/* How a failure reaches a person, or a program. */

/* Two lines on standard error: what failed, and what to do about it. */
void failure_print(struct cli *cli, const struct err *err);

/* {"code", "exit", "message", "hint"}. out: owned; NULL out of memory, which json_set() takes. */
struct json *failure_json(const struct cli *cli, const struct err *err);

/* What to do about an error that came without words of its own; "" where nothing is known. */
const char *failure_advice(enum err_code code);

#endif
