/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest in memory: growing arrays, and an arena for the text of a million paths. Markings and records have a
 * file of their own. */
#include "format/manifest.h"

#include "base/array.h"
#include "base/secret.h"
#include "format/manifest_parts.h"

#include <stdlib.h>
#include <string.h>

const char *const entry_type_names[ENTRY_TYPE_COUNT] = {"folder", "file", "executable"};
const char *const label_origin_names[LABEL_ORIGIN_COUNT] = {"option", "default", "label-file", "detected"};

const char *label_origin_name(enum label_origin origin)
{
	return label_origin_names[origin];
}

/* How many bytes at the start are of [a-z0-9-]. */
static size_t word_len(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool scheme_id_is_valid(const char *id)
{
	size_t len = word_len(id);
	return len > 0 && len <= LABEL_ID_MAX && id[len] == '\0';
}

bool label_id_is_valid(const char *id)
{
	size_t scheme = word_len(id);
	if (scheme == 0 || id[scheme] != '/')
		return false;
	size_t label = word_len(id + scheme + 1);
	return label > 0 && scheme + 1 + label <= LABEL_ID_MAX && id[scheme + 1 + label] == '\0';
}

int label_id_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int manifest_init(struct manifest *manifest, struct err *err)
{
	*manifest = (struct manifest){0};
	manifest->arena = calloc(1, sizeof *manifest->arena);
	manifest->purpose = calloc(1, 1);
	manifest->handling = calloc(1, 1);
	if (manifest->arena == NULL || manifest->purpose == NULL || manifest->handling == NULL) {
		manifest_clear(manifest);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	random_bytes(&manifest->arena->seed, sizeof manifest->arena->seed);
	return 0;
}

void manifest_clear(struct manifest *manifest)
{
	free(manifest->purpose);
	free(manifest->handling);
	free(manifest->recipients);
	free(manifest->schemes);
	free(manifest->marks);
	free(manifest->voided);
	free(manifest->markings);
	free(manifest->releasable);
	free(manifest->records);
	free(manifest->entries);
	arena_free(manifest->arena);
	*manifest = (struct manifest){0};
}

/* Files of one kind often stand together: their media type is stored once. */
static char *dup_media_type(struct manifest *m, const char *type)
{
	if (m->entry_count > 0 && m->entries[m->entry_count - 1].media_type != NULL &&
		strcmp(m->entries[m->entry_count - 1].media_type, type) == 0)
		return m->entries[m->entry_count - 1].media_type;
	return arena_dup(m->arena, type);
}

int manifest_add_entry(struct manifest *manifest, const struct manifest_entry *entry, struct err *err)
{
	if (manifest->entry_count == MANIFEST_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d files and folders", MANIFEST_ENTRIES_MAX);
	struct manifest_entry *entries = array_grow(manifest->entries, manifest->entry_count, sizeof *entries, err);
	if (entries == NULL)
		return -1;
	manifest->entries = entries;
	struct manifest_entry copy = *entry;
	copy.path = arena_dup(manifest->arena, entry->path);
	copy.media_type = dup_media_type(manifest, entry->media_type != NULL ? entry->media_type : "");
	if (copy.path == NULL || copy.media_type == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	entries[manifest->entry_count++] = copy;
	if (copy.type != ENTRY_FOLDER) {
		manifest->files++;
		manifest->bytes += copy.size;
	}
	return 0;
}

const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path)
{
	uint32_t low = 0, high = manifest->entry_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(path, manifest->entries[middle].path);
		if (order == 0)
			return &manifest->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int manifest_void_compare(const void *a, const void *b)
{
	const struct manifest_void *first = a, *second = b;
	int by_recipient = strcmp(first->to.hex, second->to.hex);
	if (by_recipient != 0)
		return by_recipient;
	return first->sequence < second->sequence ? -1 : first->sequence > second->sequence;
}

enum { TYPES_LOOKED_BACK = 16 };

int manifest_set_media_type(struct manifest *manifest, uint32_t entry, const char *type, struct err *err)
{
	struct manifest_entry *entries = manifest->entries;
	/* files of a folder have few types between them */
	for (uint32_t i = entry; i-- > 0 && entry - i <= TYPES_LOOKED_BACK;)
		if (entries[i].media_type[0] != '\0' && strcmp(entries[i].media_type, type) == 0) {
			entries[entry].media_type = entries[i].media_type;
			return 0;
		}
	char *copy = arena_dup(manifest->arena, type);
	if (copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	entries[entry].media_type = copy;
	return 0;
}
