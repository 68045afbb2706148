/* SPDX-License-Identifier: Apache-2.0 */
/* Which files belong together, for a verb that goes on to open them all: words become sets of paths, by what the files
 * claim, and nobody is judged. look_sets.c puts files together as well and is another thing: it has judged each file by
 * itself, shows also what nobody could use, and opens nothing again. What the two could share is one comparison of
 * digests; what they may not share is what counts as known. */
#include "ops/volumes.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/path.h"
#include "ops/pending.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOWN_MAX = 8, FILES_MAX = 20000 /* as a scan tells */ };

/* Of an open file, whatever it is called. Length and time as well: not every file system numbers its files for good. */
struct volume_id {
	bool known;
	dev_t dev;
	ino_t ino;
	off_t bytes;
	struct timespec changed;
};

void volume_sets_clear(struct volume_sets *sets)
{
	for (unsigned i = 0; i < sets->path_count; i++)
		free(sets->paths[i]);
	free(sets->paths);
	for (unsigned i = 0; i < sets->count; i++) {
		free(sets->items[i].paths);
		free(sets->items[i].ids);
		free(sets->items[i].fault);
	}
	free(sets->items);
	notices_clear(&sets->notices);
	*sets = (struct volume_sets){0};
}

/* --- from words to files --- */

static int add_path(struct volume_sets *sets, char *path, struct err *err)
{
	char **grown = sets->path_count < FILES_MAX ? array_grow(sets->paths, sets->path_count, sizeof *grown, err) : NULL;
	if (grown == NULL) {
		free(path);
		return err_set(err, ERR_LIMIT, "more than %d files", FILES_MAX);
	}
	sets->paths = grown;
	sets->paths[sets->path_count++] = path;
	return 0;
}

