/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/confirm.h"
#include "cli/failure.h"
#include "cli/report_damage.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "ops/verify.h"

#include <string.h>

enum { DAMAGE_SHOWN = 5, MISSING_SHOWN = 5 };

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

/* A bundle is bad where that was found, not where this machine could not look, nor where there was none. */
static enum outcome outcome_of(const struct volume_set *source, const struct verify_report *report,
							   const struct err *err)
{
	if (source->fault != NULL)
		return OUTCOME_UNKNOWN;
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

static void print_headline(struct cli *cli, const struct screen *screen, const struct volume_set *source,
						   const struct verify_report *report, const struct err *err)
{
	enum outcome outcome = outcome_of(source, report, err);
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

static void print_files(struct cli *cli, const struct screen *screen, const struct volume_set *files,
						const struct verify_report *report)
{
	const struct verify_volume *volumes = report->volumes;
	if (report->volume_count < 2) {
		for (unsigned i = 0; i < files->count; i++)
			report_row(screen, i == 0 ? "file" : "", safe(&cli->terminal, files->paths[i]));
		return;
	}
	for (unsigned i = 0; i < report->volume_count; i++)
		report_rowf(screen, i == 0 ? "files" : "", "%s, chunks %u to %u", safe(&cli->terminal, volumes[i].path),
					volumes[i].first_chunk, volumes[i].first_chunk + volumes[i].chunks - 1);
}

static void print_damage(struct cli *cli, const struct screen *screen, const struct verify_report *report,
						 const struct damage *damage, const char *key)
{
	const char *path = report->volume_count > 1 ? safe(&cli->terminal, report->volumes[damage->part].path) : "";
	report_rowf(screen, key, "%s%s%s, %s at %s", path, path[0] != '\0' ? ": " : "", damage->member,
				show_bytes(damage->len).text, show_count(damage->offset).text);
}

static void print_integrity(struct cli *cli, const struct screen *screen, const struct verify_report *report)
{
	const struct integrity *integrity = &report->integrity;
	const struct chunk_ranges *missing = &integrity->missing;
	report_rowf(screen, "checked", "%s, %s", show_number_of(integrity->members, "member").text,
				show_bytes(integrity->bytes).text);
	for (uint32_t i = 0; i < missing->count && i < MISSING_SHOWN; i++)
		report_rowf(screen, i == 0 ? "missing" : "", "%s, from %u to %u",
					show_number_of(missing->items[i].last - missing->items[i].first + 1, "chunk").text,
					missing->items[i].first, missing->items[i].last);
	if (missing->count > MISSING_SHOWN)
		report_rowf(screen, "", "and %u more runs; in all %s", missing->count - MISSING_SHOWN,
					show_number_of(missing->chunks, "chunk").text);
	for (unsigned i = 0; i < integrity->damage_count && i < DAMAGE_SHOWN; i++)
		print_damage(cli, screen, report, &integrity->damage[i], i == 0 ? "damaged" : "");
	if (integrity->bad_members > DAMAGE_SHOWN)
		report_rowf(screen, "", "and %s more", show_count(integrity->bad_members - DAMAGE_SHOWN).text);
}

static void print_report(struct cli *cli, const struct volume_set *files, const struct verify_report *report,
						 const struct err *err)
{
	const struct screen *screen = &cli->terminal.out;
	print_headline(cli, screen, files, report, err);
	if (cli->verbosity == QUIET)
		return;
	print_files(cli, screen, files, report);
	if (report->file_bytes > 0)
		report_row(screen, "size", show_bytes(report->file_bytes).text);
	if (waybill_is_authentic(report, err))
		print_waybill(cli, screen, report);
	if (report->have_verdict)
		report_signers(cli, screen, &report->verdict);
	if (report->have_integrity)
		print_integrity(cli, screen, report);
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

static struct json *missing_json(const struct chunk_ranges *missing)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < missing->count; i++) {
		struct json *one = json_object_new();
		json_set_int(one, "first", missing->items[i].first);
		json_set_int(one, "last", missing->items[i].last);
		json_add(array, one);
	}
	return array;
}

static struct json *volumes_json(const struct verify_report *report)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < report->volume_count; i++) {
		struct json *one = json_object_new();
		json_set_text(one, "file", report->volumes[i].path);
		json_set_int(one, "first-chunk", report->volumes[i].first_chunk);
		json_set_int(one, "chunks", report->volumes[i].chunks);
		json_set_int(one, "file-bytes", (int64_t)report->volumes[i].bytes);
		json_add(array, one);
	}
	return array;
}

