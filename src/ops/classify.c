/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/classify.h"

#include "policy/equivalence.h"

#include <stdlib.h>
#include <string.h>

void classified_clear(struct classified *classified)
{
	labelling_free(classified->labelling);
	policy_report_clear(&classified->report);
	detected_clear(&classified->detected);
	scan_clear(&classified->scan);
	manifest_clear(&classified->manifest);
	notices_clear(&classified->notices);
	*classified = (struct classified){0};
}

/* --- what the files say, and what they are --- */

static int refuse_nothing(const struct manifest *manifest, struct err *err)
{
	if (manifest->files > 0)
		return 0;
	(void)err_set(err, ERR_CONTENT, "there is no file to pack");
	return err_hint(err, "give the path of a folder that holds files");
}

static int check_types(const struct session *session, const struct manifest *manifest, struct err *err)
{
	const struct media_types *allowed = &session->station.doc.pack_types;
	for (uint32_t i = 0; allowed->count > 0 && i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER || media_types_allow(allowed, entry->media_type))
			continue;
		(void)err_set(err, ERR_TYPE, "%s is %s, which this station does not pack", entry->path, entry->media_type);
		return err_hint(err, "take it out of the folder; pack-types in station.yaml lists what may be packed");
	}
	return 0;
}

/* One notice for each reason; the first as many as there are forms. */
static void tell_not_read(const struct detected *detected, const struct manifest *manifest, struct notices *notices)
{
	enum { REASONS_MAX = 12 };
	uint32_t first[REASONS_MAX], files[REASONS_MAX], reasons = 0, others = 0;
	for (uint32_t i = 0; i < detected->not_read_count; i++) {
		uint32_t r = 0;
		while (r < reasons && strcmp(detected->not_read[first[r]].why, detected->not_read[i].why) != 0)
			r++;
		if (r == REASONS_MAX) {
			others++;
			continue;
		}
		if (r == reasons) {
			first[reasons] = i;
			files[reasons++] = 0;
		}
		files[r]++;
	}
	for (uint32_t r = 0; r < reasons; r++)
		notice_add(notices, "%u file(s) could not be read for labels: %s%s: %s", (unsigned)files[r],
				   manifest->entries[detected->not_read[first[r]].entry].path, files[r] > 1 ? ", …" : "",
				   detected->not_read[first[r]].why);
	if (others > 0)
		notice_add(notices, "%u more file(s) could not be read for labels, for other reasons", (unsigned)others);
}

/* What was not looked at is told: nobody shall believe that it was. */
static void tell_limits(const struct detected *detected, const struct manifest *manifest, struct notices *notices)
{
	if (detected->not_whole_count > 0)
		notice_add(notices, "%u file(s) are longer than %d MiB and were read for labels up to there: %s%s",
				   (unsigned)detected->not_whole_count, INSPECT_BYTES_MAX >> 20,
				   manifest->entries[detected->not_whole[0]].path, detected->not_whole_count > 1 ? ", …" : "");
	tell_not_read(detected, manifest, notices);
	if (detected->misnamed_count > 0)
		notice_add(notices, "%u file(s) are not what their name says: %s%s is %s, not %s",
				   (unsigned)detected->misnamed_count, manifest->entries[detected->misnamed[0].entry].path,
				   detected->misnamed_count > 1 ? ", …" : "", manifest->entries[detected->misnamed[0].entry].media_type,
				   detected->misnamed[0].named);
}

static int look_inside(struct session *session, struct classified *out, const unsigned char *digest,
					   const struct progress *progress, struct err *err)
{
	const enum inspect_types types = session->station.doc.pack_types.count > 0 ? INSPECT_TYPES_FULL
																			   : INSPECT_TYPES_QUICK;
	const struct detect_flags flags = {.skip = labelling_skips(out->labelling), .digest = digest};
	if (detect_all(&out->scan, &out->manifest, &session->schemes, types, &flags, progress, &out->detected, err) < 0)
		return -1;
	tell_limits(&out->detected, &out->manifest, &out->notices);
	return check_types(session, &out->manifest, err);
}

/* --- whose word the labels are --- */

static bool is_among(char (*ids)[LABEL_ID_MAX + 1], uint32_t count, const char *id)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

