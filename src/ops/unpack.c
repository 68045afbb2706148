/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/unpack.h"

#include "base/cancel.h"
#include "base/path.h"
#include "format/names.h"
#include "media/output.h"
#include "ops/bag.h"
#include "ops/index.h"
#include "ops/memory.h"
#include "ops/parity.h"
#include "ops/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- which entries --- */

struct selection {
	uint32_t *entries; /* ascending; owned */
	size_t count;
};

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
	const char *last = path_last_component(request->files->paths[0], &len);
	const size_t suffix_len = strlen(BUNDLE_SUFFIX);
	struct volume_name volume;
	if (volume_name_parse(&volume, last))
		len = volume.stem_len;
	else if (len > suffix_len && strncmp(last + len - suffix_len, BUNDLE_SUFFIX, suffix_len) == 0)
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

/* --- types --- */

/* What the manifest says of the files, before anything of the payload is decrypted. Where it says nothing the content
 * will. */
static int check_types(const struct media_types *types, const struct manifest *manifest,
					   const struct selection *selection, struct err *err)
{
	const size_t count = selection->entries != NULL ? selection->count : manifest->entry_count;
	for (size_t i = 0; types->count > 0 && i < count; i++) {
		const struct manifest_entry *entry = &manifest->entries[selection->entries != NULL ? selection->entries[i] : i];
		if (entry->type != ENTRY_FOLDER && entry->media_type[0] != '\0' && !media_types_allow(types, entry->media_type))
			return tree_refuse_type(entry->path, entry->media_type, err);
	}
	return 0;
}

/* --- the work --- */

/* Between the first name and the last sync. */
struct unpacking {
	struct session *session;
	const struct unpack_request *request;
	struct received *received;
	struct selection selection; /* owned; entries NULL: all */
	struct output *output;      /* owned */
	int folder;                 /* of a bag: its data/, owned; else -1 */
	struct tree *tree;          /* owned */
	struct index_marker *marker;
	struct inspector *inspector; /* NULL where any type may be */
	struct digest document, page;
};

static void unpacking_clear(struct unpacking *work)
{
	tree_free(work->tree);
	index_marker_free(work->marker);
	inspector_free(work->inspector);
	if (work->folder >= 0)
		(void)close(work->folder);
	output_free(work->output);
	free(work->selection.entries);
}

/* The files, and what lies beside them: the document, the page, a bag's list of digests. */
static int check_space(const struct unpacking *work, struct err *err)
{
	const struct received *received = work->received;
	const uint64_t page = index_page_bytes(&received->manifest);
	return output_check_space(
		work->output, received->manifest.bytes + received->document.len + page + (work->request->bag ? page / 2 : 0),
		err);
}