static struct json *integrity_json(const struct verify_report *report)
{
	const struct integrity *integrity = &report->integrity;
	const struct chunk_ranges *missing = &integrity->missing;
	struct json *json = json_object_new(), *damage = json_array_new();
	json_set_int(json, "members", (int64_t)integrity->members);
	json_set_int(json, "bad-members", (int64_t)integrity->bad_members);
	json_set_int(json, "bytes", (int64_t)integrity->bytes);
	json_set_int(json, "missing-chunks", missing->chunks);
	if (missing->count > 0) {
		json_set_int(json, "first-missing", missing->items[0].first);
		json_set_int(json, "last-missing", missing->items[missing->count - 1].last);
	}
	json_set(json, "missing", missing_json(missing));
	for (unsigned i = 0; i < integrity->damage_count; i++) {
		struct json *one = json_object_new();
		json_set_text(one, "file", report->volumes[integrity->damage[i].part].path);
		json_set_text(one, "member", integrity->damage[i].member);
		json_set_int(one, "offset", (int64_t)integrity->damage[i].offset);
		json_set_int(one, "bytes", (int64_t)integrity->damage[i].len);
		json_add(damage, one);
	}
	json_set(json, "damage", damage);
	return json;
}

static struct json *report_json(const struct cli *cli, const struct volume_set *source,
								const struct verify_report *report, const struct err *err)
{
	struct json *json = json_object_new();
	json_set_text(json, "file", source->paths[0]);
	json_set_bool(json, "good", err->code == ERR_OK);
	json_set_text(json, "verdict", outcomes[outcome_of(source, report, err)].word);
	json_set_int(json, "file-bytes", (int64_t)report->file_bytes);
	if (report->have_waybill)
		json_set(json, "volumes", volumes_json(report));
	if (waybill_is_authentic(report, err))
		waybill_to_json(json, report);
	if (report->have_verdict) {
		json_set_int(json, "approvals-demanded", report->verdict.demanded);
		json_set_int(json, "approvals-counted", report->verdict.people);
		json_set(json, "signers", signers_json(&report->verdict));
	}
	if (report->have_integrity)
		json_set(json, "integrity", integrity_json(report));
	if (report->damage.known)
		json_set(json, "repair", repair_json(&report->damage));
	json_set(json, "notices", notices_json(&report->notices));
	if (err->code != ERR_OK)
		json_set(json, "error", failure_json(cli, err));
	return json;
}

/* --- the verb --- */

/* Of several bundles the reason must say which one it is about. */
static void name_bundle(const struct volume_set *files, struct err *err)
{
	for (unsigned i = 0; i < files->count; i++)
		if (strncmp(err->message, files->paths[i], strlen(files->paths[i])) == 0)
			return;
	(void)err_wrap(err, "%s: ", files->paths[0]);
}

/* One bundle: its report is given whatever comes out. in: more, to tell with it; or NULL. */
static int verify_one(struct cli *cli, const struct verify_request *request, const struct notices *more,
					  struct json *into, struct err *err)
{
	auto_verify_report report = {0};
	struct progress progress = progress_bar_hook(&cli->bar);
	int rc = verify_bundle(request, &progress, &report, err);
	progress_bar_wipe(&cli->bar);
	if (more != NULL)
		notices_append(&report.notices, more);
	if (into != NULL)
		json_add(into, report_json(cli, request->source, &report, err));
	else
		print_report(cli, request->source, &report, err);
	if (rc < 0 && request->source->fault == NULL)
		name_bundle(request->source, err);
	return rc;
}

int verb_verify(struct cli *cli, struct options *options, struct err *err)
{
	struct verify_request request = {.home = cli->home};
	auto_volume_sets sets = {0};
	if (confirm_card(cli, options, &request.card_path, &request.confirmed, err) < 0 ||
		volumes_sort(&sets, options->words, options->word_count, err) < 0)
		return -1;
	struct json *bundles = cli->json != NULL ? json_array_new() : NULL;
	int rc = 0;
	for (unsigned i = 0; i < sets.count; i++) {
		struct err one = ERR_INIT;
		request.source = &sets.items[i];
		if (i > 0)
			result(cli, "\n");
		int failed = verify_one(cli, &request, i == 0 ? &sets.notices : NULL, bundles, &one);
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
