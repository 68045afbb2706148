/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/verify.h"

#include "base/text.h"
#include "bundle/transfer.h"
#include "format/names.h"
#include "format/pgp.h"
#include "ops/expiry.h"
#include "ops/judge.h"
#include "ops/partner.h"
#include "ops/pending.h"
#include "ops/registry_state.h"
#include "policy/rules.h"

#include <string.h>

/* Whom we believe: a station's registry, or one card that was confirmed by hand. */
struct anchor {
	struct session session;
	bool have_session;
	struct card_view view;
	struct trust_anchor trust;
	int64_t latest_seen;
};

static void anchor_clear(struct anchor *anchor)
{
	if (anchor->have_session)
		session_close(&anchor->session);
	card_view_clear(&anchor->view);
}

static int anchor_from_card(struct anchor *anchor, const struct verify_request *request, struct err *err)
{
	if (card_examine(request->card_path, &anchor->view, err) < 0)
		return -1;
	if (!fingerprint_equal(&anchor->view.card.fingerprint, &request->confirmed)) {
		/* The card's own is not shown: it would be copied where it should be compared. */
		(void)err_set(err, ERR_FINGERPRINT, "the card is not of the key %s", request->confirmed.hex);
		return err_hint(
			err, "ask its owner for the fingerprint by phone or in person, and for a new card if it still differs");
	}
	anchor->trust.card = &anchor->view.card;
	return 0;
}

static int anchor_from_station(struct anchor *anchor, const struct verify_request *request, struct err *err)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	if (session_open(&anchor->session, request->home, SESSION_LEDGER_READ, &never, err) < 0)
		return -1;
	anchor->have_session = true;
	anchor->trust.registry = &anchor->session.registry;
	return ledger_latest_seen(anchor->session.ledger, &anchor->latest_seen, err);
}

static const char *first_path(const struct verify_request *request)
{
	return request->source->paths[0];
}

/* Names come from the reader's own registry, never from the bundle. */
static void name_recipient(const struct anchor *anchor, const struct fingerprint *fpr, struct recipient_name *out)
{
	const struct party *party = NULL;
	out->fingerprint = *fpr;
	if (anchor->have_session) {
		const struct station *station = &anchor->session.station;
		const struct partner *partner = registry_find(&anchor->session.registry, fpr);
		out->is_self = station_doc_has_key(&station->doc, fpr);
		party = out->is_self ? &station->doc.party : partner != NULL ? &partner->party : NULL;
	} else if (fingerprint_equal(&anchor->view.card.fingerprint, fpr)) {
		party = &anchor->view.card.party;
	}
	if (party == NULL)
		return;
	(void)strcpy(out->name, party->name);
	(void)strcpy(out->organisation, party->organisation);
}

static int report_volumes(const struct bundle_verified *bundle, struct verify_report *out, struct err *err)
{
	out->volumes = calloc(bundle_part_count(bundle), sizeof *out->volumes);
	if (out->volumes == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < bundle_part_count(bundle); i++) {
		const struct bundle_part_facts part = bundle_part(bundle, i);
		out->volumes[i] = (struct verify_volume){
			.path = strdup(part.path), .first_chunk = part.first_chunk, .chunks = part.chunks, .bytes = part.bytes};
		out->volume_count++;
		if (out->volumes[i].path == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
	}
	volumes_tell_repeats(&out->notices, bundle);
	return 0;
}

static int report_waybill(const struct anchor *anchor, const struct bundle_verified *bundle, struct verify_report *out,
						  struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle);
	out->waybill = *waybill;
	out->waybill.to = NULL;
	out->digest = *bundle_digest(bundle);
	out->file_bytes = bundle_file_bytes(bundle);
	out->recipients = calloc(waybill->to_count > 0 ? waybill->to_count : 1, sizeof *out->recipients);
	if (out->recipients == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < waybill->to_count; i++)
		name_recipient(anchor, &waybill->to[i], &out->recipients[i]);
	out->have_waybill = true;
	return report_volumes(bundle, out, err);
}

/* Where the registry holds the recipient's certificate, a slot for another key is caught by the courier already. */
static int check_slot_recipient(const struct registry *registry, const struct fingerprint *fpr, uint64_t key_id,
								uint32_t number, struct err *err)
{
	const struct partner *partner = registry != NULL ? registry_find(registry, fpr) : NULL;
	auto_buf bytes = {0};
	if (partner == NULL)
		return 0;
	if (registry_key_certificate(registry, partner, fpr, &bytes, err) < 0)
		return -1;
	if (pgp_certificate_has_key((unsigned char *)bytes.data, bytes.len, key_id))
		return 0;
	(void)err_set(err, ERR_SLOT, "slot %u is not for a key of its recipient %s", (unsigned)number, fpr->hex);
	return err_hint(err, "the recipient may have a newer certificate: ask for a new card; else tell the sender");
}

