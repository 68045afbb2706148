/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/backup_archive.h"

#include "base/hash.h"
#include "base/io.h"
#include "format/pax.h"
#include "format/ustar.h"

#include <string.h>

struct backup_source {
	const struct backup_doc *doc;
	backup_open_file *open_file;
	void *ctx;
	const struct progress *progress;
	struct hash *hash;
	struct buf waiting; /* what comes next that is no content of a file: headers, padding, the list */
	size_t waiting_at;
	uint32_t next;                      /* the entry behind the one at hand */
	const struct manifest_entry *entry; /* the file at hand; NULL between files */
	int fd;
	uint64_t left, done, total;
	bool closed; /* the zeros at the end are on their way */
};

static int put_zeros(struct buf *out, size_t len, struct err *err)
{
	static const char zeros[USTAR_END];
	return buf_append(out, zeros, len, err);
}

static int put_list(struct backup_source *source, struct err *err)
{
	auto_buf list = {0};
	return backup_doc_format(&list, source->doc, err) < 0
			   ? -1
			   : ustar_append(&source->waiting, BACKUP_LIST_NAME, list.data, list.len, err);
}

int backup_source_new(struct backup_source **out, const struct backup_doc *doc, backup_open_file *open_file, void *ctx,
					  const struct progress *progress, struct err *err)
{
	*out = NULL;
	auto_backup_source *source = calloc(1, sizeof *source);
	if (source == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*source = (struct backup_source){.doc = doc, .open_file = open_file, .ctx = ctx, .progress = progress, .fd = -1};
	for (uint32_t i = 0; i < doc->count; i++)
		source->total += doc->entries[i].size;
	if (hash_new(&source->hash, err) < 0 || put_list(source, err) < 0)
		return -1;
	*out = steal(&source);
	return 0;
}

void backup_source_free(struct backup_source *source)
{
	if (source == NULL)
		return;
	if (source->fd >= 0)
		(void)close(source->fd);
	hash_free(source->hash);
	buf_clear(&source->waiting);
	free(source);
}

uint64_t backup_source_bytes(const struct backup_source *source)
{
	return source->total;
}

/* --- one piece after the other --- */

static int fail_changed(const struct manifest_entry *entry, struct err *err)
{
	return err_set(err, ERR_CHANGED, "%s changed while it was read", entry->path);
}

static int end_file(struct backup_source *source, struct err *err)
{
	const struct manifest_entry *entry = steal(&source->entry);
	struct digest digest;
	char more;
	hash_finish(source->hash, &digest);
	ssize_t n = io_read_up_to(source->fd, &more, 1, err);
	(void)close(steal_fd(&source->fd));
	if (n < 0)
		return -1;
	if (n > 0 || !digest_equal(&digest, &entry->sha256))
		return fail_changed(entry, err);
	return put_zeros(&source->waiting, ustar_padding(entry->size), err);
}

static int begin_entry(struct backup_source *source, struct err *err)
{
	unsigned char header[PAX_HEADER_MAX];
	const struct manifest_entry *entry = &source->doc->entries[source->next++];
	if (buf_append(&source->waiting, header, pax_header_build(header, entry), err) < 0)
		return -1;
	if (entry->type == ENTRY_FOLDER)
		return 0;
	source->fd = source->open_file(source->ctx, entry, err);
	source->entry = entry;
	source->left = entry->size;
	return source->fd < 0 ? -1 : 0;
}

static int close_archive(struct backup_source *source, struct err *err)
{
	source->closed = true;
	return put_zeros(&source->waiting, USTAR_END, err);
}

/* What stands ready, up to size bytes of it. */
static size_t take_waiting(struct backup_source *source, void *bytes, size_t size)
{
	size_t len = source->waiting.len - source->waiting_at;
	if (len > size)
		len = size;
	if (len > 0)
		memcpy(bytes, source->waiting.data + source->waiting_at, len);
	source->waiting_at += len;
	if (source->waiting_at == source->waiting.len)
		source->waiting.len = source->waiting_at = 0;
	return len;
}

static int take_content(struct backup_source *source, void *bytes, size_t size, size_t *out_len, struct err *err)
{
	ssize_t n = io_read_up_to(source->fd, bytes, size < source->left ? size : (size_t)source->left, err);
	if (n < 0)
		return err_wrap(err, "%s: ", source->entry->path);
	if (n == 0)
		return fail_changed(source->entry, err);
	hash_update(source->hash, bytes, (size_t)n);
	*out_len = (size_t)n;
	source->left -= (uint64_t)n;
	source->done += (uint64_t)n;
	progress_update(source->progress, "backing up", source->done, source->total);
	return 0;
}

int backup_source_read(void *ctx, void *bytes, size_t size, size_t *out_len, struct err *err)
{
	struct backup_source *source = ctx;
	int rc = 0;
	*out_len = 0;
	while (rc == 0 && size > 0) {
		*out_len = take_waiting(source, bytes, size);
		if (*out_len > 0)
			return 0;
		if (source->entry != NULL && source->left > 0)
			return take_content(source, bytes, size, out_len, err);
		if (source->entry != NULL)
			rc = end_file(source, err);
		else if (source->next < source->doc->count)
			rc = begin_entry(source, err);
		else if (!source->closed)
			rc = close_archive(source, err);
		else
			return 0;
	}
	return rc;
}
