/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/writer.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/chunk.h"
#include "bundle/tail.h"
#include "bundle/writer_files.h"
#include "format/sums.h"
#include "format/ustar.h"
#include "media/paced.h"

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
	struct writer_files files;
	struct writer_options options;
	enum stage stage;
	struct secret *payload_key, *manifest_key, *check_key;
	struct digests digests; /* of all members so far, in order */
	struct pool *pool;
	struct chunk_codec *codecs[POOL_THREADS_MAX]; /* one a worker */
	struct pool_job *filling;
	uint64_t payload_bytes;
	uint32_t slots, chunks, manifest_chunks;
	/* A chunk's place is known once all before it have a size: workers pass the turn on in order, then write side by
	 * side. */
	pthread_mutex_t lock;
	pthread_cond_t turned;
	uint64_t turn;
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

static int write_listed_member(struct writer *w, const char *name, const void *bytes, size_t len, struct err *err)
{
	struct digest digest;
	hash_bytes(&digest, bytes, len);
	if (writer_files_put(&w->files, name, bytes, len, err) < 0)
		return -1;
	return digests_add(&w->digests, &digest, err);
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

struct place {
	int fd;
	uint64_t at;
};

static int take_place(struct writer *w, uint64_t number, uint64_t stored, const struct digest *digest,
					  struct place *out, struct err *err)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->turn != number && !w->broken)
		(void)pthread_cond_wait(&w->turned, &w->lock);
	int rc = w->broken ? err_set(err, ERR_IO, "an earlier chunk failed") : digests_add(&w->digests, digest, err);
	if (rc == 0)
		rc = writer_files_place(&w->files, stored, &out->fd, &out->at, err);
	if (rc < 0)
		w->broken = true;
	if (!w->options.paced || rc < 0)
		pass_turn(w);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

/* Onto a medium one behind the other: a file system without holes, such as FAT, would fill each gap first. */
static int write_in_turn(struct writer *w, const struct chunk_job *chunk, const struct place *place, uint64_t stored,
						 struct err *err)
{
	if (io_pwrite_all(place->fd, chunk->member, stored, place->at, err) < 0)
		return writer_files_fail(&w->files, err);
	(void)pthread_mutex_lock(&w->lock);
	pass_turn(w);
	(void)pthread_mutex_unlock(&w->lock);
	return paced_run(place->fd, place->at, stored, err) < 0 ? writer_files_fail(&w->files, err) : 0;
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

	struct place place;
	uint64_t stored = ustar_stored(len);
	if (take_place(w, number, stored, &digest, &place, err) < 0)
		return -1;
	if (w->options.paced)
		return write_in_turn(w, chunk, &place, stored, err);
	if (io_pwrite_all(place.fd, chunk->member, stored, place.at, err) < 0)
		return writer_files_fail(&w->files, err);
	paced_start(place.fd, place.at, stored);
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

static const struct pool_ops job_ops = {.setup = job_setup, .teardown = job_teardown, .work = job_work};

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
	for (uint32_t i = 0; i < w->files.count; i++)
		w->files.items[i].trailer.manifest = w->files.items[i].at;
	if (write_manifest_chunks(w, bytes, len, err) < 0)
		return -1;
	struct sums sums = {.shape = {w->slots, w->chunks, w->manifest_chunks}, .digests = w->digests.items};
	auto_buf text = {0};
	if (sums_format(&text, &sums, err) < 0)
		return -1;
	if (text.len > MEMBER_SUMS_MAX)
		return err_set(err, ERR_LIMIT, "the list of digests is too long");
	for (uint32_t i = 0; i < w->files.count; i++)
		w->files.items[i].trailer.sums = w->files.items[i].at;
	hash_bytes(out_sums, text.data, text.len);
	w->stage = STAGE_WAYBILL;
	return writer_files_put(&w->files, "SHA256SUMS", text.data, text.len, err);
}

int writer_key_check(const struct writer *w, const struct buf *waybill_body, struct digest *out, struct err *err)
{
	if (w->stage != STAGE_WAYBILL)
		return wrong_order(err);
	keyed_hash(out, w->check_key, waybill_body->data, waybill_body->len);
	return 0;
}

