/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/cancel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* Jobs stand in a ring in order of submission: [taken, done or running …, waiting …]. Workers start them from the
 * front, the owner takes them from the front; so what the owner waits for is always already running or next. */
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };

struct entry {
	struct pool_job job;
	enum job_state state;
	struct entry *next; /* in the free list, or in order of submission */
};

struct pool {
	const struct pool_ops *ops;
	void *ctx;
	struct entry *entries;
	unsigned entry_count, ready; /* ready: entries that were set up */
	struct entry *free_list;
	struct entry *first, *last, *waiting; /* under way, oldest first; waiting: the first not started */
	uint64_t submitted;
	bool closing;
	struct err failure; /* of the earliest job that failed */
	uint64_t failed_number;
	pthread_mutex_t lock;
	pthread_cond_t work_there, job_done;
	pthread_t threads[POOL_THREADS_MAX];
	unsigned thread_count, next_worker;
};

unsigned pool_threads(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return count < 1 ? 1 : count > POOL_THREADS_MAX ? POOL_THREADS_MAX : (unsigned)count;
}

static struct entry *next_waiting(struct pool *pool)
{
	while (pool->waiting == NULL && !pool->closing)
		(void)pthread_cond_wait(&pool->work_there, &pool->lock);
	struct entry *entry = pool->waiting;
	if (entry == NULL)
		return NULL;
	pool->waiting = entry->next;
	entry->state = JOB_RUNNING;
	return entry;
}

static void *worker_main(void *arg)
{
	struct pool *pool = arg;
	(void)pthread_mutex_lock(&pool->lock);
	unsigned worker = pool->next_worker++;
	for (struct entry *entry; (entry = next_waiting(pool)) != NULL;) {
		bool skip = pool->failure.code != ERR_OK;
		(void)pthread_mutex_unlock(&pool->lock);
		struct err err = ERR_INIT;
		int rc = skip ? 0 : pool->ops->work(pool->ctx, &entry->job, worker, &err);
		(void)pthread_mutex_lock(&pool->lock);
		if (rc < 0 && (pool->failure.code == ERR_OK || entry->job.number < pool->failed_number)) {
			pool->failure = err;
			pool->failed_number = entry->job.number;
		}
		entry->state = JOB_DONE;
		(void)pthread_cond_broadcast(&pool->job_done);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static int setup_entries(struct pool *pool, struct err *err)
{
	for (; pool->ready < pool->entry_count; pool->ready++) {
		struct entry *entry = &pool->entries[pool->ready];
		if (pool->ops->setup(pool->ctx, &entry->job, err) < 0)
			return -1;
		entry->next = pool->free_list;
		pool->free_list = entry;
	}
	return 0;
}

static int start_threads(struct pool *pool, struct err *err)
{
	/* Signals belong to the owner's thread, whose loops ask for the flag. */
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	unsigned want = pool_threads();
	while (pool->thread_count < want &&
		   pthread_create(&pool->threads[pool->thread_count], NULL, worker_main, pool) == 0)
		pool->thread_count++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pool->thread_count > 0 ? 0 : err_set(err, ERR_MEMORY, "cannot start a thread");
}

int pool_open(struct pool **out, const struct pool_ops *ops, void *ctx, unsigned jobs, struct err *err)
{
	*out = NULL;
	auto_pool *pool = calloc(1, sizeof *pool);
	if (pool == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	pool->ops = ops;
	pool->ctx = ctx;
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->work_there, NULL);
	(void)pthread_cond_init(&pool->job_done, NULL);
	pool->entries = calloc(jobs, sizeof *pool->entries);
	if (pool->entries == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	pool->entry_count = jobs;
	if (setup_entries(pool, err) < 0 || start_threads(pool, err) < 0)
		return -1;
	*out = steal(&pool);
	return 0;
}

struct pool_job *pool_get(struct pool *pool)
{
	/* The free list is the owner's alone: workers never touch it. */
	struct entry *entry = pool->free_list;
	if (entry == NULL)
		return NULL;
	pool->free_list = entry->next;
	return &entry->job;
}

void pool_submit(struct pool *pool, struct pool_job *job)
{
	struct entry *entry = (struct entry *)job;
	job->number = pool->submitted++;
	(void)pthread_mutex_lock(&pool->lock);
	entry->state = JOB_WAITING;
	entry->next = NULL;
	if (pool->last != NULL)
		pool->last->next = entry;
	else
		pool->first = entry;
	pool->last = entry;
	if (pool->waiting == NULL)
		pool->waiting = entry;
	(void)pthread_cond_signal(&pool->work_there);
	(void)pthread_mutex_unlock(&pool->lock);
}

int pool_take(struct pool *pool, struct pool_job **out, struct err *err)
{
	*out = NULL;
	if (cancel_check(err) < 0)
		return -1;
	(void)pthread_mutex_lock(&pool->lock);
	struct entry *entry = pool->first;
	while (entry != NULL && entry->state != JOB_DONE)
		(void)pthread_cond_wait(&pool->job_done, &pool->lock);
	/* Jobs before the failed one were started before it: they are handed out first, so what is told never depends on
	 * timing. */
	bool failed = pool->failure.code != ERR_OK && (entry == NULL || entry->job.number >= pool->failed_number);
	if (failed && err->code == ERR_OK)
		*err = pool->failure;
	if (!failed && entry != NULL) {
		pool->first = entry->next;
		if (pool->first == NULL)
			pool->last = NULL;
		*out = &entry->job;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return failed ? -1 : 0;
}

void pool_release(struct pool *pool, struct pool_job *job)
{
	struct entry *entry = (struct entry *)job;
	entry->next = pool->free_list;
	pool->free_list = entry;
}

static int finish_oldest(struct pool *pool, struct pool_job **out, struct err *err)
{
	if (pool_take(pool, out, err) < 0)
		return -1;
	return *out != NULL && pool->ops->finish != NULL ? pool->ops->finish(pool->ctx, *out, err) : 0;
}

int pool_next(struct pool *pool, struct pool_job **out, struct err *err)
{
	*out = pool_get(pool);
	return *out != NULL ? 0 : finish_oldest(pool, out, err);
}

int pool_drain(struct pool *pool, struct err *err)
{
	for (struct pool_job *job;;) {
		if (finish_oldest(pool, &job, err) < 0)
			return -1;
		if (job == NULL)
			return 0;
		pool_release(pool, job);
	}
}

void pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	(void)pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pool->waiting = NULL; /* what has not begun never will */
	(void)pthread_cond_broadcast(&pool->work_there);
	(void)pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->thread_count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	for (unsigned i = 0; i < pool->ready; i++)
		pool->ops->teardown(pool->ctx, &pool->entries[i].job);
	free(pool->entries);
	(void)pthread_cond_destroy(&pool->work_there);
	(void)pthread_cond_destroy(&pool->job_done);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool);
}
