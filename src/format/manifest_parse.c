/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the manifest.
 *
 *   entries  = 1*1000000( folder / file )                strictly ascending by the bytes of the path
 *   folder   = [ "folder", path, time, offset ]
 *   file     = [ "file" / "executable", path, time, offset, size, sha256, media-type, marking ]
 *
 * What files carry, manifest_parse_marking.c reads.
 * The rows go straight into the arrays: a tree of a million of them would need gigabytes. */
#include "base/array.h"
#include "base/path.h"
#include "base/yaml.h"
#include "format/manifest_parts.h"
#include "format/slot.h"
#include "format/ustar.h"

#include <stdlib.h>
#include <string.h>

/* Largest archive: the number of chunks times their size. */
#define ARCHIVE_BYTES_MAX ((uint64_t)MEMBER_CHUNKS_MAX * CHUNK_LARGE)

static struct manifest *manifest_of(void *into)
{
	return ((struct manifest_reader *)into)->m;
}

/* --- single values --- */

static int read_bundle(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_uuid(yaml, &manifest_of(into)->bundle, err);
}

static int read_tool(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, manifest_of(into)->tool, MANIFEST_TOOL_MAX + 1, 1, err);
}

static int read_long_text(struct yaml *yaml, char **out, struct err *err)
{
	char text[MANIFEST_PURPOSE_MAX + 1];
	if (yaml_read_plain_into(yaml, text, sizeof text, 0, err) != 0)
		return -1;
	char *copy = strdup(text);
	if (copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	free(*out);
	*out = copy;
	return 0;
}

static int read_purpose(struct yaml *yaml, void *into, struct err *err)
{
	return read_long_text(yaml, &manifest_of(into)->purpose, err);
}

static int read_handling(struct yaml *yaml, void *into, struct err *err)
{
	return read_long_text(yaml, &manifest_of(into)->handling, err);
}

static int read_supersedes(struct yaml *yaml, void *into, struct err *err)
{
	char *out = manifest_of(into)->supersedes;
	struct uuid id;
	if (yaml_read_into(yaml, out, UUID_LEN + 1, 0, err) != 0)
		return -1;
	if (out[0] != '\0' && !uuid_parse(&id, out, strlen(out)))
		return yaml_fail_value(yaml, err, "must be empty or a bundle id");
	return 0;
}

static int read_files(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct manifest_reader *)into)->files, 0, MANIFEST_ENTRIES_MAX, err);
}

static int read_bytes(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct manifest_reader *)into)->bytes, 0, ARCHIVE_BYTES_MAX, err);
}

/* --- lists --- */

static int read_recipient(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = manifest_of(into);
	if (m->recipient_count == MEMBER_SLOTS_MAX)
		return yaml_fail_value(yaml, err, "names more than %d", MEMBER_SLOTS_MAX);
	struct fingerprint *all = array_grow(m->recipients, m->recipient_count, sizeof *all, err);
	if (all == NULL)
		return -1;
	m->recipients = all;
	if (yaml_read_fingerprint(yaml, &all[m->recipient_count], err) != 0)
		return -1;
	if (m->recipient_count > 0 && strcmp(all[m->recipient_count - 1].hex, all[m->recipient_count].hex) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one twice");
	m->recipient_count++;
	return 0;
}

static int read_recipients(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_recipient, into, err);
}

