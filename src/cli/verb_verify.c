/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/failure.h"
#include "cli/report_damage.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/verify.h"

#include <string.h>

enum { DAMAGE_SHOWN = 5 };

const struct option verb_verify_options[] = {
	{.name = "card", .value = "CARD", .help = "believe the sender of this card; needs no station"},
	{.name = "fingerprint", .value = "FPR", .help = "the card's fingerprint, as it was read out to you"},
	OPTION_END,
};

/* --- for people --- */

/* What the waybill says is worth showing only once it is known who says it. */
static bool waybill_is_authentic(const struct verify_report *report, const struct err *err)
{
	return report->have_verdict && report->have_waybill && err_exit_status(err->code) != 3;
}

enum outcome { OUTCOME_GOOD, OUTCOME_BAD, OUTCOME_INCOMPLETE, OUTCOME_PENDING, OUTCOME_UNKNOWN };

/* A bundle is bad where that was found, not where this machine could not look. */
static enum outcome outcome_of(const struct verify_report *report, const struct err *err)
{
	if (report->pending)
		return OUTCOME_PENDING;
	if (err->code == ERR_CHUNKS_MISSING)
		return OUTCOME_INCOMPLETE;
	/* A card that is not the typed one, a clock that is wrong: nothing was learnt of the bundle. */
	if (err->code == ERR_FINGERPRINT || err->code == ERR_CLOCK)
		return OUTCOME_UNKNOWN;
	switch (err_exit_status(err->code)) {
	case 0:
		return OUTCOME_GOOD;
	case 3:
	case 4:
	case 5:
	case 8:
		return OUTCOME_BAD;
	default:
		return OUTCOME_UNKNOWN;
	}
}

static const struct {
	const char *word, *shown;
	enum style style;
} outcomes[] = {
	[OUTCOME_GOOD] = {"good", "GOOD", STYLE_GOOD},
	[OUTCOME_BAD] = {"bad", "BAD", STYLE_BAD},
	[OUTCOME_INCOMPLETE] = {"incomplete", "INCOMPLETE", STYLE_WARN},
	[OUTCOME_PENDING] = {"pending", "PENDING", STYLE_WARN},
	[OUTCOME_UNKNOWN] = {"unknown", "NOT JUDGED", STYLE_WARN},
};

static void print_headline(struct cli *cli, const struct screen *screen, const struct verify_report *report,
						   const struct err *err)
{
	enum outcome outcome = outcome_of(report, err);
	const char *shown = outcomes[outcome].shown;
	unsigned column = (unsigned)strlen(shown) + 2;
	(void)fprintf(screen->file, "%s  ", styled(&cli->terminal, screen, outcomes[outcome].style, shown));
	if (outcome == OUTCOME_GOOD)
		(void)fprintf(screen->file, "sealed by %s, whole and unchanged\n",
					  sender_text(cli, &report->verdict, &report->waybill.from));
	else
		screen_wrap(screen, column, column, safe(&cli->terminal, err->message));
}

static void print_recipients(struct cli *cli, const struct screen *screen, const struct verify_report *report)
{
	if (report->waybill.to_count == 0)
		report_row(screen, "to", "not told: the sender hid the recipients");
	for (uint32_t i = 0; i < report->waybill.to_count; i++) {
		const struct recipient_name *to = &report->recipients[i];
		const char *who = to->name[0] != '\0' ? party_text(cli, to->name, to->organisation)
											  : fingerprint_text(cli, &to->fingerprint);
		report_rowf(screen, i == 0 ? "to" : "", "%s%s", who, to->is_self ? ", this station" : "");
	}
}

