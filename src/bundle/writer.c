/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/writer.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/chunk.h"
#include "bundle/tail.h"
#include "format/sums.h"
#include "format/ustar.h"
#include "media/paced.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum stage { STAGE_SLOTS, STAGE_PAYLOAD, STAGE_MANIFEST, STAGE_WAYBILL, STAGE_DONE };

struct digests {
	struct digest *items;
	uint32_t count;
};

/* A chunk under way: plain bytes come in, a whole tar member goes out in one write. */
struct chunk_job {
	unsigned char *plain;
	size_t plain_len;
	bool is_last;
	unsigned char *member; /* header, content, padding */
};

struct writer {
	int fd;
	struct writer_options options;
	enum stage stage;
	struct secret *payload_key, *manifest_key, *check_key;
	struct digests digests; /* of all members so far, in order */
	struct trailer trailer;
	struct pool *pool;
	struct chunk_codec *codecs[POOL_THREADS_MAX]; /* one a worker */
	struct pool_job *filling;
	uint64_t payload_bytes;
	uint32_t slots, chunks, manifest_chunks;
	/* A chunk's place is known once all before it have a size: workers pass the turn on in order, then write side by
	 * side. */
	pthread_mutex_t lock;
	pthread_cond_t turned;
	uint64_t turn, at; /* at: where the next member begins */
	bool broken;
};

static int wrong_order(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "a bundle's parts were written out of order");
}

static int digests_add(struct digests *digests, const struct digest *digest, struct err *err)
{
	struct digest *items = array_grow(digests->items, digests->count, sizeof *items, err);
	if (items == NULL)
		return -1;
	digests->items = items;
	items[digests->count++] = *digest;
	return 0;
}

/* --- members written by the owner --- */

static int write_member(struct writer *w, const char *name, const void *bytes, size_t len, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	ustar_build(header, name, len);
	if (io_pwrite_all(w->fd, header, sizeof header, w->at, err) < 0 ||
		io_pwrite_all(w->fd, bytes, len, w->at + USTAR_BLOCK, err) < 0 ||
		io_pwrite_all(w->fd, zeros, ustar_padding(len), w->at + USTAR_BLOCK + len, err) < 0)
		return -1;
	w->at += ustar_stored(len);
	return 0;
}

static int write_listed_member(struct writer *w, const char *name, const void *bytes, size_t len, struct err *err)
{
	struct digest digest;
	hash_bytes(&digest, bytes, len);
	return write_member(w, name, bytes, len, err) < 0 || digests_add(&w->digests, &digest, err) < 0 ? -1 : 0;
}

/* --- payload: the pool --- */

static int job_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct writer *w = ctx;
	struct chunk_job *chunk = calloc(1, sizeof *chunk);
	job->data = chunk;
	if (chunk == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	chunk->plain = malloc(w->options.chunk_bytes);
	chunk->member = malloc(ustar_stored(chunk_member_max(w->options.chunk_bytes)));
	return chunk->plain != NULL && chunk->member != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void job_teardown(void *ctx, struct pool_job *job)
{
	const struct writer *w = ctx;
	struct chunk_job *chunk = job->data;
	if (chunk == NULL)
		return;
	if (chunk->plain != NULL)
		secret_wipe(chunk->plain, w->options.chunk_bytes);
	free(chunk->plain);
	free(chunk->member);
	free(chunk);
}

static struct chunk_stream stream_of(const struct writer *w, const struct secret *key)
{
	return (struct chunk_stream){.key = key,
								 .bundle = w->options.bundle,
								 .compression = w->options.compression,
								 .chunk_bytes = w->options.chunk_bytes};
}

/* in: the lock. */
static void pass_turn(struct writer *w)
{
	w->turn++;
	(void)pthread_cond_broadcast(&w->turned);
}

static int take_place(struct writer *w, uint64_t number, uint64_t stored, const struct digest *digest, uint64_t *out_at,
					  struct err *err)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->turn != number && !w->broken)
		(void)pthread_cond_wait(&w->turned, &w->lock);
	int rc = w->broken ? err_set(err, ERR_IO, "an earlier chunk failed") : digests_add(&w->digests, digest, err);
	if (rc < 0)
		w->broken = true;
	*out_at = w->at;
	w->at += stored;
	if (!w->options.paced)
		pass_turn(w);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

/* Onto a medium one behind the other: a file system without holes, such as FAT, would fill each gap first. */
static int write_in_turn(struct writer *w, const struct chunk_job *chunk, uint64_t at, uint64_t stored, struct err *err)
{
	if (io_pwrite_all(w->fd, chunk->member, stored, at, err) < 0)
		return -1;
	(void)pthread_mutex_lock(&w->lock);
	pass_turn(w);
	(void)pthread_mutex_unlock(&w->lock);
	return paced_run(w->fd, at, stored, err);
}

