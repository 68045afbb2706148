/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/receive.h"

#include "keyring/secrets.h"
#include "ops/expiry.h"
#include "ops/judge.h"
#include "ops/pending.h"
#include "ops/receive_key.h"
#include "ops/registry_state.h"
#include "policy/decide.h"
#include "policy/rules.h"

#include <string.h>

/* The stages of valise-format(5), ORDER OF TRUST, up to the policy decision. Each function is one of them. */
struct receiving {
	struct session *session;
	struct received *out;
	enum receive_purpose purpose;
	unsigned overrides;
	const char *reason;
	const struct receive_pending *pending; /* NULL: a bundle that was received */
	int64_t now;
	/* What is known already, for the ledger's note of a refusal: copied, since the bundle is gone by then. */
	bool have_facts;
	struct fingerprint from;
	struct uuid id;
	struct digest digest;
};

static void tell_past(struct notices *notices, const struct trust_verdict *verdict)
{
	char text[ERR_MESSAGE_MAX / 2];
	for (unsigned i = 0; i < verdict->count; i++)
		if (verdict->signers[i].standing == SIGNER_PAST) {
			trust_past_format(text, sizeof text, &verdict->signers[i], verdict->past.accepted);
			notice_add(notices, "%s", text);
		}
}

static int open_and_verify(struct receiving *r, const struct volume_set *files, struct bundle_verified **out,
						   struct err *err)
{
	auto_untrusted *untrusted = NULL;
	struct judge judge = {.anchor.registry = &r->session->registry,
						  .now = r->now,
						  .verdict = &r->out->verdict,
						  .pending = r->pending != NULL,
						  .ledger = r->session->ledger,
						  .use = r->purpose == RECEIVE_WHOLE ? PAST_IS_TOLD : PAST_COUNTS};
	struct bundle_judge stages = judge_make(&judge);
	/* Who reads it all walks it all; who wants the list or one file takes the short way. */
	enum container_depth depth = r->purpose == RECEIVE_WHOLE ? CONTAINER_WALK : CONTAINER_QUICK;
	if ((r->pending != NULL
			 ? bundle_open_fd(&untrusted, r->pending->fd, files->paths[0], depth, err)
			 : bundle_open_set_fds(&untrusted, files->paths, files->fds, files->count, depth, err)) < 0 ||
		bundle_verify(&untrusted, &stages, out, err) < 0)
		return -1;
	if (depth == CONTAINER_WALK)
		volumes_tell_repeats(&r->out->notices, *out);
	tell_past(&r->out->notices, &r->out->verdict);
	expiry_tell_signers(&r->out->notices, &r->out->verdict, r->now);
	registry_state_tell_life(&r->out->notices, &r->session->registry, r->now);
	return 0;
}

/* --- policy --- */

static int allow(struct receiving *r, unsigned rule, struct err *err)
{
	if ((r->overrides & rule) == 0)
		return err_hint(err, "if this is known and right: --override %s --reason TEXT (it is logged)",
						err_name(err->code));
	r->out->overridden |= rule;
	notice_add(&r->out->notices, "overridden (%s): %s", r->reason, err->message);
	*err = (struct err)ERR_INIT;
	return 0;
}

static int check_times(struct receiving *r, const struct waybill *waybill, struct err *err)
{
	int64_t latest = 0;
	if (ledger_latest_seen(r->session->ledger, &latest, err) < 0)
		return -1;
	if (policy_check_expiry(waybill, r->now, err) < 0 && allow(r, OVERRIDE_EXPIRED, err) < 0)
		return -1;
	if (policy_check_clock(waybill, r->now, latest, err) < 0)
		return allow(r, OVERRIDE_CLOCK, err);
	clock_tell(&r->out->notices, r->now, latest);
	return 0;
}

/* Whoever does not know this station's new key yet tells what was void to the former one. */
static struct policy_gap count_gap(const struct receiving *r)
{
	const struct station_doc *self = &r->session->station.doc;
	const struct received *in = r->out;
	const uint64_t last = in->history.last_sequence, now = in->slot.sequence;
	struct policy_gap gap = policy_count_gap(&in->manifest, &self->fingerprint, last, now);
	for (uint32_t i = self->former_count; i > 0 && gap.declared_void == 0; i--)
		gap = policy_count_gap(&in->manifest, &self->former[i - 1].fingerprint, last, now);
	return gap;
}

static void tell_gap(struct receiving *r)
{
	struct received *out = r->out;
	const uint64_t last = out->history.last_sequence, now = out->slot.sequence;
	const struct policy_gap gap = count_gap(r);
	out->declared_void = gap.declared_void;
	out->gap = gap.missing;
	if (out->declared_void > 0)
		notice_add(&out->notices, "%llu earlier bundle%s of this channel %s declared never sent",
				   (unsigned long long)out->declared_void, out->declared_void == 1 ? "" : "s",
				   out->declared_void == 1 ? "was" : "were");
	if (out->gap > 0)
		notice_add(&out->notices,
				   "%llu bundle%s between number %llu and this one, number %llu, %s not arrived here: ask the sender",
				   (unsigned long long)out->gap, out->gap == 1 ? "" : "s", (unsigned long long)last,
				   (unsigned long long)now, out->gap == 1 ? "has" : "have");
}

