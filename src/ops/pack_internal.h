/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PACK_INTERNAL_H
#define VALISE_OPS_PACK_INTERNAL_H

#include "base/text.h"
#include "format/ustar.h"
#include "keyring/secrets.h"
#include "ops/approvers.h"
#include "ops/classify.h"
#include "ops/pack.h"

/* What planning hands to sealing. */
struct pack_plan {
	const struct partner **recipients; /* array owned, partners the registry's */
	unsigned recipient_count;
	struct classified files;
	int64_t now, life_s;
	bool pad, hide_recipients;
	struct parity_wish parity;
	unsigned parity_volumes;
	char *output;               /* as asked for; NULL: default */
	uint64_t volume_bytes;      /* likewise */
	struct secret_refs secrets; /* those of all partners */
	bool use_secrets;           /* every recipient has one, or none has */
	struct policy_demand demand;
	struct approvers approvers; /* looked for where more than one must sign */
};

/* Whether something may go to this partner at all. errors: ERR_RECIPIENT: no role `receive`, revoked, ended. */
int pack_check_recipient(const struct partner *partner, int64_t now, struct err *err);

/* Policy refusals (exit status 5) go to the ledger; a mistyped command line does not. */
void pack_note_refusal(struct session *session, const struct err *err);

#endif
