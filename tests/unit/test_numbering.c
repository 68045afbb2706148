/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/numbering.h"

static uint32_t find(struct numbering *numbering, const uint32_t *words, uint32_t count)
{
	uint32_t number = UINT32_MAX;
	expect_ok(numbering_find(numbering, words, count, &number, err));
	return number;
}

static void equal_runs_have_equal_numbers(void **state)
{
	static const uint32_t a[] = {1, 2}, b[] = {1}, c[] = {2, 1}, d[] = {1, 2, 0};
	auto_numbering numbering = {0};
	assert_int_equal(find(&numbering, a, 2), 0);
	assert_int_equal(find(&numbering, b, 1), 1);
	assert_int_equal(find(&numbering, c, 2), 2);
	assert_int_equal(find(&numbering, NULL, 0), 3);
	assert_int_equal(find(&numbering, d, 3), 4);
	assert_int_equal(find(&numbering, a, 2), 0);
	assert_int_equal(find(&numbering, NULL, 0), 3);
	assert_int_equal(numbering.count, 5);
}

static void many_runs_keep_theirs(void **state)
{
	auto_numbering numbering = {0};
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 50000; i++)
			assert_int_equal(find(&numbering, (uint32_t[]){i % 7, i, i / 3}, 3), i);
	assert_int_equal(numbering.count, 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_runs_have_equal_numbers),
		cmocka_unit_test(many_runs_keep_theirs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