static void tell_history(struct receiving *r)
{
	struct received *out = r->out;
	const struct ledger_verdict *history = &out->history;
	char when[UTC_TEXT + 1];
	utc_format(when, history->received);
	if (history->known == LEDGER_REPLAY)
		notice_add(&out->notices, "this bundle was received at %s before", when);
	if (history->known != LEDGER_NEW)
		return;
	if (history->sequence_reused)
		notice_add(&out->notices, "another bundle came with the number %llu of this channel before: ask the sender",
				   (unsigned long long)out->slot.sequence);
	tell_gap(r);
	if (history->previous_unknown && out->slot.sequence == history->last_sequence + 1)
		notice_add(&out->notices, "it follows another bundle than the one received here as number %llu: ask the sender",
				   (unsigned long long)out->slot.sequence - 1);
}

/* The numbers of a key that replaced another begin anew: what came under the former one tells nothing of a gap. */
static int tell_new_key(struct receiving *r, const struct fingerprint *from, struct err *err)
{
	const struct partner *partner = registry_find(&r->session->registry, from);
	uint64_t last = 0;
	if (partner == NULL || r->out->history.last_sequence != 0 || !fingerprint_equal(&partner->fingerprint, from))
		return 0;
	for (uint32_t i = partner->former_count; i > 0 && last == 0; i--)
		if (ledger_last_received(r->session->ledger, &partner->former[i - 1].fingerprint, &last, err) < 0)
			return -1;
	if (last > 0)
		notice_add(&r->out->notices,
				   "the first bundle here under the new key of %s, whose numbers begin anew: number %llu was the last "
				   "received under the former key; ask the sender whether there were later ones",
				   partner->party.name, (unsigned long long)last);
	return 0;
}

static int judge_history(struct receiving *r, const struct waybill *waybill, const struct digest *digest,
						 struct err *err)
{
	static const enum arrival_known known[] = {
		[LEDGER_NEW] = ARRIVAL_NEW, [LEDGER_REPLAY] = ARRIVAL_REPLAY, [LEDGER_EQUIVOCATION] = ARRIVAL_EQUIVOCATION};
	struct ledger_verdict *history = &r->out->history;
	if (ledger_judge_incoming(r->session->ledger, &waybill->from, &waybill->bundle, digest, r->out->slot.sequence,
							  &r->out->slot.previous, history, err) < 0)
		return -1;
	const struct policy_arrival arrival = {.known = known[history->known],
										   .bundle = waybill->bundle,
										   .received = history->received,
										   .whole = r->purpose == RECEIVE_WHOLE};
	if (policy_check_replay(&arrival, err) < 0)
		return -1;
	tell_history(r);
	return history->known == LEDGER_NEW ? tell_new_key(r, &waybill->from, err) : 0;
}

static int check_limits(const struct receiving *r, struct err *err)
{
	const struct station_doc *station = &r->session->station.doc;
	const struct manifest *manifest = &r->out->manifest;
	if (manifest->entry_count <= station->max_files && manifest->bytes <= station->max_bytes)
		return 0;
	(void)err_set(err, ERR_LIMIT, "%u files and folders of %llu bytes are more than this station takes",
				  (unsigned)manifest->entry_count, (unsigned long long)manifest->bytes);
	return err_hint(err, "max-files and max-bytes in station.yaml set the limits");
}

static int check_rules(const struct receiving *r, struct err *err)
{
	const struct policy_case about = session_policy_case(r->session, POLICY_RECEIVING, &r->out->manifest, r->now);
	return policy_check(&about, err);
}

/* What this station itself asks for by label; who signed was judged before, by waybill and registry. */
static int check_approvals(const struct receiving *r, struct err *err)
{
	struct trust_verdict *verdict = &r->out->verdict;
	struct policy_demand demand;
	if (policy_demand_approvals(&r->session->schemes, &r->session->station.doc.approvals, &r->out->manifest, &demand,
								err) < 0)
		return -1;
	if (demand.people > verdict->demanded)
		verdict->demanded = demand.people;
	if (r->pending != NULL || policy_check_approvals(verdict->people, verdict->demanded, err) == 0)
		return 0;
	return err_wrap(err, "%s: ", demand.label);
}

static int check_policy(struct receiving *r, const struct bundle_verified *bundle, struct err *err)
{
	return check_times(r, bundle_waybill(bundle), err) < 0 ||
				   (r->pending == NULL && judge_history(r, bundle_waybill(bundle), bundle_digest(bundle), err) < 0) ||
				   check_rules(r, err) < 0 || check_approvals(r, err) < 0 || check_limits(r, err) < 0
			   ? -1
			   : 0;
}

/* --- the story --- */

