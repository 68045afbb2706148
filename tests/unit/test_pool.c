/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cancel.h"
#include "base/pool.h"

struct square {
	uint64_t in, out;
};

struct work {
	uint64_t fail_at; /* every job from here on fails */
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

static const struct pool_ops ops = {setup, teardown, work};

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
		cmocka_unit_test(a_cancel_request_ends_taking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
