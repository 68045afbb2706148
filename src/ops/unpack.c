/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/unpack.h"

#include "base/cancel.h"
#include "base/path.h"
#include "media/output.h"
#include "ops/memory.h"
#include "ops/tree.h"

#include <string.h>

/* --- which entries --- */

struct selection {
	uint32_t *entries; /* ascending; owned */
	size_t count;
};

static void selection_clear(struct selection *selection)
{
	free(selection->entries);
}

static bool lies_in(const char *path, const char *wanted, size_t wanted_len)
{
	return strncmp(path, wanted, wanted_len) == 0 && (path[wanted_len] == '\0' || path[wanted_len] == '/');
}

static bool is_wanted(const struct unpack_request *request, const char *path, unsigned char *found)
{
	bool wanted = false;
	for (unsigned i = 0; i < request->only_count; i++) {
		size_t len = strlen(request->only[i]);
		while (len > 1 && request->only[i][len - 1] == '/')
			len--;
		if (lies_in(path, request->only[i], len)) {
			found[i] = 1;
			wanted = true;
		}
	}
	return wanted;
}

static int select_entries(const struct unpack_request *request, const struct manifest *manifest, struct selection *out,
						  struct err *err)
{
	auto_free unsigned char *found = calloc(request->only_count, 1);
	out->entries = malloc((size_t)manifest->entry_count * sizeof *out->entries);
	if (found == NULL || out->entries == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (is_wanted(request, manifest->entries[i].path, found))
			out->entries[out->count++] = i;
	for (unsigned i = 0; i < request->only_count; i++)
		if (!found[i]) {
			(void)err_set(err, ERR_USAGE, "%s is not in the bundle", request->only[i]);
			return err_hint(err, "`valise list` shows what is inside");
		}
	return 0;
}

/* --- where to --- */

/* The bundle's stem where that is a tame name, else its id. */
static int default_output(const struct unpack_request *request, const struct waybill *waybill, char **out,
						  struct err *err)
{
	size_t len = 0;
	const char *last = path_last_component(request->path, &len);
	static const char suffix[] = ".valise";
	const size_t suffix_len = sizeof suffix - 1;
	if (len > suffix_len && strncmp(last + len - suffix_len, suffix, suffix_len) == 0)
		len -= suffix_len;
	*out = strndup(last, len);
	if (*out != NULL && !path_is_tame(*out)) {
		free(*out);
		*out = strdup(waybill->bundle.text);
	}
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int chosen_output(const struct unpack_request *request, const struct waybill *waybill, char **out,
						 struct err *err)
{
	if (request->output == NULL)
		return default_output(request, waybill, out, err);
	size_t len = strlen(request->output);
	while (len > 1 && request->output[len - 1] == '/')
		len--;
	*out = strndup(request->output, len);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* --- the work --- */

static int fill_tree(struct received *received, const struct selection *selection, struct tree *tree,
					 const struct progress *progress, struct err *err)
{
	const struct manifest *manifest = &received->manifest;
	const struct payload_sink sink = tree_sink(tree);
	if (selection->entries == NULL)
		return payload_read_all(received->bundle, manifest, &sink, progress, err);
	for (size_t i = 0; i < selection->count; i++)
		if (tree_make_parents(tree, &manifest->entries[selection->entries[i]], err) < 0)
			return -1;
	return payload_read_some(received->bundle, manifest, selection->entries, selection->count, &sink, progress, err);
}

/* What was overridden, as the ledger keeps it: "clock: reason". NULL for nothing. */
static int override_text(const struct received *received, const char *reason, char **out, struct err *err)
{
	static const char *const words[] = {NULL, "expired", "clock", "expired,clock"};
	_Static_assert(OVERRIDE_EXPIRED == 1 && OVERRIDE_CLOCK == 2, "words are indexed by these bits");
	*out = NULL;
	if (received->overridden != 0 && asprintf(out, "%s: %s", words[received->overridden & 3], reason) < 0) {
		*out = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	return 0;
}

/* Reception is recorded at the first complete unpacking, before the folder gets its name. */
static int record_reception(struct session *session, const struct received *received, const struct output *output,
							const char *override, int64_t *out_row, struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	const struct partner *partner = registry_find(&session->registry, &waybill->from);
	auto_buf marks = {0};
	auto_memories memories = {.items = NULL};
	struct ledger_unpacking row = {.bundle = waybill->bundle,
								   .digest = *bundle_digest(bundle_of(received->bundle)),
								   .from = waybill->from,
								   .sequence = received->slot.sequence,
								   .previous = received->slot.previous,
								   .created = waybill->created,
								   .files = received->manifest.files,
								   .bytes = received->manifest.bytes,
								   .override = override,
								   .final_path = output_final_path(output)};
	if (partner != NULL)
		(void)snprintf(row.alias, sizeof row.alias, "%s", partner->alias);
	if (manifest_format_marks(&marks, &received->manifest, err) < 0 ||
		memories_make(&memories, &received->manifest, &waybill->from, err) < 0 ||
		output_identity(output, &row.dev, &row.ino, err) < 0)
		return -1;
	row.marks = marks.data;
	row.memories = memories.items;
	row.memory_count = memories.count;
	return ledger_unpacking(session->ledger, &row, out_row, err);
}

static int commit(struct session *session, const struct received *received, struct output *output, const char *reason,
				  bool record, struct err *err)
{
	struct err second = ERR_INIT;
	auto_free char *override = NULL;
	int64_t row = 0;
	if (cancel_check(err) < 0 || override_text(received, reason, &override, err) < 0 ||
		(record && record_reception(session, received, output, override, &row, err) < 0))
		return -1;
	if (output_commit(output, err) < 0) {
		if (record) /* should this fail, the next run settles the row by looking */
			(void)ledger_unreceive(session->ledger, row, &second);
		return -1;
	}
	if (record)
		(void)ledger_received(session->ledger, row, &second);
	return 0;
}

static int unpack_received(struct session *session, const struct unpack_request *request, struct unpack_result *out,
						   const struct progress *progress, struct err *err)
{
	struct received *received = &out->received;
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	AUTO(selection_clear) struct selection selection = {0};
	auto_free char *path = NULL;
	auto_output *output = NULL;
	auto_tree *tree = NULL;
	if (request->only_count > 0 && select_entries(request, &received->manifest, &selection, err) < 0)
		return -1;
	if (chosen_output(request, waybill, &path, err) < 0 || output_open(&output, path, OUTPUT_FOLDER, err) < 0 ||
		(selection.entries == NULL && output_check_space(output, received->manifest.bytes, err) < 0) ||
		tree_new(&tree, output_fd(output), &received->manifest, err) < 0 ||
		fill_tree(received, &selection, tree, progress, err) < 0 || tree_finish(tree, err) < 0 ||
		output_sync(output, err) < 0)
		return -1;
	out->files = tree_files(tree);
	out->folders = tree_folders(tree);
	out->bytes = tree_bytes(tree);
	out->path = strdup(output_final_path(output));
	if (out->path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const bool record = request->only_count == 0 && received->history.known == LEDGER_NEW;
	if (commit(session, received, output, request->reason, record, err) < 0)
		return -1;
	if (!record)
		receive_note(session, "unpack", received, out->path);
	return 0;
}

int unpack_bundle(struct session *session, const struct unpack_request *request, const struct progress *progress,
				  struct unpack_result *out, struct err *err)
{
	enum receive_purpose purpose = request->only_count == 0 && !request->again ? RECEIVE_WHOLE : RECEIVE_TO_READ;
	if (receive_bundle(session, request->path, purpose, request->overrides, request->reason, &out->received, err) < 0)
		return -1;
	int rc = unpack_received(session, request, out, progress, err);
	if (rc < 0) {
		const struct bundle_verified *bundle = bundle_of(out->received.bundle);
		struct err second = ERR_INIT;
		(void)ledger_note(session->ledger, "unpack", err->code, &bundle_waybill(bundle)->from,
						  &bundle_waybill(bundle)->bundle, bundle_digest(bundle), err->message, &second);
	}
	return rc;
}

void unpack_result_clear(struct unpack_result *result)
{
	free(result->path);
	received_clear(&result->received);
	*result = (struct unpack_result){0};
}
