/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/init.h"
#include "ops/partner_fields.h"
#include "ops/rotate.h"

#include <string.h>

const struct option verb_init_options[] = {
	{.name = "name", .value = "NAME", .help = "who works here"},
	{.name = "organisation", .value = "ORG", .help = "for whom"},
	{.name = "kind", .value = "KIND", .help = "person (default), organisation, role, station"},
	{.name = "jurisdiction", .value = "CC", .help = "country, two capital letters"},
	{.name = "ceiling", .value = "LABEL", .times = OPTION_MANY, .help = "highest label that may be here; repeat"},
	{.name = "community", .value = "NAME", .times = OPTION_MANY, .help = "a circle that it belongs to; repeat"},
	{.name = "no-passphrase", .help = "keep the new key without a passphrase"},
	{.name = "adopt", .value = "FPR", .help = "use this key of your own GnuPG home"},
	{.name = "verify-only", .help = "no key: for couriers, who verify"},
	{.name = "rotate", .help = "give the station that is there another key"},
	{.name = "overlap", .value = "90d", .help = "with --rotate: how long the old key still counts"},
	OPTION_END,
};

static int copy_name(char out[static PARTY_NAME_MAX + 1], const struct options *options, const char *name,
					 struct err *err)
{
	const char *text = options_get(options, name);
	if (text == NULL || text[0] == '\0') {
		(void)err_set(err, ERR_USAGE, "init needs --%s", name);
		return err_hint(err, "type for example: valise init --name \"Alice Example\" --organisation \"Agency A\"");
	}
	if (strlen(text) > PARTY_NAME_MAX)
		return err_set(err, ERR_USAGE, "--%s is longer than %d bytes", name, PARTY_NAME_MAX);
	if (name_option_check(name, text, err) < 0)
		return -1;
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int parse_kind(enum party_kind *out, const char *text, struct err *err)
{
	*out = PARTY_PERSON;
	if (text == NULL)
		return 0;
	for (int i = 0; i < PARTY_KIND_COUNT; i++) {
		if (strcmp(party_kind_names[i], text) == 0) {
			*out = (enum party_kind)i;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--kind %s: not one of person, organisation, role, station", text);
}

static int parse_jurisdiction(char out[static 3], const char *code, struct err *err)
{
	if (code == NULL)
		return 0;
	if (jurisdiction_is_valid(code)) {
		memcpy(out, code, 3);
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "--jurisdiction %s: not two upper-case letters", code);
	return err_hint(err, "type a country code as in ISO 3166, for example --jurisdiction NL");
}

static int parse_party(struct party *out, const struct options *options, struct err *err)
{
	if (copy_name(out->name, options, "name", err) < 0 ||
		copy_name(out->organisation, options, "organisation", err) < 0)
		return -1;
	if (parse_kind(&out->kind, options_get(options, "kind"), err) < 0)
		return -1;
	return parse_jurisdiction(out->jurisdiction, options_get(options, "jurisdiction"), err);
}

/* Where the key comes from, and whether there can be a passphrase at all. */
static int parse_key(const struct cli *cli, struct init_request *request, const struct options *options,
					 struct err *err)
{
	const char *adopt = options_get(options, "adopt");
	bool none = options_has(options, "verify-only"), bare = options_has(options, "no-passphrase");
	if ((adopt != NULL) + none + bare > 1)
		return err_set(err, ERR_USAGE, "--adopt, --verify-only and --no-passphrase exclude one another");
	request->protection = bare ? GPG_UNPROTECTED : GPG_PROTECTED;
	request->key = adopt != NULL ? STATION_KEY_ADOPT : none ? STATION_KEY_NONE : STATION_KEY_NEW;
	if (adopt != NULL && fingerprint_parse_typed(&request->adopt, adopt, err) < 0) {
		(void)err_wrap(err, "--adopt: ");
		return err_hint(err, "gpg --list-secret-keys shows it: 40 or 64 hexadecimal digits");
	}
	if (request->key == STATION_KEY_NEW && !bare && cli->passphrase.mode == GPG_PASSPHRASE_NEVER) {
		(void)err_set(err, ERR_KEY_UNAVAILABLE, "there is no terminal at which to ask for a passphrase");
		return err_hint(err, "give one with --passphrase-fd N, or keep the key without one: --no-passphrase");
	}
	return 0;
}

static void tell(struct cli *cli, const struct init_request *request, const struct init_result *done)
{
	const struct screen *screen = &cli->terminal.out;
	if (cli->json != NULL) {
		json_set_text(cli->json, "home", done->home);
		json_set_fingerprint(cli->json, &done->fingerprint);
		return;
	}
	report_row(screen, "station", party_text(cli, request->party.name, request->party.organisation));
	report_row(screen, "home", safe(&cli->terminal, done->home));
	if (request->key == STATION_KEY_NONE) {
		say(cli, "This station verifies only. Next, take in the senders' cards: valise partner add CARD --as ALIAS\n");
		return;
	}
	report_fingerprint(cli, screen, &done->fingerprint);
	(void)fflush(stdout);
	if (request->ceiling_count == 0)
		say(cli, "It may hold the lowest label of each scheme only, as TLP:CLEAR and PD:NONE, sent or received;\n"
				 "what it may hold beyond stands under `ceilings` in station.yaml of its home.\n");
	say(cli, "Next, write your card and give it to your partners: valise card -o my.card\n"
			 "Read the fingerprint out to them by phone, digits or words; they type it to accept the card.\n");
	if (request->key == STATION_KEY_NEW)
		say(cli, "Back it up, with valise backup: without its key, nobody can open what is sent to you.\n");
}

static int init(struct cli *cli, struct options *options, struct err *err)
{
	struct init_request request = {.home = cli->home};
	auto_init_result done = {0};
	auto_free const char **ceilings = NULL, **communities = NULL;
	if (parse_party(&request.party, options, err) < 0 || parse_key(cli, &request, options, err) < 0 ||
		options_gather(options, "ceiling", &ceilings, &request.ceiling_count, err) < 0 ||
		options_gather(options, "community", &communities, &request.community_count, err) < 0)
		return -1;
	request.ceilings = ceilings;
	request.communities = communities;
	if (init_station(&request, &cli->passphrase, &done, err) < 0)
		return -1;
	tell(cli, &request, &done);
	return 0;
}

/* --- another key --- */

enum { OVERLAP_DAYS_DEFAULT = 90 };

/* Who the station is stands in its home already. */
static int check_rotate_options(const struct options *options, struct err *err)
{
	static const char *const others[] = {"name",    "organisation", "kind",       "jurisdiction",
										 "ceiling", "community",    "verify-only"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (options_has(options, others[i])) {
			(void)err_set(err, ERR_USAGE, "--rotate takes no --%s", others[i]);
			return err_hint(err, "it gives the station another key and nothing else; the rest stands in station.yaml");
		}
	return 0;
}

static int parse_overlap(unsigned *out, const char *text, struct err *err)
{
	uint32_t days = OVERLAP_DAYS_DEFAULT;
	if (text != NULL && days_parse(&days, "--overlap", text, LIFE_DAYS_MAX, err) < 0)
		return -1;
	if (days == 0 || days > ROTATION_DAYS_MAX)
		return err_set(err, ERR_USAGE, "--overlap %s: 1 to %d days are allowed", text, ROTATION_DAYS_MAX);
	*out = days;
	return 0;
}

/* Numbers are of one key, and so is what was never sent under them: no bundle of the new key tells of it. */
static void tell_untold(struct cli *cli, const struct notices *untold)
{
	if (untold->count > 0)
		say(cli, "Bundles of the old key that were declared void, which nothing will tell any more: let them know.\n");
	for (unsigned i = 0; i < untold->count; i++)
		say(cli, "  %s\n", safe(&cli->terminal, untold->lines[i]));
}

static void tell_rotated(struct cli *cli, const struct rotate_result *done)
{
	const struct screen *screen = &cli->terminal.out;
	if (cli->json != NULL) {
		json_set_text(cli->json, "fingerprint", done->to.hex);
		json_set_text(cli->json, "former", done->from.hex);
		json_set_time(cli->json, "former-until", done->until);
		json_set_bool(cli->json, "administers", done->administers);
		json_set(cli->json, "untold-void", notices_json(&done->untold));
		json_set_bool(cli->json, "equivalence-signed-by-former", done->signs_table);
		return;
	}
	report_row(screen, "old key", fingerprint_text(cli, &done->from));
	report_row(screen, "new key", fingerprint_text(cli, &done->to));
	report_row(screen, "both until", show_day(done->until).text);
	(void)fflush(stdout);
	tell_untold(cli, &done->untold);
	if (done->administers) {
		say(cli,
			"This station packs with the new key now, and still opens what is sent to the old one.\n"
			"The registry must learn of it while both count. Here, with your own ALIAS in it:\n"
			"  valise card --rotation -o my.rotation\n"
			"  valise partner renew ALIAS my.rotation\n"
			"  valise registry sign\n"
			"Then export and carry it as ever: stations take your bundles once they have it. Back up the home folder.\n");
		return;
	}
	say(cli,
		"This station packs with the new key now, and still opens what is sent to the old one.\n"
		"Next, give each partner the rotation, which the old key has signed: valise card --rotation -o my.rotation\n"
		"They take it in with: valise partner renew ALIAS my.rotation. Back up the home folder.\n");
	if (done->signs_table)
		say(cli,
			"The table of equivalences is signed with the old key, and counts until %s: sign it anew before, with\n"
			"valise scheme sign FILE; without it nothing can be packed or unpacked from that day on.\n",
			show_day(done->until).text);
}

static int rotate(struct cli *cli, const struct options *options, struct err *err)
{
	struct init_request key = {.home = cli->home};
	struct rotate_request request = {.home = cli->home};
	AUTO(rotate_result_clear) struct rotate_result done = {.until = 0};
	if (check_rotate_options(options, err) < 0 || parse_key(cli, &key, options, err) < 0 ||
		parse_overlap(&request.turn.overlap_days, options_get(options, "overlap"), err) < 0)
		return -1;
	request.turn.key = key.key;
	request.turn.adopt = key.adopt;
	request.turn.protection = key.protection;
	if (rotate_station(&request, &cli->passphrase, &done, err) < 0)
		return -1;
	tell_rotated(cli, &done);
	return 0;
}

int verb_init(struct cli *cli, struct options *options, struct err *err)
{
	if (options_has(options, "rotate"))
		return rotate(cli, options, err);
	if (options_has(options, "overlap"))
		return err_set(err, ERR_USAGE, "--overlap belongs to --rotate");
	return init(cli, options, err);
}
