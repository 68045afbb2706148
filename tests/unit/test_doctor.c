/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ops/doctor_internal.h"

static void test_versions(void **state)
{
	static const struct {
		const char *version, *piece; /* NULL: nothing is known against it */
	} rows[] = {
		{"2.2.40", NULL},
		{"2.2.36", NULL},
		{"2.3.7", NULL},
		{"2.4.0", NULL},
		{"2.5.14", NULL},
		{"2.2.7", "CVE-2018-12020"},
		{"2.2.8", "CVE-2022-34903"},
		{"2.2.20", "CVE-2022-34903"},
		{"2.2.21", "2.2.23"},
		{"2.2.22", "2.2.23"},
		{"2.2.35", "CVE-2022-34903"},
		{"2.3.0", "2.3.7"},
		{"2.3.6", "2.3.7"},
		{"2.2.35-unknown", "CVE-2022-34903"},
		{"two", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *fault = doctor_gpg_fault(rows[i].version);
		if ((fault == NULL) != (rows[i].piece == NULL) || (fault != NULL && strstr(fault, rows[i].piece) == NULL))
			fail_msg("%s: %s", rows[i].version, fault != NULL ? fault : "nothing");
	}
}

static void test_settings(void **state)
{
	static const struct {
		const char *line, *setting;
	} rows[] = {
		{"no-armor\nnext", "no-armor"},
		{" \tno-armor \t\r\n", "no-armor"},
		{"# no-armor\n", ""},
		{"  #no-armor\n", ""},
		{"\nno-armor", ""},
		{"", ""},
		{"a b", "a b"},
	};
	char out[16];
	for (size_t i = 0; i < COUNT(rows); i++) {
		doctor_setting(rows[i].line, out, sizeof out);
		assert_string_equal(out, rows[i].setting);
	}
	doctor_setting("0123456789abcde", out, sizeof out);
	assert_string_equal(out, "0123456789abcde");
	doctor_setting("0123456789abcdef", out, sizeof out); /* too long to be one of ours: not cut */
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
