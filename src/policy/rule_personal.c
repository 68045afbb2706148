/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data: the record of each file that needs one, and for each recipient in a third country by what it may have
 * them. */
#include "policy/personal.h"
#include "policy/rule_view.h"

#include <string.h>

static const struct record *record_of(const struct rule_view *view, uint32_t at)
{
	const char *id = view->about->manifest->markings[at].record;
	return id != NULL ? manifest_find_record(view->about->manifest, id) : NULL;
}

static const struct label *personal_label(const struct rule_view *view, uint32_t at)
{
	static const enum label_need needs[] = {NEED_RECORD, NEED_KEY_HOLDER, NEED_ARTICLE_9, NEED_ARTICLE_10};
	const struct label *label = NULL;
	for (size_t i = 0; label == NULL && i < sizeof needs / sizeof *needs; i++)
		label = rule_label_with_need(view, at, needs[i]);
	return label;
}

static int fail_no_record(const struct rule_view *view, uint32_t at, struct err *err)
{
	const char *id = view->about->manifest->markings[at].record;
	const struct label *label = personal_label(view, at);
	if (id != NULL)
		(void)err_set(err, ERR_PERSONAL_DATA, "%s: there is no processing record \"%s\"", rule_path(view, at), id);
	else
		(void)err_set(err, ERR_PERSONAL_DATA,
					  "%s: %s needs a processing record (GDPR Art. 30(1); Regulation (EU) 2018/1725 Art. 31(1))",
					  rule_path(view, at), label != NULL ? label->text : "its label");
	return err_hint(err, "name one for it in the label file: record: \"…\"; valise-labels(5), PERSONAL DATA, has its "
						 "fields");
}

static int check_record(const struct rule_view *view, uint32_t at, struct err *err)
{
	const struct record *record = record_of(view, at);
	int rc;
	if (record == NULL)
		rc = fail_no_record(view, at, err);
	else if ((rc = policy_check_record(record, view->needs[at], err)) != 0)
		rc = err_wrap(err, "%s: ", rule_path(view, at));
	/* the hint is for whoever packs */
	if (rc != 0 && view->about->side == POLICY_RECEIVING)
		(void)err_hint(err, "ask the sender to complete its processing record and to send a new bundle");
	return rc;
}

static enum policy_outcome judge_files(const struct rule_view *view, struct err *why)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < view->about->manifest->marking_count; i++) {
		if ((view->needs[i] & NEEDS_A_RECORD) == 0)
			continue;
		count++;
		if (check_record(view, i, why) != 0)
			return POLICY_REFUSES;
	}
	if (count == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "all personal data have a complete processing record");
	return POLICY_ALLOWS;
}

static void say_transfer(const struct rule_view *view, const struct policy_party *to, const struct record *record,
						 struct err *why)
{
	const char *ours = rule_jurisdiction(&view->about->station), *theirs = rule_jurisdiction(to);
	if (policy_is_third_country(ours, theirs))
		(void)err_set(why, ERR_OK, "%s is in a third country (%s), and may have them by %s (%.256s)", to->name,
					  theirs[0] != '\0' ? theirs : "not known", record->texts[RECORD_MECHANISM],
					  record->texts[RECORD_REFERENCE]);
	else
		(void)err_set(why, ERR_OK, "%s is in no third country: %s and %s are %s", to->name, ours, theirs,
					  strcmp(ours, theirs) == 0 ? "the same" : "both in the EEA");
}

/* The exporter's duty: whoever receives cannot mend it, and has a right to know what came. */
static enum policy_outcome judge_recipient(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct policy_party *to = rule_party(view, who);
	const struct record *last = NULL;
	for (uint32_t i = 0; i < view->about->manifest->marking_count; i++) {
		const struct record *record = (view->needs[i] & NEEDS_A_RECORD) != 0 ? record_of(view, i) : NULL;
		if (record == NULL || record == last)
			continue;
		last = record;
		if (policy_check_transfer(record, &view->about->station, to, why) != 0) {
			(void)err_wrap(why, "%s: ", rule_path(view, i));
			return POLICY_REFUSES;
		}
	}
	if (last == NULL)
		return POLICY_NOT_CONCERNED;
	say_transfer(view, to, last, why);
	return POLICY_ALLOWS;
}

enum policy_outcome rule_personal(const struct rule_view *view, int64_t who, struct err *why)
{
	if (who < 0)
		return judge_files(view, why);
	return view->about->side == POLICY_SENDING ? judge_recipient(view, who, why) : POLICY_NOT_CONCERNED;
}
