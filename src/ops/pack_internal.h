/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PACK_INTERNAL_H
#define VALISE_OPS_PACK_INTERNAL_H

#include "base/text.h"
#include "format/ustar.h"
#include "ops/labelling.h"
#include "ops/pack.h"
#include "ops/scan.h"

/* What planning hands to sealing. */
struct pack_plan {
	const struct partner **recipients; /* array owned, partners the registry's */
	unsigned recipient_count;
	struct scan scan;
	struct manifest manifest;
	struct labelling *labelling;
	struct notices notices;
	int64_t now, life_s;
	bool pad;
	char *output; /* as asked for; NULL: default */
};

/* Policy refusals (exit status 5) go to the ledger; a mistyped command line does not. */
void pack_note_refusal(struct session *session, const struct err *err);

#endif
