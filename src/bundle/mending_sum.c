/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending_internal.h"

#include "base/cancel.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/erasure.h"

#include <errno.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20, GRAIN_BYTES = 64 << 10, SECTOR = 512, JOBS_MAX = 8 };

/* --- reading --- */

static bool is_bad_place(const struct err *why)
{
	const int e = why->saved_errno;
	return why->code == ERR_IO && (e == EIO || e == ENODATA || e == EILSEQ || e == EREMOTEIO || e == ETIMEDOUT);
}

int mending_read(int fd, uint64_t at, unsigned char *out, size_t len, struct err *err)
{
	struct err why = ERR_INIT;
	const ssize_t n = io_pread_up_to(fd, out, len, at, &why);
	if (n >= 0) {
		memset(out + n, 0, len - (size_t)n);
		return 0;
	}
	if (!is_bad_place(&why)) {
		*err = why;
		return -1;
	}
	if (len <= SECTOR) {
		memset(out, 0, len);
		return 0;
	}
	/* Halves on the borders of sectors, until what cannot be read is a single one. */
	const size_t half = (len / 2 + SECTOR - 1) / SECTOR * SECTOR;
	return mending_read(fd, at, out, half, err) < 0 || mending_read(fd, at + half, out + half, len - half, err) < 0 ? -1
																													: 0;
}

/* --- holes --- */

bool mending_next_data(int fd, uint64_t at, uint64_t behind, uint64_t *begin, uint64_t *end)
{
	const off_t data = lseek(fd, (off_t)at, SEEK_DATA);
	if (data < 0 && errno == ENXIO)
		return false;
	*begin = data < 0 ? at : (uint64_t)data;
	const off_t hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
	*end = hole > data && (uint64_t)hole < behind ? (uint64_t)hole : behind;
	return *begin < behind;
}

uint64_t mending_count_data(int fd, uint64_t enough)
{
	const off_t length = lseek(fd, 0, SEEK_END);
	uint64_t there = 0, begin = 0, end = 0;
	while (there < enough && length > 0 && mending_next_data(fd, end, (uint64_t)length, &begin, &end))
		there += end - begin;
	return there;
}

uint64_t mending_sum_zeros(uint64_t sum, uint64_t zeros)
{
	return zeros > 0 ? ~erasure_sum_join(~sum, 0, erasure_shift(zeros)) : sum;
}

/* --- sums of all slices of a run --- */

struct summing {
	const struct mending_run *run;
	uint64_t *found;
	size_t unit;    /* a slice, or a part of one */
	uint64_t shift; /* over one unit */
	uint64_t done;  /* bytes of the run that are in found: what was passed over on the way is zeros */
	const struct progress *progress;
};

struct sum_job {
	uint64_t at; /* in the run */
	size_t len;
	unsigned char *bytes;
	uint64_t sums[PIECE_BYTES / SECTOR];
};

static int sum_setup(void *ctx, struct pool_job *job, struct err *err)
{
	(void)ctx;
	struct sum_job *item = calloc(1, sizeof *item);
	job->data = item;
	if (item == NULL || (item->bytes = malloc(PIECE_BYTES)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

static void sum_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct sum_job *item = job->data;
	if (item != NULL)
		free(item->bytes);
	free(item);
}

static int sum_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct summing *s = ctx;
	struct sum_job *item = job->data;
	if (mending_read(s->run->fd, s->run->start + item->at, item->bytes, item->len, err) < 0)
		return -1;
	for (size_t at = 0, i = 0; at < item->len; at += s->unit, i++)
		item->sums[i] = erasure_sum(0, item->bytes + at, s->unit);
	return 0;
}

/* The slice that was begun ends in a hole. */
static void finish_slice(struct summing *s)
{
	const uint64_t slice = s->run->slice_bytes, in = s->done % slice;
	if (in == 0)
		return;
	uint64_t *found = &s->found[s->done / slice];
	*found = mending_sum_zeros(*found, slice - in);
	s->done += slice - in;
}

/* In ascending order. */
static void keep(struct summing *s, uint64_t at, uint64_t sum)
{
	const uint64_t slice = s->run->slice_bytes, begin = at - at % slice;
	uint64_t *found = &s->found[at / slice];
	if (s->done <= begin) {
		finish_slice(s);
		s->done = begin;
		*found = 0;
	}
	*found = erasure_sum_join(mending_sum_zeros(*found, at - s->done), sum, s->shift);
	s->done = at + s->unit;
}

static int sum_finish(void *ctx, struct pool_job *job, struct err *err)
{
	(void)err;
	struct summing *s = ctx;
	const struct sum_job *item = job->data;
	for (size_t at = 0, i = 0; at < item->len; at += s->unit, i++)
		keep(s, item->at + at, item->sums[i]);
	progress_update(s->progress, "looking for damage", item->at + item->len,
					(uint64_t)s->run->count * s->run->slice_bytes);
	return 0;
}

static const struct pool_ops sum_ops = {sum_setup, sum_teardown, sum_work, sum_finish};

/* The next piece of the run from *at on. Holes are passed over: a file that is mostly holes, as long as a file system
 * takes, must not cost hours. */
static bool next_piece(const struct mending_run *run, uint64_t *at, size_t *len)
{
	const uint64_t behind = (uint64_t)run->count * run->slice_bytes;
	uint64_t begin = 0, end = 0;
	if (*at >= behind || !mending_next_data(run->fd, run->start + *at, run->start + behind, &begin, &end))
		return false;
	*at = (begin - run->start) / GRAIN_BYTES * GRAIN_BYTES;
	uint64_t most = (end - run->start + GRAIN_BYTES - 1) / GRAIN_BYTES * GRAIN_BYTES;
	if (most > behind)
		most = behind;
	*len = most - *at < PIECE_BYTES ? (size_t)(most - *at) : PIECE_BYTES;
	return true;
}

static int sum_data(struct summing *s, struct pool *pool, struct err *err)
{
	size_t len = 0;
	for (uint64_t at = 0; next_piece(s->run, &at, &len); at += len) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		struct sum_job *item = job->data;
		item->at = at;
		item->len = len;
		pool_submit(pool, job);
	}
	if (pool_drain(pool, err) < 0)
		return -1;
	finish_slice(s);
	return 0;
}

int mending_sum(const struct mending_run *run, uint64_t *found, const struct progress *progress, struct err *err)
{
	struct summing s = {.run = run, .found = found, .progress = progress};
	auto_pool *pool = NULL;
	s.unit = run->slice_bytes < GRAIN_BYTES ? run->slice_bytes : GRAIN_BYTES;
	s.shift = erasure_shift(s.unit);
	/* What is not read is zeros. */
	const uint64_t zeros = mending_sum_zeros(0, run->slice_bytes);
	for (uint32_t i = 0; i < run->count; i++)
		found[i] = zeros;
	const unsigned jobs = 2 * pool_threads();
	return pool_open(&pool, &sum_ops, &s, jobs < JOBS_MAX ? jobs : JOBS_MAX, err) < 0 || sum_data(&s, pool, err) < 0
			   ? -1
			   : 0;
}
