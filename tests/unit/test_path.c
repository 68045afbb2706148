/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/path.h"

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50

static void check_fault(const char *path, size_t len, const char *piece)
{
	const char *fault = path_entry_fault(path, len);
	if (piece == NULL && fault != NULL)
		fail_msg("\"%s\" %s", path, fault);
	if (piece != NULL && (fault == NULL || strstr(fault, piece) == NULL))
		fail_msg("\"%s\": wanted \"%s\", got \"%s\"", path, piece, fault != NULL ? fault : "nothing");
}

static void test_refused(void **state)
{
	static const struct {
		const char *path, *piece;
	} rows[] = {
		{"", "empty"},
		{"/", "absolute"},
		{"/etc/passwd", "absolute"},
		{"a/", "empty component"},
		{"a//b", "empty component"},
		{".", "component . or .."},
		{"..", "component . or .."},
		{"../a", "component . or .."},
		{"a/../b", "component . or .."},
		{"a/..", "component . or .."},
		{"a/./b", "component . or .."},
		{"a\nb", "control"},
		{"a\x1b[2J", "control"},
		{"a\x7f", "control"},
		{"a\xc2\x9b", "control"},
		{"a\xe2\x80\xae"
		 "b",
		 "invisible"},
		{"a\xe2\x80\x8b", "invisible"},
		{"\xef\xbb\xbf"
		 "a",
		 "invisible"},
		{"caf\xe9", "not UTF-8"},
		{"a/\xc0\xae\xc0\xae/b", "not UTF-8"},
		{"MANIFEST.yaml", "MANIFEST."},
		{"manifest.", "MANIFEST."},
		{"Manifest.x", "MANIFEST."},
		{"MANIFE\xc5\xbfT.html", "MANIFEST."}, /* a long s, which folds to s */
		{X250 "123456", "255 bytes"},
		{"a/" X250 "123456", "255 bytes"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check_fault(rows[i].path, strlen(rows[i].path), rows[i].piece);
	check_fault("a\0b", 3, "control");
}

static void test_allowed(void **state)
{
	static const char *const rows[] = {
		"a",
		"reports/a.txt",
		".hidden",
		"...",
		"..a",
		"a..",
		"-rf",
		" ",
		"a b",
		"a\\b",
		"C:",
		"CON",
		"caf\xc3\xa9",
		"\xe6\x97\xa5/\xe6\x9c\xac",
		"MANIFEST",
		"a/MANIFEST.yaml",
		"MANIFESTO",
		"$(x)",
		"\"",
		"'",
		"*",
		X250 "12345",
		"a/" X250 "12345/b",
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check_fault(rows[i], strlen(rows[i]), NULL);
}

static void test_length_and_depth(void **state)
{
	char path[2048];
	memset(path, 'a', sizeof path);
	for (size_t i = 200; i < sizeof path; i += 201)
		path[i] = '/';
	path[1025] = '\0';
	check_fault(path, 1024, NULL);
	check_fault(path, 1025, "1024 bytes");
	for (size_t i = 0; i < 130; i++)
		path[i] = i % 2 == 0 ? 'a' : '/';
	check_fault(path, 127, NULL); /* 64 components */
	check_fault(path, 129, "64 components");
}

static void check_last(const char *path, const char *want)
{
	size_t len = 99;
	const char *last = path_last_component(path, &len);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(last, want, len);
}

static void test_last_component(void **state)
{
	check_last("a", "a");
	check_last("a/b", "b");
	check_last("a/b///", "b");
	check_last("/a", "a");
	check_last("/", "");
	check_last("", "");
	check_last("..", "..");
}

static void check_join(const char *dir, const char *name, const char *want)
{
	auto_free char *joined = NULL;
	expect_ok(path_join(&joined, dir, name, err));
	assert_string_equal(joined, want);
}

static void test_join(void **state)
{
	check_join("a", "b", "a/b");
	check_join("a/", "b", "a/b");
	check_join("/", "b", "/b");
	check_join("a/b", "c/d", "a/b/c/d");
}

static void test_tame(void **state)
{
	static const char *const bad[] = {"", "-a", ".a", "a b", "a/b", "caf\xc3\xa9", "a\n", "a:b"};
	static const char *const good[] = {"a", "20261123-bob-1-9f1c2a34.valise", "A_b-c.9", "9"};
	for (size_t i = 0; i < COUNT(bad); i++)
		if (path_is_tame(bad[i]))
			fail_msg("taken: %s", bad[i]);
	for (size_t i = 0; i < COUNT(good); i++)
		if (!path_is_tame(good[i]))
			fail_msg("refused: %s", good[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),        cmocka_unit_test(test_allowed), cmocka_unit_test(test_length_and_depth),
		cmocka_unit_test(test_last_component), cmocka_unit_test(test_join),    cmocka_unit_test(test_tame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
