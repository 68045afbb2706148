/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_DOCTOR_H
#define VALISE_OPS_DOCTOR_H

#include "base/err.h"

#include <stddef.h>

/* Is this station fit for work? Each check is a finding; nothing is changed. */
enum finding_level { FINDING_OK, FINDING_ATTENTION, FINDING_BROKEN };
struct doctor_finding {
	enum finding_level level;
	char topic[32];   /* "gpg", "home", "keys", "clock", "ledger", … */
	char text[256];   /* what was seen; may hold foreign bytes */
	char advice[256]; /* "" where nothing is to do */
};
struct findings {
	struct doctor_finding *items; /* owned */
	size_t count;
	enum finding_level worst;
};
void findings_clear(struct findings *findings);

/* home: --home or NULL. errors: only ERR_MEMORY; all else is a finding. */
int doctor_examine(const char *home, struct findings *out, struct err *err);

#endif
