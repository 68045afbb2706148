/* SPDX-License-Identifier: Apache-2.0 */
/* Facts beside a label: its numbers, and until when it is good. */
#include "policy/rule_view.h"

/* --- numbers --- */

static const struct number {
	enum label_need need;
	const char *name, *key;
} numbers[] = {
	{NEED_REGISTRATION, "a registration number", "registration"},
	{NEED_COPY, "a copy number", "copy"},
};

static const char *number_of(const struct manifest_marking *marking, enum label_need need)
{
	return need == NEED_COPY ? marking->copy : marking->registration;
}

static int check_number(const struct rule_view *view, uint32_t at, const struct number *number, struct err *err)
{
	const char *given = number_of(&view->about->manifest->markings[at], number->need);
	const struct label *label = rule_label_with_need(view, at, number->need);
	if (label == NULL || (given != NULL && given[0] != '\0'))
		return 0;
	(void)err_set(err, ERR_REQUIREMENT, "%s: %s needs %s", rule_path(view, at), label->text, number->name);
	if (view->about->side == POLICY_RECEIVING)
		return err_hint(err, "ask the sender to give it one and to send a new bundle");
	return err_hint(err, "give it one in the label file: %s: \"…\"", number->key);
}

enum policy_outcome rule_numbers(const struct rule_view *view, int64_t who, struct err *why)
{
	bool concerned = false;
	if (who >= 0)
		return POLICY_NOT_CONCERNED;
	for (uint32_t i = 0; i < view->about->manifest->marking_count; i++)
		for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
			if ((view->needs[i] & (1u << numbers[k].need)) == 0)
				continue;
			concerned = true;
			if (check_number(view, i, &numbers[k], why) != 0)
				return POLICY_REFUSES;
		}
	if (!concerned)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "all numbers that the labels ask for are there");
	return POLICY_ALLOWS;
}

/* --- the end of a label --- */

static int fail_past(const struct rule_view *view, uint32_t at, struct err *err)
{
	char until[UTC_TEXT + 1];
	utc_format(until, view->about->manifest->markings[at].expires);
	(void)err_set(err, ERR_EXPIRED, "%s: its labels were good until %s", rule_path(view, at), until);
	return view->about->side == POLICY_SENDING
			   ? err_hint(err, "have it labelled anew, or change `expires` in the label file")
			   : err_hint(err, "ask the sender how it is labelled now, and for a new bundle");
}

/* A bundle that outlives a label would be unpacked when the label no longer holds. */
static int fail_outlived(const struct rule_view *view, uint32_t at, struct err *err)
{
	const int64_t expires = view->about->manifest->markings[at].expires;
	const int64_t days = (expires - view->about->now) / DAY_S;
	char until[UTC_TEXT + 1], end[UTC_TEXT + 1];
	utc_format(until, expires);
	utc_format(end, view->about->not_after);
	(void)err_set(err, ERR_EXPIRED, "%s: its labels are good until %s, and the bundle would be until %s",
				  rule_path(view, at), until, end);
	if (days == 0)
		return err_hint(err, "have it labelled anew, or change `expires` in the label file");
	return err_hint(err, "make the bundle end earlier: --expires %lldd", (long long)days);
}

static int check_end(const struct rule_view *view, uint32_t at, struct err *err)
{
	const struct policy_case *about = view->about;
	const int64_t expires = about->manifest->markings[at].expires;
	if (expires < about->now)
		return fail_past(view, at, err);
	if (about->side == POLICY_SENDING && about->not_after != 0 && expires < about->not_after)
		return fail_outlived(view, at, err);
	return 0;
}

enum policy_outcome rule_label_expiry(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct manifest *manifest = view->about->manifest;
	int64_t first = 0;
	if (who >= 0)
		return POLICY_NOT_CONCERNED;
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		const int64_t expires = manifest->markings[i].expires;
		if (expires == 0)
			continue;
		if (check_end(view, i, why) != 0)
			return POLICY_REFUSES;
		first = first == 0 || expires < first ? expires : first;
	}
	if (first == 0)
		return POLICY_NOT_CONCERNED;
	char text[UTC_TEXT + 1];
	utc_format(text, first);
	(void)err_set(why, ERR_OK, "the first label to end is good until %s", text);
	return POLICY_ALLOWS;
}
