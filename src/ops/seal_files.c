/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_files.h"

#include "base/cancel.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/secret.h"

#include <fcntl.h>
#include <stdlib.h>

/* Entries go to the workers in batches, so that handing over costs little; a large file is a batch by itself, and the
 * workers leave it to the owner. */
enum {
	READ_BYTES = 256 << 10,
	SMALL_MAX = READ_BYTES,
	BATCH_FILES = 64,
	BATCH_BYTES = 512 << 10,
	BATCHES_A_WORKER = 2
};

struct batch {
	uint32_t first, count;  /* entries */
	unsigned char *content; /* BATCH_BYTES: of its small files, one behind the other */
	struct digest *digests; /* BATCH_FILES: likewise */
};

struct sealer {
	const struct scan *scan;
	struct manifest *manifest; /* workers only read it: what they find stands in the batch */
	struct archive_out *archive;
	const struct progress *progress;
	struct hash *hash;     /* of large files */
	unsigned char *buffer; /* READ_BYTES, likewise */
	uint32_t next;         /* entry that is in no batch yet */
	uint64_t done;
};

static bool is_large(const struct manifest_entry *entry)
{
	return entry->size > SMALL_MAX;
}

/* --- a worker's part --- */

static int read_small(const struct sealer *sealer, uint32_t number, unsigned char *content, struct digest *out,
					  struct err *err)
{
	const struct manifest_entry *entry = &sealer->manifest->entries[number];
	auto_fd int fd = -1;
	if (scan_open(sealer->scan, sealer->manifest, number, &fd, err) < 0)
		return -1;
	ssize_t n = io_read_up_to(fd, content, entry->size, err);
	if (n < 0)
		return err_wrap(err, "%s: ", entry->path);
	if ((uint64_t)n != entry->size)
		return scan_changed(entry->path, err);
	hash_bytes(out, content, entry->size);
	return scan_check_unchanged(sealer->scan, sealer->manifest, number, fd, err);
}

static int work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	const struct sealer *sealer = ctx;
	struct batch *batch = job->data;
	unsigned char *content = batch->content;
	(void)worker;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct manifest_entry *entry = &sealer->manifest->entries[batch->first + i];
		if (cancel_check(err) < 0)
			return -1;
		if (entry->type == ENTRY_FOLDER || is_large(entry))
			continue;
		if (read_small(sealer, batch->first + i, content, &batch->digests[i], err) < 0)
			return -1;
		content += entry->size;
	}
	return 0;
}