/* What the labels count as elsewhere, by the table in force: told beside them, never in their place. */
static int add_equivalents(const struct equivalence_doc *table, int64_t now, struct manifest_marking *marking,
						   char (*room)[LABEL_ID_MAX + 1], struct err *err)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < marking->count; i++)
		for (uint32_t j = 0; j < table->count; j++) {
			const struct equivalence *item = &table->items[j];
			if (strcmp(item->from, marking->labels[i].id) != 0 || !equivalence_is_in_date(item, now))
				continue;
			if (count == MANIFEST_LABELS_MAX)
				return err_set(err, ERR_LIMIT, "more than %d equivalents of one file's labels", MANIFEST_LABELS_MAX);
			if (!is_among(room, count, item->to))
				memcpy(room[count++], item->to, sizeof *room);
		}
	qsort(room, count, sizeof *room, label_id_compare);
	marking->handle_as = room;
	marking->handle_as_count = count;
	return 0;
}

/* A label file that names another would take the word from him who may lower the label. */
static int check_originator(const struct session *session, const struct manifest_marking *marking,
							const struct fingerprint *known, const char *path, struct err *err)
{
	if (marking->originator.hex[0] == '\0' || fingerprint_equal(&marking->originator, known))
		return 0;
	const struct partner *partner = registry_find(&session->registry, known);
	if (partner != NULL && partner_has_key(partner, &marking->originator))
		return 0;
	(void)err_set(err, ERR_LABEL, "%s: its originator is %s, from whom these bytes came, and not %s", path,
				  partner != NULL ? partner->alias : known->hex, marking->originator.hex);
	return err_hint(err, "leave `originator` out of the label file for this file: it is known");
}

/* What came from somebody stays his: a marking that names no originator gets the one that the ledger remembers. */
static int complete_marking(const struct session *session, const struct recollection *known, uint32_t entry,
							int64_t now, struct manifest *manifest, struct err *err)
{
	char room[MANIFEST_LABELS_MAX][LABEL_ID_MAX + 1];
	struct manifest_marking marking = manifest->markings[manifest->entries[entry].marking];
	const struct fingerprint *originator = recollection_originator(known, session, entry);
	if (originator != NULL && check_originator(session, &marking, originator, manifest->entries[entry].path, err) < 0)
		return -1;
	if (originator != NULL)
		marking.originator = *originator;
	if (add_equivalents(&session->equivalence, now, &marking, room, err) < 0)
		return -1;
	return manifest_add_marking(manifest, &marking, &manifest->entries[entry].marking, err);
}

static int complete_markings(const struct session *session, const struct recollection *known, int64_t now,
							 struct manifest *manifest, struct err *err)
{
	if (known->file_count == 0 && session->equivalence.count == 0)
		return 0;
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER && complete_marking(session, known, i, now, manifest, err) < 0)
			return -1;
	return manifest_drop_unused_markings(manifest, err);
}

static int remember(struct session *session, const struct classify_request *request, struct classified *out,
					const struct recollection *known, struct err *err)
{
	auto_authorisations words = {0};
	if (complete_markings(session, known, request->now, &out->manifest, err) < 0 ||
		authorisations_load(&words, session, request->authorisations, request->authorisation_count, request->now, err) <
			0)
		return -1;
	return downgrade_check(session, &out->manifest, known, words.items, words.count, request->now, err);
}

/* --- the rules --- */

static int judge(const struct session *session, const struct classify_request *request, struct classified *out,
				 struct err *err)
{
	auto_free struct policy_party *parties = calloc(request->recipient_count + (size_t)1, sizeof *parties);
	if (parties == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < request->recipient_count; i++)
		parties[i] = policy_party_of_partner(request->recipients[i]);
	struct policy_case about = session_policy_case(session, POLICY_SENDING, &out->manifest, request->now);
	about.recipients = parties;
	about.recipient_count = request->recipient_count;
	about.not_after = request->not_after;
	return policy_decide(&about, &out->report, err);
}

/* --- the story --- */

int classify(struct session *session, const struct classify_request *request, const struct progress *progress,
			 struct classified *out, struct err *err)
{
	const struct labelling_request labels = {.labels = request->labels,
											 .label_count = request->label_count,
											 .label_file = request->label_file,
											 .label_text = request->label_text};
	auto_recollection known = {0};
	auto_free unsigned char *sizes = NULL; /* files that the ledger may know */
	if (scan_paths(request->paths, request->path_count, &out->scan, &out->manifest, err) < 0 ||
		refuse_nothing(&out->manifest, err) < 0 ||
		labelling_prepare(&out->labelling, session, &labels, &out->scan, &out->manifest, &out->notices, err) < 0 ||
		recollection_sizes(&sizes, session, &out->manifest, err) < 0 ||
		look_inside(session, out, sizes, progress, err) < 0 ||
		recollect(&known, session, sizes, &out->scan, &out->manifest, err) < 0 ||
		labelling_decide(out->labelling, &out->detected, &out->manifest, &out->notices, err) < 0 ||
		remember(session, request, out, &known, err) < 0)
		return -1;
	return judge(session, request, out, err);
}
