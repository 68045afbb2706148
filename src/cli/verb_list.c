/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/list.h"

#include "cli/report_manifest.h"
#include "cli/verbs.h"

int verb_list(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_received received = {0};
	auto_volume_sets sets = {0};
	if (volumes_one(&sets, options->words, options->word_count, err) < 0 ||
		session_open(&session, cli->home, SESSION_LEDGER_WRITE, &cli->passphrase, err) < 0 ||
		list_bundle(&session, &sets.items[0], &received, err) < 0)
		return -1;
	notices_append(&received.notices, &sets.notices);
	report_received(cli, &session, &received, "; its payload was not read");
	(void)fflush(stderr);
	if (cli->json != NULL) {
		received_to_json(cli->json, &received);
		json_set(cli->json, "entries", entries_json(&received.manifest));
	} else {
		report_entries(cli, &cli->terminal.out, &session.schemes, &received.manifest);
	}
	return 0;
}
