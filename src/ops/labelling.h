/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LABELLING_H
#define VALISE_OPS_LABELLING_H

#include "ops/session.h"

/* Which labels each file carries. For now --label and the station's default-labels, alike for all files; label files
 * and detection decide file by file, here. */

/* Sets every file's marking, manifest->schemes and manifest->marks; *notices tells which defaults were used.
 * errors: ERR_LABEL, ERR_UNLABELLED. */
int labelling_decide(const struct session *session, const char *const *labels, unsigned count,
					 struct manifest *manifest, struct notices *notices, struct err *err);

#endif
