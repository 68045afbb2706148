/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_REPORT_DAMAGE_H
#define VALISE_CLI_REPORT_DAMAGE_H

#include "cli/report.h"
#include "ops/parity.h"

/* How much of a bundle is damaged, and what its parity file can do: rows, and JSON. */
void report_damage(const struct screen *screen, const struct parity_survey *survey);
struct json *repair_json(const struct parity_survey *survey);

#endif
