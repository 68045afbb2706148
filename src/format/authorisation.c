/* SPDX-License-Identifier: Apache-2.0 */
#include "format/authorisation.h"

#include "base/array.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

void authorisation_clear(struct authorisation *authorisation)
{
	free(authorisation->files);
	*authorisation = (struct authorisation){0};
}

int authorisation_compare_files(const void *a, const void *b)
{
	return memcmp(((const struct digest *)a)->bytes, ((const struct digest *)b)->bytes, DIGEST_BYTES);
}

bool authorisation_names(const struct authorisation *authorisation, const struct digest *file)
{
	return authorisation->file_count > 0 && bsearch(file, authorisation->files, authorisation->file_count, sizeof *file,
													authorisation_compare_files) != NULL;
}

/* --- reading --- */

static int read_by(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct authorisation *)into)->by, err);
}

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct authorisation *)into)->created, err);
}

static int read_not_after(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct authorisation *)into)->not_after, err);
}

static int read_reason(struct yaml *yaml, void *into, struct err *err)
{
	struct authorisation *a = into;
	return yaml_read_plain_into(yaml, a->reason, sizeof a->reason, 1, err);
}

struct label_list {
	char (*items)[LABEL_ID_MAX + 1];
	uint32_t *count;
};

static int read_label(struct yaml *yaml, void *into, struct err *err)
{
	struct label_list *list = into;
	if (*list->count == MANIFEST_LABELS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d labels", MANIFEST_LABELS_MAX);
	char *label = list->items[*list->count];
	if (yaml_read_into(yaml, label, LABEL_ID_MAX + 1, 1, err) != 0)
		return -1;
	if (!label_id_is_valid(label))
		return yaml_fail_value(yaml, err, "must name labels as scheme/id, such as \"tlp/amber\"");
	if (*list->count > 0 && strcmp(list->items[*list->count - 1], label) >= 0)
		return yaml_fail_value(yaml, err, "must be sorted, no label twice");
	(*list->count)++;
	return 0;
}

static int read_from(struct yaml *yaml, void *into, struct err *err)
{
	struct authorisation *a = into;
	struct label_list list = {a->from, &a->from_count};
	if (yaml_read_seq(yaml, read_label, &list, err) != 0)
		return -1;
	return a->from_count > 0 ? 0 : yaml_fail(yaml, err, "\"from\" names no label");
}

/* None is fine: then nothing need stand instead. */
static int read_to(struct yaml *yaml, void *into, struct err *err)
{
	struct authorisation *a = into;
	struct label_list list = {a->to, &a->to_count};
	return yaml_read_seq(yaml, read_label, &list, err);
}

static int read_file(struct yaml *yaml, void *into, struct err *err)
{
	struct authorisation *a = into;
	struct digest file;
	if (a->file_count == AUTHORISATION_FILES_MAX)
		return yaml_fail_value(yaml, err, "has more than %d files", AUTHORISATION_FILES_MAX);
	if (yaml_read_digest(yaml, &file, err) != 0)
		return -1;
	if (a->file_count > 0 && authorisation_compare_files(&a->files[a->file_count - 1], &file) >= 0)
		return yaml_fail_value(yaml, err, "must be sorted, no file twice");
	struct digest *grown = array_grow(a->files, a->file_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	a->files = grown;
	grown[a->file_count++] = file;
	return 0;
}

static int read_files(struct yaml *yaml, void *into, struct err *err)
{
	struct authorisation *a = into;
	if (yaml_read_seq(yaml, read_file, a, err) != 0)
		return -1;
	return a->file_count > 0 ? 0 : yaml_fail(yaml, err, "\"files\" names no file");
}

static const struct yaml_field fields[] = {
	{"by", YAML_REQUIRED, read_by},
	{"created", YAML_REQUIRED, read_created},
	{"not-after", YAML_REQUIRED, read_not_after},
	{"reason", YAML_REQUIRED, read_reason},
	{"from", YAML_REQUIRED, read_from},
	{"to", YAML_REQUIRED, read_to},
	{"files", YAML_REQUIRED, read_files},
};

static int check_times(const struct authorisation *a, struct err *err)
{
	if (a->not_after > a->created && a->not_after - a->created <= (int64_t)AUTHORISATION_DAYS_MAX * DAY_S)
		return 0;
	return err_set(err, ERR_DOCUMENT, "\"not-after\" must be after \"created\", by at most %d days",
				   AUTHORISATION_DAYS_MAX);
}

int authorisation_parse(struct authorisation *out, const char *bytes, size_t len, struct err *err)
{
	auto_authorisation read = {.files = NULL};
	auto_yaml *yaml = NULL;
	*out = (struct authorisation){.files = NULL};
	if (len == 0 || len > AUTHORISATION_BYTES_MAX)
		return err_set(err, ERR_DOCUMENT, "an authorisation has 1 to %d bytes, not %zu", AUTHORISATION_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, AUTHORISATION_KIND, ERR_DOCUMENT, err) != 0 ||
		yaml_read_document(yaml, fields, sizeof fields / sizeof fields[0], &read, err) != 0 ||
		check_times(&read, err) != 0)
		return -1;
	*out = read;
	read.files = NULL;
	return 0;
}

/* --- writing --- */

static int put_labels(struct buf *out, const char *key, const char (*labels)[LABEL_ID_MAX + 1], uint32_t count,
					  struct err *err)
{
	if (buf_printf(out, err, "%s: [", key) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", labels[i]) != 0)
			return -1;
	return buf_append_str(out, "]\n", err);
}

/* One on a line: thousands of them on one are nothing to look at. */
static int put_files(struct buf *out, const struct authorisation *a, struct err *err)
{
	if (buf_append_str(out, "files:\n", err) != 0)
		return -1;
	for (uint32_t i = 0; i < a->file_count; i++) {
		char hex[DIGEST_HEX + 1];
		digest_format(hex, &a->files[i]);
		if (buf_printf(out, err, "  - \"%s\"\n", hex) != 0)
			return -1;
	}
	return 0;
}

int authorisation_format(struct buf *out, const struct authorisation *a, struct err *err)
{
	if (buf_append_str(out, AUTHORISATION_KIND "\n", err) != 0 || yaml_put_pair(out, 0, "by", a->by.hex, err) != 0 ||
		yaml_put_utc(out, 0, "created", a->created, err) != 0 ||
		yaml_put_utc(out, 0, "not-after", a->not_after, err) != 0 ||
		yaml_put_pair(out, 0, "reason", a->reason, err) != 0)
		return -1;
	if (put_labels(out, "from", a->from, a->from_count, err) != 0 ||
		put_labels(out, "to", a->to, a->to_count, err) != 0)
		return -1;
	return put_files(out, a, err);
}
