/* SPDX-License-Identifier: Apache-2.0 */
/* Writing what the files of a manifest carry: one line each, which is JSON too, so that any language reads it. */
#include "format/manifest_parts.h"

static int put(struct buf *out, const char *text, struct err *err)
{
	return buf_append_str(out, text, err);
}

static int put_codes(struct buf *out, const char (*codes)[3], uint32_t count, struct err *err)
{
	if (put(out, "[", err) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", codes[i]) != 0)
			return -1;
	return put(out, "]", err);
}

static int put_labels(struct buf *out, const struct manifest_marking *marking, struct err *err)
{
	if (put(out, "\"labels\": [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < marking->count; i++)
		if (buf_printf(out, err, "%s[\"%s\", \"%s\"]", i > 0 ? ", " : "", marking->labels[i].id,
					   label_origin_name(marking->labels[i].origin)) != 0)
			return -1;
	return put(out, "]", err);
}

static int put_handle_as(struct buf *out, const struct manifest_marking *marking, struct err *err)
{
	if (marking->handle_as_count == 0)
		return 0;
	if (put(out, ", \"handle-as\": [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < marking->handle_as_count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", marking->handle_as[i]) != 0)
			return -1;
	return put(out, "]", err);
}

static int put_releasable(struct buf *out, const struct manifest_marking *marking, struct err *err)
{
	if (marking->releasable_count == 0)
		return 0;
	if (put(out, ", \"releasable-to\": ", err) != 0)
		return -1;
	return put_codes(out, (const char(*)[3])marking->releasable, marking->releasable_count, err);
}

static int put_caveats(struct buf *out, const struct manifest_marking *marking, struct err *err)
{
	if (marking->caveat_count == 0)
		return 0;
	if (put(out, ", \"caveats\": [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < marking->caveat_count; i++)
		if ((i > 0 && put(out, ", ", err) != 0) || yaml_put_quoted(out, marking->caveats[i], err) != 0)
			return -1;
	return put(out, "]", err);
}

/* NULL and "": not there. */
static int put_text(struct buf *out, const char *key, const char *text, struct err *err)
{
	if (text == NULL || *text == '\0')
		return 0;
	if (buf_printf(out, err, ", \"%s\": ", key) != 0)
		return -1;
	return yaml_put_quoted(out, text, err);
}

static int put_marking(struct buf *out, const struct manifest_marking *marking, struct err *err)
{
	char expires[UTC_TEXT + 1] = "";
	if (marking->expires != 0)
		utc_format(expires, marking->expires);
	if (put(out, "- {", err) != 0 || put_labels(out, marking, err) != 0 || put_handle_as(out, marking, err) != 0 ||
		put_releasable(out, marking, err) != 0 || put_caveats(out, marking, err) != 0 ||
		put_text(out, "originator", marking->originator.hex, err) != 0 ||
		put_text(out, "registration", marking->registration, err) != 0 ||
		put_text(out, "copy", marking->copy, err) != 0 || put_text(out, "record", marking->record, err) != 0 ||
		put_text(out, "expires", expires, err) != 0)
		return -1;
	return put(out, "}\n", err);
}

int manifest_put_list_key(struct buf *out, const char *key, uint32_t count, struct err *err)
{
	return buf_printf(out, err, count > 0 ? "%s:\n" : "%s: []\n", key);
}

int manifest_put_releasable(struct buf *out, const struct manifest *m, struct err *err)
{
	if (put(out, "releasable-to: ", err) != 0 ||
		put_codes(out, (const char(*)[3])m->releasable, m->releasable_count, err) != 0)
		return -1;
	return put(out, "\n", err);
}

int manifest_put_records(struct buf *out, const struct manifest *m, struct err *err)
{
	if (manifest_put_list_key(out, "records", m->record_count, err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->record_count; i++)
		if (put(out, "- ", err) != 0 || record_put(out, &m->records[i], err) != 0 || put(out, "\n", err) != 0)
			return -1;
	return 0;
}

int manifest_put_markings(struct buf *out, const struct manifest *m, struct err *err)
{
	if (manifest_put_list_key(out, "markings", m->marking_count, err) != 0)
		return -1;
	for (uint32_t i = 0; i < m->marking_count; i++)
		if (put_marking(out, &m->markings[i], err) != 0)
			return -1;
	return 0;
}
