/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_LABEL_WIZARD_H
#define VALISE_CLI_LABEL_WIZARD_H

#include "cli/cli.h"
#include "format/label_file.h"
#include "ops/label.h"

/* The questions of `valise label`: from what a folder holds to what its label file says. Nothing is decided without an
 * answer: what the files say inside is proposed, what nobody said is not. in: cli->terminal.can_ask.
 * errors: ERR_DECLINED at the end of input, ERR_CANCELLED, ERR_MEMORY. */
int label_wizard(struct cli *cli, const struct session *session, const struct label_look *look, struct label_file *out,
				 struct err *err);

#endif