static void print_waybill(struct cli *cli, const struct screen *screen, const struct verify_report *report)
{
	const struct waybill *waybill = &report->waybill;
	char digest[DIGEST_HEX + 1];
	digest_format(digest, &report->digest);
	report_row(screen, "bundle", safe(&cli->terminal, waybill->bundle.text));
	report_row(screen, "from", sender_text(cli, &report->verdict, &waybill->from));
	report_row(screen, "", fingerprint_text(cli, &waybill->from));
	print_recipients(cli, screen, report);
	report_row(screen, "created", show_time(waybill->created).text);
	report_rowf(screen, "not after", "%s, %s", show_time(waybill->not_after).text,
				show_expiry(waybill->not_after, utc_now()).text);
	if (waybill->handling[0] != '\0')
		report_row(screen, "handling", quoted(cli, waybill->handling));
	report_row(screen, "digest", digest);
	if (cli->verbosity == VERBOSE)
		report_rowf(screen, "payload", "%s in %s, %s", show_bytes(waybill->payload_bytes).text,
					show_number_of(waybill->chunks, "chunk").text,
					waybill->compression == COMPRESSION_ZSTD ? "compressed" : "not compressed");
}

static void print_integrity(const struct screen *screen, const struct integrity *integrity)
{
	report_rowf(screen, "checked", "%s, %s", show_number_of(integrity->members, "member").text,
				show_bytes(integrity->bytes).text);
	if (integrity->missing_chunks > 0)
		report_rowf(screen, "missing", "%s, from %u to %u", show_number_of(integrity->missing_chunks, "chunk").text,
					integrity->first_missing, integrity->last_missing);
	for (unsigned i = 0; i < integrity->damage_count && i < DAMAGE_SHOWN; i++)
		report_rowf(screen, i == 0 ? "damaged" : "", "%s, %s at %s", integrity->damage[i].member,
					show_bytes(integrity->damage[i].len).text, show_count(integrity->damage[i].offset).text);
	if (integrity->bad_members > DAMAGE_SHOWN)
		report_rowf(screen, "", "and %s more", show_count(integrity->bad_members - DAMAGE_SHOWN).text);
}

static void print_report(struct cli *cli, const char *path, const struct verify_report *report, const struct err *err)
{
	const struct screen *screen = &cli->terminal.out;
	print_headline(cli, screen, report, err);
	if (cli->verbosity == QUIET)
		return;
	report_row(screen, "file", safe(&cli->terminal, path));
	if (report->file_bytes > 0)
		report_row(screen, "size", show_bytes(report->file_bytes).text);
	if (waybill_is_authentic(report, err))
		print_waybill(cli, screen, report);
	if (report->have_verdict)
		report_signers(cli, screen, &report->verdict);
	if (report->have_integrity)
		print_integrity(screen, &report->integrity);
	if (report->damage.known)
		report_damage(screen, &report->damage);
	if (err->code == ERR_OK)
		report_rowf(
			screen, "not proven",
			"%sthat the recipients can open it, that its contents, labels and key slots are honest, that it is the "
			"latest",
			report->waybill.to_count == 0 ? "for whom it is, " : "");
	(void)fflush(screen->file);
	report_notices(cli, &report->notices);
}

/* --- for programs --- */

static void recipients_to_json(struct json *json, const struct verify_report *report)
{
	json_set_bool(json, "recipients-hidden", report->waybill.to_count == 0);
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < report->waybill.to_count; i++) {
		const struct recipient_name *to = &report->recipients[i];
		struct json *one = party_json(&to->fingerprint, to->name, to->organisation);
		json_set_bool(one, "self", to->is_self);
		json_add(array, one);
	}
	json_set(json, "to", array);
}

static void waybill_to_json(struct json *json, const struct verify_report *report)
{
	const struct waybill *waybill = &report->waybill;
	json_set_text(json, "bundle", waybill->bundle.text);
	json_set_digest(json, "digest", &report->digest);
	json_set(json, "from", sender_json(&report->verdict, &waybill->from));
	recipients_to_json(json, report);
	json_set_time(json, "created", waybill->created);
	json_set_time(json, "not-after", waybill->not_after);
	json_set_text(json, "handling", waybill->handling);
	json_set_text(json, "compression", waybill->compression == COMPRESSION_ZSTD ? "zstd" : "none");
	json_set_int(json, "chunks", waybill->chunks);
	json_set_int(json, "payload-bytes", (int64_t)waybill->payload_bytes);
}

