/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the manifest, row by row and without an emitter: a million rows must not take longer than packing the files.
 */
#include "base/yaml.h"
#include "format/manifest_parts.h"

#include <stdio.h>
#include <string.h>

static int put(struct buf *out, const char *text, struct err *err)
{
	return buf_append_str(out, text, err);
}

static int put_recipients(struct buf *out, const struct manifest *m, struct err *err)
{
	if (put(out, "recipients: [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->recipient_count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", m->recipients[i].hex) != 0)
			return -1;
	return put(out, "]\n", err);
}

static int put_schemes(struct buf *out, const struct manifest *m, struct err *err)
{
	if (manifest_put_list_key(out, "schemes", m->scheme_count, err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->scheme_count; i++) {
		const struct manifest_scheme *s = &m->schemes[i];
		char hex[DIGEST_HEX + 1];
		digest_format(hex, &s->semantics);
		if (buf_printf(out, err, "- [\"%s\", ", s->id) != 0 || yaml_put_quoted(out, s->version, err) != 0 ||
			buf_printf(out, err, ", \"%s\"]\n", hex) != 0)
			return -1;
	}
	return 0;
}

static int put_marks(struct buf *out, const struct manifest *m, struct err *err)
{
	if (put(out, "marks: [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->mark_count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", m->marks[i]) != 0)
			return -1;
	return put(out, "]\n", err);
}

static int put_voided(struct buf *out, const struct manifest *m, struct err *err)
{
	if (manifest_put_list_key(out, "voided", m->void_count, err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->void_count; i++) {
		const struct manifest_void *v = &m->voided[i];
		char hex[DIGEST_HEX + 1];
		digest_format(hex, &v->bundle);
		if (buf_printf(out, err, "- [\"%s\", %llu, \"%s\"]\n", v->to.hex, (unsigned long long)v->sequence, hex) != 0)
			return -1;
	}
	return 0;
}

static int put_entry(struct buf *out, const struct manifest_entry *e, struct err *err)
{
	char text[192], hex[DIGEST_HEX + 1];
	(void)snprintf(text, sizeof text, "- [\"%s\", ", entry_type_names[e->type]);
	if (put(out, text, err) != 0 || yaml_put_quoted(out, e->path, err) != 0)
		return -1;
	if (e->type == ENTRY_FOLDER) {
		(void)snprintf(text, sizeof text, ", %lld, %llu]\n", (long long)e->mtime, (unsigned long long)e->offset);
		return put(out, text, err);
	}
	digest_format(hex, &e->sha256);
	(void)snprintf(text, sizeof text, ", %lld, %llu, %llu, \"%s\", ", (long long)e->mtime,
				   (unsigned long long)e->offset, (unsigned long long)e->size, hex);
	if (put(out, text, err) != 0 || yaml_put_quoted(out, e->media_type, err) != 0)
		return -1;
	(void)snprintf(text, sizeof text, ", %u]\n", (unsigned)e->marking);
	return put(out, text, err);
}

/* A million longest paths would be four times what a manifest may be: stop as soon as it is too long. */
static int put_entries(struct buf *out, const struct manifest *m, size_t before, struct err *err)
{
	if (manifest_put_list_key(out, "entries", m->entry_count, err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->entry_count; i++) {
		if (put_entry(out, &m->entries[i], err) != 0)
			return -1;
		if (out->len - before > MANIFEST_BYTES_MAX)
			return err_set(err, ERR_LIMIT, "the manifest would be longer than %d bytes: pack fewer files",
						   MANIFEST_BYTES_MAX);
	}
	return 0;
}

static int put_head(struct buf *out, const struct manifest *m, struct err *err)
{
	if (put(out, MANIFEST_KIND "\n", err) != 0 || yaml_put_pair(out, 0, "bundle", m->bundle.text, err) != 0 ||
		yaml_put_pair(out, 0, "tool", m->tool, err) != 0 || yaml_put_pair(out, 0, "purpose", m->purpose, err) != 0 ||
		yaml_put_pair(out, 0, "handling", m->handling, err) != 0)
		return -1;
	return yaml_put_pair(out, 0, "supersedes", m->supersedes, err);
}

int manifest_format(struct buf *out, const struct manifest *m, struct err *err)
{
	size_t before = out->len;
	if (put_head(out, m, err) != 0 || put_recipients(out, m, err) != 0 || put_schemes(out, m, err) != 0 ||
		put_marks(out, m, err) != 0 || manifest_put_releasable(out, m, err) != 0 || put_voided(out, m, err) != 0 ||
		manifest_put_records(out, m, err) != 0 || manifest_put_markings(out, m, err) != 0)
		return -1;
	if (buf_printf(out, err, "files: %llu\nbytes: %llu\n", (unsigned long long)m->files,
				   (unsigned long long)m->bytes) != 0)
		return -1;
	return put_entries(out, m, before, err);
}

int manifest_format_marks(struct buf *out, const struct manifest *manifest, struct err *err)
{
	for (uint32_t i = 0; i < manifest->mark_count; i++)
		if (buf_printf(out, err, "%s%s", i > 0 ? " " : "", manifest->marks[i]) < 0)
			return -1;
	return buf_append(out, "", 0, err);
}