static void give_up(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->broken = true;
	(void)pthread_cond_broadcast(&w->turned);
	(void)pthread_mutex_unlock(&w->lock);
}

static int seal_job(struct writer *w, struct chunk_job *chunk, uint32_t number, unsigned worker, struct err *err)
{
	if (w->codecs[worker] == NULL) {
		struct chunk_stream stream = stream_of(w, w->payload_key);
		if (chunk_codec_new(&w->codecs[worker], &stream, err) < 0)
			return -1;
	}
	size_t len = 0;
	unsigned char *content = chunk->member + USTAR_BLOCK;
	if (chunk_seal(w->codecs[worker], number, chunk->is_last, chunk->plain, chunk->plain_len, content, &len, err) < 0)
		return -1;
	char name[USTAR_NAME_MAX + 1];
	member_payload_name(name, number);
	ustar_build(chunk->member, name, len);
	memset(content + len, 0, ustar_padding(len));
	struct digest digest;
	hash_bytes(&digest, content, len);

	uint64_t at = 0, stored = ustar_stored(len);
	if (take_place(w, number, stored, &digest, &at, err) < 0)
		return -1;
	if (w->options.paced)
		return write_in_turn(w, chunk, at, stored, err);
	if (io_pwrite_all(w->fd, chunk->member, stored, at, err) < 0)
		return -1;
	/* Let the medium start now: else it all waits for the sync at the end. Where that is not possible, nothing is lost.
	 */
	(void)sync_file_range(w->fd, (off_t)at, (off_t)stored, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int job_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	struct writer *w = ctx;
	int rc = seal_job(w, job->data, (uint32_t)job->number, worker, err);
	if (rc < 0)
		give_up(w);
	return rc;
}

static const struct pool_ops job_ops = {job_setup, job_teardown, job_work};

static int begin_payload(struct writer *w, struct err *err)
{
	if (w->stage != STAGE_SLOTS || w->slots == 0)
		return wrong_order(err);
	w->stage = STAGE_PAYLOAD;
	return pool_open(&w->pool, &job_ops, w, 2 * pool_threads() + 2, err);
}

static int next_job(struct writer *w, struct err *err)
{
	w->filling = pool_get(w->pool);
	if (w->filling == NULL) {
		if (pool_take(w->pool, &w->filling, err) < 0)
			return -1;
		w->chunks++;
	}
	struct chunk_job *chunk = w->filling->data;
	chunk->plain_len = 0;
	chunk->is_last = false;
	return 0;
}

static int submit_job(struct writer *w, bool is_last, struct err *err)
{
	if (w->payload_bytes > (uint64_t)MEMBER_CHUNKS_MAX * w->options.chunk_bytes)
		return err_set(err, ERR_LIMIT, "the payload has more than %d chunks", MEMBER_CHUNKS_MAX);
	((struct chunk_job *)w->filling->data)->is_last = is_last;
	pool_submit(w->pool, steal(&w->filling));
	return 0;
}

int writer_payload(struct writer *w, const void *bytes, size_t len, struct err *err)
{
	const unsigned char *from = bytes;
	if (w->stage != STAGE_PAYLOAD && begin_payload(w, err) < 0)
		return -1;
	while (len > 0) {
		/* A full chunk waits until it is known whether more comes: only then is it known not to be the last. */
		struct chunk_job *chunk = w->filling != NULL ? w->filling->data : NULL;
		if (chunk != NULL && chunk->plain_len == w->options.chunk_bytes && submit_job(w, false, err) < 0)
			return -1;
		if (w->filling == NULL && next_job(w, err) < 0)
			return -1;
		chunk = w->filling->data;
		size_t room = w->options.chunk_bytes - chunk->plain_len, n = len < room ? len : room;
		memcpy(chunk->plain + chunk->plain_len, from, n);
		chunk->plain_len += n;
		w->payload_bytes += n;
		from += n;
		len -= n;
	}
	return 0;
}

int writer_payload_end(struct writer *w, uint64_t *out_bytes, uint32_t *out_chunks, struct err *err)
{
	if (w->stage != STAGE_PAYLOAD || w->filling == NULL)
		return wrong_order(err);
	if (submit_job(w, true, err) < 0)
		return -1;
	for (;;) {
		struct pool_job *job = NULL;
		if (pool_take(w->pool, &job, err) < 0)
			return -1;
		if (job == NULL)
			break;
		w->chunks++;
		pool_release(w->pool, job);
	}
	pool_free(steal(&w->pool));
	*out_bytes = w->payload_bytes;
	*out_chunks = w->chunks;
	w->stage = STAGE_MANIFEST;
	return 0;
}

/* --- what follows the payload --- */

static int write_manifest_chunks(struct writer *w, const unsigned char *bytes, size_t len, struct err *err)
{
	struct chunk_stream stream = stream_of(w, w->manifest_key);
	auto_codec *codec = NULL;
	auto_free unsigned char *sealed = malloc(chunk_member_max(w->options.chunk_bytes));
	if (sealed == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (chunk_codec_new(&codec, &stream, err) < 0)
		return -1;
	for (size_t done = 0; done < len; w->manifest_chunks++) {
		size_t n = len - done < w->options.chunk_bytes ? len - done : w->options.chunk_bytes, sealed_len = 0;
		char name[USTAR_NAME_MAX + 1];
		member_manifest_name(name, w->manifest_chunks);
		if (chunk_seal(codec, w->manifest_chunks, done + n == len, bytes + done, n, sealed, &sealed_len, err) < 0 ||
			write_listed_member(w, name, sealed, sealed_len, err) < 0)
			return -1;
		done += n;
	}
	return 0;
}

int writer_manifest(struct writer *w, const void *bytes, size_t len, struct digest *out_sums, struct err *err)
{
	if (w->stage != STAGE_MANIFEST || len == 0)
		return wrong_order(err);
	w->trailer.manifest = w->at;
	if (write_manifest_chunks(w, bytes, len, err) < 0)
		return -1;
	struct sums sums = {.shape = {w->slots, w->chunks, w->manifest_chunks}, .digests = w->digests.items};
	auto_buf text = {0};
	if (sums_format(&text, &sums, err) < 0)
		return -1;
	if (text.len > MEMBER_SUMS_MAX)
		return err_set(err, ERR_LIMIT, "the list of digests is too long");
	w->trailer.sums = w->at;
	hash_bytes(out_sums, text.data, text.len);
	w->stage = STAGE_WAYBILL;
	return write_member(w, "SHA256SUMS", text.data, text.len, err);
}

int writer_key_check(const struct writer *w, const struct buf *waybill_body, struct digest *out, struct err *err)
{
	if (w->stage != STAGE_WAYBILL)
		return wrong_order(err);
	keyed_hash(out, w->check_key, waybill_body->data, waybill_body->len);
	return 0;
}

int writer_finish(struct writer *w, const struct buf *waybill, const struct bundle_seal *signatures, unsigned count,
				  uint64_t *out_file_bytes, struct err *err)
{
	auto_buf tail = {0};
	if (w->stage != STAGE_WAYBILL)
		return wrong_order(err);
	w->trailer.waybill = w->at;
	if (write_member(w, "waybill.yaml", waybill->data, waybill->len, err) < 0)
		return -1;
	w->trailer.signatures = w->at;
	if (tail_format(&tail, &w->trailer, signatures, count, err) < 0 ||
		io_pwrite_all(w->fd, tail.data, tail.len, w->at, err) < 0)
		return -1;
	*out_file_bytes = w->at + tail.len;
	w->stage = STAGE_DONE;
	return 0;
}

/* --- beginning and end --- */

int writer_new(struct writer **out, int fd, const struct writer_options *options, const struct secret *bundle_key,
			   struct err *err)
{
	*out = NULL;
	auto_writer *w = calloc(1, sizeof *w);
	if (w == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	w->fd = fd;
	w->options = *options;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->turned, NULL);
	if (secret_derive(&w->payload_key, bundle_key, SUBKEY_PAYLOAD, err) < 0 ||
		secret_derive(&w->manifest_key, bundle_key, SUBKEY_MANIFEST, err) < 0 ||
		secret_derive(&w->check_key, bundle_key, SUBKEY_KEY_CHECK, err) < 0 ||
		write_listed_member(w, "valise", MEMBER_MAGIC, MEMBER_MAGIC_BYTES, err) < 0)
		return -1;
	*out = steal(&w);
	return 0;
}

int writer_add_slot(struct writer *w, const void *bytes, size_t len, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	if (w->stage != STAGE_SLOTS)
		return wrong_order(err);
	if (w->slots == MEMBER_SLOTS_MAX || len > MEMBER_SLOT_MAX)
		return err_set(err, ERR_LIMIT, "too many recipients, or a slot of %zu bytes", len);
	member_slot_name(name, w->slots++);
	return write_listed_member(w, name, bytes, len, err);
}

void writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	if (w->filling != NULL)
		pool_release(w->pool, steal(&w->filling));
	pool_free(w->pool);
	for (size_t i = 0; i < sizeof w->codecs / sizeof w->codecs[0]; i++)
		chunk_codec_free(w->codecs[i]);
	secret_free(w->payload_key);
	secret_free(w->manifest_key);
	secret_free(w->check_key);
	free(w->digests.items);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->turned);
	free(w);
}