static int open_folder(struct unpacking *work, struct err *err)
{
	const int top = output_fd(work->output);
	if (!work->request->bag)
		return 0;
	if (mkdirat(top, BAG_PAYLOAD, 0700) < 0)
		return err_sys(err, "cannot make the folder " BAG_PAYLOAD);
	work->folder = openat(top, BAG_PAYLOAD, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return work->folder >= 0 ? 0 : err_sys(err, "cannot open the folder " BAG_PAYLOAD);
}

static int make_tree(struct unpacking *work, struct err *err)
{
	const struct manifest *manifest = &work->received->manifest;
	const struct media_types *types = &work->session->station.doc.unpack_types;
	if (tree_new(&work->tree, work->folder >= 0 ? work->folder : output_fd(work->output), manifest, err) < 0 ||
		index_marker_new(&work->marker, manifest, err) < 0)
		return -1;
	tree_mark(work->tree, work->marker);
	if (types->count == 0)
		return 0;
	return inspector_new(&work->inspector, &work->session->schemes, INSPECT_TYPES_FULL, err) < 0 ||
				   tree_restrict(work->tree, types, work->inspector, err) < 0
			   ? -1
			   : 0;
}

/* The document goes first, so that its memory is free before the payload comes. */
static int begin_folder(struct unpacking *work, struct err *err)
{
	struct received *received = work->received;
	auto_free char *path = NULL;
	if (chosen_output(work->request, bundle_waybill(bundle_of(received->bundle)), &path, err) < 0 ||
		output_open(&work->output, path, OUTPUT_FOLDER, err) < 0 ||
		(work->selection.entries == NULL && check_space(work, err) < 0) || open_folder(work, err) < 0 ||
		index_write_document(output_fd(work->output), &received->document, &work->document, err) < 0)
		return -1;
	buf_clear(&received->document);
	return make_tree(work, err);
}

/* Everything else has been decided by now: nobody carries media for a bundle that is refused. */
static int gather_volumes(const struct unpacking *work, const struct progress *progress, struct err *err)
{
	const struct unpack_request *request = work->request;
	struct bundle_opened *bundle = work->received->bundle;
	if (request->only_count > 0 || request->feed == NULL)
		return 0;
	struct chunk_ranges missing;
	if (bundle_missing(bundle_of(bundle), &missing, err) < 0)
		return -1;
	if (missing.chunks > 0 && feed_bundle(bundle, output_fd(work->output), request->feed, progress, err) < 0)
		return -1;
	return volumes_check_complete(bundle_of(bundle), err);
}

static int fill_tree(struct unpacking *work, const struct progress *progress, struct err *err)
{
	const struct manifest *manifest = &work->received->manifest;
	const struct selection *selection = &work->selection;
	const struct payload_sink sink = tree_sink(work->tree);
	if (selection->entries == NULL)
		return payload_read_all(work->received->bundle, manifest, &sink, progress, err);
	for (size_t i = 0; i < selection->count; i++)
		if (tree_make_parents(work->tree, &manifest->entries[selection->entries[i]], err) < 0)
			return -1;
	return payload_read_some(work->received->bundle, manifest, selection->entries, selection->count, &sink, progress,
							 err);
}

/* --- what lies beside the files --- */

static int write_bag(const struct unpacking *work, const struct index_facts *index, struct err *err)
{
	const struct bag_tag_file beside[] = {{INDEX_DOCUMENT, work->document}, {INDEX_PAGE, work->page}};
	const struct bag_facts facts = {.manifest = index->manifest,
									.organisation = index->organisation,
									.identifier = index->manifest->bundle.text,
									.description = index->manifest->purpose,
									.date = index->received,
									.tag_files = beside,
									.tag_file_count = sizeof beside / sizeof beside[0]};
	return bag_write(output_fd(work->output), &facts, err);
}

static int write_beside(struct unpacking *work, struct err *err)
{
	const struct bundle_verified *bundle = bundle_of(work->received->bundle);
	const struct partner *partner = registry_find(&work->session->registry, &bundle_waybill(bundle)->from);
	const int top = output_fd(work->output);
	const struct index_facts facts = {.schemes = &work->session->schemes,
									  .manifest = &work->received->manifest,
									  .only = work->selection.entries,
									  .only_count = work->selection.count,
									  .waybill = bundle_waybill(bundle),
									  .bundle = bundle_digest(bundle),
									  .sender = partner != NULL ? partner->party.name : "",
									  .organisation = partner != NULL ? partner->party.organisation : "",
									  .registry = &work->session->registry,
									  .received = utc_now(),
									  .prefix = work->request->bag ? BAG_PAYLOAD "/" : ""};
	return index_write_page(top, &facts, &work->page, err) < 0 ||
				   (work->request->bag && write_bag(work, &facts, err) < 0) ||
				   index_mark_folder(work->marker, top, err) < 0
			   ? -1
			   : 0;
}

/* --- the ledger, the name --- */

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

/* Whoever took single files out has had them: what they were labelled is remembered as of a reception. */
static int remember_part(struct session *session, const struct received *received, struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle_of(received->bundle));
	auto_memories memories = {.items = NULL};
	if (memories_make(&memories, &received->manifest, &waybill->from, err) < 0)
		return -1;
	return ledger_remember(session->ledger, memories.items, memories.count, err);
}

