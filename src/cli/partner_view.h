/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_PARTNER_VIEW_H
#define VALISE_CLI_PARTNER_VIEW_H

#include "cli/cli.h"
#include "cli/table.h"
#include "ops/partner.h"

/* A partner on the screen and in JSON, as all verbs show it. Returned text is safe and lives as that of safe(). */

struct json *partner_json(const struct partner_view *view);
struct json *partner_entry_json(const struct partner *partner); /* without what its key looks like today */
struct json *partner_secrets_json(const struct session *session, const struct partner *partner);
/* Sets "partner" of cli->json, where there is one. */
void partner_put_json(struct cli *cli, const struct session *session, const struct partner *partner);
/* Rows of all that a registry says of a partner, but for alias and name. */
void partner_show_entry(struct cli *cli, const struct screen *screen, const struct session *session,
						const struct partner *partner);
void partner_show(struct cli *cli, const struct session *session, const struct partner_view *view);

/* Two cells: the state in word and colour, and the days that are left. */
void partner_add_state(struct table *table, const struct partner_view *view);
const char *partner_state_text(struct cli *cli, const struct screen *screen, enum key_state state);
const char *partner_ceilings_text(struct cli *cli, const struct screen *screen, const struct session *session,
								  const struct ceilings *ceilings);

/* Rows of what became of an entry, old and new; as JSON, the names of the fields. */
void partner_show_changes(struct cli *cli, const struct screen *screen, const struct session *session,
						  const struct partner *before, const struct partner *after);
struct json *partner_changes_json(const struct partner *before, const struct partner *after);

/* What the options of partner add and partner set say; what one of them does not have stays unsaid. out: settings that
 * borrow from options and lists. errors: ERR_USAGE, ERR_MEMORY. */
struct partner_lists {
	const char **ceilings, **communities, **mechanisms; /* owned */
};
void partner_lists_clear(struct partner_lists *lists);
#define auto_partner_lists AUTO(partner_lists_clear) struct partner_lists
int partner_gather_settings(struct partner_settings *out, struct partner_lists *lists, const struct options *options,
							struct err *err);

#endif
