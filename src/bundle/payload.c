/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive only reads here, plain tar only; its own disk writer is never used: it made links, devices and setuid
 * files. The grammar of what is accepted is the manifest: entry by entry, the archive must be exactly what it lists.
 * Each entry's headers are held against it twice: raw, before libarchive gets the bytes, and as libarchive understood
 * them. */
#include "bundle/payload.h"

#include "base/hash.h"
#include "base/text.h"
#include "bundle/payload_stream.h"
#include "format/pax.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

enum { JOIN_GAP = 8 << 20 }; /* asked-for entries that lie closer are fetched in one go */

/* Collects the header blocks of one entry after the other as the archive's bytes pass by. */
struct gate {
	const struct manifest_entry *next, *behind_last;
	unsigned char headers[PAX_HEADER_MAX];
	size_t have, want;
	uint64_t padding_at; /* behind the content of the entry before */
	size_t padding_left;
};

struct reading {
	struct payload_stream *stream;
	struct gate gate;
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

static int gate_failed(const struct gate *gate, const char *fault, struct err *err)
{
	return err_set(err, ERR_PAYLOAD, "at %s, archive and manifest differ: the archive has %s", gate->next->path, fault);
}

/* The headers of gate->next are complete. */
static int gate_check(struct gate *gate, struct err *err)
{
	const struct manifest_entry *entry = gate->next;
	const char *fault = NULL;
	if (gate->have == USTAR_BLOCK && gate->want == USTAR_BLOCK) {
		fault = pax_header_length(gate->headers, &gate->want);
		if (fault != NULL)
			return gate_failed(gate, fault, err);
		if (gate->want > gate->have)
			return 0; /* an extended header: more to collect */
	}
	uint64_t behind = entry->offset + gate->want + entry->size + ustar_padding(entry->size);
	fault = pax_header_fault(gate->headers, gate->want, entry);
	if (fault == NULL && entry + 1 < gate->behind_last && entry[1].offset != behind)
		fault = "the next entry at another place";
	if (fault != NULL)
		return gate_failed(gate, fault, err);
	gate->padding_left = ustar_padding(entry->size);
	gate->padding_at = behind - gate->padding_left;
	gate->next++;
	gate->have = 0;
	gate->want = USTAR_BLOCK;
	return 0;
}

/* As much of the padding as lies in bytes[len], which stand at position. */
static int gate_check_padding(struct gate *gate, uint64_t position, const unsigned char *bytes, size_t len,
							  struct err *err)
{
	if (gate->padding_left == 0 || gate->padding_at >= position + len)
		return 0;
	size_t skip = (size_t)(gate->padding_at - position), n = gate->padding_left;
	if (n > len - skip)
		n = len - skip;
	for (size_t i = 0; i < n; i++)
		if (bytes[skip + i] != 0)
			return err_set(err, ERR_PAYLOAD, "behind %s, the archive has padding that is not zero",
						   gate->next[-1].path);
	gate->padding_at += n;
	gate->padding_left -= n;
	return 0;
}

/* bytes[len] stand at position in the archive. */
static int gate_pass(struct gate *gate, uint64_t position, const unsigned char *bytes, size_t len, struct err *err)
{
	for (;;) {
		if (gate_check_padding(gate, position, bytes, len, err) < 0)
			return -1;
		if (gate->next == gate->behind_last)
			return 0;
		uint64_t at = gate->next->offset + gate->have;
		if (at >= position + len)
			return 0;
		if (at < position)
			return gate_failed(gate, "another place", err);
		size_t skip = (size_t)(at - position), n = gate->want - gate->have;
		if (n > len - skip)
			n = len - skip;
		memcpy(gate->headers + gate->have, bytes + skip, n);
		gate->have += n;
		if (gate->have == gate->want && gate_check(gate, err) < 0)
			return -1;
	}
	return 0;
}

static la_ssize_t on_read(struct archive *tar, void *ctx, const void **out)
{
	(void)tar;
	struct reading *r = ctx;
	const unsigned char *bytes = NULL;
	size_t len = 0;
	if (payload_stream_next(r->stream, &bytes, &len, &r->stream_err) < 0 ||
		gate_pass(&r->gate, payload_stream_position(r->stream) - len, bytes, len, &r->stream_err) < 0)
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

/* From entry first to entry last, which ends at to. */
static int reading_open(struct reading *r, struct bundle_opened *bundle, uint32_t first, uint32_t last, uint64_t to,
						struct err *err)
{
	uint64_t from = r->manifest->entries[first].offset;
	r->gate.next = r->manifest->entries + first;
	r->gate.behind_last = r->manifest->entries + last + 1;
	r->gate.want = USTAR_BLOCK;
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

/* libarchive brings names into Unicode's composed form; byte for byte they were compared at the gate. */
static bool same_path(const char *in_tar, const struct manifest_entry *want)
{
	size_t len = in_tar != NULL ? strlen(in_tar) : 0;
	if (len > 1 && want->type == ENTRY_FOLDER && in_tar[len - 1] == '/')
		len--;
	return len > 0 && text_equal_nfc(in_tar, len, want->path, strlen(want->path));
}

/* What differs between an entry as libarchive understood it and its line in the manifest; NULL where nothing does. */
static const char *entry_fault(struct archive_entry *e, const struct manifest_entry *want)
{
	const bool folder = want->type == ENTRY_FOLDER;
	if (!same_path(archive_entry_pathname(e), want))
		return "another path";
	if (archive_entry_hardlink(e) != NULL || archive_entry_symlink(e) != NULL)
		return "a link";
	if (archive_entry_filetype(e) != (folder ? AE_IFDIR : AE_IFREG))
		return "another type";
	if (!folder && (!archive_entry_size_is_set(e) || (uint64_t)archive_entry_size(e) != want->size))
		return "another size";
	return archive_entry_sparse_count(e) != 0 ? "a sparse file" : NULL;
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
		return err_set(err, ERR_PAYLOAD, "%s is not the file that the manifest lists (its SHA-256 differs)",
					   want->path);
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
	if (reading_open(&r, bundle, 0, manifest->entry_count - 1, bundle->verified->waybill.payload_bytes, err) < 0)
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
	if (reading_open(&r, bundle, first, last, to, err) < 0)
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

int payload_read_some(struct bundle_opened *bundle, const struct manifest *manifest, const uint32_t *entries,
					  size_t count, const struct payload_sink *sink, const struct progress *progress, struct err *err)
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
