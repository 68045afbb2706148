/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan.h"

#include "cli/report_decision.h"
#include "cli/show.h"

#include <string.h>

/* --- the request --- */

void plan_lists_clear(struct plan_lists *lists)
{
	for (unsigned i = 0; i < lists->alias_count; i++)
		free(lists->aliases[i]);
	free(lists->aliases);
	free(lists->labels);
	free(lists->authorisations);
	*lists = (struct plan_lists){0};
}

/* One --to: aliases with commas between them. */
static int split_aliases(struct plan_lists *lists, const char *text, struct err *err)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		if (len == 0)
			return err_set(err, ERR_USAGE, "an empty alias after --to");
		char **items = reallocarray(lists->aliases, lists->alias_count + 1, sizeof *items);
		char *item = strndup(text, len);
		if (items != NULL)
			lists->aliases = items;
		if (items == NULL || item == NULL) {
			free(item);
			return err_set(err, ERR_MEMORY, "out of memory");
		}
		items[lists->alias_count++] = item;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static int gather_aliases(struct plan_lists *lists, const struct options *options, struct err *err)
{
	auto_free const char **texts = NULL;
	unsigned count;
	if (options_gather(options, "to", &texts, &count, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (split_aliases(lists, texts[i], err) < 0)
			return -1;
	return 0;
}

int plan_parse(struct pack_request *request, struct plan_lists *lists, const struct options *options, struct err *err)
{
	if (gather_aliases(lists, options, err) < 0 ||
		options_gather(options, "label", &lists->labels, &request->label_count, err) < 0 ||
		options_gather(options, "authorisation", &lists->authorisations, &request->authorisation_count, err) < 0)
		return -1;
	request->paths = options->words;
	request->path_count = options->word_count;
	request->label_file = options_get(options, "label-file");
	request->to = (const char *const *)lists->aliases;
	request->to_count = lists->alias_count;
	request->labels = lists->labels;
	request->authorisations = lists->authorisations;
	return 0;
}

int plan_make(struct cli *cli, struct session *session, const struct pack_request *request, struct pack_plan **out,
			  struct err *err)
{
	struct progress progress = progress_bar_hook(&cli->bar);
	int rc = pack_plan_make(session, request, &progress, out, err);
	progress_bar_wipe(&cli->bar);
	return rc;
}

/* --- what will leave --- */

static const char *marks_text(struct cli *cli, const struct screen *screen, const struct session *session,
							  const struct pack_summary *summary)
{
	return labels_text(cli, screen, &session->schemes, (const char(*)[LABEL_ID_MAX + 1]) summary->marks,
					   summary->mark_count);
}

static void report_approvers(struct cli *cli, const struct screen *screen, const struct session *session,
							 const struct pack_summary *summary)
{
	if (summary->demand->people < 2)
		return;
	report_rowf(screen, "approvals", "%u people must sign %s", summary->demand->people,
				label_text(cli, screen, &session->schemes, summary->demand->label));
	for (unsigned i = 0; i < summary->approver_count; i++)
		report_row(screen, i == 0 ? "may approve" : "",
				   party_text(cli, summary->approvers[i]->party.name, summary->approvers[i]->party.organisation));
}

void plan_report(struct cli *cli, const struct screen *screen, const struct session *session,
				 const struct pack_summary *summary)
{
	for (unsigned i = 0; i < summary->recipient_count; i++) {
		const struct partner *to = summary->recipients[i];
		report_rowf(screen, i == 0 ? "for" : "", "%s", safe(&cli->terminal, to->party.organisation));
		report_rowf(screen, "", "%s, %s", safe(&cli->terminal, to->party.name), safe(&cli->terminal, to->alias));
		report_row(screen, "", fingerprint_text(cli, &to->fingerprint));
	}
	if (summary->pre_shared_secret)
		report_row(screen, "secret", "opens only with the pre-shared secret of the channel too");
	if (summary->recipients_hidden)
		report_row(screen, "outside", "neither waybill nor key slots tell for whom it is");
	report_rowf(screen, "files", "%s in %s, %s", show_count(summary->files).text,
				show_number_of(summary->folders, "folder").text, show_bytes(summary->bytes).text);
	report_row_styled(screen, "labels", marks_text(cli, screen, session, summary));
	if (summary->manifest->purpose != NULL && summary->manifest->purpose[0] != '\0')
		report_row(screen, "purpose", quoted(cli, summary->manifest->purpose));
	report_handling(cli, screen, summary->manifest->handling);
	if (summary->recipient_count > 0)
		report_rowf(screen, "not after", "%s, %s", show_time(summary->not_after).text,
					show_expiry(summary->not_after, utc_now()).text);
	report_approvers(cli, screen, session, summary);
}

static struct json *approvers_json(const struct pack_summary *summary)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < summary->approver_count; i++) {
		const struct partner *one = summary->approvers[i];
		struct json *json = party_json(&one->fingerprint, one->party.name, one->party.organisation);
		json_set_text(json, "alias", one->alias);
		json_add(array, json);
	}
	return array;
}