static struct json *integrity_json(const struct integrity *integrity)
{
	struct json *json = json_object_new(), *damage = json_array_new();
	json_set_int(json, "members", (int64_t)integrity->members);
	json_set_int(json, "bad-members", (int64_t)integrity->bad_members);
	json_set_int(json, "bytes", (int64_t)integrity->bytes);
	json_set_int(json, "missing-chunks", integrity->missing_chunks);
	if (integrity->missing_chunks > 0) {
		json_set_int(json, "first-missing", integrity->first_missing);
		json_set_int(json, "last-missing", integrity->last_missing);
	}
	for (unsigned i = 0; i < integrity->damage_count; i++) {
		struct json *one = json_object_new();
		json_set_text(one, "member", integrity->damage[i].member);
		json_set_int(one, "offset", (int64_t)integrity->damage[i].offset);
		json_set_int(one, "bytes", (int64_t)integrity->damage[i].len);
		json_add(damage, one);
	}
	json_set(json, "damage", damage);
	return json;
}

static struct json *report_json(const struct cli *cli, const char *path, const struct verify_report *report,
								const struct err *err)
{
	struct json *json = json_object_new();
	json_set_text(json, "file", path);
	json_set_bool(json, "good", err->code == ERR_OK);
	json_set_text(json, "verdict", outcomes[outcome_of(report, err)].word);
	json_set_int(json, "file-bytes", (int64_t)report->file_bytes);
	if (waybill_is_authentic(report, err))
		waybill_to_json(json, report);
	if (report->have_verdict) {
		json_set_int(json, "approvals-demanded", report->verdict.demanded);
		json_set_int(json, "approvals-counted", report->verdict.people);
		json_set(json, "signers", signers_json(&report->verdict));
	}
	if (report->have_integrity)
		json_set(json, "integrity", integrity_json(&report->integrity));
	if (report->damage.known)
		json_set(json, "repair", damage_json(&report->damage));
	json_set(json, "notices", notices_json(&report->notices));
	if (err->code != ERR_OK)
		json_set(json, "error", failure_json(cli, err));
	return json;
}

/* --- the verb --- */

/* Of several bundles the reason must say which one it is about. */
static void name_bundle(const char *path, struct err *err)
{
	if (strncmp(err->message, path, strlen(path)) != 0)
		(void)err_wrap(err, "%s: ", path);
}

/* One bundle: its report is given whatever comes out. */
static int verify_one(struct cli *cli, const struct verify_request *request, struct json *into, struct err *err)
{
	auto_verify_report report = {0};
	struct progress progress = progress_bar_hook(&cli->bar);
	int rc = verify_bundle(request, &progress, &report, err);
	progress_bar_wipe(&cli->bar);
	if (into != NULL)
		json_add(into, report_json(cli, request->path, &report, err));
	else
		print_report(cli, request->path, &report, err);
	if (rc < 0)
		name_bundle(request->path, err);
	return rc;
}

int verb_verify(struct cli *cli, struct options *options, struct err *err)
{
	struct verify_request request = {.home = cli->home};
	if (confirm_card(cli, options, &request.card_path, &request.confirmed, err) < 0)
		return -1;
	struct json *bundles = cli->json != NULL ? json_array_new() : NULL;
	int rc = 0;
	for (unsigned i = 0; i < options->word_count; i++) {
		struct err one = ERR_INIT;
		request.path = options->words[i];
		if (i > 0)
			result(cli, "\n");
		int failed = verify_one(cli, &request, bundles, &one);
		/* The first that failed decides the exit status; that we were told to stop comes before all. */
		if (failed < 0 && (rc == 0 || one.code == ERR_CANCELLED))
			*err = one;
		rc = failed < 0 ? -1 : rc;
		if (one.code == ERR_CANCELLED)
			break;
	}
	if (cli->json != NULL)
		json_set(cli->json, "bundles", bundles);
	return rc;
}
