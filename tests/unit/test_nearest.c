/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/nearest.h"

static void test_nearest(void **state)
{
	static const char *const words[] = {"pack", "unpack", "partner", "verify", NULL};
	assert_string_equal(nearest_word("pakc", words), "pack");
	assert_string_equal(nearest_word("verfy", words), "verify");
	assert_string_equal(nearest_word("part", words), "partner");
	assert_null(nearest_word("zzz", words));
	assert_null(nearest_word("a-very-long-word-that-nobody-would-ever-type", words));
	assert_null(nearest_word("", words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
