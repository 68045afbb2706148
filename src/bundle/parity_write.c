/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/parity_write.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/erasure.h"

#include <string.h>

/* A job takes the same piece of every column: bytes at … at + len of each. Pieces are a slice or more, where slices are
 * small, or a part of one, where they are large: then its owner joins the sums. */

enum { JOBS_BYTES = 24 << 20, PIECE_MIN = 4096, PIECE_MAX = 16384, STRIDE = 4096, BLOCKS_AT_ONCE = 64 };

struct weave {
	int fd, out_fd;
	const struct parity_shape *shape;
	const struct progress *progress;
	struct erasure *encoder;
	struct parity_jobs jobs;
	uint64_t column_bytes;
	size_t unit;    /* what one sum of a job is of: a slice or a part of it */
	uint64_t *sums; /* the table; owned */
	struct digest table;
};

struct weave_job {
	uint64_t at;
	size_t len;
	unsigned char *bytes; /* a piece for each column, data and parity */
	uint64_t *sums;       /* for each column, those of its piece */
};

static void weave_clear(struct weave *w)
{
	erasure_free(w->encoder);
	free(w->sums);
}

static unsigned columns_of(const struct weave *w)
{
	return w->shape->columns + w->shape->parity;
}

struct parity_jobs parity_jobs_for(unsigned pieces)
{
	struct parity_jobs jobs = {.piece = PIECE_MAX, .count = 2 * pool_threads()};
	while (jobs.piece > PIECE_MIN && jobs.count * jobs.piece * pieces > JOBS_BYTES)
		jobs.piece /= 2;
	const size_t most = JOBS_BYTES / (jobs.piece * pieces);
	if (jobs.count > most)
		jobs.count = most > 0 ? (unsigned)most : 1;
	return jobs;
}

int parity_read(int fd, uint64_t file_bytes, uint64_t at, unsigned char *out, size_t len, struct err *err)
{
	const size_t there = at >= file_bytes ? 0 : file_bytes - at < len ? (size_t)(file_bytes - at) : len;
	memset(out + there, 0, len - there);
	const ssize_t n = there > 0 ? io_pread_up_to(fd, out, there, at, err) : 0;
	if (n < 0)
		return -1;
	return (size_t)n == there ? 0 : err_set(err, ERR_CHANGED, "the file became shorter while it was read");
}

/* --- on the workers --- */

static int weave_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct weave *w = ctx;
	struct weave_job *item = calloc(1, sizeof *item);
	job->data = item;
	if (item == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	item->bytes = malloc(columns_of(w) * w->jobs.piece);
	item->sums = malloc(columns_of(w) * (w->jobs.piece / w->unit) * sizeof *item->sums);
	return item->bytes != NULL && item->sums != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void weave_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct weave_job *item = job->data;
	if (item != NULL) {
		free(item->bytes);
		free(item->sums);
	}
	free(item);
}

static void sum_column(const struct weave *w, struct weave_job *item, unsigned column)
{
	uint64_t *sums = item->sums + column * (w->jobs.piece / w->unit);
	const unsigned char *bytes = item->bytes + column * w->jobs.piece;
	for (size_t at = 0; at < item->len; at += w->unit)
		*sums++ = erasure_sum(0, bytes + at, w->unit);
}

/* In strides that stay in the nearer cache while all parity is made of them. */
static void encode(const struct weave *w, const struct weave_job *item)
{
	unsigned char *from[ERASURE_PIECES_MAX], *to[ERASURE_PIECES_MAX];
	for (size_t at = 0; at < item->len; at += STRIDE) {
		const size_t len = item->len - at < STRIDE ? item->len - at : STRIDE;
		for (unsigned c = 0; c < columns_of(w); c++)
			*(c < w->shape->columns ? &from[c] : &to[c - w->shape->columns]) = item->bytes + c * w->jobs.piece + at;
		erasure_run(w->encoder, len, from, to);
	}
}

static int weave_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct weave *w = ctx;
	struct weave_job *item = job->data;
	for (unsigned c = 0; c < w->shape->columns; c++) {
		if (parity_read(w->fd, w->shape->file_bytes, c * w->column_bytes + item->at, item->bytes + c * w->jobs.piece,
						item->len, err) < 0)
			return -1;
		sum_column(w, item, c);
	}
	encode(w, item);
	for (unsigned p = 0; p < w->shape->parity; p++) {
		const unsigned c = w->shape->columns + p;
		sum_column(w, item, c);
		if (io_pwrite_all(w->out_fd, item->bytes + c * w->jobs.piece, item->len,
						  parity_column_at(w->shape, p) + item->at, err) < 0)
			return -1;
	}
	return 0;
}

static const struct pool_ops weave_ops = {weave_setup, weave_teardown, weave_work};

/* --- on the owner's thread --- */

/* Where in the table a place of a column is summed; NULL where the file has ended before. */
static uint64_t *sum_at(const struct weave *w, unsigned column, uint64_t at)
{
	const struct parity_shape *s = w->shape;
	const uint64_t row = at / s->slice_bytes;
	if (column >= s->columns)
		return &w->sums[s->data_slices + (uint64_t)(column - s->columns) * s->rows + row];
	const uint64_t slice = (uint64_t)column * s->rows + row;
	return slice < s->data_slices ? &w->sums[slice] : NULL;
}

