/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_view.h"

#include "cli/report.h"
#include "ops/parity.h"

static struct json *key_json(const struct look *look, const struct fingerprint *fpr)
{
	const struct look_party party = look_party_of(look, fpr);
	struct json *json = party_json(fpr, party.name, party.organisation);
	json_set_text(json, "alias", party.alias[0] != '\0' ? party.alias : NULL);
	json_set_bool(json, "self", party.is_self);
	return json;
}

static struct json *signers_of(const struct look *look, const struct look_file *file)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < file->signer_count; i++) {
		const struct look_signer *signer = &file->signers[i];
		struct json *json = key_json(look, &signer->fingerprint);
		json_set_text(json, "standing", signer_standing_word(signer->standing));
		json_set_time(json, "signed", signer->created);
		json_add(array, json);
	}
	return array;
}

static struct json *fault_json(const struct look_file *file)
{
	struct json *json = json_object_new();
	json_set_text(json, "code", err_name(file->code));
	json_set_int(json, "exit", err_exit_status(file->code));
	json_set_text(json, "message", file->reason);
	json_set_text(json, "hint", file->hint);
	return json;
}

static void set_parity(struct json *json, const struct look_file *file)
{
	auto_free char *path = NULL;
	struct err ignored = ERR_INIT;
	json_set_text(json, "parity", file->has_parity && parity_path_of(&path, file->path, &ignored) == 0 ? path : NULL);
}

static struct json *file_json(const struct look *look, const struct look_file *file)
{
	struct json *json = json_object_new();
	json_set_text(json, "file", file->path);
	json_set_int(json, "file-bytes", (int64_t)file->bytes);
	json_set_text(json, "state", look_state_word(file->state));
	if (file->has_run) {
		json_set_int(json, "first-chunk", file->first_chunk);
		json_set_int(json, "chunks", (int64_t)file->last_chunk - file->first_chunk + 1);
	}
	set_parity(json, file);
	json_set(json, "signers", signers_of(look, file));
	if (file->code != ERR_OK)
		json_set(json, "error", fault_json(file));
	else if (file->reason != NULL)
		json_set_text(json, "note", file->reason);
	return json;
}

static struct json *missing_json(const struct look *look, const struct look_set *set)
{
	struct json *array = json_array_new();
	uint32_t first = 0, last = 0;
	for (uint32_t from = 0; look_next_missing(look, set, from, &first, &last); from = last + 1) {
		struct json *json = json_object_new();
		json_set_int(json, "first", first);
		json_set_int(json, "last", last);
		json_add(array, json);
	}
	return array;
}

static void waybill_into(struct json *json, const struct look *look, const struct look_set *set)
{
	const struct look_file *speaker = look_speaker(look, set);
	const struct waybill *waybill = &speaker->waybill;
	struct json *to = json_array_new();
	for (uint32_t i = 0; i < waybill->to_count; i++)
		json_add(to, key_json(look, &waybill->to[i]));
	json_set_text(json, "bundle", waybill->bundle.text);
	json_set(json, "from", key_json(look, &waybill->from));
	json_set_bool(json, "recipients-hidden", waybill->to_count == 0);
	json_set(json, "to", to);
	json_set_bool(json, "for-us", set->for_us);
	json_set_time(json, "created", waybill->created);
	json_set_time(json, "not-after", waybill->not_after);
	json_set_text(json, "handling", waybill->handling);
	json_set_int(json, "approvals-demanded", speaker->demanded);
	json_set_int(json, "approvals-counted", speaker->people);
	json_set_int(json, "chunks", waybill->chunks);
	json_set_int(json, "chunks-present", set->chunks);
	json_set(json, "missing", missing_json(look, set));
	json_set_time(json, "received", set->received);
	json_set_sequence(json, set->sequence);
	json_set_bool(json, "equivocation", set->equivocation);
}

static struct json *set_json(const struct look *look, const struct look_set *set)
{
	const struct look_file *speaker = look_speaker(look, set);
	struct json *json = json_object_new(), *volumes = json_array_new();
	json_set_text(json, "state", look_state_word(set->state));
	if (speaker->has_digest)
		json_set_digest(json, "digest", &speaker->digest);
	if (speaker->has_waybill)
		waybill_into(json, look, set);
	json_set_int(json, "volumes-present", set->pieces);
	json_set_int(json, "file-bytes", (int64_t)set->bytes);
	for (uint32_t i = 0; i < set->count; i++)
		json_add(volumes, file_json(look, &look->files[set->first + i]));
	json_set(json, "volumes", volumes);
	return json;
}

static void others_into(struct json *object, const struct look *look)
{
	struct json *parity = json_array_new(), *unfinished = json_array_new();
	for (uint32_t i = look->bundle_files; i < look->file_count; i++) {
		const struct look_file *file = &look->files[i];
		struct json *json = json_object_new();
		json_set_text(json, "file", file->path);
		json_set_int(json, "file-bytes", (int64_t)file->bytes);
		if (file->kind == LOOK_INTERRUPTED) {
			json_set_bool(json, "folder", file->is_folder);
			json_set_bool(json, "copy", file->is_copy);
		}
		json_add(file->kind == LOOK_INTERRUPTED ? unfinished : parity, json);
	}
	json_set(object, "parity-files", parity);
	json_set(object, "unfinished", unfinished);
}

void scan_to_json(struct json *object, const struct look *look)
{
	const struct look_tally *tally = &look->tally;
	struct json *bundles = json_array_new(), *counts = json_object_new();
	for (uint32_t i = 0; i < look->set_count; i++)
		json_add(bundles, set_json(look, &look->sets[i]));
	json_set_bool(object, "station", look->have_session);
	json_set(object, "bundles", bundles);
	others_into(object, look);
	json_set_int(counts, "other-files", (int64_t)tally->other_files);
	json_set_int(counts, "links", (int64_t)tally->links);
	json_set_int(counts, "specials", (int64_t)tally->specials);
	json_set_int(counts, "kernel-folders", (int64_t)tally->kernel_folders);
	json_set_int(counts, "too-deep", (int64_t)tally->too_deep);
	json_set_int(counts, "unreadable-folders", (int64_t)tally->unreadable_folders);
	json_set_int(counts, "unreadable-files", (int64_t)tally->unreadable_files);
	json_set(object, "passed-over", counts);
	json_set_bool(object, "complete", !look_tally_is_partial(tally) && !look->too_many);
	json_set(object, "notices", notices_json(&look->notices));
}
