/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/archive_out.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

struct archive_out {
	struct archive *tar;
	struct archive_entry *entry;
	struct writer *writer;
	uint64_t position, left; /* left: content bytes that the current entry still wants */
	struct err write_err;    /* why the writer failed, behind libarchive's back */
};

static la_ssize_t on_write(struct archive *tar, void *ctx, const void *bytes, size_t len)
{
	struct archive_out *archive = ctx;
	if (writer_payload(archive->writer, bytes, len, &archive->write_err) < 0) {
		archive_set_error(tar, -1, "write failed");
		return -1;
	}
	archive->position += len;
	return (la_ssize_t)len;
}

static int failed(struct archive_out *archive, const char *what, struct err *err)
{
	if (archive->write_err.code != ERR_OK) {
		if (err->code == ERR_OK)
			*err = archive->write_err;
		return -1;
	}
	const char *why = archive_error_string(archive->tar);
	return err_set(err, ERR_IO, "cannot archive %s: %s", what, why != NULL ? why : "unknown");
}

int archive_out_new(struct archive_out **out, struct writer *writer, struct err *err)
{
	*out = NULL;
	auto_archive_out *archive = calloc(1, sizeof *archive);
	if (archive == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	archive->writer = writer;
	archive->tar = archive_write_new();
	archive->entry = archive_entry_new();
	if (archive->tar == NULL || archive->entry == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	/* No block buffer: bytes go straight to the chunks. */
	if (archive_write_set_format_pax_restricted(archive->tar) != ARCHIVE_OK ||
		archive_write_set_bytes_per_block(archive->tar, 0) != ARCHIVE_OK ||
		archive_write_set_bytes_in_last_block(archive->tar, 1) != ARCHIVE_OK ||
		archive_write_open(archive->tar, archive, NULL, on_write, NULL) != ARCHIVE_OK)
		return failed(archive, "anything", err);
	*out = steal(&archive);
	return 0;
}

void archive_out_free(struct archive_out *archive)
{
	if (archive == NULL)
		return;
	if (archive->tar != NULL) {
		(void)archive_write_fail(archive->tar); /* no closing zeros into a writer that is going away */
		(void)archive_write_free(archive->tar);
	}
	archive_entry_free(archive->entry);
	free(archive);
}

int archive_out_begin(struct archive_out *archive, struct manifest_entry *entry, struct err *err)
{
	struct archive_entry *e = archive_entry_clear(archive->entry);
	const bool folder = entry->type == ENTRY_FOLDER;
	/* Needs a UTF-8 locale (LC_CTYPE), which main() sets: else names become NULL. */
	if (!archive_entry_update_pathname_utf8(e, entry->path))
		return err_set(err, ERR_INTERNAL, "the name %s cannot be archived in this locale", entry->path);
	archive_entry_set_filetype(e, folder ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(e, entry->type == ENTRY_FILE ? 0644 : 0755);
	archive_entry_set_mtime(e, entry->mtime, 0);
	archive_entry_set_size(e, folder ? 0 : (la_int64_t)entry->size);
	entry->offset = archive->position;
	archive->left = folder ? 0 : entry->size;
	return archive_write_header(archive->tar, e) == ARCHIVE_OK ? 0 : failed(archive, entry->path, err);
}

int archive_out_bytes(struct archive_out *archive, const void *bytes, size_t len, struct err *err)
{
	if (len > archive->left)
		return err_set(err, ERR_CHANGED, "it grew while it was read");
	if (len > 0 && archive_write_data(archive->tar, bytes, len) != (la_ssize_t)len)
		return failed(archive, "it", err);
	archive->left -= len;
	return 0;
}

int archive_out_end(struct archive_out *archive, struct err *err)
{
	if (archive->left > 0)
		return err_set(err, ERR_CHANGED, "it became shorter while it was read");
	return archive_write_finish_entry(archive->tar) == ARCHIVE_OK ? 0 : failed(archive, "it", err);
}

int archive_out_close(struct archive_out *archive, uint64_t (*padded_length)(uint64_t), struct err *err)
{
	static const unsigned char zeros[64 << 10];
	if (archive_write_close(archive->tar) != ARCHIVE_OK)
		return failed(archive, "the end", err);
	uint64_t target = padded_length != NULL ? padded_length(archive->position) : archive->position;
	while (archive->position < target) {
		uint64_t left = target - archive->position;
		size_t n = left < sizeof zeros ? (size_t)left : sizeof zeros;
		if (writer_payload(archive->writer, zeros, n, err) < 0)
			return -1;
		archive->position += n;
	}
	return 0;
}
