/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/expiry.h"

#include "ops/partner.h"

static bool ends_soon(int64_t end, int64_t now)
{
	return end > 0 && end < now + KEY_SOON_DAYS * (int64_t)DAY_S;
}

static long long days_left(int64_t end, int64_t now)
{
	return end > now ? (long long)((end - now) / DAY_S) : 0;
}

void expiry_tell(struct notices *notices, const char *whose, int64_t key_end, int64_t entry_end, int64_t now)
{
	if (ends_soon(key_end, now) && whose == NULL)
		notice_add(notices, "this station's own key expires in %lld days: extend it, and give partners the new card",
				   days_left(key_end, now));
	else if (ends_soon(key_end, now))
		notice_add(notices, "the key of %s expires in %lld days: ask for a new card (valise partner renew)", whose,
				   days_left(key_end, now));
	if (whose != NULL && ends_soon(entry_end, now))
		notice_add(notices, "the entry of %s in the registry ends in %lld days: tell the administrator", whose,
				   days_left(entry_end, now));
}

void clock_tell(struct notices *notices, int64_t now, int64_t latest)
{
	enum { TOLD_FROM_S = 300 };
	char now_text[UTC_TEXT + 1], latest_text[UTC_TEXT + 1];
	if (now >= latest - TOLD_FROM_S)
		return;
	utc_format(now_text, now);
	utc_format(latest_text, latest);
	notice_add(notices, "this clock says %s, and this station was already at work at %s: set the clock", now_text,
			   latest_text);
}

void expiry_tell_signers(struct notices *notices, const struct trust_verdict *verdict, int64_t now)
{
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct signer *signer = &verdict->signers[i];
		const int64_t entry_end = signer->partner != NULL ? signer->partner->valid_until : 0;
		if (signer->standing == SIGNER_COUNTS)
			expiry_tell(notices, signer->is_self ? NULL : signer->name, signer->key_end, entry_end, now);
	}
}
