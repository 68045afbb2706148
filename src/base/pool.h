/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_POOL_H
#define VALISE_BASE_POOL_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Chunks of work on every core, handed in and taken out in order, with a fixed number under way so that memory stays
 * flat.
 *
 * One thread (the owner) gets free jobs, submits them, and takes them back finished, in the order of submission. The
 * earliest failure is kept, jobs behind it are skipped, and the owner meets it in its place in the order. */
struct pool;

struct pool_job {
	uint64_t number; /* set by pool_submit(): 0, 1, 2, … in order of submission */
	void *data;      /* the caller's, made by setup */
};

struct pool_ops {
	/* Make a job's data (buffers); called by the owner for each job at pool_open(). */
	int (*setup)(void *ctx, struct pool_job *job, struct err *err);
	void (*teardown)(void *ctx, struct pool_job *job);
	/* Do it; runs on a worker. worker is 0 … pool_threads() - 1, for per-thread things. */
	int (*work)(void *ctx, struct pool_job *job, unsigned worker, struct err *err);
	/* What the owner does with a finished one, in the order of submission, at pool_next() and pool_drain(); NULL:
	 * nothing. */
	int (*finish)(void *ctx, struct pool_job *job, struct err *err);
};

enum { POOL_THREADS_MAX = 64 };
unsigned pool_threads(void); /* processors this process may use, 1 to POOL_THREADS_MAX */

/* jobs: how many may be under way, at least 1. ctx and ops are borrowed until pool_free(). */
int pool_open(struct pool **out, const struct pool_ops *ops, void *ctx, unsigned jobs, struct err *err);

/* A free job, or NULL where all are under way (then take one). */
struct pool_job *pool_get(struct pool *pool);
void pool_submit(struct pool *pool, struct pool_job *job);
/* The oldest job under way, waited for; *out is NULL where none is. errors: the first failure of any worker, or
 * ERR_CANCELLED. */
int pool_take(struct pool *pool, struct pool_job **out, struct err *err);
void pool_release(struct pool *pool, struct pool_job *job); /* back to the free ones */

/* A free job, once the oldest was finished where all were under way; and all that are under way, finished. errors:
 * those of pool_take() and finish(). */
int pool_next(struct pool *pool, struct pool_job **out, struct err *err);
int pool_drain(struct pool *pool, struct err *err);

void pool_free(struct pool *pool); /* waits for what is under way; NULL is fine */

static inline void cleanup_pool(struct pool **p)
{
	pool_free(*p);
}
#define auto_pool AUTO(cleanup_pool) struct pool

#endif