static void keep_sums(const struct weave *w, const struct weave_job *item)
{
	for (unsigned c = 0; c < columns_of(w); c++) {
		const uint64_t *found = item->sums + c * (w->jobs.piece / w->unit);
		for (uint64_t at = item->at; at < item->at + item->len; at += w->unit, found++) {
			uint64_t *sum = sum_at(w, c, at);
			if (sum != NULL)
				*sum = at % w->shape->slice_bytes == 0 ? *found : erasure_sum_join(*sum, *found, w->unit);
		}
	}
}

static int take_one(const struct weave *w, struct pool *pool, bool *none_left, struct err *err)
{
	struct pool_job *job = NULL;
	if (pool_take(pool, &job, err) < 0)
		return -1;
	*none_left = job == NULL;
	if (job == NULL)
		return 0;
	const struct weave_job *item = job->data;
	keep_sums(w, item);
	const uint64_t done = (item->at + item->len) * w->shape->columns;
	progress_update(w->progress, "making parity", done < w->shape->file_bytes ? done : w->shape->file_bytes,
					w->shape->file_bytes);
	pool_release(pool, job);
	return 0;
}

static int weave_columns(const struct weave *w, struct pool *pool, struct err *err)
{
	bool none_left = false;
	for (uint64_t at = 0; at < w->column_bytes; at += w->jobs.piece) {
		struct pool_job *job = pool_get(pool);
		if (job == NULL) {
			if (take_one(w, pool, &none_left, err) < 0)
				return -1;
			job = pool_get(pool);
		}
		struct weave_job *item = job->data;
		item->at = at;
		item->len = w->column_bytes - at < w->jobs.piece ? (size_t)(w->column_bytes - at) : w->jobs.piece;
		pool_submit(pool, job);
	}
	while (!none_left)
		if (take_one(w, pool, &none_left, err) < 0)
			return -1;
	return 0;
}

/* --- header and table --- */

static int digest_table(struct weave *w, struct err *err)
{
	unsigned char bytes[8 * 256];
	const uint32_t all = w->shape->data_slices + w->shape->parity_slices;
	auto_hash *hash = NULL;
	if (hash_new(&hash, err) < 0)
		return -1;
	for (uint32_t i = 0; i < all; i += 256) {
		const uint32_t count = all - i < 256 ? all - i : 256;
		parity_sums_put(bytes, w->sums + i, count);
		hash_update(hash, bytes, (size_t)8 * count);
	}
	hash_finish(hash, &w->table);
	return 0;
}

static int write_table(const struct weave *w, struct err *err)
{
	unsigned char bytes[BLOCKS_AT_ONCE * PARITY_BLOCK];
	const uint32_t blocks = w->shape->table_blocks;
	for (uint32_t first = 0; first < blocks; first += BLOCKS_AT_ONCE) {
		const uint32_t count = blocks - first < BLOCKS_AT_ONCE ? blocks - first : BLOCKS_AT_ONCE;
		for (uint32_t i = 0; i < count; i++)
			parity_table_format(bytes + (size_t)PARITY_BLOCK * i, w->shape, &w->table, first + i,
								w->sums + (size_t)PARITY_DIGESTS_A_BLOCK * (first + i));
		for (unsigned copy = 0; copy < PARITY_TABLES; copy++)
			if (io_pwrite_all(w->out_fd, bytes, (size_t)PARITY_BLOCK * count,
							  w->shape->table_at[copy] + (uint64_t)PARITY_BLOCK * first, err) < 0)
				return -1;
	}
	return 0;
}

static int write_headers(const struct weave *w, struct err *err)
{
	unsigned char header[PARITY_BLOCK];
	parity_header_format(header, w->shape, &w->table);
	for (unsigned copy = 0; copy < PARITY_HEADERS; copy++)
		if (io_pwrite_all(w->out_fd, header, sizeof header, w->shape->header_at[copy], err) < 0)
			return -1;
	return 0;
}

static int prepare(struct weave *w, struct err *err)
{
	const struct parity_shape *s = w->shape;
	w->column_bytes = (uint64_t)s->rows * s->slice_bytes;
	w->jobs = parity_jobs_for(columns_of(w));
	w->unit = s->slice_bytes < w->jobs.piece ? s->slice_bytes : w->jobs.piece;
	w->sums = calloc((size_t)s->data_slices + s->parity_slices, sizeof *w->sums);
	if (w->sums == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return erasure_encoder_new(&w->encoder, s->columns, s->parity, err);
}

int parity_write(int fd, const struct parity_shape *shape, int out_fd, const struct progress *progress, struct err *err)
{
	AUTO(weave_clear) struct weave w = {.fd = fd, .out_fd = out_fd, .shape = shape, .progress = progress};
	auto_pool *pool = NULL;
	if (prepare(&w, err) < 0 || pool_open(&pool, &weave_ops, &w, w.jobs.count, err) < 0)
		return -1;
	return weave_columns(&w, pool, err) < 0 || digest_table(&w, err) < 0 || write_table(&w, err) < 0 ||
				   write_headers(&w, err) < 0
			   ? -1
			   : 0;
}
