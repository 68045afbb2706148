/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/glob.h"

#include <stdlib.h>
#include <time.h>

static void check(const char *pattern, const char *path, bool want)
{
	const char *fault = glob_fault(pattern), *slash = strrchr(path, '/');
	struct glob glob;
	if (fault != NULL)
		fail_msg("\"%s\" %s", pattern, fault);
	if (glob_match(pattern, path) != want)
		fail_msg("\"%s\" and \"%s\": wanted %d", pattern, path, want);
	glob_prepare(&glob, pattern);
	if (glob_matches(&glob, path, strlen(path), slash != NULL ? (size_t)(slash + 1 - path) : 0) != want)
		fail_msg("prepared, \"%s\" and \"%s\": wanted %d", pattern, path, want);
}

static void matches_what_it_should(void **state)
{
	static const struct {
		const char *pattern, *path;
	} rows[] = {
		{"a", "a"},
		{"a", "b/c/a"},
		{"*", "a"},
		{"*", "a/b"},
		{"**", "a/b/c"},
		{"*.json", "a.json"},
		{"*.json", "raw/x/.json"},
		{"*.json", "a.json.json"},
		{"a*b*c", "abbc"},
		{"a*b*c", "a-b-c-bc"},
		{"*a*", "a"},
		{"????_??_??*.txt", "2026_11_23-note.txt"},
		{"raw/", "raw/a"},
		{"raw/", "raw/a/b/c"},
		{"*/raw/", "x/raw/a"},
		{"**/raw/", "raw/a"},
		{"**/raw/", "x/raw/raw/a"},
		{"raw/*", "raw/a"},
		{"raw/**", "raw/a"},
		{"raw/**", "raw/a/b"},
		{"raw/**/*.json", "raw/a.json"},
		{"raw/**/*.json", "raw/b/c/a.json"},
		{"**/a", "a"},
		{"**/a", "b/a"},
		{"**/a/**/b", "a/x/a/y/b"},
		{"**/a/b/c", "a/b/a/b/c"},
		{"a/**/**/b", "a/b"},
		{"**/*", "a"},
		{"a/b.txt", "a/b.txt"},
		{"[abc]", "b"},
		{"[a-c]x", "bx"},
		{"[!a-c]", "d"},
		{"[-a]", "-"},
		{"[a-]", "-"},
		{"[*]", "*"},
		{"[?]x", "?x"},
		{"[[]", "["},
		{"?", "\xc3\xa9"},
		{"[\xc3\xa0-\xc3\xbf]", "\xc3\xa9"},
		{"*\xc3\xa9", "caf\xc3\xa9"},
		{"?\xf0\x9f\xa7\xb3", "a\xf0\x9f\xa7\xb3"},
		{"a]", "a]"},
		{"{a,b}", "{a,b}"},
		{"...", "..."},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].pattern, rows[i].path, true);
}

static void matches_nothing_else(void **state)
{
	static const struct {
		const char *pattern, *path;
	} rows[] = {
		{"a", "A"},
		{"a", "ab"},
		{"a", "a/b"},
		{"*.json", "a.jso"},
		{"*.json", "json"},
		{"*.json", "a.json/b"},
		{"*.JSON", "a.json"},
		{"a*b", "a/b"},
		{"raw/", "raw"},
		{"raw/", "x/raw/a"},
		{"raw/", "rawa"},
		{"raw/", "rawx/a"},
		{"raw/*", "raw/a/b"},
		{"raw/*", "raw"},
		{"raw/**", "raw"},
		{"raw/**/a", "raw"},
		{"raw/**/*.json", "x/raw/a.json"},
		{"**/raw/", "x/raw"},
		{"a/b", "x/a/b"},
		{"a/b", "a/b/c"},
		{"a/**/b", "a/bb"},
		{"?", "ab"},
		{"?", "a/b/cc"},
		{"a?b", "a/b"},
		{"[!a]", "a"},
		{"a[!b]c", "a/c"},
		{"[a-c]", "d"},
		{"[a-c]", "B"},
		{"*[\xc2\xa9]", "\xc3\xa9"}, /* its second byte, by itself, would be that character */
		{"[\xc3\xa0]", "\xc3\xa9"},
		{"caf\xc3\xa9", "cafe\xcc\x81"},
		{"aa", "a"},
		{"*a", "b"},
		{"a*a", "a"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].pattern, rows[i].path, false);
}

