/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_CEILINGS_H
#define VALISE_OPS_CEILINGS_H

#include "policy/rules.h"

/* Ceilings as typed after --ceiling, as "scheme/id", one for each scheme. errors: ERR_LABEL. */
int ceilings_resolve(struct ceilings *out, const struct scheme_set *schemes, const char *const *texts, unsigned count,
					 struct err *err);

#endif
