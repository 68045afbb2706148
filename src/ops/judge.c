/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/judge.h"

_Static_assert((int)MEMBER_SIGNATURES_MAX == (int)TRUST_SIGNERS_MAX,
			   "every signature of a bundle has a place in the verdict");

static int judge_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
					   struct err *err)
{
	struct judge *judge = ctx;
	struct trust_signature signatures[MEMBER_SIGNATURES_MAX];
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