static void faults_are_named(void **state)
{
	static const struct {
		const char *pattern, *piece;
	} rows[] = {
		{"", "is empty"},
		{"/", "leaves the folder"},
		{"/etc/passwd", "leaves the folder"},
		{"..", "leaves the folder"},
		{"../*.json", "leaves the folder"},
		{"a/../../b", "leaves the folder"},
		{"a/..", "leaves the folder"},
		{".", "\".\" as a component"},
		{"./a", "\".\" as a component"},
		{"a/./b", "\".\" as a component"},
		{"a//b", "empty component"},
		{"a//", "empty component"},
		{"a\\b", "backslash"},
		{"\\*", "backslash"},
		{"[a", "open bracket"},
		{"[", "open bracket"},
		{"[!", "open bracket"},
		{"[a-", "open bracket"},
		{"[a/b]", "open bracket"},
		{"x/[]", "empty bracket"},
		{"[!]", "empty bracket"},
		{"[^a]", "write \"[!\""},
		{"[z-a]", "backwards"},
		{"[[:alpha:]]", "named class"},
		{"a**", "\"**\" beside"},
		{"**a", "\"**\" beside"},
		{"a/***", "\"**\" beside"},
		{"a/**b/c", "\"**\" beside"},
		{"*a*a*a*a*a*a*a*a*", "8 asterisks"},
		{"a\nb", "control"},
		{"a\xe2\x80\xae"
		 "b",
		 "invisible"},
		{"caf\xe9", "control"},
	};
	char longest[GLOB_BYTES_MAX + 2];
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *fault = glob_fault(rows[i].pattern);
		if (fault == NULL || strstr(fault, rows[i].piece) == NULL)
			fail_msg("\"%s\": wanted \"%s\", got \"%s\"", rows[i].pattern, rows[i].piece,
					 fault != NULL ? fault : "nothing");
	}
	memset(longest, 'a', sizeof longest);
	longest[GLOB_BYTES_MAX + 1] = '\0';
	assert_non_null(strstr(glob_fault(longest), "1,024 bytes"));
	longest[GLOB_BYTES_MAX] = '\0';
	assert_null(glob_fault(longest));
}

static void wildcards_are_known(void **state)
{
	assert_true(glob_has_wildcard("a/*") && glob_has_wildcard("?") && glob_has_wildcard("[a]"));
	assert_false(glob_has_wildcard("a/b.txt") || glob_has_wildcard("raw/") || glob_has_wildcard("{a}"));
}

/* What would take other matchers years. */
static void hostile_patterns_end(void **state)
{
	char stars[GLOB_BYTES_MAX + 1] = "", path[1025] = "", name[256];
	size_t used = 0, at = 0;
	while (used + 5 < sizeof stars)
		used += (size_t)snprintf(stars + used, sizeof stars - used, "**/a/");
	memcpy(stars + used - 5, "**/b", 5);
	while (at + 3 < sizeof path)
		at += (size_t)snprintf(path + at, sizeof path - at, "a/");
	path[at - 1] = '\0';
	const clock_t start = clock();
	check(stars, path, false);
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		check("a*a*a*a*a*a*a*a*b", name, false);
	assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
}

/* A second matcher, slow and plain, gives the same answers. */
static bool slow_match(const char *p, const char *s)
{
	if (p[0] == '*' && p[1] == '*' && p[2] == '/') {
		const char *slash = strchr(s, '/');
		return slow_match(p + 3, s) || (slash != NULL && slow_match(p, slash + 1));
	}
	if (p[0] == '*')
		return slow_match(p + 1, s) || (*s != '\0' && *s != '/' && slow_match(p, s + 1));
	if (*p == '\0' || *s == '\0')
		return *p == *s;
	return (*p == *s || (*p == '?' && *s != '/')) && slow_match(p + 1, s + 1);
}

static void random_text(char *out, size_t max, const char *const pieces[], unsigned count)
{
	size_t len = 0, pieces_left = 1 + (size_t)(rand() % 7);
	out[0] = '\0';
	while (pieces_left-- > 0 && len + 4 < max)
		len += (size_t)snprintf(out + len, max - len, "%s", pieces[(unsigned)rand() % count]);
}

static void agrees_with_a_plain_matcher(void **state)
{
	static const char *const in_patterns[] = {"a", "b", "*", "?", "/", "/**/", "*a"};
	static const char *const in_paths[] = {"a", "b", "/", "a", "ba"};
	unsigned compared = 0, matched = 0;
	srand(20261123);
	for (int i = 0; i < 300000; i++) {
		char pattern[64] = "a", path[64];
		random_text(pattern, sizeof pattern, in_patterns, COUNT(in_patterns));
		random_text(path, sizeof path, in_paths, COUNT(in_paths));
		const size_t len = strlen(pattern);
		if (glob_fault(pattern) != NULL || path[0] == '/' || path[strlen(path) - 1] == '/' || strstr(path, "//") ||
			strchr(pattern, '/') == NULL || pattern[len - 1] == '/' || pattern[len - 1] == '*')
			continue;
		bool want = slow_match(pattern, path);
		check(pattern, path, want);
		compared++;
		matched += want;
	}
	assert_true(compared > 10000 && matched > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_what_it_should), cmocka_unit_test(matches_nothing_else),
		cmocka_unit_test(faults_are_named),       cmocka_unit_test(wildcards_are_known),
		cmocka_unit_test(hostile_patterns_end),   cmocka_unit_test(agrees_with_a_plain_matcher),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
