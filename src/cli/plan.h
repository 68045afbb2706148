/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_PLAN_H
#define VALISE_CLI_PLAN_H

#include "cli/report_manifest.h"
#include "ops/pack.h"

/* What pack and label --check share: from options to a plan, and the showing of it. */

/* Lists that a request borrows. */
struct plan_lists {
	char **aliases; /* owned texts */
	unsigned alias_count;
	const char **labels, **authorisations;
};
void plan_lists_clear(struct plan_lists *lists);

/* paths, --to, --label, --label-file, --authorisation. errors: ERR_USAGE. */
int plan_parse(struct pack_request *request, struct plan_lists *lists, const struct options *options, struct err *err);

int plan_make(struct cli *cli, struct session *session, const struct pack_request *request, struct pack_plan **out,
			  struct err *err);

enum plan_detail {
	PLAN_WITH_REASONS, /* each file with the reason for each label */
	PLAN_WITH_FILES,
	PLAN_SUMMARY,
};
/* To standard output, or into cli->json: what would leave, and what the rules say for everybody.
 * errors: the first refusal, once all is shown. */
int plan_show(struct cli *cli, const struct session *session, const struct pack_summary *summary,
			  enum plan_detail detail, struct err *err);

/* What leaves, without the decisions. */
void plan_report(struct cli *cli, const struct screen *screen, const struct session *session,
				 const struct pack_summary *summary);
void plan_to_json(struct json *json, const struct pack_summary *summary, const struct pack_result *done);

#endif
