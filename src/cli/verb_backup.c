/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/passphrase.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/backup.h"

const struct option verb_backup_options[] = {
	{.name = "output", .letter = 'o', .value = "FILE", .help = "write the backup there; the file must be new"},
	OPTION_END,
};

/* --- what is told of the station in it --- */

static void facts_to_json(struct json *json, const struct station_facts *facts)
{
	json_set_text(json, "name", facts->party.name);
	json_set_text(json, "organisation", facts->party.organisation);
	json_set_text(json, "fingerprint", facts->fingerprint.hex[0] != '\0' ? facts->fingerprint.hex : NULL);
	json_set_int(json, "registry", (int64_t)facts->registry_serial);
	json_set_int(json, "partners", facts->partners);
	json_set_time(json, "ledger-newest", facts->ledger_newest);
}

static void report_facts(struct cli *cli, const struct screen *screen, const struct station_facts *facts)
{
	report_row(screen, "station", party_text(cli, facts->party.name, facts->party.organisation));
	report_row(screen, "fingerprint",
			   facts->fingerprint.hex[0] != '\0' ? fingerprint_text(cli, &facts->fingerprint)
												 : "none: it verifies only");
	report_rowf(screen, "registry", "number %llu, %s", (unsigned long long)facts->registry_serial,
				show_number_of(facts->partners, "partner").text);
	if (facts->ledger_newest != 0)
		report_rowf(screen, "ledger", "up to %s (%s)", show_time(facts->ledger_newest).text,
					safe(&cli->terminal, facts->ledger_event));
	else
		report_row(screen, "ledger", "empty");
}

/* --- backup --- */

static void tell_backup(struct cli *cli, const struct backup_result *done)
{
	if (cli->json != NULL) {
		json_set_text(cli->json, "file", done->path);
		json_set_int(cli->json, "bytes", (int64_t)done->bytes);
		json_set_int(cli->json, "files", done->files);
		json_set_time(cli->json, "created", done->created);
		facts_to_json(cli->json, &done->facts);
		json_set(cli->json, "notices", notices_json(&done->notices));
		return;
	}
	result_path(cli, done->path);
	(void)fflush(stdout);
	report_notices(cli, &done->notices);
	if (cli->verbosity == QUIET)
		return;
	const struct screen *screen = &cli->terminal.err;
	report_facts(cli, screen, &done->facts);
	report_rowf(screen, "backup", "%s, %s, read back", show_number_of(done->files, "file").text,
				show_bytes(done->bytes).text);
	say(cli, "Keep it in another place, and the passphrase in a third one: valise restore FILE\n");
}

int verb_backup(struct cli *cli, struct options *options, struct err *err)
{
	const char *path = options_get(options, "output");
	struct progress progress = progress_bar_hook(&cli->bar);
	struct backup_request request = {.home = cli->home, .output = path, .progress = &progress};
	auto_backup_result done = {0};
	if (path == NULL) {
		(void)err_set(err, ERR_USAGE, "backup needs -o FILE");
		return err_hint(err, "write it to another medium, for example -o /media/stick/station.backup");
	}
	if (passphrase_for_file(cli, PASSPHRASE_TWICE, &request.passphrase, err) < 0 ||
		backup_make(&done, &request, err) < 0)
		return -1;
	progress_bar_wipe(&cli->bar);
	tell_backup(cli, &done);
	return 0;
}

/* --- restore --- */

static void tell_restore(struct cli *cli, const struct restore_result *done)
{
	const struct screen *screen = &cli->terminal.out;
	if (cli->json != NULL) {
		json_set_text(cli->json, "home", done->home);
		json_set_int(cli->json, "files", done->files);
		json_set_time(cli->json, "created", done->created);
		json_set_text(cli->json, "tool", done->tool);
		facts_to_json(cli->json, &done->facts);
		json_set(cli->json, "notices", notices_json(&done->notices));
		return;
	}
	report_row(screen, "home", safe(&cli->terminal, done->home));
	report_facts(cli, screen, &done->facts);
	report_rowf(screen, "backup", "made at %s by %s, %s", show_time(done->created).text,
				safe(&cli->terminal, done->tool), show_number_of(done->files, "file").text);
	(void)fflush(stdout);
	report_notices(cli, &done->notices);
	say(cli, "Next: valise doctor\n");
}

int verb_restore(struct cli *cli, struct options *options, struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	struct restore_request request = {.home = cli->home, .backup = options->words[0], .progress = &progress};
	auto_restore_result done = {0};
	if (passphrase_for_file(cli, PASSPHRASE_ONCE, &request.passphrase, err) < 0 ||
		backup_restore(&done, &request, err) < 0)
		return -1;
	progress_bar_wipe(&cli->bar);
	tell_restore(cli, &done);
	return 0;
}