static int check_slot(const struct registry *registry, const struct bundle_verified *bundle, uint32_t number,
					  struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle);
	struct pgp_slot slot;
	auto_buf bytes = {0};
	if (bundle_read_slot(bundle, number, &bytes, err) < 0 ||
		pgp_parse_slot(&slot, (unsigned char *)bytes.data, bytes.len, err) < 0 ||
		pgp_check_slot(&slot, waybill->to_count == 0 ? PGP_KEY_ID_HIDDEN : PGP_KEY_ID_SHOWN, SLOT_TEXT_BYTES, err) < 0)
		return err_wrap(err, "slot %u: ", (unsigned)number);
	if (waybill->to_count == 0)
		return 0;
	return check_slot_recipient(registry, &waybill->to[number], slot.key_id, number, err);
}

/* A damaged slot is damage, told with all other damage by the full check; only what is as signed is looked into. */
int verify_slots(const struct registry *registry, const struct bundle_verified *bundle, struct err *err)
{
	for (uint32_t i = 0; i < bundle_slot_count(bundle); i++) {
		struct err slot_err = ERR_INIT;
		if (check_slot(registry, bundle, i, &slot_err) == 0 || slot_err.code == ERR_DAMAGED)
			continue;
		*err = slot_err;
		return -1;
	}
	return 0;
}

static int judge_integrity(const struct bundle_verified *bundle, const struct integrity *found, struct err *err)
{
	if (found->bad_members == 0)
		return volumes_check_complete(bundle, err);
	const struct damage *first = &found->damage[0];
	(void)err_set(err, ERR_DAMAGED, "%llu of %llu members are not as they were signed, the first is %s",
				  (unsigned long long)found->bad_members, (unsigned long long)found->members, first->member);
	if (bundle_part_count(bundle) > 1)
		(void)err_wrap(err, "%s: ", bundle_part(bundle, first->part).path);
	return err_hint(err, "copy the bundle again from where it came; the medium may be failing");
}

/* One that waits is no failure of its sender: who holds it has something to do, and nothing to carry. */
static void judge_pending(struct verify_report *out, struct err *err)
{
	const struct trust_verdict *verdict = &out->verdict;
	if (err->code == ERR_OK)
		notice_add(&out->notices, "all have signed, but it has no final name yet: valise approve gives it one");
	if (err->code != ERR_APPROVALS)
		return;
	const unsigned missing = verdict->demanded - verdict->people;
	out->pending = true;
	*err = (struct err)ERR_INIT;
	(void)err_set(err, ERR_APPROVALS,
				  "it waits for %u more %s: %u of %u people have signed, and it may not be carried yet", missing,
				  missing == 1 ? "signature" : "signatures", verdict->people, verdict->demanded);
	(void)err_hint(err,
				   "an approver of the sender's organisation signs it, at a station of his or her own: valise approve");
}

/* What was mended is no less whole when it has expired: whoever unpacks it is refused, or overrides. */
static int check_times(const struct verify_request *request, struct verify_report *out, int64_t now, int64_t latest,
					   struct err *err)
{
	struct err late = ERR_INIT;
	if (policy_check_expiry(&out->waybill, now, &late) == 0 &&
		policy_check_clock(&out->waybill, now, latest, &late) == 0)
		return 0;
	if (request->purpose == VERIFY_TO_USE) {
		*err = late;
		return -1;
	}
	notice_add(&out->notices, "%s", late.message);
	return 0;
}

/* Of what is damaged, how much, and whether its parity file can give it back: a damaged signature looks like a bad one.
 * Where trust is what is wrong, nothing is looked for. Of several volumes the first that is damaged. */
static void survey_damage(const struct verify_request *request, const struct progress *progress,
						  struct verify_report *out, struct err *err)
{
	const struct volume_set *source = request->source;
	const char *path = NULL;
	if (request->purpose == VERIFY_TO_REPAIR || source->fault != NULL || out->pending ||
		err->code == ERR_FOREIGN_VOLUME || !parity_may_help(err->code))
		return;
	for (unsigned i = 0; i < source->count && path == NULL; i++) {
		parity_survey_make(source->paths[i], progress, &out->damage);
		if (out->damage.known && !out->damage.whole)
			path = source->paths[i];
	}
	if (path == NULL)
		out->damage = (struct parity_survey){.known = false};
	else if (err->code == ERR_BAD_SIGNATURE && err->hint[0] != '\0')
		return; /* forged is worse than damaged: what was advised stays; how much is damaged is told beside it */
	else if (out->damage.possible)
		(void)err_hint(err, "its parity file can give back what is damaged: valise repair %s", path);
	else
		(void)err_hint(err,
					   "its parity file cannot give back all that is lost: copy the bundle again from where it came");
}

