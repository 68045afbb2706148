/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/verbs.h"
#include "keyring/rotation.h"
#include "media/output.h"

const struct option verb_card_options[] = {
	{.name = "output", .letter = 'o', .value = "FILE", .help = "write the card there; the file must be new"},
	{.name = "rotation", .help = "for partners that know our former key"},
	OPTION_END,
};

static void tell(struct cli *cli, const struct card *card, const struct buf *text, const char *path)
{
	if (cli->json != NULL) {
		json_set_fingerprint(cli->json, &card->fingerprint);
		json_set_text(cli->json, "file", path);
		json_set_text(cli->json, "card", path == NULL ? text->data : NULL);
		return;
	}
	if (path == NULL)
		(void)fwrite(text->data, 1, text->len, stdout);
	(void)fflush(stdout);
	say(cli, "Card of %s\n", party_text(cli, card->party.name, card->party.organisation));
	if (cli->verbosity == QUIET)
		return;
	report_fingerprint(cli, &cli->terminal.err, &card->fingerprint);
	say(cli, "Read it out to your partners by phone, the digits or the words; they type it to accept the card.\n");
}

static void tell_rotation(struct cli *cli, const struct station *station, const struct buf *text, const char *path)
{
	if (cli->json != NULL) {
		json_set_text(cli->json, "fingerprint", station->doc.fingerprint.hex);
		json_set_text(cli->json, "former", station->doc.former[station->doc.former_count - 1].fingerprint.hex);
		json_set_text(cli->json, "file", path);
		json_set_text(cli->json, "rotation", path == NULL ? text->data : NULL);
		return;
	}
	if (path == NULL)
		(void)fwrite(text->data, 1, text->len, stdout);
	(void)fflush(stdout);
	say(cli, "Partners take it in with: valise partner renew ALIAS FILE\n");
}

static int give_rotation(struct cli *cli, const struct session *session, const char *path, struct err *err)
{
	auto_buf text = {0};
	if (station_rotation(&session->station, &text, err) < 0 ||
		(path != NULL && output_write_file(path, text.data, text.len, NULL, err) < 0))
		return -1;
	tell_rotation(cli, &session->station, &text, path);
	return 0;
}

int verb_card(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	auto_card card = {0};
	auto_buf text = {0};
	const char *path = options_get(options, "output");
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	if (options_has(options, "rotation"))
		return give_rotation(cli, &session, path, err);
	if (station_card(&session.station, &card, err) < 0 || card_format(&text, &card, err) < 0 ||
		(path != NULL && output_write_file(path, text.data, text.len, NULL, err) < 0))
		return -1;
	tell(cli, &card, &text, path);
	return 0;
}
