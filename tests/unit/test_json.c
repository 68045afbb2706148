/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/json.h"

#include <stdlib.h>

static void check_written(const struct json *json, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	assert_non_null(to);
	assert_int_equal(json_write(json, to), 0);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, want);
	free(text);
}

static void test_known_object(void **state)
{
	auto_json *object = json_object_new();
	struct json *list = json_array_new(), *inner = json_object_new();
	json_set_text(object, "z", "first");
	json_set_int(object, "a", -9007199254740993);
	json_set_bool(object, "yes", true);
	json_set_text(object, "none", NULL);
	json_set_text(inner, "k", "v");
	json_add_text(list, "one");
	json_add(list, inner);
	json_set(object, "list", list);
	json_set(object, "empty", json_array_new());
	check_written(object, "{\n  \"z\": \"first\",\n  \"a\": -9007199254740993,\n  \"yes\": true,\n  \"none\": null,\n"
						  "  \"list\": [\n    \"one\",\n    {\n      \"k\": \"v\"\n    }\n  ],\n  \"empty\": []\n}\n");
}

/* Nothing that moves a terminal's cursor or turns its text around leaves as it came. */
static void test_foreign_text(void **state)
{
	auto_json *object = json_object_new();
	json_set_text(object, "esc", "\x1b[2J\n");
	json_set_text(object, "bidi", "\xe2\x80\xae");
	json_set_text(object, "c1", "\xc2\x9b");
	json_set_text(object, "latin", "caf\xe9");
	json_set_text(object, "utf8", "caf\xc3\xa9 \xf0\x9f\x98\x80");
	check_written(object, "{\n  \"esc\": \"\\u001B[2J\\n\",\n  \"bidi\": \"\\u202E\",\n  \"c1\": \"\\u009B\",\n"
						  "  \"latin\": \"caf\\\\xE9\",\n  \"utf8\": \"caf\\u00E9 \\uD83D\\uDE00\"\n}\n");
}

/* What could not be made is noticed once, at the end, also deep inside. */
static void test_loss_is_told(void **state)
{
	auto_json *object = json_object_new();
	struct json *list = json_array_new();
	auto_file FILE *null = fopen("/dev/null", "w");
	assert_non_null(null);
	json_add(list, NULL);
	json_set(object, "list", list);
	json_set_text(object, "more", "x");
	assert_int_equal(json_write(object, null), -1);
	assert_int_equal(json_write(NULL, null), -1);
	json_set_text(NULL, "k", "v");
	json_set(NULL, "k", json_array_new());
	json_add(NULL, json_array_new());
	json_free(NULL);
}

static void test_full_disk_is_told(void **state)
{
	auto_json *object = json_object_new();
	auto_file FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	json_set_text(object, "k", "v");
	assert_int_equal(json_write(object, full), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_object),
		cmocka_unit_test(test_foreign_text),
		cmocka_unit_test(test_loss_is_told),
		cmocka_unit_test(test_full_disk_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
