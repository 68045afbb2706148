/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/show.h"

#include <string.h>

static const struct {
	const char *name, *words;
	enum style style;
} standings[] = {
	[SIGNER_COUNTS] = {"counts", NULL, STYLE_PLAIN},
	[SIGNER_UNKNOWN] = {"unknown", "not in the registry, not counted", STYLE_DIM},
	[SIGNER_BAD] = {"bad", "BAD: the signature does not match", STYLE_BAD},
	[SIGNER_UNFIT] = {"unfit", "NOT COUNTED: the key is revoked, expired or disabled", STYLE_WARN},
	[SIGNER_ROLE] = {"role", "not counted: without a role that counts here", STYLE_WARN},
	[SIGNER_FOREIGN] = {"foreign", "not counted: of another organisation than the sender", STYLE_WARN},
	[SIGNER_PAST] = {"past", "NOT IN FORCE any more; this bundle was accepted here before", STYLE_WARN},
	[SIGNER_TIME] = {"time", "NOT COUNTED: signed outside of the bundle's time", STYLE_WARN},
};

const char *signer_standing_word(enum signer_standing standing)
{
	return standings[standing].name;
}

/* The signer of this key, or NULL. */
static const struct signer *verdict_find(const struct trust_verdict *verdict, const struct fingerprint *fpr)
{
	for (unsigned i = 0; i < verdict->count; i++)
		if (fingerprint_equal(&verdict->signers[i].fingerprint, fpr))
			return &verdict->signers[i];
	return NULL;
}

const char *sender_text(struct cli *cli, const struct trust_verdict *verdict, const struct fingerprint *from)
{
	const struct signer *sender = verdict_find(verdict, from);
	if (sender == NULL)
		return fingerprint_text(cli, from);
	return party_text(cli, sender->name, sender->organisation);
}

struct json *sender_json(const struct trust_verdict *verdict, const struct fingerprint *from)
{
	const struct signer *sender = verdict_find(verdict, from);
	return party_json(from, sender != NULL ? sender->name : "", sender != NULL ? sender->organisation : "");
}

static void report_signer(struct cli *cli, const struct screen *screen, const char *key, const struct signer *signer)
{
	const char *who = signer->standing == SIGNER_UNKNOWN ? fingerprint_text(cli, &signer->fingerprint)
														 : party_text(cli, signer->name, signer->organisation);
	const char *words = standings[signer->standing].words;
	if (words == NULL) {
		report_rowf(screen, key, "%s%s, %s", who, signer->is_self ? ", this station" : "",
					show_time(signer->created).text);
		return;
	}
	report_row(screen, key, who);
	report_row_styled(screen, "", styled(&cli->terminal, screen, standings[signer->standing].style, words));
}

void report_signers(struct cli *cli, const struct screen *screen, const struct trust_verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count; i++)
		report_signer(cli, screen, i == 0 ? "signed by" : "", &verdict->signers[i]);
	if (verdict->demanded > 1)
		report_rowf(screen, "approvals", "%u of %u people", verdict->people, verdict->demanded);
}

struct json *signers_json(const struct trust_verdict *verdict)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct signer *signer = &verdict->signers[i];
		struct json *json = party_json(&signer->fingerprint, signer->name, signer->organisation);
		json_set_text(json, "standing", standings[signer->standing].name);
		json_set_time(json, "signed", signer->created);
		json_set_bool(json, "self", signer->is_self);
		json_add(array, json);
	}
	return array;
}

/* --- a bundle that was opened --- */

static void report_channel(const struct screen *screen, const struct received *received)
{
	report_rowf(screen, "number", "%llu of this channel", (unsigned long long)received->slot.sequence);
	if (received->gap > 0)
		report_rowf(screen, "missing", "%s before this one did not arrive here",
					show_number_of(received->gap, "bundle").text);
	if (slot_needs_secret(&received->slot))
		report_row(screen, "secret", "opened with the pre-shared secret of the channel too");
}

void report_received(struct cli *cli, const struct session *session, const struct received *received,
					 const char *ending)
{
	const struct screen *screen = &cli->terminal.err;
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	const struct manifest *manifest = &received->manifest;
	if (cli->verbosity == QUIET)
		return;
	const struct signer *sender = verdict_find(&received->verdict, &waybill->from);
	const bool past = sender != NULL && sender->standing == SIGNER_PAST;
	say(cli, "%s  sealed by %s%s\n",
		styled(&cli->terminal, screen, past ? STYLE_WARN : STYLE_GOOD, past ? "ACCEPTED BEFORE" : "GOOD"),
		sender_text(cli, &received->verdict, &waybill->from), ending);
	report_rowf(screen, "created", "%s, %s", show_time(waybill->created).text,
				show_expiry(waybill->not_after, utc_now()).text);
	report_channel(screen, received);
	report_row_styled(screen, "labels",
					  labels_text(cli, screen, &session->schemes, (const char(*)[LABEL_ID_MAX + 1]) manifest->marks,
								  manifest->mark_count));
	if (manifest->purpose[0] != '\0')
		report_row(screen, "purpose", quoted(cli, manifest->purpose));
	if (manifest->supersedes[0] != '\0')
		report_row(screen, "replaces", safe(&cli->terminal, manifest->supersedes));
	report_rowf(screen, "holds", "%s, %s", show_number_of(manifest->files, "file").text,
				show_size(manifest->bytes).text);
	report_signers(cli, screen, &received->verdict);
	report_notices(cli, &received->notices);
}

static struct json *schemes_json(const struct manifest *manifest)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < manifest->scheme_count; i++) {
		struct json *json = json_object_new();
		json_set_text(json, "id", manifest->schemes[i].id);
		json_set_text(json, "version", manifest->schemes[i].version);
		json_add(array, json);
	}
	return array;
}

void received_to_json(struct json *json, const struct received *received)
{
	const struct bundle_verified *bundle = bundle_of(received->bundle);
	const struct waybill *waybill = bundle_waybill(bundle);
	const struct manifest *manifest = &received->manifest;
	json_set_text(json, "bundle", waybill->bundle.text);
	json_set_digest(json, "digest", bundle_digest(bundle));
	json_set_time(json, "created", waybill->created);
	json_set_time(json, "not-after", waybill->not_after);
	json_set(json, "from", sender_json(&received->verdict, &waybill->from));
	json_set(json, "signers", signers_json(&received->verdict));
	json_set_sequence(json, received->slot.sequence);
	json_set_bool(json, "pre-shared-secret", slot_needs_secret(&received->slot));
	json_set_int(json, "missing-before", (int64_t)received->gap);
	json_set_bool(json, "received-before", received->history.known == LEDGER_REPLAY);
	json_set_text(json, "purpose", manifest->purpose);
	json_set_text(json, "handling", manifest->handling);
	json_set_text(json, "supersedes", manifest->supersedes[0] != '\0' ? manifest->supersedes : NULL);
	json_set_text(json, "tool", manifest->tool);
	json_set_labels(json, "marks", (const char(*)[LABEL_ID_MAX + 1]) manifest->marks, manifest->mark_count);
	json_set(json, "schemes", schemes_json(manifest));
	json_set_int(json, "files", (int64_t)manifest->files);
	json_set_int(json, "bytes", (int64_t)manifest->bytes);
	json_set(json, "notices", notices_json(&received->notices));
}
