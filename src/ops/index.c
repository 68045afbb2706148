/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/index.h"

#include "ops/pen.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

int index_write_document(int dir_fd, const struct buf *bytes, struct digest *out, struct err *err)
{
	auto_pen pen = {.fd = -1};
	if (pen_open(&pen, dir_fd, INDEX_DOCUMENT, err) < 0)
		return -1;
	pen_bytes(&pen, bytes->data, bytes->len);
	return pen_close(&pen, out);
}

/* --- attributes --- */

struct index_marker {
	const struct manifest *manifest;
	char **texts;      /* of each marking; NULL: not made yet */
	bool none, missed; /* the file system has none; something got none */
};

int index_marker_new(struct index_marker **out, const struct manifest *manifest, struct err *err)
{
	*out = NULL;
	auto_marker *marker = calloc(1, sizeof *marker);
	if (marker == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	marker->manifest = manifest;
	marker->texts = calloc((size_t)manifest->marking_count + 1, sizeof *marker->texts);
	if (marker->texts == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*out = steal(&marker);
	return 0;
}

void index_marker_free(struct index_marker *marker)
{
	if (marker == NULL)
		return;
	for (uint32_t i = 0; marker->texts != NULL && i < marker->manifest->marking_count; i++)
		free(marker->texts[i]);
	free(marker->texts);
	free(marker);
}

/* "pd/none tlp/amber", sorted as the manifest has them. */
static const char *labels_of(struct index_marker *marker, uint32_t number, struct err *err)
{
	const struct manifest_marking *marking = &marker->manifest->markings[number];
	struct buf text = {0};
	if (marker->texts[number] != NULL)
		return marker->texts[number];
	if (buf_append_str(&text, "", err) < 0)
		return NULL;
	for (uint32_t i = 0; i < marking->count; i++)
		if (buf_printf(&text, err, "%s%s", i > 0 ? " " : "", marking->labels[i].id) < 0) {
			buf_clear(&text);
			return NULL;
		}
	marker->texts[number] = text.data;
	return text.data;
}

/* An attribute is a convenience: it is missed where the file system has none, allows us none, or has no room for one
 * (some say so as "disk full", also where there is room for data; should the disk be full indeed, the next write says
 * it). A medium that fails is a failure. */
static int set_attribute(struct index_marker *marker, int fd, const char *name, const char *text, struct err *err)
{
	if (marker->none || fsetxattr(fd, name, text, strlen(text), 0) == 0)
		return 0;
	switch (errno) {
	case ENOTSUP:
	case ENOSYS:
		marker->none = true;
		[[fallthrough]];
	case EPERM:
	case EACCES:
	case E2BIG:
	case ERANGE:
	case ENOSPC:
	case EDQUOT:
		marker->missed = true;
		return 0;
	default:
		return err_sys(err, "cannot set the attribute %s", name);
	}
}

int index_mark_file(struct index_marker *marker, int fd, const struct manifest_entry *entry, struct err *err)
{
	const char *text = labels_of(marker, entry->marking, err);
	if (text == NULL)
		return -1;
	return set_attribute(marker, fd, INDEX_LABELS_ATTRIBUTE, text, err) < 0 ? err_wrap(err, "%s: ", entry->path) : 0;
}

int index_mark_folder(struct index_marker *marker, int fd, struct err *err)
{
	return set_attribute(marker, fd, INDEX_BUNDLE_ATTRIBUTE, marker->manifest->bundle.text, err);
}

bool index_marker_held(const struct index_marker *marker)
{
	return !marker->missed;
}