static int setup(void *ctx, struct pool_job *job, struct err *err)
{
	struct batch *batch = calloc(1, sizeof *batch);
	(void)ctx;
	job->data = batch;
	if (batch == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	batch->content = malloc(BATCH_BYTES);
	batch->digests = calloc(BATCH_FILES, sizeof *batch->digests);
	return batch->content != NULL && batch->digests != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void teardown(void *ctx, struct pool_job *job)
{
	struct batch *batch = job->data;
	(void)ctx;
	if (batch == NULL)
		return;
	if (batch->content != NULL)
		secret_wipe(batch->content, BATCH_BYTES);
	free(batch->content);
	free(batch->digests);
	free(batch);
}

/* --- the owner's part --- */

static void fill(struct sealer *sealer, struct batch *batch)
{
	const struct manifest *manifest = sealer->manifest;
	uint64_t bytes = 0;
	batch->first = sealer->next;
	batch->count = 0;
	while (sealer->next < manifest->entry_count && batch->count < BATCH_FILES) {
		const struct manifest_entry *entry = &manifest->entries[sealer->next];
		if (batch->count > 0 && (is_large(entry) || bytes + entry->size > BATCH_BYTES))
			break;
		bytes += entry->size;
		batch->count++;
		sealer->next++;
		if (is_large(entry))
			break;
	}
}

static int put_bytes(struct sealer *sealer, const void *bytes, size_t len, struct err *err)
{
	if (archive_out_bytes(sealer->archive, bytes, len, err) < 0)
		return -1;
	sealer->done += len;
	progress_update(sealer->progress, "packing", sealer->done, sealer->manifest->bytes);
	return 0;
}

/* What is wrong with the file itself; of where the bundle goes the writer tells. */
static int blame(const char *path, struct err *err)
{
	return err->code == ERR_CHANGED ? err_wrap(err, "%s: ", path) : -1;
}

static int pass_pieces(struct sealer *sealer, int fd, const char *path, struct digest *out, struct err *err)
{
	for (;;) {
		ssize_t n = io_read_up_to(fd, sealer->buffer, READ_BYTES, err);
		if (n < 0)
			return err_wrap(err, "%s: ", path);
		hash_update(sealer->hash, sealer->buffer, (size_t)n);
		if (put_bytes(sealer, sealer->buffer, (size_t)n, err) < 0)
			return blame(path, err);
		if (n < READ_BYTES)
			break;
	}
	hash_finish(sealer->hash, out);
	return 0;
}

static int pass_large(struct sealer *sealer, uint32_t number, struct digest *out, struct err *err)
{
	auto_fd int fd = -1;
	if (scan_open(sealer->scan, sealer->manifest, number, &fd, err) < 0)
		return -1;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (pass_pieces(sealer, fd, sealer->manifest->entries[number].path, out, err) < 0)
		return -1;
	return scan_check_unchanged(sealer->scan, sealer->manifest, number, fd, err);
}

/* in: content of a small file, read already, and its digest. */
static int put_file(struct sealer *sealer, uint32_t number, const unsigned char *content, struct digest *digest,
					struct err *err)
{
	struct manifest_entry *entry = &sealer->manifest->entries[number];
	int rc = is_large(entry) ? pass_large(sealer, number, digest, err) : put_bytes(sealer, content, entry->size, err);
	if (rc < 0)
		return -1;
	/* Where labels were decided by the content, it is still that. */
	if (!digest_is_zero(&entry->sha256) && !digest_equal(&entry->sha256, digest))
		return scan_changed(entry->path, err);
	entry->sha256 = *digest;
	return 0;
}

static int put_batch(struct sealer *sealer, struct batch *batch, struct err *err)
{
	const unsigned char *content = batch->content;
	for (uint32_t i = 0; i < batch->count; i++) {
		const uint32_t number = batch->first + i;
		struct manifest_entry *entry = &sealer->manifest->entries[number];
		if (cancel_check(err) < 0 || archive_out_begin(sealer->archive, entry, err) < 0)
			return -1;
		if (entry->type != ENTRY_FOLDER && put_file(sealer, number, content, &batch->digests[i], err) < 0)
			return -1;
		if (archive_out_end(sealer->archive, err) < 0)
			return blame(entry->path, err);
		content += is_large(entry) ? 0 : entry->size;
	}
	return 0;
}

static int run(struct sealer *sealer, struct err *err)
{
	static const struct pool_ops ops = {.setup = setup, .teardown = teardown, .work = work};
	auto_pool *pool = NULL;
	if (pool_open(&pool, &ops, sealer, BATCHES_A_WORKER * pool_threads(), err) < 0)
		return -1;
	for (struct pool_job *job = NULL;;) {
		while (sealer->next < sealer->manifest->entry_count && (job = pool_get(pool)) != NULL) {
			fill(sealer, job->data);
			pool_submit(pool, job);
		}
		if (pool_take(pool, &job, err) < 0)
			return -1;
		if (job == NULL)
			return 0;
		if (put_batch(sealer, job->data, err) < 0)
			return -1;
		pool_release(pool, job);
	}
}

int seal_files(const struct scan *scan, struct manifest *manifest, struct archive_out *archive,
			   const struct progress *progress, struct err *err)
{
	auto_hash *hash = NULL;
	auto_free unsigned char *buffer = malloc(READ_BYTES);
	if (buffer == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (hash_new(&hash, err) < 0)
		return -1;
	struct sealer sealer = {
		.scan = scan, .manifest = manifest, .archive = archive, .progress = progress, .hash = hash, .buffer = buffer};
	int rc = run(&sealer, err);
	secret_wipe(buffer, READ_BYTES);
	return rc;
}
