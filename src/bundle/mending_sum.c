/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending_internal.h"

#include "base/cancel.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/erasure.h"

#include <errno.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20, SECTOR = 512, JOBS_MAX = 8 };

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

/* --- sums of all slices of a run --- */

struct summing {
	const struct mending_run *run;
	uint64_t *found;
	size_t unit; /* a slice, or a part of one */
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

static const struct pool_ops sum_ops = {sum_setup, sum_teardown, sum_work};

static void keep(const struct summing *s, uint64_t at, uint64_t sum)
{
	uint64_t *found = &s->found[at / s->run->slice_bytes];
	*found = at % s->run->slice_bytes == 0 ? sum : erasure_sum_join(*found, sum, s->unit);
}

static int take_one(const struct summing *s, struct pool *pool, bool *none_left, const struct progress *progress,
					struct err *err)
{
	struct pool_job *job = NULL;
	if (pool_take(pool, &job, err) < 0)
		return -1;
	*none_left = job == NULL;
	if (job == NULL)
		return 0;
	const struct sum_job *item = job->data;
	for (size_t at = 0, i = 0; at < item->len; at += s->unit, i++)
		keep(s, item->at + at, item->sums[i]);
	progress_update(progress, "looking for damage", item->at + item->len,
					(uint64_t)s->run->count * s->run->slice_bytes);
	pool_release(pool, job);
	return 0;
}

/* Whole slices and pieces that are a hole are passed over: a file that is all holes, as long as a file system takes,
 * must not cost hours. */
static uint64_t pass_hole(const struct mending_run *run, uint64_t at, uint64_t behind)
{
	const uint64_t step = run->slice_bytes > PIECE_BYTES ? run->slice_bytes : PIECE_BYTES;
	if (at % step != 0)
		return at;
	const off_t found = lseek(run->fd, (off_t)(run->start + at), SEEK_DATA);
	if (found < 0) /* ENXIO: nothing but a hole is left; else it cannot be told, and all is read */
		return errno == ENXIO ? behind : at;
	return ((uint64_t)found - run->start) / step * step;
}

static int sum_data(const struct summing *s, struct pool *pool, struct err *err, const struct progress *progress)
{
	const uint64_t behind = (uint64_t)s->run->count * s->run->slice_bytes;
	bool none_left = false;
	for (uint64_t at = 0; at < behind; at += PIECE_BYTES) {
		at = pass_hole(s->run, at, behind);
		if (at >= behind)
			break;
		struct pool_job *job = pool_get(pool);
		if (job == NULL) {
			if (take_one(s, pool, &none_left, progress, err) < 0)
				return -1;
			job = pool_get(pool);
		}
		struct sum_job *item = job->data;
		item->at = at;
		item->len = behind - at < PIECE_BYTES ? (size_t)(behind - at) : PIECE_BYTES;
		pool_submit(pool, job);
	}
	while (!none_left)
		if (take_one(s, pool, &none_left, progress, err) < 0)
			return -1;
	return 0;
}

int mending_sum(const struct mending_run *run, uint64_t *found, const struct progress *progress, struct err *err)
{
	struct summing s = {.run = run, .found = found};
	auto_pool *pool = NULL;
	s.unit = run->slice_bytes < PIECE_BYTES ? run->slice_bytes : PIECE_BYTES;
	/* What is not read is zeros. */
	const uint64_t zeros = ~erasure_sum_join(UINT64_MAX, 0, run->slice_bytes);
	for (uint32_t i = 0; i < run->count; i++)
		found[i] = zeros;
	const unsigned jobs = 2 * pool_threads();
	return pool_open(&pool, &sum_ops, &s, jobs < JOBS_MAX ? jobs : JOBS_MAX, err) < 0 ||
				   sum_data(&s, pool, err, progress) < 0
			   ? -1
			   : 0;
}
