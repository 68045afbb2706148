/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cancel.h"
#include "base/pool.h"

struct square {
	uint64_t in, out;
};

struct work {
	uint64_t fail_at;           /* every job from here on fails */
	uint64_t finished, stop_at; /* the owner's: how many, and which one fails it */
	int setups, teardowns;
};

static int setup(void *ctx, struct pool_job *job, struct err *err)
{
	((struct work *)ctx)->setups++;
	job->data = calloc(1, sizeof(struct square));
	return job->data != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void teardown(void *ctx, struct pool_job *job)
{
	((struct work *)ctx)->teardowns++;
	free(job->data);
}

static int work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	struct square *square = job->data;
	assert_true(worker < pool_threads());
	if (job->number >= ((struct work *)ctx)->fail_at)
		return err_set(err, ERR_DAMAGED, "job %u", (unsigned)job->number);
	/* later jobs are quicker, so that order is not by accident */
	for (volatile uint64_t spin = 0; spin < 2000 - square->in % 2000; spin++)
		;
	square->out = square->in * square->in;
	return 0;
}

static int finish(void *ctx, struct pool_job *job, struct err *err)
{
	struct work *work_ctx = ctx;
	const struct square *square = job->data;
	if (job->number == work_ctx->stop_at)
		return err_set(err, ERR_CHANGED, "stopped");
	assert_int_equal(job->number, work_ctx->finished);
	assert_int_equal(square->out, square->in * square->in);
	work_ctx->finished++;
	return 0;
}

static const struct pool_ops ops = {setup, teardown, work, finish};

/* Submits 0 … count - 1 and takes them all; returns how many came out in order before the first failure. */
static uint64_t run(struct work *ctx, uint64_t count, unsigned jobs, struct err *err)
{
	auto_pool *pool = NULL;
	struct pool_job *job = NULL;
	uint64_t next = 0, taken = 0;
	assert_int_equal(pool_open(&pool, &ops, ctx, jobs, err), 0);
	for (;;) {
		while (next < count && (job = pool_get(pool)) != NULL) {
			((struct square *)job->data)->in = next++;
			pool_submit(pool, job);
		}
		if (pool_take(pool, &job, err) < 0 || job == NULL)
			return taken;
		assert_int_equal(job->number, taken);
		assert_int_equal(((struct square *)job->data)->out, taken * taken);
		taken++;
		pool_release(pool, job);
	}
}

static void results_come_in_order(void **state)
{
	for (unsigned jobs = 1; jobs <= 9; jobs += 4) {
		struct err err = ERR_INIT;
		struct work ctx = {.fail_at = UINT64_MAX};
		assert_int_equal(run(&ctx, 3000, jobs, &err), 3000);
		assert_int_equal(err.code, ERR_OK);
		assert_int_equal(ctx.setups, jobs);
		assert_int_equal(ctx.teardowns, jobs);
	}
}

/* What is told must not depend on timing: everything before the first failure comes out, then exactly that failure. */
static void the_earliest_failure_is_met_in_its_place(void **state)
{
	for (int round = 0; round < 50; round++) {
		struct err err = ERR_INIT;
		struct work ctx = {.fail_at = 123};
		assert_int_equal(run(&ctx, 500, 7, &err), 123);
		assert_int_equal(err.code, ERR_DAMAGED);
		assert_string_equal(err.message, "job 123");
		assert_int_equal(ctx.teardowns, ctx.setups);
	}
}

static void freeing_in_mid_work_leaks_nothing(void **state)
{
	struct err err = ERR_INIT;
	struct work ctx = {.fail_at = UINT64_MAX};
	struct pool *pool = NULL;
	assert_int_equal(pool_open(&pool, &ops, &ctx, 6, &err), 0);
	for (struct pool_job *job; (job = pool_get(pool)) != NULL;)
		pool_submit(pool, job);
	pool_free(pool);
	assert_int_equal(ctx.setups, 6);
	assert_int_equal(ctx.teardowns, 6);
}

static int run_through(struct work *ctx, uint64_t count, struct err *err)
{
	auto_pool *pool = NULL;
	struct pool_job *job = NULL;
	assert_int_equal(pool_open(&pool, &ops, ctx, 3, err), 0);
	for (uint64_t n = 0; n < count; n++) {
		if (pool_next(pool, &job, err) < 0)
			return -1;
		((struct square *)job->data)->in = n;
		pool_submit(pool, job);
	}
	return pool_drain(pool, err);
}

static void all_are_finished_in_order(void **state)
{
	struct err err = ERR_INIT;
	struct work ctx = {.fail_at = UINT64_MAX, .stop_at = UINT64_MAX}, none = ctx;
	assert_int_equal(run_through(&ctx, 1000, &err), 0);
	assert_int_equal(ctx.finished, 1000);
	assert_int_equal(run_through(&none, 0, &err), 0);
	assert_int_equal(none.finished, 0);
}

static void a_failure_ends_finishing_in_its_place(void **state)
{
	struct err of_work = ERR_INIT, of_owner = ERR_INIT;
	struct work worker = {.fail_at = 123, .stop_at = UINT64_MAX}, owner = {.fail_at = UINT64_MAX, .stop_at = 77};
	assert_int_equal(run_through(&worker, 500, &of_work), -1);
	assert_int_equal(of_work.code, ERR_DAMAGED);
	assert_int_equal(worker.finished, 123);
	assert_int_equal(run_through(&owner, 500, &of_owner), -1);
	assert_int_equal(of_owner.code, ERR_CHANGED);
	assert_int_equal(owner.finished, 77);
	assert_int_equal(owner.teardowns, owner.setups);
}

/* Last: the flag cannot be taken back. */
static void a_cancel_request_ends_taking(void **state)
{
	struct err err = ERR_INIT;
	struct work ctx = {.fail_at = UINT64_MAX};
	cancel_request();
	assert_int_equal(run(&ctx, 10, 2, &err), 0);
	assert_int_equal(err.code, ERR_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_order),
		cmocka_unit_test(the_earliest_failure_is_met_in_its_place),
		cmocka_unit_test(freeing_in_mid_work_leaks_nothing),
		cmocka_unit_test(all_are_finished_in_order),
		cmocka_unit_test(a_failure_ends_finishing_in_its_place),
		cmocka_unit_test(a_cancel_request_ends_taking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
