/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/approve_recipients.h"

#include "ops/pack_internal.h"
#include "policy/decide.h"

#include <stdlib.h>

const struct fingerprint *approve_recipients(const struct received *received, uint32_t *count)
{
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	const bool hidden = waybill->to_count == 0;
	*count = hidden ? received->manifest.recipient_count : waybill->to_count;
	return hidden ? received->manifest.recipients : waybill->to;
}

/* --- by themselves --- */

static int take_in(const struct session *session, const struct fingerprint *fpr, struct received *received, int64_t now,
				   struct policy_party *parties, uint32_t *count, struct err *err)
{
	const struct partner *partner = registry_find(&session->registry, fpr);
	if (station_doc_has_key(&session->station.doc, fpr))
		return 0;
	if (partner == NULL) {
		notice_add(&received->notices, "it is for %s, whom the registry of this station does not know", fpr->hex);
		return 0;
	}
	if (pack_check_recipient(partner, now, err) < 0)
		return err_hint(err, "do not sign: tell whoever packed it, whose registry says otherwise");
	parties[(*count)++] = policy_party_of_partner(partner);
	return 0;
}

/* --- by the rules --- */

/* Of the partners alone: of this station the receiving rules were asked. An approver's registry need not hold every
 * ceiling, so that these are told, to be weighed, and not refused. */
static int tell_refusals(const struct session *session, struct received *received, const struct policy_party *parties,
						 uint32_t count, int64_t now, struct err *err)
{
	auto_policy_report report = {.findings = NULL};
	struct policy_case about = session_policy_case(session, POLICY_SENDING, &received->manifest, now);
	about.recipients = parties;
	about.recipient_count = count;
	about.not_after = bundle_waybill(bundle_of(received->bundle))->not_after;
	if (policy_decide(&about, &report, err) < 0)
		return -1;
	for (uint32_t i = 0; i < report.count; i++)
		if (report.findings[i].recipient >= 0 && report.findings[i].outcome == POLICY_REFUSES)
			notice_add(&received->notices, "by the registry of this station it would not be sent: %s",
					   report.findings[i].why.message);
	return 0;
}

int approve_check_recipients(const struct session *session, struct received *received, int64_t now, struct err *err)
{
	uint32_t total, count = 0;
	const struct fingerprint *to = approve_recipients(received, &total);
	auto_free struct policy_party *parties = calloc(total + (size_t)1, sizeof *parties);
	if (parties == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < total; i++)
		if (take_in(session, &to[i], received, now, parties, &count, err) < 0)
			return -1;
	return tell_refusals(session, received, parties, count, now, err);
}
