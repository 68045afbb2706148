/* SPDX-License-Identifier: Apache-2.0 */
/* Files are handed to the workers in batches, so that handing over costs little beside reading; a batch is short where
 * files are long. Results come back in the order of the manifest. */
#include "ops/detect.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_FILES = 64, BATCH_BYTES = 4 << 20, BATCHES_A_WORKER = 4, DIGEST_READ_BYTES = 256 << 10 };
#define EMPTY_TYPE "inode/x-empty"

struct batch {
	uint32_t first, count; /* entries */
	uint64_t bytes;
	char types[BATCH_FILES][MANIFEST_MEDIA_TYPE_MAX + 1];
	struct digest digests[BATCH_FILES]; /* zeros where none was asked for */
	struct detected found;
};

struct worker {
	struct inspector *inspector; /* made when it is first needed */
	struct inspection inspection;
	char head[INSPECT_HEAD_BYTES];
	struct hash *hash;     /* likewise */
	unsigned char *buffer; /* DIGEST_READ_BYTES */
};

struct detector {
	const struct scan *scan;
	const struct manifest *manifest;
	const struct scheme_set *schemes;
	enum inspect_types types;
	struct detect_flags flags;
	struct worker *workers; /* one a thread */
	uint32_t next;          /* entry that is in no batch yet */
};

void detected_clear(struct detected *detected)
{
	free(detected->labels);
	free(detected->not_whole);
	free(detected->not_read);
	free(detected->misnamed);
	*detected = (struct detected){0};
}

/* --- keeping what was found --- */

/* A place behind the last element of an array member, which grows and is counted; NULL without memory. */
#define APPEND(member, counter, err)                                               \
	({                                                                             \
		void *appended = array_grow((member), (counter), sizeof *(member), (err)); \
		if (appended != NULL)                                                      \
			(member) = appended;                                                   \
		appended != NULL ? &(member)[(counter)++] : NULL;                          \
	})

static int keep_remarks(struct detected *to, uint32_t entry, const struct inspection *from, struct err *err)
{
	if (from->not_whole) {
		uint32_t *not_whole = APPEND(to->not_whole, to->not_whole_count, err);
		if (not_whole == NULL)
			return -1;
		*not_whole = entry;
	}
	const char *why = from->not_read[0] == '\0' && from->more_findings ? "it says more labels than are kept"
																	   : from->not_read;
	if (*why != '\0') {
		__typeof__(to->not_read) not_read = APPEND(to->not_read, to->not_read_count, err);
		if (not_read == NULL)
			return -1;
		not_read->entry = entry;
		(void)snprintf(not_read->why, sizeof not_read->why, "%s", why);
	}
	if (from->named_type[0] != '\0') {
		__typeof__(to->misnamed) misnamed = APPEND(to->misnamed, to->misnamed_count, err);
		if (misnamed == NULL)
			return -1;
		misnamed->entry = entry;
		memcpy(misnamed->named, from->named_type, sizeof misnamed->named);
	}
	return 0;
}

static int keep(struct detected *to, uint32_t entry, const struct inspection *from, struct err *err)
{
	for (uint32_t i = 0; i < from->finding_count; i++) {
		struct detected_label *label = APPEND(to->labels, to->count, err);
		if (label == NULL)
			return -1;
		label->entry = entry;
		label->finding = from->findings[i];
	}
	return keep_remarks(to, entry, from, err);
}

#define MOVE_ALL(to, from, member, counter, err)                                       \
	({                                                                                 \
		int moved = 0;                                                                 \
		for (uint32_t i = 0; moved == 0 && i < (from)->counter; i++) {                 \
			__typeof__((to)->member) place = APPEND((to)->member, (to)->counter, err); \
			if (place == NULL)                                                         \
				moved = -1;                                                            \
			else                                                                       \
				memcpy(place, &(from)->member[i], sizeof *place);                      \
		}                                                                              \
		moved;                                                                         \
	})

static int keep_all(struct detected *to, const struct detected *from, struct err *err)
{
	if (MOVE_ALL(to, from, labels, count, err) < 0 || MOVE_ALL(to, from, not_whole, not_whole_count, err) < 0 ||
		MOVE_ALL(to, from, not_read, not_read_count, err) < 0 || MOVE_ALL(to, from, misnamed, misnamed_count, err) < 0)
		return -1;
	return 0;
}

/* --- a worker's part --- */

static int find_type(struct worker *worker, int fd, char *out, struct err *err)
{
	ssize_t len = io_read_up_to(fd, worker->head, sizeof worker->head, err);
	return len < 0 ? -1 : inspect_type(worker->inspector, worker->head, (size_t)len, out, err);
}

