/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_REPORT_MANIFEST_H
#define VALISE_CLI_REPORT_MANIFEST_H

#include "cli/report.h"

/* The entries of a manifest, of a bundle that was opened or of a plan. A million of them are printed as they come. */
void report_entries(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
					const struct manifest *manifest);

/* [{"path", "type", "size", "sha256", "modified", "media-type", "labels": [{"label", "origin"}]}]; no digests in a
 * plan. */
struct json *entries_json(const struct manifest *manifest);

#endif
