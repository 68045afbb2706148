/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/report_manifest.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/approve.h"
#include "ops/approve_recipients.h"

#include <string.h>

const struct option verb_approve_options[] = {
	{.name = "extract-to", .value = "DIR", .help = "put the files there first, to read them"},
	{.name = "yes", .help = "do not ask"},
	OPTION_END,
};

/* --- what leaves --- */

/* Names are those of this station's registry: whom it does not know it does not name. */
static const struct party *party_of(const struct session *session, const struct fingerprint *fpr)
{
	const struct partner *partner = registry_find(&session->registry, fpr);
	if (fingerprint_equal(&session->station.doc.fingerprint, fpr))
		return &session->station.doc.party;
	return partner != NULL ? &partner->party : NULL;
}

static void report_recipients(struct cli *cli, const struct session *session, const struct received *received)
{
	uint32_t count;
	const struct fingerprint *to = approve_recipients(received, &count);
	const struct screen *screen = &cli->terminal.err;
	for (uint32_t i = 0; i < count; i++) {
		const struct party *party = party_of(session, &to[i]);
		report_row(screen, i == 0 ? "for" : "",
				   party != NULL ? party_text(cli, party->name, party->organisation)
								 : "somebody whom this station does not know");
		report_row(screen, "", fingerprint_text(cli, &to[i]));
	}
}

static void show(struct cli *cli, const struct session *session, const struct approval *approval)
{
	const struct received *received = approval_received(approval);
	const struct screen *screen = &cli->terminal.err;
	const struct manifest *manifest = &received->manifest;
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	if (cli->verbosity == QUIET)
		return;
	say(cli, "This will leave:\n");
	report_recipients(cli, session, received);
	report_rowf(screen, "files", "%s, %s", show_number_of(manifest->files, "file").text,
				show_bytes(manifest->bytes).text);
	report_row_styled(screen, "labels",
					  labels_text(cli, screen, &session->schemes, (const char(*)[LABEL_ID_MAX + 1]) manifest->marks,
								  manifest->mark_count));
	if (manifest->purpose[0] != '\0')
		report_row(screen, "purpose", quoted(cli, manifest->purpose));
	report_handling(cli, screen, waybill->handling);
	report_rowf(screen, "not after", "%s", show_time(waybill->not_after).text);
	report_signers(cli, screen, &received->verdict);
	report_entries(cli, screen, &session->schemes, manifest);
	report_notices(cli, &received->notices);
	if (approval_folder(approval) != NULL)
		say(cli, "All of it is in %s, to be read.\n", safe(&cli->terminal, approval_folder(approval)));
}

/* --- asking --- */

/* A word, not a key that a finger may slip on. */
static int confirm(struct cli *cli, const struct options *options, struct err *err)
{
	char typed[32];
	if (options_has(options, "yes"))
		return 0;
	if (terminal_ask(&cli->terminal, "Type approve to sign it:", typed, sizeof typed, err) < 0)
		return -1;
	if (strcmp(typed, "approve") == 0)
		return 0;
	(void)err_set(err, ERR_DECLINED, "not approved: nothing was signed");
	return err_hint(err, "tell whoever packed it why; `valise ledger void` at that station ends it");
}

static int check_can_ask(const struct cli *cli, const struct options *options, struct err *err)
{
	if (options_has(options, "yes") || cli->terminal.can_ask)
		return 0;
	(void)err_set(err, ERR_USAGE, "there is no terminal to ask at");
	return err_hint(err, "approve at a terminal; or say --yes, once you have seen what leaves");
}

/* --- the verb --- */

static struct json *recipients_json(const struct session *session, const struct received *received)
{
	uint32_t count;
	const struct fingerprint *to = approve_recipients(received, &count);
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < count; i++) {
		const struct party *party = party_of(session, &to[i]);
		json_add(array, party_json(&to[i], party != NULL ? party->name : "", party != NULL ? party->organisation : ""));
	}
	return array;
}

static void tell_json(struct json *json, const struct session *session, const struct approval *approval,
					  const struct approve_result *done)
{
	const struct received *received = approval_received(approval);
	if (received != NULL) {
		received_to_json(json, received);
		json_set(json, "to", recipients_json(session, received));
		json_set_text(json, "handling-outside", bundle_waybill(bundle_of(received->bundle))->handling);
		json_set(json, "entries", entries_json(&received->manifest));
	}
	json_set_text(json, "path", done->path);
	json_set_text(json, "parity", done->parity_path);
	json_set_bool(json, "complete", done->complete);
	json_set_int(json, "approvals-demanded", done->verdict.demanded);
	json_set_int(json, "approvals-counted", done->verdict.people);
	json_set(json, "signers", signers_json(&done->verdict));
	json_set_text(json, "extracted-to", approval_folder(approval));
}

static void tell(struct cli *cli, const struct session *session, const struct approval *approval,
				 const struct approve_result *done)
{
	if (cli->json != NULL)
		tell_json(cli->json, session, approval, done);
	else if (done->complete)
		say(cli, "Signed by %u of %u people: it may be carried.\n", done->verdict.people, done->verdict.demanded);
	else
		say(cli, "Signed by %u of %u people: it waits for the others.\n", done->verdict.people, done->verdict.demanded);
	if (done->parity_fault != NULL)
		say(cli, "It has no parity file: %s\n", safe(&cli->terminal, done->parity_fault));
	result_path(cli, done->path);
}

int verb_approve(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_approval *approval = NULL;
	AUTO(approve_result_clear) struct approve_result done = {0};
	const struct approve_request request = {.path = options->words[0],
											.extract_to = options_get(options, "extract-to")};
	struct progress progress = progress_bar_hook(&cli->bar);
	if (request.extract_to != NULL && request.extract_to[0] == '\0')
		return err_set(err, ERR_USAGE, "--extract-to names nothing");
	if (check_can_ask(cli, options, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0)
		return -1;
	int rc = approval_open(&session, &request, &progress, &approval, err);
	progress_bar_wipe(&cli->bar);
	if (rc < 0)
		return -1;
	if (approval_received(approval) != NULL) {
		show(cli, &session, approval);
		if (confirm(cli, options, err) < 0)
			return -1;
	}
	if (approval_sign(&session, approval, &done, err) < 0)
		return -1;
	tell(cli, &session, approval, &done);
	return 0;
}
