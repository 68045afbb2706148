/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_REGISTRY_VIEW_H
#define VALISE_CLI_REGISTRY_VIEW_H

#include "cli/cli.h"
#include "ops/registry_candidate.h"

/* Registries on the screen and in JSON. */

/* Where a change went into a draft: that it is not in force yet, and how it comes to be. */
void registry_tell_draft(struct cli *cli, const struct session *session);

/* What would change, in words; as JSON, an object. Counts what is shown. errors: ERR_MEMORY. */
int registry_show_difference(struct cli *cli, const struct session *session, const struct registry_candidate *candidate,
							 unsigned *out_count, struct err *err);
int registry_difference_json(struct cli *cli, const struct registry *held, const struct registry_candidate *candidate,
							 struct err *err);

/* Number, domain, ends, who signed and how many must. */
void registry_show_head(struct cli *cli, const struct screen *screen, const struct registry *registry,
						const struct registry_quorum *quorum);
void registry_head_to_json(struct json *json, const struct registry *registry, const struct registry_quorum *quorum);

/* "Alice Ardent, Bob Brisk"; "nobody". Safe. */
const char *registry_signers_text(struct cli *cli, const struct registry_quorum *quorum);

#endif
