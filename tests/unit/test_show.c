/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/show.h"

static void test_numbers(void **state)
{
	assert_string_equal(show_count(0).text, "0");
	assert_string_equal(show_count(999).text, "999");
	assert_string_equal(show_count(1000).text, "1,000");
	assert_string_equal(show_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
	assert_string_equal(show_number_of(1, "file").text, "1 file");
	assert_string_equal(show_number_of(12345, "file").text, "12,345 files");
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *shown;
	} rows[] = {
		{0, "0 bytes"},          {1, "1 byte"},       {999, "999 bytes"},      {1000, "1.00 kB"},
		{9994, "9.99 kB"},       {9995, "10.0 kB"},   {99949, "99.9 kB"},      {99951, "100 kB"},
		{999499, "999 kB"},      {999500, "1.00 MB"}, {1075838976, "1.08 GB"}, {4398046511104, "4.40 TB"},
		{UINT64_MAX, "18.4 EB"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(show_size(rows[i].bytes).text, rows[i].shown);
	assert_string_equal(show_bytes(999).text, "999 bytes");
	assert_string_equal(show_bytes(1075838976).text, "1,075,838,976 bytes (1.08 GB)");
}

static void test_times(void **state)
{
	const int64_t t = 1795457520; /* 2026-11-23T18:12:00Z */
	assert_string_equal(show_time(t).text, "2026-11-23 18:12:00 UTC");
	assert_string_equal(show_day(t).text, "2026-11-23");
	assert_string_equal(show_duration(0).text, "0 seconds");
	assert_string_equal(show_duration(1).text, "1 second");
	assert_string_equal(show_duration(119).text, "119 seconds");
	assert_string_equal(show_duration(120).text, "2 minutes");
	assert_string_equal(show_duration(2 * DAY_S - 1).text, "48 hours");
	assert_string_equal(show_duration(90 * DAY_S - 2).text, "90 days"); /* a bundle just sealed for 90 days */
	assert_string_equal(show_duration(90 * DAY_S).text, "90 days");
	assert_string_equal(show_duration(-3 * DAY_S).text, "3 days");
	assert_string_equal(show_expiry(t + 89 * DAY_S, t).text, "expires in 89 days");
	assert_string_equal(show_expiry(t - 7200, t).text, "expired 2 hours ago");
}

static void test_days(void **state)
{
	static const struct {
		const char *text;
		uint32_t days;
	} good[] = {{"1", 1}, {"90d", 90}, {"366", 366}, {"12w", 84}, {"52w", 364}};
	static const char *const bad[] = {"",       "d",  "0",  "0d",  "367",
									  "53w",    "-1", "+1", "1.5", "90 d",
									  "90days", "1y", "01", "d90", "99999999999999999999w"};
	for (size_t i = 0; i < COUNT(good); i++) {
		uint32_t days = 0;
		expect_ok(days_parse(&days, "--expires", good[i].text, LIFE_DAYS_MAX, err));
		assert_int_equal(days, good[i].days);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t days = 7;
		expect_failure(days_parse(&days, "--expires", bad[i], LIFE_DAYS_MAX, err), ERR_USAGE, "--expires", bad[i]);
		assert_int_equal(days, 7);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_days),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
