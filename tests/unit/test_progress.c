/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/progress.h"

static void expect_line(unsigned columns, uint64_t done, uint64_t total, double rate, const char *want)
{
	char line[256];
	progress_format(line, sizeof line, columns, "packing", done, total, rate);
	assert_string_equal(line, want);
}

static void test_line(void **state)
{
	expect_line(120, 0, 1000000, 0, "packing [................]   0 %  0 bytes of 1.00 MB  0 bytes/s");
	expect_line(120, 500000000, 1000000000, 100e6,
				"packing [########........]  50 %  500 MB of 1.00 GB  100 MB/s  6 s left");
	expect_line(120, 1000, 1000, 1e6, "packing [################] 100 %  1.00 kB of 1.00 kB  1.00 MB/s  finishing");
}

/* Odd numbers neither overrun the line nor go beyond the end of the bar. */
static void test_odd(void **state)
{
	expect_line(120, 2000, 1000, 1, "packing [################] 100 %  1.00 kB of 1.00 kB  1 byte/s  finishing");
	expect_line(120, 0, 0, 0, "packing [................]   0 %  0 bytes of 0 bytes  0 bytes/s");
	expect_line(20, 500, 1000, 1, "packing [########..");
	expect_line(200, 0, UINT64_MAX, 1, "packing [................]   0 %  0 bytes of 18.4 EB  1 byte/s");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_odd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