static int digest(struct worker *worker, int fd, struct digest *out, struct err *err)
{
	if (worker->buffer == NULL && (worker->buffer = malloc(DIGEST_READ_BYTES)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (worker->hash == NULL && hash_new(&worker->hash, err) < 0)
		return -1;
	return hash_file(worker->hash, fd, worker->buffer, DIGEST_READ_BYTES, out, err);
}

static int look_into(const struct detector *detector, struct worker *worker, uint32_t entry, struct batch *batch,
					 struct err *err)
{
	char *type = batch->types[entry - batch->first];
	const struct manifest_entry *file = &detector->manifest->entries[entry];
	auto_fd int fd = -1;
	if (scan_open(detector->scan, detector->manifest, entry, &fd, err) < 0)
		return -1;
	if (detector->flags.digest != NULL && detector->flags.digest[entry] &&
		digest(worker, fd, &batch->digests[entry - batch->first], err) < 0)
		return err_wrap(err, "%s: ", file->path);
	if (detector->flags.skip != NULL && detector->flags.skip[entry]) {
		if (find_type(worker, fd, type, err) < 0)
			return err_wrap(err, "%s: ", file->path);
		return scan_check_unchanged(detector->scan, detector->manifest, entry, fd, err);
	}
	if (inspect_file(worker->inspector, fd, file->path, file->size, &worker->inspection, err) < 0)
		return err_wrap(err, "%s: ", file->path);
	memcpy(type, worker->inspection.media_type, sizeof worker->inspection.media_type);
	if (scan_check_unchanged(detector->scan, detector->manifest, entry, fd, err) < 0)
		return -1;
	return keep(&batch->found, entry, &worker->inspection, err);
}

static int work(void *ctx, struct pool_job *job, unsigned number, struct err *err)
{
	const struct detector *detector = ctx;
	struct worker *worker = &detector->workers[number];
	struct batch *batch = job->data;
	if (worker->inspector == NULL && inspector_new(&worker->inspector, detector->schemes, detector->types, err) < 0)
		return -1;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct manifest_entry *entry = &detector->manifest->entries[batch->first + i];
		if (cancel_check(err) < 0)
			return -1;
		(void)strcpy(batch->types[i], EMPTY_TYPE);
		batch->digests[i] = (struct digest){.bytes = {0}};
		if (entry->type == ENTRY_FOLDER || entry->size == 0)
			continue;
		if (look_into(detector, worker, batch->first + i, batch, err) < 0)
			return -1;
	}
	return 0;
}

static int setup(void *ctx, struct pool_job *job, struct err *err)
{
	(void)ctx;
	job->data = calloc(1, sizeof(struct batch));
	return job->data != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void teardown(void *ctx, struct pool_job *job)
{
	struct batch *batch = job->data;
	(void)ctx;
	detected_clear(&batch->found);
	free(batch);
}

/* --- the owner's part --- */

static void fill(struct detector *detector, struct batch *batch)
{
	const struct manifest *manifest = detector->manifest;
	batch->first = detector->next;
	batch->count = 0;
	batch->bytes = 0;
	while (detector->next < manifest->entry_count && batch->count < BATCH_FILES && batch->bytes < BATCH_BYTES) {
		batch->bytes += manifest->entries[detector->next++].size;
		batch->count++;
	}
}

static int collect(struct manifest *manifest, struct batch *batch, struct detected *out, struct err *err)
{
	for (uint32_t i = 0; i < batch->count; i++)
		if (!digest_is_zero(&batch->digests[i]))
			manifest->entries[batch->first + i].sha256 = batch->digests[i];
	for (uint32_t i = 0; i < batch->count; i++)
		if (manifest->entries[batch->first + i].type != ENTRY_FOLDER &&
			manifest_set_media_type(manifest, batch->first + i, batch->types[i], err) < 0)
			return -1;
	if (keep_all(out, &batch->found, err) < 0)
		return -1;
	detected_clear(&batch->found);
	return 0;
}

static int run(struct detector *detector, struct manifest *manifest, const struct progress *progress,
			   struct detected *out, struct err *err)
{
	static const struct pool_ops ops = {.setup = setup, .teardown = teardown, .work = work};
	auto_pool *pool = NULL;
	uint64_t done = 0;
	if (pool_open(&pool, &ops, detector, BATCHES_A_WORKER * pool_threads(), err) < 0)
		return -1;
	for (struct pool_job *job = NULL;;) {
		while (detector->next < manifest->entry_count && (job = pool_get(pool)) != NULL) {
			fill(detector, job->data);
			pool_submit(pool, job);
		}
		if (pool_take(pool, &job, err) < 0)
			return -1;
		if (job == NULL)
			return 0;
		if (collect(manifest, job->data, out, err) < 0)
			return -1;
		done += ((struct batch *)job->data)->bytes;
		progress_update(progress, "reading", done, manifest->bytes);
		pool_release(pool, job);
	}
}

int detect_all(const struct scan *scan, struct manifest *manifest, const struct scheme_set *schemes,
			   enum inspect_types types, const struct detect_flags *flags, const struct progress *progress,
			   struct detected *out, struct err *err)
{
	const unsigned threads = pool_threads();
	auto_free struct worker *workers = calloc(threads, sizeof *workers);
	struct detector detector = {
		.scan = scan, .manifest = manifest, .schemes = schemes, .types = types, .workers = workers};
	if (flags != NULL)
		detector.flags = *flags;
	*out = (struct detected){0};
	if (workers == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	int rc = run(&detector, manifest, progress, out, err);
	for (unsigned i = 0; i < threads; i++) {
		inspector_free(workers[i].inspector);
		hash_free(workers[i].hash);
		free(workers[i].buffer);
	}
	if (rc < 0)
		detected_clear(out);
	return rc;
}