static int read_scheme(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = manifest_of(into);
	if (m->scheme_count == MANIFEST_SCHEMES_MAX)
		return yaml_fail_value(yaml, err, "names more than %d", MANIFEST_SCHEMES_MAX);
	struct manifest_scheme *all = array_grow(m->schemes, m->scheme_count, sizeof *all, err);
	if (all == NULL)
		return -1;
	m->schemes = all;
	struct manifest_scheme *s = &all[m->scheme_count];
	if (yaml_seq_begin(yaml, err) != 0 || yaml_read_into(yaml, s->id, sizeof s->id, 1, err) != 0)
		return -1;
	if (!scheme_id_is_valid(s->id))
		return yaml_fail_value(yaml, err, "must name schemes by letters a to z, digits and -");
	if (m->scheme_count > 0 && strcmp(s[-1].id, s->id) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one scheme twice");
	m->scheme_count++;
	if (yaml_read_plain_into(yaml, s->version, sizeof s->version, 1, err) != 0 ||
		yaml_read_digest(yaml, &s->semantics, err) != 0)
		return -1;
	return yaml_seq_end(yaml, err);
}

static int read_schemes(struct yaml *yaml, void *into, struct err *err)
{
	((struct manifest_reader *)into)->has_schemes = true;
	return yaml_read_seq(yaml, read_scheme, into, err);
}

static int read_mark(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = manifest_of(into);
	if (m->mark_count == MANIFEST_MARKS_MAX)
		return yaml_fail_value(yaml, err, "names more than %d", MANIFEST_MARKS_MAX);
	char(*all)[LABEL_ID_MAX + 1] = array_grow(m->marks, m->mark_count, sizeof *all, err);
	if (all == NULL)
		return -1;
	m->marks = all;
	if (manifest_read_label_id(yaml, all[m->mark_count], err) != 0)
		return -1;
	if (m->mark_count > 0 && strcmp(all[m->mark_count - 1], all[m->mark_count]) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one label twice");
	m->mark_count++;
	return 0;
}

static int read_marks(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_mark, into, err);
}

static int read_void(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = manifest_of(into);
	if (m->void_count == MANIFEST_VOIDED_MAX)
		return yaml_fail_value(yaml, err, "names more than %d", MANIFEST_VOIDED_MAX);
	struct manifest_void *all = array_grow(m->voided, m->void_count, sizeof *all, err);
	if (all == NULL)
		return -1;
	m->voided = all;
	struct manifest_void *v = &all[m->void_count];
	if (yaml_seq_begin(yaml, err) != 0 || yaml_read_fingerprint(yaml, &v->to, err) != 0 ||
		yaml_read_u64(yaml, &v->sequence, 1, SEQUENCE_MAX, err) != 0 || yaml_read_digest(yaml, &v->bundle, err) != 0)
		return -1;
	if (m->void_count > 0 && manifest_void_compare(v - 1, v) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted by recipient and number, or names one twice");
	m->void_count++;
	return yaml_seq_end(yaml, err);
}

static int read_voided(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_void, into, err);
}

/* --- entries --- */

/* Whether the folder of this path is an entry, before it, and a folder. Neighbours mostly lie in the same one. */
static bool has_parent(struct manifest_reader *r, const char *path)
{
	char folder[PATH_BYTES_MAX + 1];
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return true;
	size_t len = (size_t)(slash - path);
	memcpy(folder, path, len);
	folder[len] = '\0';
	if (r->parent < r->m->entry_count && strcmp(r->m->entries[r->parent].path, folder) == 0)
		return true;
	const struct manifest_entry *found = manifest_find(r->m, folder);
	if (found == NULL || found->type != ENTRY_FOLDER)
		return false;
	r->parent = (uint32_t)(found - r->m->entries);
	return true;
}

static int read_path(struct yaml *yaml, struct manifest_reader *r, char out[static PATH_BYTES_MAX + 1], struct err *err)
{
	const char *text;
	size_t len;
	if (yaml_read_text(yaml, &text, &len, 0, MANIFEST_BYTES_MAX, err) != 0)
		return -1;
	const char *fault = path_entry_fault(text, len);
	if (fault != NULL)
		return yaml_fail(yaml, err, "the path %s", fault);
	memcpy(out, text, len + 1);
	if (r->m->entry_count > 0 && strcmp(r->m->entries[r->m->entry_count - 1].path, out) >= 0)
		return yaml_fail(yaml, err, "the path is not sorted, or stands here a second time");
	if (!has_parent(r, out))
		return yaml_fail(yaml, err, "the path's folder is not an entry before it");
	return 0;
}

static int read_file_columns(struct yaml *yaml, struct manifest_reader *r, struct manifest_entry *e, char *media_type,
							 struct err *err)
{
	uint64_t marking;
	if (yaml_read_u64(yaml, &e->size, 0, ARCHIVE_BYTES_MAX, err) != 0 || yaml_read_digest(yaml, &e->sha256, err) != 0 ||
		yaml_read_plain_into(yaml, media_type, MANIFEST_MEDIA_TYPE_MAX + 1, 0, err) != 0 ||
		yaml_read_u64(yaml, &marking, 0, MANIFEST_MARKINGS_MAX, err) != 0)
		return -1;
	if (marking >= r->m->marking_count)
		return yaml_fail(yaml, err, "there is no marking with this number");
	r->is_used[marking] = true;
	e->marking = (uint32_t)marking;
	return 0;
}

static int read_entry(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest_reader *r = into;
	char path[PATH_BYTES_MAX + 1], media_type[MANIFEST_MEDIA_TYPE_MAX + 1] = "";
	struct manifest_entry e = {.path = path, .media_type = media_type};
	unsigned type;
	if (yaml_seq_begin(yaml, err) != 0 || yaml_read_choice(yaml, entry_type_names, ENTRY_TYPE_COUNT, &type, err) != 0)
		return -1;
	e.type = (enum entry_type)type;
	if (r->m->entry_count == MANIFEST_ENTRIES_MAX)
		return yaml_fail_value(yaml, err, "has more than %d entries", MANIFEST_ENTRIES_MAX);
	if (read_path(yaml, r, path, err) != 0 || yaml_read_i64(yaml, &e.mtime, MANIFEST_TIME_LIMIT, err) != 0 ||
		yaml_read_u64(yaml, &e.offset, 0, ARCHIVE_BYTES_MAX, err) != 0)
		return -1;
	if (e.type != ENTRY_FOLDER && read_file_columns(yaml, r, &e, media_type, err) != 0)
		return -1;
	if (yaml_seq_end(yaml, err) != 0)
		return -1;
	return manifest_add_entry(r->m, &e, err);
}

static int read_entries(struct yaml *yaml, void *into, struct err *err)
{
	const struct manifest_reader *r = into;
	if (!r->has_schemes || !r->has_markings)
		return yaml_fail_value(yaml, err, "must stand behind \"schemes\" and \"markings\"");
	if (yaml_read_seq(yaml, read_entry, into, err) != 0)
		return -1;
	return r->m->entry_count > 0 ? 0 : yaml_fail_value(yaml, err, "is empty");
}

static const struct yaml_field manifest_fields[] = {
	{"bundle", YAML_REQUIRED, read_bundle},
	{"tool", YAML_REQUIRED, read_tool},
	{"purpose", YAML_REQUIRED, read_purpose},
	{"handling", YAML_REQUIRED, read_handling},
	{"supersedes", YAML_REQUIRED, read_supersedes},
	{"recipients", YAML_REQUIRED, read_recipients},
	{"schemes", YAML_REQUIRED, read_schemes},
	{"marks", YAML_REQUIRED, read_marks},
	{"releasable-to", YAML_REQUIRED, manifest_read_releasable},
	{"voided", YAML_REQUIRED, read_voided},
	{"records", YAML_REQUIRED, manifest_read_records},
	{"markings", YAML_REQUIRED, manifest_read_markings},
	{"files", YAML_REQUIRED, read_files},
	{"bytes", YAML_REQUIRED, read_bytes},
	{"entries", YAML_REQUIRED, read_entries},
};

/* --- the whole --- */

static int check_totals(const struct manifest_reader *r, struct err *err)
{
	if (r->files != r->m->files)
		return err_set(err, ERR_MANIFEST, "\"files\" says %llu, but %llu are listed", (unsigned long long)r->files,
					   (unsigned long long)r->m->files);
	if (r->bytes != r->m->bytes)
		return err_set(err, ERR_MANIFEST, "\"bytes\" says %llu, but the files have %llu", (unsigned long long)r->bytes,
					   (unsigned long long)r->m->bytes);
	return 0;
}

static int check_markings(const struct manifest_reader *r, struct err *err)
{
	for (uint32_t i = 0; i < r->m->marking_count; i++)
		if (!r->is_used[i])
			return err_set(err, ERR_MANIFEST, "\"markings\" has one (number %u) that no file carries", (unsigned)i);
	return 0;
}

static int check_collisions(const struct manifest *m, struct err *err)
{
	if (manifest_check_collisions(m, err) == 0)
		return 0;
	return err->code == ERR_CONTENT ? err_recode(err, ERR_MANIFEST) : -1;
}

int manifest_parse(struct manifest *out, const char *bytes, size_t len, struct err *err)
{
	auto_manifest m = {0};
	auto_yaml *yaml = NULL;
	struct manifest_reader r = {.m = &m};
	*out = (struct manifest){0};
	if (len == 0 || len > MANIFEST_BYTES_MAX)
		return err_set(err, ERR_MANIFEST, "has %zu bytes; 1 to %d are allowed", len, MANIFEST_BYTES_MAX);
	if (manifest_init(&m, err) != 0 || yaml_open(&yaml, bytes, len, MANIFEST_KIND, ERR_MANIFEST, err) != 0 ||
		yaml_read_document(yaml, manifest_fields, sizeof manifest_fields / sizeof manifest_fields[0], &r, err) != 0 ||
		check_totals(&r, err) != 0 || check_markings(&r, err) != 0 || check_collisions(&m, err) != 0)
		return -1;
	*out = m;
	m = (struct manifest){0};
	return 0;
}
