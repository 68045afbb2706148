/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive only reads here, plain tar only; its own disk writer is never used: it made links, devices and setuid files. The
 * grammar of what is accepted is the manifest: entry by entry, the archive must be exactly what it lists. */
#include "bundle/payload.h"

#include "base/hash.h"
#include "bundle/payload_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

enum { JOIN_GAP = 8 << 20 }; /* asked-for entries that lie closer are fetched in one go */

struct reading {
	struct payload_stream *stream;
	struct archive *tar;
	struct hash *hash;
	const struct manifest *manifest;
	const struct payload_sink *sink;
	const struct progress *progress;
	uint64_t start, total, done;
	struct err stream_err; /* why the stream failed, behind libarchive's back */
};

static void reading_clear(struct reading *r)
{
	if (r->tar != NULL)
		(void)archive_read_free(r->tar);
	hash_free(r->hash);
	payload_stream_free(r->stream);
}

static la_ssize_t on_read(struct archive *tar, void *ctx, const void **out)
{
	(void)tar;
	struct reading *r = ctx;
	const unsigned char *bytes = NULL;
	size_t len = 0;
	if (payload_stream_next(r->stream, &bytes, &len, &r->stream_err) < 0)
		return ARCHIVE_FATAL;
	*out = bytes;
	r->done += len;
	progress_update(r->progress, "unpacking", r->done, r->total);
	return (la_ssize_t)len;
}

/* The stream's own error comes before libarchive's complaint about missing bytes. */
static int tar_failed(struct reading *r, const char *path, struct err *err)
{
	if (r->stream_err.code != ERR_OK) {
		if (err->code == ERR_OK)
			*err = r->stream_err;
		return -1;
	}
	return err_set(err, ERR_PAYLOAD, "the archive cannot be read at %s", path);
}

static int reading_open(struct reading *r, struct bundle_opened *bundle, uint64_t from, uint64_t to, struct err *err)
{
	r->start = from;
	r->total = to - from;
	if (payload_stream_open(&r->stream, bundle, from, to, err) < 0 || hash_new(&r->hash, err) < 0)
		return -1;
	r->tar = archive_read_new();
	if (r->tar == NULL || archive_read_support_format_tar(r->tar) != ARCHIVE_OK)
		return err_set(err, ERR_MEMORY, "out of memory for the archive reader");
	if (archive_read_open(r->tar, r, NULL, on_read, NULL) != ARCHIVE_OK)
		return tar_failed(r, "its beginning", err);
	return 0;
}

static bool same_path(const char *in_tar, const struct manifest_entry *want)
{
	size_t len = strlen(want->path);
	if (in_tar == NULL || strncmp(in_tar, want->path, len) != 0)
		return false;
	return in_tar[len] == '\0' || (want->type == ENTRY_FOLDER && strcmp(in_tar + len, "/") == 0);
}

static bool has_owner(struct archive_entry *e)
{
	const char *user = archive_entry_uname(e), *group = archive_entry_gname(e);
	return archive_entry_uid(e) != 0 || archive_entry_gid(e) != 0 || (user != NULL && user[0] != '\0') ||
		   (group != NULL && group[0] != '\0');
}

/* What differs between an entry of the archive and its line in the manifest; NULL where nothing does. */
static const char *entry_fault(struct archive_entry *e, const struct manifest_entry *want)
{
	const bool folder = want->type == ENTRY_FOLDER;
	if (!same_path(archive_entry_pathname(e), want))
		return "another path";
	if (archive_entry_hardlink(e) != NULL || archive_entry_symlink(e) != NULL)
		return "a link";
	if (archive_entry_filetype(e) != (folder ? AE_IFDIR : AE_IFREG))
		return "another type";
	if (archive_entry_perm(e) != (want->type == ENTRY_FILE ? 0644 : 0755))
		return "another mode";
	if (!folder && (!archive_entry_size_is_set(e) || (uint64_t)archive_entry_size(e) != want->size))
		return "another size";
	if (folder && archive_entry_size(e) != 0)
		return "a folder with content";
	if (archive_entry_sparse_count(e) != 0)
		return "a sparse file";
	if (!archive_entry_mtime_is_set(e) || archive_entry_mtime(e) != want->mtime || archive_entry_mtime_nsec(e) != 0)
		return "another time";
	return has_owner(e) ? "an owner" : NULL;
}

static int next_entry(struct reading *r, const struct manifest_entry *want, struct err *err)
{
	struct archive_entry *e = NULL;
	int rc = archive_read_next_header(r->tar, &e);
	if (rc == ARCHIVE_EOF && r->stream_err.code == ERR_OK)
		return err_set(err, ERR_PAYLOAD, "the archive ends before %s", want->path);
	if (rc != ARCHIVE_OK) /* warnings too: a name that did not convert is no name */
		return tar_failed(r, want->path, err);
	const char *fault = entry_fault(e, want);
	if (fault == NULL && (uint64_t)archive_read_header_position(r->tar) + r->start != want->offset)
		fault = "another place";
	if (fault != NULL)
		return err_set(err, ERR_PAYLOAD, "at %s, archive and manifest differ: the archive has %s", want->path, fault);
	return 0;
}

