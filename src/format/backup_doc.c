/* SPDX-License-Identifier: Apache-2.0 */
#include "format/backup_doc.h"

#include "base/array.h"
#include "base/path.h"
#include "base/yaml.h"
#include "format/manifest_parts.h"
#include "format/party_fields.h"

#include <stdlib.h>
#include <string.h>

/* Whole decimal numbers that a signed one holds, too. */
#define BACKUP_FILE_MAX ((uint64_t)1 << 50)

void backup_doc_clear(struct backup_doc *doc)
{
	for (uint32_t i = 0; i < doc->count; i++)
		free(doc->entries[i].path);
	free(doc->entries);
	*doc = (struct backup_doc){0};
}

/* --- entries --- */

static const struct manifest_entry *find_folder(const struct backup_doc *doc, const char *path, size_t len)
{
	uint32_t low = 0, high = doc->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct manifest_entry *entry = &doc->entries[middle];
		int order = strncmp(entry->path, path, len);
		if (order == 0)
			order = entry->path[len] != '\0';
		if (order == 0)
			return entry->type == ENTRY_FOLDER ? entry : NULL;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *entry_fault(const struct backup_doc *doc, const struct manifest_entry *entry)
{
	const char *fault = path_entry_fault(entry->path, strlen(entry->path)), *slash = strrchr(entry->path, '/');
	if (fault != NULL)
		return fault;
	if (doc->count == 0)
		return entry->type == ENTRY_FOLDER && strcmp(entry->path, BACKUP_ROOT) == 0 ? NULL
																					: "is not the folder " BACKUP_ROOT
																					  ", which comes first";
	if (strcmp(doc->entries[doc->count - 1].path, entry->path) >= 0)
		return "is not sorted, or there twice";
	if (slash == NULL || find_folder(doc, entry->path, (size_t)(slash - entry->path)) == NULL)
		return "lies in no folder of the list";
	return NULL;
}

int backup_doc_add(struct backup_doc *doc, const struct manifest_entry *entry, struct err *err)
{
	const char *fault = entry_fault(doc, entry);
	if (fault != NULL)
		return err_set(err, ERR_BACKUP, "the path %s %s", entry->path, fault);
	if (doc->count == BACKUP_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, "there are more than %d files and folders", BACKUP_ENTRIES_MAX);
	struct manifest_entry *all = array_grow(doc->entries, doc->count, sizeof *all, err);
	if (all == NULL)
		return -1;
	doc->entries = all;
	all[doc->count] = *entry;
	all[doc->count].mtime = doc->created;
	all[doc->count].path = strdup(entry->path);
	if (all[doc->count].path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	doc->count++;
	return 0;
}

/* --- writing --- */

static int put_entry(struct buf *out, const struct manifest_entry *entry, struct err *err)
{
	char digest[DIGEST_HEX + 1];
	if (buf_printf(out, err, "  - [\"%s\", ", entry_type_names[entry->type]) < 0 ||
		yaml_put_quoted(out, entry->path, err) < 0)
		return -1;
	if (entry->type == ENTRY_FOLDER)
		return buf_append_str(out, "]\n", err);
	digest_format(digest, &entry->sha256);
	return buf_printf(out, err, ", \"%llu\", \"%s\"]\n", (unsigned long long)entry->size, digest);
}

int backup_doc_format(struct buf *out, const struct backup_doc *doc, struct err *err)
{
	if (buf_append_str(out, BACKUP_KIND "\n", err) < 0 || yaml_put_utc(out, 0, "created", doc->created, err) < 0 ||
		yaml_put_pair(out, 0, "tool", doc->tool, err) < 0 || yaml_put_pair(out, 0, "name", doc->name, err) < 0 ||
		yaml_put_pair(out, 0, "organisation", doc->organisation, err) < 0 ||
		yaml_put_pair(out, 0, "fingerprint", doc->fingerprint.hex, err) < 0 ||
		buf_append_str(out, "entries:\n", err) < 0)
		return -1;
	for (uint32_t i = 0; i < doc->count; i++)
		if (put_entry(out, &doc->entries[i], err) < 0)
			return -1;
	if (out->len > BACKUP_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "the list of files is longer than %d bytes", BACKUP_BYTES_MAX);
	return 0;
}

/* --- reading --- */

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct backup_doc *)into)->created, err);
}

static int read_tool(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct backup_doc *)into)->tool, BACKUP_TOOL_MAX + 1, 0, err);
}

static int read_name(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct backup_doc *)into)->name, err);
}

static int read_organisation(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct backup_doc *)into)->organisation, err);
}

static int read_fingerprint(struct yaml *yaml, void *into, struct err *err)
{
	const char *text;
	size_t len;
	if (yaml_read_text(yaml, &text, &len, 0, FINGERPRINT_MAX, err) < 0)
		return -1;
	if (len == 0 || fingerprint_parse(&((struct backup_doc *)into)->fingerprint, text, len))
		return 0;
	return yaml_fail_value(yaml, err, "must be a fingerprint, or \"\" where there is no key");
}

static int read_entry(struct yaml *yaml, void *into, struct err *err)
{
	struct backup_doc *doc = into;
	struct err inner = ERR_INIT;
	char path[PATH_BYTES_MAX + 1];
	struct manifest_entry entry = {.path = path};
	unsigned type;
	if (yaml_seq_begin(yaml, err) < 0 || yaml_read_choice(yaml, entry_type_names, ENTRY_TYPE_COUNT, &type, err) < 0 ||
		yaml_read_into(yaml, path, sizeof path, 1, err) < 0)
		return -1;
	entry.type = (enum entry_type)type;
	if (entry.type != ENTRY_FOLDER && (yaml_read_u64(yaml, &entry.size, 0, BACKUP_FILE_MAX, err) < 0 ||
									   yaml_read_digest(yaml, &entry.sha256, err) < 0))
		return -1;
	if (yaml_seq_end(yaml, err) < 0)
		return -1;
	if (backup_doc_add(doc, &entry, &inner) == 0)
		return 0;
	return inner.code == ERR_MEMORY ? err_set(err, ERR_MEMORY, "out of memory")
									: yaml_fail(yaml, err, "%s", inner.message);
}

static int read_entries(struct yaml *yaml, void *into, struct err *err)
{
	if (((const struct backup_doc *)into)->created == 0)
		return yaml_fail_value(yaml, err, "must stand behind \"created\"");
	return yaml_read_seq(yaml, read_entry, into, err);
}

static const struct yaml_field backup_fields[] = {
	{"created", YAML_REQUIRED, read_created},
	{"tool", YAML_REQUIRED, read_tool},
	{"name", YAML_REQUIRED, read_name},
	{"organisation", YAML_REQUIRED, read_organisation},
	{"fingerprint", YAML_REQUIRED, read_fingerprint},
	{"entries", YAML_REQUIRED, read_entries},
};

int backup_doc_parse(struct backup_doc *out, const char *bytes, size_t len, struct err *err)
{
	auto_backup_doc doc = {0};
	auto_yaml *yaml = NULL;
	*out = doc;
	if (yaml_open(&yaml, bytes, len, BACKUP_KIND, ERR_BACKUP, err) < 0 ||
		yaml_read_document(yaml, backup_fields, sizeof backup_fields / sizeof backup_fields[0], &doc, err) < 0)
		return err_wrap(err, BACKUP_LIST_NAME ": ");
	*out = doc;
	doc = (struct backup_doc){0};
	return 0;
}