static int commit(struct session *session, const struct received *received, struct output *output, const char *reason,
				  bool record, struct err *err)
{
	struct err second = ERR_INIT;
	auto_free char *override = NULL;
	int64_t row = 0;
	if (cancel_check(err) < 0 || override_text(received, reason, &override, err) < 0 ||
		(record ? record_reception(session, received, output, override, &row, err)
				: remember_part(session, received, err)) < 0)
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

static int tell_what_was_done(const struct unpacking *work, struct unpack_result *out, struct err *err)
{
	out->files = tree_files(work->tree);
	out->folders = tree_folders(work->tree);
	out->bytes = tree_bytes(work->tree);
	out->attributes = index_marker_held(work->marker);
	out->path = strdup(output_final_path(work->output));
	return out->path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int unpack_received(struct session *session, const struct unpack_request *request, struct unpack_result *out,
						   const struct progress *progress, struct err *err)
{
	struct received *received = &out->received;
	AUTO(unpacking_clear)
	struct unpacking work = {.session = session, .request = request, .received = received, .folder = -1};
	if ((request->only_count > 0 ? select_entries(request, &received->manifest, &work.selection, err)
		 : request->feed == NULL ? volumes_check_complete(bundle_of(received->bundle), err)
								 : 0) < 0 ||
		check_types(&session->station.doc.unpack_types, &received->manifest, &work.selection, err) < 0 ||
		begin_folder(&work, err) < 0 || gather_volumes(&work, progress, err) < 0 ||
		fill_tree(&work, progress, err) < 0 || tree_finish(work.tree, err) < 0 || write_beside(&work, err) < 0 ||
		output_sync(work.output, err) < 0 || tell_what_was_done(&work, out, err) < 0)
		return -1;
	const bool record = request->only_count == 0 && received->history.known == LEDGER_NEW;
	if (commit(session, received, work.output, request->reason, record, err) < 0)
		return -1;
	if (!record)
		receive_note(session, "unpack", received, out->path);
	return 0;
}

/* --- one that is damaged --- */

struct mended_file {
	struct output *output; /* owned; NULL where it is read as it is */
	struct parity_claim claim;
	struct parity_survey survey;
};

/* A mended file has no name; it is judged like any other. */
struct mended {
	struct mended_file *files; /* owned */
	int *fds;                  /* owned; -1 where a file is read as it is */
	struct volume_set set;     /* its array owned: what is read in place of what was given */
	unsigned count;            /* of files that are mended */
};

static void mended_clear(struct mended *mended)
{
	for (unsigned i = 0; i < mended->set.count; i++)
		output_free(mended->files[i].output);
	free(mended->files);
	free(mended->fds);
	free(mended->set.paths);
}

static int mended_make(struct mended *mended, const struct volume_set *files, struct err *err)
{
	const unsigned count = files->count;
	mended->files = calloc(count, sizeof *mended->files);
	mended->fds = malloc(count * sizeof *mended->fds);
	mended->set.paths = calloc(count, sizeof *mended->set.paths);
	if (mended->files == NULL || mended->fds == NULL || mended->set.paths == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	mended->set.count = count;
	mended->set.fds = mended->fds;
	memcpy(mended->set.paths, files->paths, count * sizeof *mended->set.paths);
	for (unsigned i = 0; i < count; i++)
		mended->fds[i] = -1;
	return 0;
}

/* out: mended->count files; 0: nothing can be, and *fault tells why in its hint. */
static int mend_files(const struct unpack_request *request, const struct progress *progress, struct mended *mended,
					  struct err *fault, struct err *err)
{
	const char *output = request->output != NULL ? request->output : "";
	size_t len = 0;
	const char *last = path_last_component(output, &len);
	auto_free char *folder = last == output ? strdup(".") : strndup(output, (size_t)(last - output));
	if (folder == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (mended_make(mended, request->files, err) < 0)
		return -1;
	for (unsigned i = 0; i < mended->set.count; i++) {
		const char *path = mended->set.paths[i];
		struct mended_file *file = &mended->files[i];
		if (parity_mend_aside(path, folder, progress, &file->output, &file->survey, &file->claim, err) < 0)
			return -1;
		if (file->survey.known && !file->survey.whole && !file->survey.possible)
			(void)err_hint(
				fault, "the parity file beside %s cannot give back what is lost: copy both again from where they came",
				path);
		if (file->output == NULL)
			continue;
		mended->fds[i] = output_fd(file->output);
		mended->count++;
	}
	return 0;
}

/* It must be the bundle that was damaged; then it is told what was done. */
static int check_mended(struct mended *mended, bool vouched, struct received *received, struct err *err)
{
	const struct digest *digest = bundle_digest(bundle_of(received->bundle));
	for (unsigned i = 0; i < mended->set.count; i++) {
		const char *path = mended->set.paths[i];
		struct mended_file *file = &mended->files[i];
		if (file->output == NULL)
			continue;
		file->claim.vouched = vouched;
		if (parity_check_same(&file->claim, &file->survey, path, digest, err) < 0)
			return -1;
		notice_add(&received->notices,
				   "%s was damaged and was mended by its parity file, to be unpacked: %u of %u slices", path,
				   file->survey.facts.bad_slices, file->survey.facts.shape.data_slices);
	}
	return 0;
}

static int unpack_once(struct session *session, const struct unpack_request *request, struct mended *mended,
					   bool vouched, const struct progress *progress, struct unpack_result *out, struct err *err)
{
	enum receive_purpose purpose = request->only_count == 0 && !request->again ? RECEIVE_WHOLE : RECEIVE_TO_READ;
	if (receive_bundle(session, mended != NULL ? &mended->set : request->files, purpose, request->overrides,
					   request->reason, &out->received, err) < 0 ||
		(mended != NULL && check_mended(mended, vouched, &out->received, err) < 0))
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

/* First as it is: only what is refused for what may be damage is mended, and received from the beginning. */
int unpack_bundle(struct session *session, const struct unpack_request *request, const struct progress *progress,
				  struct unpack_result *out, struct err *err)
{
	AUTO(mended_clear) struct mended mended = {.files = NULL};
	struct err fault = ERR_INIT;
	if (unpack_once(session, request, NULL, false, progress, out, &fault) == 0)
		return 0;
	if (!request->repair || !parity_may_help(fault.code)) {
		*err = fault;
		return request->repair ? -1 : parity_hint_unpack(request->files->paths, request->files->count, err);
	}
	const bool vouched = out->received.verdict.people > 0;
	unpack_result_clear(out);
	if (mend_files(request, progress, &mended, &fault, err) < 0)
		return -1;
	if (mended.count > 0)
		return unpack_once(session, request, &mended, vouched, progress, out, err);
	*err = fault;
	return -1;
}

void unpack_result_clear(struct unpack_result *result)
{
	free(result->path);
	received_clear(&result->received);
	*result = (struct unpack_result){0};
}
