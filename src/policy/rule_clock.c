/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle's own time: its end, and a clock that cannot be right. */
#include "policy/rules.h"

static int fail_clock(int64_t now, const char *event, int64_t then, struct err *err)
{
	char now_text[UTC_TEXT + 1], then_text[UTC_TEXT + 1];
	utc_format(now_text, now);
	utc_format(then_text, then);
	(void)err_set(err, ERR_CLOCK, "this clock says %s, and %s at %s", now_text, event, then_text);
	return err_hint(err, "set the clock of this machine; if it is right, unpack with --override clock --reason TEXT");
}

int policy_check_expiry(const struct waybill *waybill, int64_t now, struct err *err)
{
	if (now <= waybill->not_after)
		return 0;
	char text[UTC_TEXT + 1];
	utc_format(text, waybill->not_after);
	(void)err_set(err, ERR_EXPIRED, "the bundle was good until %s", text);
	return err_hint(err, "ask the sender for a new bundle, or unpack with --override expired --reason TEXT");
}

int policy_check_clock(const struct waybill *waybill, int64_t now, int64_t latest_seen, struct err *err)
{
	if (now < waybill->created - WAYBILL_SKEW_S)
		return fail_clock(now, "the bundle was made", waybill->created, err);
	if (latest_seen != 0 && now < latest_seen - WAYBILL_SKEW_S)
		return fail_clock(now, "this station was already at work", latest_seen, err);
	return 0;
}
