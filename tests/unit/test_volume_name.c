/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/volume_name.h"

static void names_are_read(void **state)
{
	static const struct {
		const char *path, *stem;
		unsigned number, count;
	} good[] = {
		{"a.1of2.valise", "a", 1, 2},
		{"/media/stick/2026-x.12of999.valise", "2026-x", 12, 999},
		{"a.1of2.3of3.valise", "a.1of2", 3, 3},
		{"with space\n.2of2.valise", "with space\n", 2, 2},
	};
	static const char *const bad[] = {
		"a.valise",       "a.0of2.valise",   "a.3of2.valise", "a.1of1000.valise", "a.01of2.valise",        "a.1of2",
		".1of2.valise",   "a.1of.valise",    "a.of2.valise",  "a.+1of2.valise",   "a.1of2 .valise",        "",
		"a.1of2x.valise", "a.1 of 2.valise", "a.1OF2.valise", "1of2.valise",      "a.1of2.valise-pending",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct volume_name name;
		if (!volume_name_parse(&name, good[i].path))
			fail_msg("%s", good[i].path);
		assert_int_equal(name.number, good[i].number);
		assert_int_equal(name.count, good[i].count);
		assert_int_equal(name.stem_len, strlen(good[i].stem));
		assert_memory_equal(name.stem, good[i].stem, name.stem_len);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct volume_name name;
		if (volume_name_parse(&name, bad[i]))
			fail_msg("%s", bad[i]);
	}
}

static void names_are_made(void **state)
{
	auto_buf out = {0};
	(void)state;
	expect_ok(volume_name_format(&out, "/m/a.valise", 2, 4, err));
	assert_string_equal(out.data, "/m/a.2of4.valise");
	out.len = 0;
	expect_ok(volume_name_format(&out, "plain", 1, 2, err));
	assert_string_equal(out.data, "plain.1of2.valise");
}

static void parity_volumes_are_named_beside_them(void **state)
{
	static const struct {
		const char *path, *whole;
	} rows[] = {
		{"/m/a.2of4.valise", "a.valise"},        {"a.p1of2.valise-parity", "a.valise"},       {"a.valise", "a.valise"},
		{"spare.valise-parity", "spare.valise"}, {"a.p3of2.valise-parity", "a.p3of2.valise"}, {"plain", "plain.valise"},
	};
	struct volume_name name;
	auto_buf out = {0};
	(void)state;
	expect_ok(volume_name_format_parity(&out, "/m/a.valise", 1, 12, err));
	assert_string_equal(out.data, "/m/a.p1of12.valise-parity");
	assert_true(volume_name_parse_parity(&name, out.data));
	assert_true(name.number == 1 && name.count == 12 && name.stem_len == 1);
	assert_false(volume_name_parse(&name, out.data));
	assert_false(volume_name_parse_parity(&name, "a.1of2.valise-parity"));
	assert_false(volume_name_parse_parity(&name, "a.p1of2.valise"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		out.len = 0;
		expect_ok(volume_name_whole(&out, rows[i].path, err));
		assert_string_equal(out.data, rows[i].whole);
	}
}

static void missing_ones_are_named_where_the_names_agree(void **state)
{
	static const struct {
		const char *paths[3];
		const char *want;
	} rows[] = {
		{{"x/a.2of4.valise", "y/a.3of4.valise"}, "a.1of4.valise, a.4of4.valise"},
		{{"a.1of2.valise", "copy.valise"}, "a.2of2.valise"},
		{{"a.1of1.valise"}, ""},
		{{"a.1of2.valise", "b.1of2.valise"}, ""},
		{{"a.1of2.valise", "a.1of3.valise"}, ""},
		{{"copy.valise"}, ""},
		{{"a.1of12.valise"},
		 "a.2of12.valise, a.3of12.valise, a.4of12.valise, a.5of12.valise, a.6of12.valise, a.7of12.valise, "
		 "a.8of12.valise, a.9of12.valise and 3 more"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf out = {0};
		unsigned count = 0;
		while (count < 3 && rows[i].paths[count] != NULL)
			count++;
		expect_ok(volume_name_missing(&out, rows[i].paths, count, err));
		assert_string_equal(out.len > 0 ? out.data : "", rows[i].want);
	}
}

static void sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"4G", 4000000000u},        {"4Gi", 4294967296u},       {"1", 1},
		{"700M", 700000000u},       {"16T", 16000000000000u},   {"650Ki", 665600},
		{"cd", 729907200u},         {"dvd", 4653369171u},       {"bd", 24775061652u},
		{"auto", VOLUME_SIZE_AUTO}, {"none", VOLUME_SIZE_NONE},
	};
	static const char *const bad[] = {
		"", "0", "4g", "G", "4GB", "-1", "4.5G", "4 G", "99999999T", "18446744073709551615", "DVD", "04G"};
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint64_t bytes = 7;
		expect_ok(volume_size_parse(&bytes, good[i].text, err));
		if (bytes != good[i].bytes)
			fail_msg("%s: %llu", good[i].text, (unsigned long long)bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t bytes;
		expect_failure(volume_size_parse(&bytes, bad[i], err), ERR_USAGE, "no size", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read),
		cmocka_unit_test(names_are_made),
		cmocka_unit_test(parity_volumes_are_named_beside_them),
		cmocka_unit_test(missing_ones_are_named_where_the_names_agree),
		cmocka_unit_test(sizes_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