static int is_bundle_name(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(BUNDLE_SUFFIX);
	return entry->d_name[0] != '.' && len > suffix && strcmp(entry->d_name + len - suffix, BUNDLE_SUFFIX) == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Links that somebody laid on a medium lead anywhere on this machine; who means one names it. */
static int add_named(struct volume_sets *sets, const char *folder, struct dirent **entries, int count, struct err *err)
{
	for (int i = 0; i < count; i++) {
		struct stat st;
		auto_free char *path = NULL;
		if (cancel_check(err) < 0 || path_join(&path, folder, entries[i]->d_name, err) < 0)
			return -1;
		if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
			notice_add(&sets->notices, "left out: %s is a symbolic link, and none is followed in a folder", path);
		else if (add_path(sets, steal(&path), err) < 0)
			return -1;
	}
	return 0;
}

static int add_folder(struct volume_sets *sets, const char *folder, struct err *err)
{
	struct dirent **entries = NULL;
	const unsigned before = sets->path_count;
	const int count = scandir(folder, &entries, is_bundle_name, by_bytes);
	if (count < 0)
		return err_sys(err, "cannot read the folder %s", folder);
	int rc = add_named(sets, folder, entries, count, err);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	if (rc < 0 || sets->path_count > before)
		return rc;
	(void)err_set(err, ERR_NOT_A_BUNDLE, "there is no bundle in the folder %s", folder);
	return err_hint(err, "bundles there are found by their names, ….valise");
}

static bool is_folder(const char *word)
{
	struct stat st;
	return stat(word, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What is wrong with a file is told when it is opened. */
static int add_file(struct volume_sets *sets, const char *word, struct err *err)
{
	char *path = strdup(word);
	return path != NULL ? add_path(sets, path, err) : err_set(err, ERR_MEMORY, "out of memory");
}

static int gather(struct volume_sets *sets, const char *word, struct err *err)
{
	return is_folder(word) ? add_folder(sets, word, err) : add_file(sets, word, err);
}

/* --- from files to sets --- */

static struct volume_set *add_set(struct volume_sets *sets, struct err *err)
{
	struct volume_set *grown = array_grow(sets->items, sets->count, sizeof *grown, err);
	if (grown == NULL)
		return NULL;
	sets->items = grown;
	sets->items[sets->count] = (struct volume_set){0};
	return &sets->items[sets->count++];
}

static struct volume_id identify(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return (struct volume_id){.known = false};
	return (struct volume_id){
		.known = true, .dev = st.st_dev, .ino = st.st_ino, .bytes = st.st_size, .changed = st.st_mtim};
}

static bool is_same_file(const struct volume_id *a, const struct volume_id *b)
{
	return a->known && b->known && a->dev == b->dev && a->ino == b->ino && a->bytes == b->bytes &&
		   a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The name under which it is in the set already, or NULL. A set that is too large is refused when it is opened. */
static const char *find_same(const struct volume_set *set, const struct volume_id *id)
{
	for (unsigned i = 0; i < set->count && set->count <= VOLUMES_MAX; i++)
		if (is_same_file(&set->ids[i], id))
			return set->paths[i];
	return NULL;
}

static int grow_set(struct volume_set *set, struct err *err)
{
	const char **paths = array_grow(set->paths, set->count, sizeof *paths, err);
	if (paths == NULL)
		return -1;
	set->paths = paths;
	struct volume_id *ids = array_grow(set->ids, set->count, sizeof *ids, err);
	if (ids == NULL)
		return -1;
	set->ids = ids;
	return 0;
}

static int add_to_set(struct volume_sets *sets, struct volume_set *set, const char *path, struct err *err)
{
	if (set == NULL)
		return -1;
	const struct volume_id id = identify(path);
	const char *same = find_same(set, &id);
	if (same != NULL) {
		notice_add(&sets->notices, "%s is a repeat: it is the same file as %s", path, same);
		return 0;
	}
	if (grow_set(set, err) < 0)
		return -1;
	set->ids[set->count] = id;
	set->paths[set->count++] = path;
	return 0;
}

struct found { /* one for each set */
	struct digest waybill;
	bool joins; /* others with this waybill belong to it */
};

static unsigned find_set(const struct found *found, unsigned count, const struct digest *waybill)
{
	for (unsigned i = 0; i < count; i++)
		if (found[i].joins && digest_equal(&found[i].waybill, waybill))
			return i;
	return count;
}

/* A set of its own, for this file and those that join it. */
static int begin_set(struct volume_sets *sets, struct found **found, struct found facts, const char *path,
					 struct err *err)
{
	struct found *grown = array_grow(*found, sets->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	*found = grown;
	grown[sets->count] = facts;
	return add_to_set(sets, add_set(sets, err), path, err);
}

static int sort_one(struct volume_sets *sets, struct found **found, const char *path, struct err *err)
{
	struct bundle_claim claim = {.whole = true};
	struct err fault = ERR_INIT;
	const bool alone = pending_is_path(path) || bundle_peek(&claim, path, &fault) < 0 || claim.whole;
	if (fault.code == ERR_CANCELLED) {
		*err = fault;
		return -1;
	}
	const unsigned at = alone ? sets->count : find_set(*found, sets->count, &claim.waybill);
	if (at < sets->count)
		return add_to_set(sets, &sets->items[at], path, err);
	return begin_set(sets, found, (struct found){.waybill = claim.waybill, .joins = !alone}, path, err);
}

/* A folder that has no bundle, or cannot be read, keeps nobody from the verdict on what else was named. */
static int add_fault(struct volume_sets *sets, struct found **found, const char *word, const struct err *fault,
					 struct err *err)
{
	struct err *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*kept = *fault;
	if (add_file(sets, word, err) < 0 ||
		begin_set(sets, found, (struct found){.joins = false}, sets->paths[sets->path_count - 1], err) < 0) {
		free(kept);
		return -1;
	}
	sets->items[sets->count - 1].fault = kept;
	return 0;
}

static int sort_word(struct volume_sets *sets, struct found **found, const char *word, struct err *err)
{
	const unsigned before = sets->path_count;
	struct err fault = ERR_INIT;
	if (gather(sets, word, &fault) < 0) {
		if (fault.code == ERR_NOT_A_BUNDLE || fault.code == ERR_IO)
			return add_fault(sets, found, word, &fault, err);
		*err = fault;
		return -1;
	}
	for (unsigned i = before; i < sets->path_count; i++)
		if (sort_one(sets, found, sets->paths[i], err) < 0)
			return -1;
	return 0;
}

int volumes_sort(struct volume_sets *out, const char *const *words, unsigned count, struct err *err)
{
	auto_free struct found *found = NULL;
	*out = (struct volume_sets){0};
	if (count == 1 && !is_folder(words[0])) /* nothing to sort: it is opened once */
		return add_file(out, words[0], err) < 0 ? -1 : add_to_set(out, add_set(out, err), out->paths[0], err);
	for (unsigned i = 0; i < count; i++)
		if (sort_word(out, &found, words[i], err) < 0)
			return -1;
	return 0;
}

int volumes_find(struct volume_sets *out, const char *word, struct err *err)
{
	*out = (struct volume_sets){0};
	return gather(out, word, err);
}

/* --- the one that is meant --- */

static int fail_several(const struct volume_sets *sets, struct err *err)
{
	auto_buf names = {0};
	const unsigned shown = sets->count < SHOWN_MAX ? sets->count : SHOWN_MAX;
	for (unsigned i = 0; i < shown; i++)
		if (buf_printf(&names, err, "%s%s", i > 0 ? ", " : "", sets->items[i].paths[0]) < 0)
			return -1;
	(void)err_set(err, ERR_USAGE, "there are %u bundles in what was named, and one can be taken: %.700s%s", sets->count,
				  names.data, sets->count > shown ? ", …" : "");
	return err_hint(err, "name the file, or the volumes, of the one that is meant; valise scan tells which is which");
}

static int take_readable(struct volume_sets *sets, struct found **found, const char *path, struct err *first_fault,
						 struct err *err)
{
	struct bundle_claim claim;
	struct err fault = ERR_INIT;
	if (bundle_peek(&claim, path, &fault) < 0) {
		if (first_fault->code == ERR_OK)
			*first_fault = fault;
		notice_add(&sets->notices, "left out: %s", fault.message);
		return fault.code == ERR_CANCELLED ? err_set(err, ERR_CANCELLED, "interrupted") : 0;
	}
	const unsigned at = find_set(*found, sets->count, &claim.waybill);
	if (at < sets->count)
		return add_to_set(sets, &sets->items[at], path, err);
	return begin_set(sets, found, (struct found){.waybill = claim.waybill, .joins = true}, path, err);
}

static int sort_readable(struct volume_sets *sets, struct err *err)
{
	struct err first_fault = ERR_INIT;
	auto_free struct found *found = NULL;
	for (unsigned i = 0; i < sets->path_count; i++)
		if (take_readable(sets, &found, sets->paths[i], &first_fault, err) < 0)
			return -1;
	if (sets->count == 0) {
		*err = first_fault;
		return -1;
	}
	return sets->count == 1 ? 0 : fail_several(sets, err);
}

int volumes_one(struct volume_sets *out, const char *const *words, unsigned count, struct err *err)
{
	bool folders = false;
	*out = (struct volume_sets){0};
	for (unsigned i = 0; i < count; i++) {
		folders = folders || is_folder(words[i]);
		if (gather(out, words[i], err) < 0)
			return -1;
	}
	if (folders && out->path_count > 1)
		return sort_readable(out, err);
	struct volume_set *set = add_set(out, err);
	for (unsigned i = 0; i < out->path_count; i++)
		if (add_to_set(out, set, out->paths[i], err) < 0)
			return -1;
	return 0;
}

/* --- what is missing, and what is there twice --- */

static int format_ranges(struct buf *out, const struct chunk_ranges *ranges, struct err *err)
{
	for (uint32_t i = 0; i < ranges->count && i < SHOWN_MAX; i++) {
		const struct chunk_range *range = &ranges->items[i];
		if (buf_printf(out, err, "%s%u", i > 0 ? ", " : "", range->first) < 0 ||
			(range->last > range->first && buf_printf(out, err, " to %u", range->last) < 0))
			return -1;
	}
	return ranges->count > SHOWN_MAX ? buf_append_str(out, ", …", err) : 0;
}

static int format_names(struct buf *out, const struct bundle_verified *bundle, struct err *err)
{
	const uint32_t count = bundle_part_count(bundle);
	auto_free const char **paths = calloc(count, sizeof *paths);
	if (paths == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		paths[i] = bundle_part(bundle, i).path;
	return volume_name_missing(out, paths, count, err);
}

int volumes_describe_missing(struct buf *out, const struct bundle_verified *bundle, struct err *err)
{
	struct chunk_ranges missing;
	auto_buf ranges = {0}, names = {0};
	if (bundle_missing(bundle, &missing, err) < 0)
		return -1;
	if (missing.chunks == 0)
		return 0;
	if (format_ranges(&ranges, &missing, err) < 0 || format_names(&names, bundle, err) < 0)
		return -1;
	return names.len > 0 ? buf_printf(out, err, "%s (chunks %s)", names.data, ranges.data)
						 : buf_printf(out, err, "chunks %s", ranges.data);
}

int volumes_check_complete(const struct bundle_verified *bundle, struct err *err)
{
	struct chunk_ranges missing;
	auto_buf ranges = {0}, names = {0};
	if (bundle_missing(bundle, &missing, err) < 0)
		return -1;
	if (missing.chunks == 0)
		return 0;
	if (format_ranges(&ranges, &missing, err) < 0 || format_names(&names, bundle, err) < 0)
		return -1;
	(void)err_set(err, ERR_CHUNKS_MISSING, "%s of %u chunks of the payload, %u are in other volumes: %s",
				  bundle_part_count(bundle) == 1 ? "this is one volume of several:" : "not all volumes are here:",
				  bundle_waybill(bundle)->chunks, missing.chunks, ranges.data);
	return names.len > 0 ? err_hint(err, "by the names of those that are here, these are missing: %.400s", names.data)
						 : err_hint(err, "the other volumes of this bundle are needed as well");
}

void volumes_tell_repeats(struct notices *notices, const struct bundle_verified *bundle)
{
	for (uint32_t i = 0; i < bundle_left_out_count(bundle); i++)
		notice_add(notices, "left out: %s has other signatures than those that count, and nothing that others lack",
				   bundle_left_out(bundle, i));
	for (uint32_t i = 1; i < bundle_part_count(bundle); i++) {
		const struct bundle_part_facts before = bundle_part(bundle, i - 1), here = bundle_part(bundle, i);
		if (before.first_chunk == here.first_chunk && before.chunks == here.chunks)
			notice_add(notices, "%s is a repeat: it holds the same as %s", here.path, before.path);
	}
}