/* The sender's choice, and no reason to refuse; but one that the two stations had agreed to make otherwise. */
static void tell_without_secret(struct receiving *r, const struct bundle_verified *bundle)
{
	auto_secret_refs refs = {0};
	struct err ignored = ERR_INIT; /* a notice is worth less than the job */
	const struct partner *from = registry_find(&r->session->registry, &bundle_waybill(bundle)->from);
	if (from == NULL || slot_needs_secret(&r->out->slot) || secrets_list(&refs, &r->session->station, &ignored) < 0 ||
		secrets_for(&refs, from) == NULL)
		return;
	notice_add(&r->out->notices,
			   "it was sealed without the pre-shared secret that is kept for this sender: ask the sender why");
}

static void remember_facts(struct receiving *r, const struct bundle_verified *bundle)
{
	r->from = bundle_waybill(bundle)->from;
	r->id = bundle_waybill(bundle)->bundle;
	r->digest = *bundle_digest(bundle);
	r->have_facts = true;
}

static int hidden_recipients_hold_us(const struct receiving *r, struct err *err)
{
	const struct manifest *manifest = &r->out->manifest;
	if (r->pending != NULL)
		return 0;
	for (uint32_t i = 0; i < manifest->recipient_count; i++)
		if (station_doc_has_key(&r->session->station.doc, &manifest->recipients[i]))
			return 0;
	return manifest->recipient_count == 0
			   ? 0
			   : err_set(err, ERR_MANIFEST, "the manifest does not name this station as recipient");
}

/* Whoever only lists has no use for the document; it may be as long as the parsed manifest. */
static int read_manifest(const struct receiving *r, struct err *err)
{
	struct received *out = r->out;
	int rc = bundle_read_manifest(out->bundle, &out->manifest, &out->document, err);
	if (r->purpose == RECEIVE_TO_LIST)
		buf_clear(&out->document);
	return rc;
}

static int read_key(struct receiving *r, const struct bundle_verified *bundle, struct secret **out, struct err *err)
{
	if (r->pending != NULL)
		return r->pending->read_key(r->pending->ctx, bundle, &r->out->verdict, out, err);
	if (receive_key(r->session, bundle, &r->out->slot, err) < 0)
		return -1;
	tell_without_secret(r, bundle);
	*out = steal(&r->out->slot.key);
	return 0;
}

static int receive(struct receiving *r, const struct volume_set *files, struct err *err)
{
	struct received *out = r->out;
	auto_verified *bundle = NULL;
	if (open_and_verify(r, files, &bundle, err) < 0)
		return -1;
	remember_facts(r, bundle);
	auto_secret *key = NULL;
	if (read_key(r, bundle, &key, err) < 0)
		return -1;
	if (bundle_unlock(&bundle, key, &out->bundle, err) < 0) {
		r->have_facts = false; /* what the waybill says is nobody's word */
		return -1;
	}
	return read_manifest(r, err) < 0 || hidden_recipients_hold_us(r, err) < 0 ||
				   check_policy(r, bundle_of(out->bundle), err) < 0
			   ? -1
			   : 0;
}

static const char *verb_of(const struct receiving *r)
{
	return r->pending != NULL ? "approve" : r->purpose == RECEIVE_TO_LIST ? "list" : "unpack";
}

static int run(struct receiving *r, const struct volume_set *files, struct err *err)
{
	if (session_load_equivalence(r->session, err) == 0 && receive(r, files, err) == 0)
		return 0;
	struct err note_err = ERR_INIT; /* a refusal stands, also where it cannot be written down */
	if (!policy_is_noted(WORK_RECEIVING, err->code))
		return -1;
	(void)ledger_note(r->session->ledger, verb_of(r), err->code, r->have_facts ? &r->from : NULL,
					  r->have_facts ? &r->id : NULL, r->have_facts ? &r->digest : NULL, err->message, &note_err);
	return -1;
}

int receive_bundle(struct session *session, const struct volume_set *files, enum receive_purpose purpose,
				   unsigned overrides, const char *reason, struct received *out, struct err *err)
{
	struct receiving r = {
		.session = session, .out = out, .purpose = purpose, .overrides = overrides, .reason = reason, .now = utc_now()};
	if (run(&r, files, err) == 0)
		return 0;
	return pending_is_interrupted(files->paths[0]) ? pending_tell_interrupted(err) : -1;
}

int receive_to_approve(struct session *session, const char *path, const struct receive_pending *pending,
					   struct received *out, struct err *err)
{
	struct receiving r = {
		.session = session, .out = out, .purpose = RECEIVE_WHOLE, .pending = pending, .now = utc_now()};
	const struct volume_set files = {.paths = &path, .count = 1};
	return run(&r, &files, err);
}

void received_clear(struct received *received)
{
	bundle_opened_free(received->bundle);
	slot_clear(&received->slot);
	manifest_clear(&received->manifest);
	buf_clear(&received->document);
	notices_clear(&received->notices);
	*received = (struct received){0};
}

void receive_note(struct session *session, const char *verb, const struct received *received, const char *text)
{
	const struct bundle_verified *bundle = bundle_of(received->bundle);
	struct err second = ERR_INIT; /* a ledger that cannot be written is no reason not to read */
	(void)ledger_note(session->ledger, verb, ERR_OK, &bundle_waybill(bundle)->from, &bundle_waybill(bundle)->bundle,
					  bundle_digest(bundle), text, &second);
}
