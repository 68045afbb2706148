/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/payload_stream.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"

#include <string.h>

struct load_job {
	uint32_t number;
	struct chunk_place place;
	unsigned char *sealed, *plain;
	size_t plain_len;
};

struct payload_stream {
	struct bundle_opened *bundle;
	struct pool *pool;
	struct chunk_codec *codecs[POOL_THREADS_MAX]; /* one a worker */
	struct pool_job *handed_out;
	uint32_t next_submit, behind_last; /* chunk numbers */
	uint64_t position, from, to;
	uint64_t last_nonzero;
};

static int load_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct payload_stream *stream = ctx;
	const uint32_t chunk_bytes = stream->bundle->verified->waybill.chunk_bytes;
	struct load_job *load = calloc(1, sizeof *load);
	job->data = load;
	if (load == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	load->sealed = malloc(chunk_member_max(chunk_bytes));
	load->plain = malloc(chunk_bytes);
	return load->sealed != NULL && load->plain != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void load_teardown(void *ctx, struct pool_job *job)
{
	const struct payload_stream *stream = ctx;
	struct load_job *load = job->data;
	if (load == NULL)
		return;
	if (load->plain != NULL)
		secret_wipe(load->plain, stream->bundle->verified->waybill.chunk_bytes);
	free(load->plain);
	free(load->sealed);
	free(load);
}

static int read_copy(const struct bundle_verified *bundle, struct load_job *load, struct err *err)
{
	const struct member member = load->place.member;
	struct digest digest;
	char name[USTAR_NAME_MAX + 1];
	member_payload_name(name, load->number);
	if (member.size > chunk_member_max(bundle->waybill.chunk_bytes))
		return err_set(err, ERR_CHUNK, "member %s is larger than chunk-bytes allows", name);
	ssize_t n = io_pread_up_to(load->place.part->fd, load->sealed, member.size, member.offset, err);
	if (n < 0) {
		(void)err_wrap(err, "member %s: ", name);
		return part_wrap(bundle, load->place.part, err);
	}
	hash_bytes(&digest, load->sealed, (size_t)n);
	if ((uint64_t)n == member.size && digest_equal(&digest, sums_chunk(&bundle->sums, load->number)))
		return 0;
	(void)member_damaged(name, err);
	return part_wrap(bundle, load->place.part, err);
}

/* Where one copy is spoilt or cannot be read, another file may hold a good one. */
static int read_any_copy(const struct bundle_verified *bundle, struct load_job *load, struct err *err)
{
	struct err first = ERR_INIT;
	if (read_copy(bundle, load, &first) == 0)
		return 0;
	while (first.code != ERR_CANCELLED && bundle_next_copy(bundle, load->number, &load->place)) {
		struct err own = ERR_INIT;
		if (read_copy(bundle, load, &own) == 0)
			return 0;
	}
	*err = first;
	return -1;
}

/* The one place where payload bytes become plain: the buffer that is hashed is the buffer that is decrypted. */
static int load_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	struct payload_stream *stream = ctx;
	const struct bundle_verified *bundle = stream->bundle->verified;
	struct load_job *load = job->data;
	if (stream->codecs[worker] == NULL) {
		struct chunk_stream codec_stream = bundle_stream(stream->bundle, stream->bundle->payload_key);
		if (chunk_codec_new(&stream->codecs[worker], &codec_stream, err) < 0)
			return -1;
	}
	if (read_any_copy(bundle, load, err) < 0)
		return -1;
	return chunk_open(stream->codecs[worker], load->number, load->number + 1 == bundle->waybill.chunks, load->sealed,
					  load->place.member.size, waybill_chunk_length(&bundle->waybill, load->number), load->plain,
					  &load->plain_len, err);
}

static const struct pool_ops load_ops = {.setup = load_setup, .teardown = load_teardown, .work = load_work};

static int submit_ahead(struct payload_stream *stream, struct err *err)
{
	while (stream->next_submit < stream->behind_last) {
		struct pool_job *job = pool_get(stream->pool);
		if (job == NULL)
			return 0;
		struct load_job *load = job->data;
		if (bundle_find_chunk(stream->bundle->verified, stream->next_submit, &load->place, err) < 0) {
			pool_release(stream->pool, job);
			return -1;
		}
		load->number = stream->next_submit++;
		pool_submit(stream->pool, job);
	}
	return 0;
}

int payload_stream_open(struct payload_stream **out, struct bundle_opened *bundle, uint64_t from, uint64_t to,
						struct err *err)
{
	*out = NULL;
	const uint32_t chunk_bytes = bundle->verified->waybill.chunk_bytes;
	auto_payload_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	stream->bundle = bundle;
	stream->from = stream->position = stream->last_nonzero = from;
	stream->to = to;
	stream->next_submit = (uint32_t)(from / chunk_bytes);
	stream->behind_last = (uint32_t)((to - 1) / chunk_bytes) + 1;
	uint32_t count = stream->behind_last - stream->next_submit, jobs = 2 * pool_threads() + 2;
	if (pool_open(&stream->pool, &load_ops, stream, count < jobs ? count : jobs, err) < 0)
		return -1;
	*out = steal(&stream);
	return 0;
}

void payload_stream_free(struct payload_stream *stream)
{
	if (stream == NULL)
		return;
	pool_free(stream->pool);
	for (size_t i = 0; i < sizeof stream->codecs / sizeof stream->codecs[0]; i++)
		chunk_codec_free(stream->codecs[i]);
	free(stream);
}

/* Tar bytes end in zeros only at the archive's end, so this nearly always looks at one byte. */
static void note_nonzero(struct payload_stream *stream, const unsigned char *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	if (len > 0)
		stream->last_nonzero = stream->position + len;
}

int payload_stream_next(struct payload_stream *stream, const unsigned char **out, size_t *out_len, struct err *err)
{
	const uint32_t chunk_bytes = stream->bundle->verified->waybill.chunk_bytes;
	*out_len = 0;
	if (stream->handed_out != NULL)
		pool_release(stream->pool, steal(&stream->handed_out));
	/* A chunk that cannot be located matters only once what stands before it is used up: take first, then complain. */
	struct err ahead = ERR_INIT;
	int located = submit_ahead(stream, &ahead);
	if (pool_take(stream->pool, &stream->handed_out, err) < 0)
		return -1;
	if (stream->handed_out == NULL) {
		if (located < 0)
			*err = ahead;
		return located;
	}
	const struct load_job *load = stream->handed_out->data;
	size_t skip = (size_t)(stream->position - (uint64_t)load->number * chunk_bytes), len = load->plain_len - skip;
	if (len > stream->to - stream->position)
		len = (size_t)(stream->to - stream->position);
	*out = load->plain + skip;
	*out_len = len;
	note_nonzero(stream, *out, len);
	stream->position += len;
	return 0;
}

uint64_t payload_stream_position(const struct payload_stream *stream)
{
	return stream->position;
}

uint64_t payload_stream_last_nonzero(const struct payload_stream *stream)
{
	return stream->last_nonzero;
}