static int finish_file(const struct writer *w, struct writer_file *file, const struct bundle_seal *signatures,
					   unsigned count, struct err *err)
{
	auto_buf tail = {0};
	const struct writer_volumes *volumes = &w->files.volumes;
	file->trailer.signatures = file->at;
	if (tail_format(&tail, &file->trailer, signatures, count, err) < 0)
		return -1;
	if (io_pwrite_all(file->fd, tail.data, tail.len, file->at, err) < 0)
		return writer_files_fail(&w->files, err);
	file->at += tail.len;
	const uint64_t beside = volumes->beside != NULL ? volumes->beside(volumes->ctx, file->at) : 0;
	if (volumes->max_bytes > 0 && file->at + beside > volumes->max_bytes)
		return err_set(err, ERR_INTERNAL, "a volume is larger than it may be");
	return 0;
}

int writer_finish(struct writer *w, const struct buf *waybill, const struct bundle_seal *signatures, unsigned count,
				  uint64_t *out_file_bytes, struct err *err)
{
	if (w->stage != STAGE_WAYBILL)
		return wrong_order(err);
	for (uint32_t i = 0; i < w->files.count; i++)
		w->files.items[i].trailer.waybill = w->files.items[i].at;
	if (writer_files_put(&w->files, "waybill.yaml", waybill->data, waybill->len, err) < 0)
		return -1;
	*out_file_bytes = 0;
	for (uint32_t i = 0; i < w->files.count; i++) {
		if (finish_file(w, &w->files.items[i], signatures, count, err) < 0)
			return -1;
		*out_file_bytes += w->files.items[i].at;
	}
	w->stage = STAGE_DONE;
	return 0;
}

/* --- how large --- */

static uint64_t sealed_max(uint64_t plain, uint32_t chunk_bytes)
{
	/* Zstandard's own bound adds 64 bytes to short ones. */
	const uint64_t short_max = plain + plain / 256 + 16 + 64, max = chunk_member_max(chunk_bytes);
	return ustar_stored(short_max < max ? short_max : max);
}

uint64_t writer_behind_max(const struct writer_options *options, const struct writer_bounds *bounds)
{
	const uint64_t whole = bounds->manifest_bytes / options->chunk_bytes;
	const struct sums_shape shape = {.slots = bounds->slots,
									 .chunks = (uint32_t)(bounds->payload_bytes / options->chunk_bytes + 1),
									 .manifest_chunks = (uint32_t)(whole + 1)};
	return whole * sealed_max(options->chunk_bytes, options->chunk_bytes) +
		   sealed_max(bounds->manifest_bytes % options->chunk_bytes, options->chunk_bytes) +
		   ustar_stored(sums_bytes(&shape)) + ustar_stored(MEMBER_WAYBILL_MAX) +
		   bounds->signatures * ustar_stored(MEMBER_SIGNATURE_MAX) + ustar_stored(MEMBER_TRAILER_BYTES) + USTAR_END;
}

uint64_t writer_least_volume(const struct writer_options *options, const struct writer_bounds *bounds)
{
	const uint64_t chunk = bounds->payload_bytes < options->chunk_bytes ? bounds->payload_bytes : options->chunk_bytes;
	return ustar_stored(MEMBER_MAGIC_BYTES) + bounds->slots * ustar_stored(MEMBER_SLOT_MAX) +
		   sealed_max(chunk, options->chunk_bytes) + writer_behind_max(options, bounds);
}

/* --- beginning and end --- */

int writer_new(struct writer **out, int fd, const struct writer_options *options, const struct secret *bundle_key,
			   struct err *err)
{
	*out = NULL;
	auto_writer *w = calloc(1, sizeof *w);
	if (w == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	w->options = *options;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->turned, NULL);
	if (writer_files_init(&w->files, fd, options->path, err) < 0 ||
		secret_derive(&w->payload_key, bundle_key, SUBKEY_PAYLOAD, err) < 0 ||
		secret_derive(&w->manifest_key, bundle_key, SUBKEY_MANIFEST, err) < 0 ||
		secret_derive(&w->check_key, bundle_key, SUBKEY_KEY_CHECK, err) < 0 ||
		write_listed_member(w, "valise", MEMBER_MAGIC, MEMBER_MAGIC_BYTES, err) < 0)
		return -1;
	*out = steal(&w);
	return 0;
}

void writer_allow_volumes(struct writer *w, const struct writer_volumes *volumes)
{
	w->files.volumes = *volumes;
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
	writer_files_clear(&w->files);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->turned);
	free(w);
}