static int open_source(struct bundle_untrusted **out, const struct volume_set *source, struct err *err)
{
	if (source->fault == NULL)
		return bundle_open_set_fds(out, source->paths, source->fds, source->count, CONTAINER_WALK, err);
	*err = *source->fault;
	return -1;
}

/* It is no bundle, but it is not bad for that. */
static int tell_parity_volume(const struct verify_request *request, struct err *err)
{
	const char *path = first_path(request);
	if (err->code == ERR_NOT_A_BUNDLE &&
		(text_ends_with(path, PARITY_VOLUME_SUFFIX) || text_ends_with(path, PARITY_SUFFIX)))
		return err_hint(
			err, "parity is judged by what it gives back: valise repair takes it with the bundle or its volumes");
	return -1;
}

static int examine(struct anchor *anchor, const struct verify_request *request, const struct progress *progress,
				   struct verify_report *out, struct err *err)
{
	const int64_t now = utc_now();
	auto_untrusted *untrusted = NULL;
	auto_verified *bundle = NULL;
	struct judge judge = {.anchor = anchor->trust,
						  .now = now,
						  .verdict = &out->verdict,
						  .ledger = anchor->have_session ? anchor->session.ledger : NULL,
						  .use = PAST_IS_TOLD};
	struct cover_judge cover = {.inside = judge_make(&judge)};
	struct bundle_judge stages = cover_judge_make(&cover);
	if (open_source(&untrusted, request->source, err) < 0)
		return tell_parity_volume(request, err);
	int rc = bundle_verify(&untrusted, &stages, &bundle, err);
	if (request->cover != NULL)
		*request->cover = cover.digest;
	out->have_verdict = out->verdict.count > 0;
	if (pending_is_path(first_path(request)))
		judge_pending(out, err);
	if (rc == 0)
		expiry_tell_signers(&out->notices, &out->verdict, now);
	if (rc == 0 && anchor->have_session)
		registry_state_tell_life(&out->notices, &anchor->session.registry, now);
	clock_tell(&out->notices, now, anchor->latest_seen);
	if (rc < 0 || report_waybill(anchor, bundle, out, err) < 0 ||
		check_times(request, out, now, anchor->latest_seen, err) < 0 ||
		verify_slots(anchor->trust.registry, bundle, err) < 0 ||
		bundle_check_members(bundle, progress, &out->integrity, err) < 0)
		return -1;
	out->have_integrity = true;
	return judge_integrity(bundle, &out->integrity, err);
}

/* Every outcome goes to the ledger, where there is one that can be written. */
static void record_outcome(const struct anchor *anchor, const struct verify_request *request, struct verify_report *out,
						   const struct err *outcome)
{
	const struct session *session = &anchor->session;
	auto_ledger *ledger = NULL;
	auto_free char *home = NULL;
	struct err err = ERR_INIT;
	const char *text = outcome->code == ERR_OK ? first_path(request) : outcome->message;
	if (station_home_path(&home, request->home, &err) < 0 || ledger_open(&ledger, home, LEDGER_WRITE, &err) < 0 ||
		ledger_note(ledger, "verify", outcome->code, out->have_waybill ? &out->waybill.from : NULL,
					out->have_waybill ? &out->waybill.bundle : NULL, out->have_waybill ? &out->digest : NULL, text,
					&err) < 0 ||
		registry_state_note(&session->registry, &session->signers, ledger, &err) < 0)
		notice_add(&out->notices, "nothing was recorded: the ledger of this station cannot be written");
}

int verify_bundle(const struct verify_request *request, const struct progress *progress, struct verify_report *out,
				  struct err *err)
{
	AUTO(anchor_clear) struct anchor anchor = {0};
	if ((request->card_path != NULL ? anchor_from_card(&anchor, request, err)
									: anchor_from_station(&anchor, request, err)) < 0)
		return -1;
	int rc = examine(&anchor, request, progress, out, err);
	if (rc < 0)
		survey_damage(request, progress, out, err);
	if (pending_is_interrupted(first_path(request))) {
		notice_add(&out->notices, "an approval of it was cut off: `valise approve` finishes it");
		if (rc < 0)
			(void)pending_tell_interrupted(err);
	}
	/* The registry goes away with the anchor; names were copied. */
	for (unsigned i = 0; i < out->verdict.count; i++)
		out->verdict.signers[i].partner = NULL;
	if (request->card_path == NULL)
		record_outcome(&anchor, request, out, err);
	return rc;
}

void verify_report_clear(struct verify_report *report)
{
	free(report->recipients);
	for (unsigned i = 0; i < report->volume_count; i++)
		free(report->volumes[i].path);
	free(report->volumes);
	waybill_clear(&report->waybill);
	notices_clear(&report->notices);
	*report = (struct verify_report){0};
}
