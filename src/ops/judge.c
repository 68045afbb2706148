/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/judge.h"

#include "base/hash.h"

_Static_assert((int)MEMBER_SIGNATURES_MAX == (int)TRUST_SIGNERS_MAX,
			   "every signature of a bundle has a place in the verdict");

/* Before anything is judged: the bytes by their digest, of whoever is said to have signed them. */
static int find_past(struct judge *judge, const struct bundle_seal *seals, unsigned count, const void *waybill,
					 size_t len, struct err *err)
{
	struct digest digest;
	judge->past = (struct trust_past){.use = judge->use};
	judge->anchor.past = &judge->past;
	if (judge->ledger == NULL)
		return 0;
	hash_bytes(&digest, waybill, len);
	for (unsigned i = 0; i < count && judge->past.accepted == 0; i++) {
		judge->past.from = seals[i].name;
		if (ledger_accepted(judge->ledger, &seals[i].name, &digest, &judge->past.accepted, err) < 0)
			return -1;
	}
	return 0;
}

static int judge_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
					   struct err *err)
{
	struct judge *judge = ctx;
	struct trust_signature signatures[MEMBER_SIGNATURES_MAX];
	if (find_past(judge, seals, count, waybill, len, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		signatures[i] = (struct trust_signature){.name = seals[i].name, .bytes = seals[i].bytes, .len = seals[i].len};
	return trust_judge_bytes(&judge->anchor, signatures, count, waybill, len, judge->now, judge->verdict, err);
}

static int judge_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	struct judge *judge = ctx;
	struct err own = ERR_INIT;
	if (trust_judge_waybill(waybill, judge->now, judge->verdict, &own) == 0 ||
		(judge->pending && own.code == ERR_APPROVALS))
		return 0;
	*err = own;
	return -1;
}

struct bundle_judge judge_make(struct judge *judge)
{
	return (struct bundle_judge){.bytes = judge_bytes, .waybill = judge_waybill, .ctx = judge};
}
