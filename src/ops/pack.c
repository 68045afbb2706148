/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pack.h"

#include "format/volume_name.h"
#include "keyring/trust_self.h"
#include "ops/expiry.h"
#include "ops/pack_internal.h"
#include "ops/receive_key.h"
#include "ops/registry_state.h"
#include "ops/scan.h"
#include "policy/decide.h"
#include "policy/rules.h"

#include <string.h>
#include <sys/stat.h>

/* The plan: everything that can be refused is refused here, before a byte is written. */

static int fail_revoked(const struct partner *partner, struct err *err)
{
	char since[UTC_TEXT + 1];
	utc_format(since, partner->revoked);
	(void)err_set(err, ERR_RECIPIENT, "an administrator of this registry revoked the key of %s at %s%s%s",
				  partner->alias, since, partner->revoked_reason != NULL ? ", saying: " : ", without saying why",
				  partner->revoked_reason != NULL ? partner->revoked_reason : "");
	return err_hint(err,
					"pack to another partner; where %s has a new key, an administrator takes its card in with: valise "
					"partner add",
					partner->alias);
}

int pack_check_recipient(const struct partner *partner, int64_t now, struct err *err)
{
	if ((partner->roles & ROLE_RECEIVE) == 0) {
		(void)err_set(err, ERR_RECIPIENT, "%s has no role `receive` in the registry", partner->alias);
		return err_hint(err, "pack to another partner, or have an administrator give this one the role");
	}
	if (partner->revoked != 0)
		return fail_revoked(partner, err);
	if (partner->valid_until != 0 && partner->valid_until <= now) {
		char until[UTC_TEXT + 1];
		utc_format(until, partner->valid_until);
		(void)err_set(err, ERR_RECIPIENT, "the entry of %s in the registry ended at %s", partner->alias, until);
		return err_hint(err, "have an administrator confirm the partner anew");
	}
	return 0;
}

static int add_recipient(struct pack_plan *plan, const struct registry *registry, const char *alias, int64_t now,
						 struct err *err)
{
	const struct partner *partner = registry_find_alias(registry, alias);
	if (partner == NULL) {
		(void)err_set(err, ERR_PARTNER, "no partner is called %s", alias);
		return err_hint(err, "`valise partner list` shows who is known; `valise partner add` takes a card in");
	}
	for (unsigned i = 0; i < plan->recipient_count; i++)
		if (plan->recipients[i] == partner)
			return err_set(err, ERR_USAGE, "%s is named twice after --to", alias);
	plan->recipients[plan->recipient_count++] = partner;
	return pack_check_recipient(partner, now, err);
}

static int resolve_recipients(struct pack_plan *plan, const struct session *session, const struct pack_request *request,
							  struct err *err)
{
	if (request->to_count == 0 && request->intent == PACK_TO_SEAL)
		return err_set(err, ERR_USAGE, "to whom? --to ALIAS is missing");
	if (request->to_count > MEMBER_SLOTS_MAX)
		return err_set(err, ERR_USAGE, "more than %d recipients", MEMBER_SLOTS_MAX);
	if (request->hide_recipients && request->to_count > HIDDEN_SLOTS_MAX) {
		(void)err_set(err, ERR_USAGE, "more than %d recipients cannot be hidden", HIDDEN_SLOTS_MAX);
		return err_hint(err, "pack for some of them at a time: each of them has to try every slot");
	}
	plan->recipients = calloc(request->to_count + (size_t)1, sizeof *plan->recipients);
	if (plan->recipients == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < request->to_count; i++)
		if (add_recipient(plan, &session->registry, request->to[i], plan->now, err) < 0)
			return -1;
	return 0;
}

static int compare_fingerprints(const void *a, const void *b)
{
	const struct fingerprint *first = a, *second = b;
	return strcmp(first->hex, second->hex);
}

/* Where the waybill names nobody, the manifest does, and in an order that tells nothing. */
static int move_recipients_inside(struct pack_plan *plan, struct err *err)
{
	struct manifest *manifest = &plan->files.manifest;
	plan->hide_recipients = true;
	manifest->recipients = calloc(plan->recipient_count + (size_t)1, sizeof *manifest->recipients);
	if (manifest->recipients == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->recipient_count; i++)
		manifest->recipients[manifest->recipient_count++] = plan->recipients[i]->fingerprint;
	qsort(manifest->recipients, manifest->recipient_count, sizeof *manifest->recipients, compare_fingerprints);
	return 0;
}

/* A secret is its key's: a partner who was removed and added with another key is sealed for without it. */
static void tell_secrets_of_nobody(struct pack_plan *plan, const struct session *session)
{
	for (unsigned i = 0; i < plan->secrets.count; i++)
		if (registry_find(&session->registry, &plan->secrets.items[i].partner) == NULL) {
			notice_add(&plan->files.notices,
					   "sealed without a pre-shared secret, while one is kept for the key %s, which no partner has any "
					   "more: where a recipient has another key since, share a new one (valise partner secret new)",
					   plan->secrets.items[i].partner.hex);
			return;
		}
}

