/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_HELP_H
#define VALISE_CLI_HELP_H

#include "cli/verbs.h"

/* Help from the verbs' table; plain ASCII within 80 columns. */
void help_overview(FILE *to);
void help_verb(FILE *to, const struct verb *verb);
/* All verbs of a group: "partner". */
void help_group(FILE *to, const char *name);

#endif