static int pass_bytes(struct reading *r, const struct manifest_entry *want, struct err *err)
{
	uint64_t done = 0;
	for (;;) {
		const void *bytes = NULL;
		size_t len = 0;
		la_int64_t offset = 0;
		int rc = archive_read_data_block(r->tar, &bytes, &len, &offset);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc != ARCHIVE_OK)
			return tar_failed(r, want->path, err);
		if ((uint64_t)offset != done || len > want->size - done)
			return err_set(err, ERR_PAYLOAD, "%s is not stored in one piece", want->path);
		hash_update(r->hash, bytes, len);
		if (len > 0 && r->sink->bytes(r->sink->ctx, bytes, len, err) < 0)
			return -1;
		done += len;
	}
	struct digest digest;
	hash_finish(r->hash, &digest);
	if (done != want->size || !digest_equal(&digest, &want->sha256))
		return err_set(err, ERR_PAYLOAD, "%s is not the file that the manifest lists (its SHA-256 differs)", want->path);
	return 0;
}

static int deliver(struct reading *r, const struct manifest_entry *want, struct err *err)
{
	if (r->sink->begin(r->sink->ctx, want, err) < 0)
		return -1;
	if (want->type != ENTRY_FOLDER && pass_bytes(r, want, err) < 0)
		return -1;
	return r->sink->end(r->sink->ctx, want, err);
}

/* Behind the last entry: no entry more, and nothing but zeros to the end of the payload. */
static int check_end(struct reading *r, struct err *err)
{
	struct archive_entry *e = NULL;
	int rc = archive_read_next_header(r->tar, &e);
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
		return err_set(err, ERR_PAYLOAD, "the archive holds more than the manifest lists");
	if (rc != ARCHIVE_EOF)
		return tar_failed(r, "its end", err);
	uint64_t end = r->start + (uint64_t)archive_read_header_position(r->tar);
	const unsigned char *bytes = NULL;
	size_t len = 0;
	do {
		if (payload_stream_next(r->stream, &bytes, &len, err) < 0)
			return -1;
	} while (len > 0);
	if (payload_stream_last_nonzero(r->stream) > end)
		return err_set(err, ERR_PAYLOAD, "there are bytes behind the end of the archive");
	if (payload_stream_position(r->stream) < end + 1024)
		return err_set(err, ERR_PAYLOAD, "the archive has no end mark");
	return 0;
}

static uint64_t offset_behind(const struct manifest *manifest, uint32_t entry, uint64_t payload_bytes)
{
	return entry + 1 < manifest->entry_count ? manifest->entries[entry + 1].offset : payload_bytes;
}

int payload_read_all(struct bundle_opened *bundle, const struct manifest *manifest, const struct payload_sink *sink,
					 const struct progress *progress, struct err *err)
{
	AUTO(reading_clear) struct reading r = {.manifest = manifest, .sink = sink, .progress = progress};
	if (reading_open(&r, bundle, 0, bundle->verified->waybill.payload_bytes, err) < 0)
		return -1;
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (next_entry(&r, &manifest->entries[i], err) < 0 || deliver(&r, &manifest->entries[i], err) < 0)
			return -1;
	return check_end(&r, err);
}

/* Entries first to last, of which wanted[0 … count - 1] are delivered and the others passed over. */
static int read_run(struct bundle_opened *bundle, const struct manifest *manifest, const uint32_t *wanted, size_t count,
					const struct payload_sink *sink, const struct progress *progress, struct err *err)
{
	AUTO(reading_clear) struct reading r = {.manifest = manifest, .sink = sink, .progress = progress};
	const uint32_t first = wanted[0], last = wanted[count - 1];
	const uint64_t payload_bytes = bundle->verified->waybill.payload_bytes;
	uint64_t from = manifest->entries[first].offset, to = offset_behind(manifest, last, payload_bytes);
	if (from >= to || to > payload_bytes)
		return err_set(err, ERR_MANIFEST, "the manifest places %s outside the archive", manifest->entries[first].path);
	if (reading_open(&r, bundle, from, to, err) < 0)
		return -1;
	for (uint32_t i = first; i <= last; i++) {
		if (next_entry(&r, &manifest->entries[i], err) < 0)
			return -1;
		if (i != *wanted)
			continue;
		wanted++;
		if (deliver(&r, &manifest->entries[i], err) < 0)
			return -1;
	}
	return 0;
}

int payload_read_some(struct bundle_opened *bundle, const struct manifest *manifest, const uint32_t *entries, size_t count,
					  const struct payload_sink *sink, const struct progress *progress, struct err *err)
{
	const uint64_t payload_bytes = bundle->verified->waybill.payload_bytes;
	for (size_t i = 0; i < count;) {
		size_t n = 1;
		while (i + n < count && manifest->entries[entries[i + n]].offset <
									offset_behind(manifest, entries[i + n - 1], payload_bytes) + JOIN_GAP)
			n++;
		if (read_run(bundle, manifest, entries + i, n, sink, progress, err) < 0)
			return -1;
		i += n;
	}
	return 0;
}