/* A bundle is as strong as its weakest slot: to mix would promise what one slot does not hold. */
static int check_secrets(struct pack_plan *plan, const struct session *session, struct err *err)
{
	const struct partner *with = NULL, *without = NULL;
	if (secrets_list(&plan->secrets, &session->station, err) < 0)
		return -1;
	for (unsigned i = 0; i < plan->recipient_count; i++) {
		const struct partner *partner = plan->recipients[i];
		*(secrets_for(&plan->secrets, partner) != NULL ? &with : &without) = partner;
	}
	plan->use_secrets = with != NULL;
	if (with == NULL && without != NULL)
		tell_secrets_of_nobody(plan, session);
	if (with == NULL || without == NULL)
		return 0;
	(void)err_set(
		err, ERR_RECIPIENT,
		"%s shares a secret with this station and %s does not: one bundle for both would be as weak as without",
		with->alias, without->alias);
	return err_hint(err, "pack for %s by itself; or share one: valise partner secret new %s", without->alias,
					without->alias);
}

static int set_text(char **into, const char *text, const char *what, size_t max, struct err *err)
{
	if (text == NULL)
		text = "";
	if (strlen(text) > max || !text_is_plain(text, strlen(text)))
		return err_set(err, ERR_USAGE, "%s must be plain text of at most %zu bytes", what, max);
	free(*into);
	*into = strdup(text);
	return *into != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int set_facts(struct pack_plan *plan, const struct session *session, const struct pack_request *request,
					 struct err *err)
{
	struct manifest *manifest = &plan->files.manifest;
	struct uuid supersedes;
	uint32_t days = request->expires_days != 0 ? request->expires_days : session->station.doc.expires_days;
	plan->pad = request->pad;
	plan->volume_bytes = request->volume_bytes;
	plan->parity = request->parity;
	plan->parity_volumes = request->parity_volumes;
	plan->life_s = (int64_t)days * DAY_S;
	if (request->hide_recipients && move_recipients_inside(plan, err) < 0)
		return -1;
	uuid_random(&manifest->bundle);
	(void)snprintf(manifest->tool, sizeof manifest->tool, "valise %s", VALISE_VERSION);
	if (request->supersedes != NULL) {
		if (!uuid_parse(&supersedes, request->supersedes, strlen(request->supersedes)))
			return err_set(err, ERR_USAGE, "--supersedes wants a whole bundle id, as `valise ledger list` shows it");
		(void)strcpy(manifest->supersedes, supersedes.text);
	}
	return set_text(&manifest->purpose, request->purpose, "--purpose", MANIFEST_PURPOSE_MAX, err) < 0 ||
				   set_text(&manifest->handling, NULL, "handling", WAYBILL_HANDLING_MAX, err) < 0
			   ? -1
			   : 0;
}

/* Of sequences and times, the next station is told what this clock says: one that fell back must not be believed. */
static int check_clock(struct session *session, struct pack_plan *plan, struct err *err)
{
	int64_t latest = 0;
	if (session->ledger == NULL)
		return 0;
	if (ledger_latest_seen(session->ledger, &latest, err) < 0)
		return -1;
	/* A station that has sent and received nothing yet was at work when its partners were entered. */
	if (session->registry.doc.created > latest)
		latest = session->registry.doc.created;
	const struct waybill unmade = {.created = plan->now};
	if (policy_check_clock(&unmade, plan->now, latest, err) == 0) {
		clock_tell(&plan->files.notices, plan->now, latest);
		return 0;
	}
	return err_hint(err, "set the clock of this machine, and pack again; if it is right now and stood ahead then, void "
						 "what was sealed under it: valise ledger void ID --reason TEXT");
}

static int classify_plan(struct pack_plan *plan, struct session *session, const struct pack_request *request,
						 const struct progress *progress, struct err *err)
{
	const struct classify_request files = {.paths = request->paths,
										   .path_count = request->path_count,
										   .labels = request->labels,
										   .label_count = request->label_count,
										   .label_file = request->label_file,
										   .label_text = request->label_text,
										   .authorisations = request->authorisations,
										   .authorisation_count = request->authorisation_count,
										   .recipients = plan->recipients,
										   .recipient_count = plan->recipient_count,
										   .now = plan->now,
										   .not_after = plan->now + plan->life_s};
	if (classify(session, &files, progress, &plan->files, err) < 0)
		return -1;
	return request->intent == PACK_TO_SEAL ? policy_report_check(&plan->files.report, err) : 0;
}

/* Nothing is made that nobody could approve. Whoever only looks is told. */
static int find_approvers(struct pack_plan *plan, const struct session *session, const struct pack_request *request,
						  struct err *err)
{
	struct err why = ERR_INIT;
	if (policy_demand_approvals(&session->schemes, &session->station.doc.approvals, &plan->files.manifest,
								&plan->demand, err) < 0)
		return -1;
	if (plan->demand.people == 1)
		return 0;
	const struct approvers_case about = {
		.session = session, .manifest = &plan->files.manifest, .now = plan->now, .notices = &plan->files.notices};
	if (approvers_find(&about, &plan->approvers, err) < 0)
		return -1;
	if (approvers_check(&plan->approvers, &plan->demand, &session->station.doc, &why) == 0)
		return 0;
	if (request->intent == PACK_TO_SEAL || why.code != ERR_PARTNER) {
		*err = why;
		return -1;
	}
	notice_add(&plan->files.notices, "%s; %s", why.message, why.hint);
	return 0;
}

/* Whoever approves adds a signature to one file. */
static int check_volumes(const struct pack_plan *plan, struct err *err)
{
	const bool asked = plan->volume_bytes != VOLUME_SIZE_AUTO && plan->volume_bytes != VOLUME_SIZE_NONE;
	if (plan->demand.people == 1 || (!asked && plan->parity_volumes == 0))
		return 0;
	(void)err_set(err, ERR_USAGE, "%u people must sign this bundle: it cannot be split before the last has signed",
				  plan->demand.people);
	return err_hint(err, "pack it without --volume-size; once it is approved: valise copy --volume-size SIZE");
}

static int check_can_seal(struct session *session, struct pack_plan *plan, struct err *err)
{
	if (station_can_sign(&session->station))
		return check_clock(session, plan, err) < 0 ||
					   registry_state_check_life(&session->registry, plan->now, err) < 0 ||
					   trust_check_self(&session->registry, ROLE_SEND, plan->now, err) < 0
				   ? -1
				   : 0;
	(void)err_set(err, ERR_STATION, "this station has no key of its own: it can verify, not pack");
	return err_hint(err, "make a station that can sign: valise --home DIR init --name … --organisation …");
}

static int make_plan(struct session *session, const struct pack_request *request, const struct progress *progress,
					 struct pack_plan **out, struct err *err)
{
	auto_pack_plan *plan = calloc(1, sizeof *plan);
	if (plan == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	plan->now = utc_now();
	if ((request->intent == PACK_TO_SEAL && check_can_seal(session, plan, err) < 0) ||
		manifest_init(&plan->files.manifest, err) < 0 || resolve_recipients(plan, session, request, err) < 0 ||
		check_secrets(plan, session, err) < 0 || set_facts(plan, session, request, err) < 0)
		return -1;
	if (request->output != NULL && (plan->output = strdup(request->output)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (session_load_equivalence(session, err) < 0 || classify_plan(plan, session, request, progress, err) < 0)
		return -1;
	if (find_approvers(plan, session, request, err) < 0 || check_volumes(plan, err) < 0)
		return -1;
	registry_state_tell_life(&plan->files.notices, &session->registry, plan->now);
	*out = steal(&plan);
	return 0;
}

int pack_plan_make(struct session *session, const struct pack_request *request, const struct progress *progress,
				   struct pack_plan **out, struct err *err)
{
	*out = NULL;
	int rc = make_plan(session, request, progress, out, err);
	if (rc < 0 && request->intent == PACK_TO_SEAL)
		pack_note_refusal(session, err);
	return rc;
}

void pack_note_refusal(struct session *session, const struct err *err)
{
	struct err second = ERR_INIT; /* a refusal stands, also where it cannot be written down */
	if (session->ledger != NULL && policy_is_noted(WORK_PACKING, err->code))
		(void)ledger_note(session->ledger, "pack", err->code, NULL, NULL, NULL, err->message, &second);
}

void pack_plan_free(struct pack_plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->recipients);
	free(plan->output);
	secret_refs_clear(&plan->secrets);
	approvers_clear(&plan->approvers);
	classified_clear(&plan->files);
	free(plan);
}

void pack_plan_summary(const struct pack_plan *plan, struct pack_summary *out)
{
	const struct manifest *manifest = &plan->files.manifest;
	*out = (struct pack_summary){.recipients = plan->recipients,
								 .recipient_count = plan->recipient_count,
								 .recipients_hidden = plan->hide_recipients,
								 .pre_shared_secret = plan->use_secrets,
								 .manifest = manifest,
								 .marks = manifest->marks,
								 .mark_count = manifest->mark_count,
								 .files = (uint32_t)manifest->files,
								 .folders = manifest->entry_count - (uint32_t)manifest->files,
								 .bytes = manifest->bytes,
								 .not_after = plan->now + plan->life_s,
								 .demand = &plan->demand,
								 .approvers = plan->approvers.items,
								 .approver_count = plan->approvers.count,
								 .notices = &plan->files.notices,
								 .decisions = &plan->files.report,
								 .labelling = plan->files.labelling};
}

void pack_result_clear(struct pack_result *result)
{
	free(result->path);
	for (unsigned i = 0; i < result->volume_count; i++)
		free(result->volumes[i]);
	free(result->volumes);
	free(result->approve_folder);
	free(result->parity_path);
	for (unsigned i = 0; i < result->parity_volume_count; i++)
		free(result->parity_volumes[i]);
	free(result->parity_volumes);
	free(result->sequences);
	*result = (struct pack_result){0};
}