static struct json *recipients_json(const struct pack_summary *summary, const struct pack_result *done)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < summary->recipient_count; i++) {
		const struct partner *to = summary->recipients[i];
		struct json *json = party_json(&to->fingerprint, to->party.name, to->party.organisation);
		json_set_text(json, "alias", to->alias);
		if (done != NULL)
			json_set_sequence(json, done->sequences[i]);
		json_add(array, json);
	}
	return array;
}

void plan_to_json(struct json *json, const struct pack_summary *summary, const struct pack_result *done)
{
	json_set(json, "to", recipients_json(summary, done));
	json_set_bool(json, "recipients-hidden", summary->recipients_hidden);
	json_set_bool(json, "pre-shared-secret", summary->pre_shared_secret);
	json_set_int(json, "files", summary->files);
	json_set_int(json, "folders", summary->folders);
	json_set_int(json, "bytes", (int64_t)summary->bytes);
	json_set_labels(json, "marks", (const char(*)[LABEL_ID_MAX + 1]) summary->marks, summary->mark_count);
	json_set_text(json, "purpose", summary->manifest->purpose);
	json_set_int(json, "approvals", summary->demand->people);
	json_set(json, "approvers", approvers_json(summary));
	json_set_time(json, "not-after", done != NULL ? done->not_after : summary->not_after);
	json_set(json, "notices", notices_json(summary->notices));
}

/* --- why --- */

static void report_reasons(struct cli *cli, const struct screen *screen, const struct session *session,
						   const struct pack_summary *summary)
{
	const struct manifest *manifest = summary->manifest;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER)
			continue;
		const struct manifest_marking *marking = &manifest->markings[entry->marking];
		(void)fprintf(screen->file, "%s  (%s)\n", safe(&cli->terminal, entry->path),
					  safe(&cli->terminal, entry->media_type));
		for (uint32_t n = 0; n < marking->count; n++) {
			auto_buf why = {0};
			struct err ignored = ERR_INIT; /* a reason is worth less than the label */
			(void)labelling_explain(summary->labelling, i, n, &why, &ignored);
			(void)fprintf(screen->file, "  %s  %s\n", label_text(cli, screen, &session->schemes, marking->labels[n].id),
						  why.data != NULL ? safe(&cli->terminal, why.data) : "");
		}
	}
}

static struct json *reasons_json(const struct pack_summary *summary)
{
	struct json *array = json_array_new();
	const struct manifest *manifest = summary->manifest;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		for (uint32_t n = 0; entry->type != ENTRY_FOLDER && n < manifest->markings[entry->marking].count; n++) {
			auto_buf why = {0};
			struct err ignored = ERR_INIT;
			struct json *json = json_object_new();
			(void)labelling_explain(summary->labelling, i, n, &why, &ignored);
			json_set_text(json, "path", entry->path);
			json_set_text(json, "label", manifest->markings[entry->marking].labels[n].id);
			json_set_text(json, "why", why.data);
			json_add(array, json);
		}
	}
	return array;
}

/* --- all of it --- */

static const char **names_of(const struct pack_summary *summary)
{
	const char **names = calloc(summary->recipient_count + (size_t)1, sizeof *names);
	for (unsigned i = 0; names != NULL && i < summary->recipient_count; i++)
		names[i] = summary->recipients[i]->alias;
	return names;
}

static void show_text(struct cli *cli, const struct session *session, const struct pack_summary *summary,
					  enum plan_detail detail, const char *const *names)
{
	const struct screen *screen = &cli->terminal.out;
	if (detail == PLAN_WITH_REASONS)
		report_reasons(cli, screen, session, summary);
	plan_report(cli, screen, session, summary);
	if (detail == PLAN_WITH_FILES)
		report_entries(cli, screen, &session->schemes, summary->manifest);
	report_decisions(cli, screen, summary->decisions, names);
	(void)fflush(stdout);
	report_notices(cli, summary->notices);
}

int plan_show(struct cli *cli, const struct session *session, const struct pack_summary *summary,
			  enum plan_detail detail, struct err *err)
{
	auto_free const char **names = names_of(summary);
	if (names == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (cli->json != NULL) {
		plan_to_json(cli->json, summary, NULL);
		json_set(cli->json, "entries", entries_json(summary->manifest));
		if (detail == PLAN_WITH_REASONS)
			json_set(cli->json, "reasons", reasons_json(summary));
		json_set(cli->json, "decisions", decisions_json(summary->decisions, names));
	} else {
		show_text(cli, session, summary, detail, names);
	}
	return policy_report_check(summary->decisions, err);
}
