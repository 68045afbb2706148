/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/weave.h"

#include "base/io.h"
#include "base/pool.h"

#include <stdbool.h>
#include <string.h>

/* A job takes the same piece of every column: bytes at … at + len of each. Pieces hold several of what is summed, where
 * that is small, or are a part of one, where it is large: then its owner joins the sums. */

enum { JOBS_BYTES = 24 << 20, PIECE_MIN = 4096, PIECE_MAX = 32768, STRIDE = 4096 };

struct work {
	const struct weave *weave;
	struct weave_jobs jobs;
	size_t unit;       /* what one sum of a job is of */
	uint64_t shift;    /* over one unit */
	uint64_t *running; /* of each column, where its sum is joined; owned */
};

struct weave_job {
	uint64_t at;
	size_t len;
	unsigned char *bytes; /* a piece for each column, sources and targets */
	uint64_t *sums;       /* for each column, those of its piece */
};

static unsigned columns_of(const struct weave *w)
{
	return w->from_count + w->to_count;
}

struct weave_jobs weave_jobs_for(unsigned columns)
{
	struct weave_jobs jobs = {.piece = PIECE_MAX, .count = 2 * pool_threads()};
	while (jobs.piece > PIECE_MIN && jobs.count * jobs.piece * columns > JOBS_BYTES)
		jobs.piece /= 2;
	const size_t most = JOBS_BYTES / (jobs.piece * columns);
	if (jobs.count > most)
		jobs.count = (unsigned)most;
	return jobs;
}

int weave_read(const struct weave_column *column, uint64_t at, unsigned char *out, size_t len, struct err *err)
{
	const uint64_t left = at < column->bytes ? column->bytes - at : 0;
	const size_t there = left < len ? (size_t)left : len;
	memset(out + there, 0, len - there);
	const ssize_t n = there > 0 ? io_pread_up_to(column->fd, out, there, column->start + at, err) : 0;
	if (n < 0)
		return -1;
	return (size_t)n == there ? 0 : err_set(err, ERR_CHANGED, "the file became shorter while it was read");
}

static int write_column(const struct weave_column *column, uint64_t at, const unsigned char *bytes, size_t len,
						struct err *err)
{
	const uint64_t left = at < column->bytes ? column->bytes - at : 0;
	return io_pwrite_all(column->fd, bytes, left < len ? (size_t)left : len, column->start + at, err);
}

/* --- on the workers --- */

static int weave_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct work *work = ctx;
	const unsigned columns = columns_of(work->weave);
	struct weave_job *item = calloc(1, sizeof *item);
	job->data = item;
	if (item == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	item->bytes = malloc(columns * work->jobs.piece);
	item->sums = malloc(columns * (work->jobs.piece / work->unit) * sizeof *item->sums);
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

static void sum_column(const struct work *work, struct weave_job *item, unsigned column)
{
	uint64_t *sums = item->sums + column * (work->jobs.piece / work->unit);
	const unsigned char *bytes = item->bytes + column * work->jobs.piece;
	if (work->weave->keep != NULL)
		for (size_t at = 0; at < item->len; at += work->unit)
			*sums++ = erasure_sum(0, bytes + at, item->len - at < work->unit ? item->len - at : work->unit);
}

/* In strides that stay in the nearer cache while all targets are made of them. */
static void make_targets(const struct work *work, const struct weave_job *item)
{
	const struct weave *w = work->weave;
	unsigned char *from[ERASURE_PIECES_MAX], *to[ERASURE_PIECES_MAX];
	for (size_t at = 0; at < item->len; at += STRIDE) {
		const size_t len = item->len - at < STRIDE ? item->len - at : STRIDE;
		for (unsigned c = 0; c < columns_of(w); c++)
			*(c < w->from_count ? &from[c] : &to[c - w->from_count]) = item->bytes + c * work->jobs.piece + at;
		erasure_run(w->erasure, len, from, to);
	}
}

static int weave_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct work *work = ctx;
	const struct weave *w = work->weave;
	struct weave_job *item = job->data;
	for (unsigned c = 0; c < w->from_count; c++) {
		if (weave_read(&w->from[c], item->at, item->bytes + c * work->jobs.piece, item->len, err) < 0)
			return -1;
		sum_column(work, item, c);
	}
	make_targets(work, item);
	for (unsigned t = 0; t < w->to_count; t++) {
		const unsigned c = w->from_count + t;
		sum_column(work, item, c);
		if (write_column(&w->to[t], item->at, item->bytes + c * work->jobs.piece, item->len, err) < 0)
			return -1;
	}
	return 0;
}

/* --- on the owner's thread --- */

/* A part of what is summed, of one column: joined to the parts before, and told with the last. */
static void keep_sum(const struct work *work, unsigned column, uint64_t at, uint64_t len, uint64_t sum)
{
	const struct weave *w = work->weave;
	uint64_t *running = &work->running[column];
	const uint64_t shift = len == work->unit ? work->shift : erasure_shift(len);
	*running = at % w->sum_bytes == 0 ? sum : erasure_sum_join(*running, sum, shift);
	if ((at + len) % w->sum_bytes == 0 || at + len == w->column_bytes)
		w->keep(w->ctx, column, at / w->sum_bytes * w->sum_bytes, *running);
}

static void keep_sums(const struct work *work, const struct weave_job *item)
{
	const struct weave *w = work->weave;
	for (unsigned c = 0; w->keep != NULL && c < columns_of(w); c++) {
		const uint64_t *found = item->sums + c * (work->jobs.piece / work->unit);
		for (size_t at = 0; at < item->len; at += work->unit)
			keep_sum(work, c, item->at + at, item->len - at < work->unit ? item->len - at : work->unit, *found++);
	}
}

static int weave_finish(void *ctx, struct pool_job *job, struct err *err)
{
	const struct work *work = ctx;
	const struct weave *w = work->weave;
	const struct weave_job *item = job->data;
	keep_sums(work, item);
	progress_update(w->progress, w->what, (item->at + item->len) * w->from_count, w->column_bytes * w->from_count);
	for (unsigned i = 0; i < w->places_count; i++)
		if (paced_wrote(&w->places[i], item->len * w->to_count, err) < 0)
			return -1;
	return 0;
}

static const struct pool_ops weave_ops = {weave_setup, weave_teardown, weave_work, weave_finish};

static int weave_columns(const struct work *work, struct pool *pool, struct err *err)
{
	const uint64_t column_bytes = work->weave->column_bytes;
	for (uint64_t at = 0; at < column_bytes; at += work->jobs.piece) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		struct weave_job *item = job->data;
		item->at = at;
		item->len = column_bytes - at < work->jobs.piece ? (size_t)(column_bytes - at) : work->jobs.piece;
		pool_submit(pool, job);
	}
	return pool_drain(pool, err);
}

int weave_run(const struct weave *weave, struct err *err)
{
	struct work work = {.weave = weave, .jobs = weave_jobs_for(columns_of(weave))};
	work.unit = weave->keep == NULL || weave->sum_bytes > work.jobs.piece ? work.jobs.piece : (size_t)weave->sum_bytes;
	work.shift = erasure_shift(work.unit);
	auto_free uint64_t *running = calloc(columns_of(weave), sizeof *running);
	auto_pool *pool = NULL;
	if (running == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	work.running = running;
	return pool_open(&pool, &weave_ops, &work, work.jobs.count, err) < 0 || weave_columns(&work, pool, err) < 0 ? -1
																												: 0;
}
