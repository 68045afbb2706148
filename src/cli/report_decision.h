/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_REPORT_DECISION_H
#define VALISE_CLI_REPORT_DECISION_H

#include "cli/report.h"
#include "policy/decide.h"

/* What the rules said, for the files, this station and every recipient: the refusals with their reason and what to do,
 * the others by what they were judged. names: of the recipients, in the report's order. Rules that are not concerned
 * are told with --verbose alone. */
void report_decisions(struct cli *cli, const struct screen *screen, const struct policy_report *report,
					  const char *const *names);

/* [{"who": "agency-b", "rule": "ceiling", "decision": "refused", "why", "hint", "code"}] */
struct json *decisions_json(const struct policy_report *report, const char *const *names);

#endif
