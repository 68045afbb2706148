/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ops/look_internal.h"

#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

/* --- what files make of a bundle --- */

enum { CHUNKS = 10 };

static void add_file(struct look *look, const char *path, int first, int last, unsigned char digest)
{
	look->files = realloc(look->files, (look->file_count + 1) * sizeof *look->files);
	assert_non_null(look->files);
	struct look_file *file = &look->files[look->file_count++];
	*file = (struct look_file){.kind = LOOK_BUNDLE, .path = strdup(path), .bytes = 1000, .state = LOOK_UNCHECKED};
	file->has_digest = file->has_waybill = digest != 0;
	file->digest.bytes[0] = digest;
	file->waybill.chunks = digest != 0 ? CHUNKS : 0;
	file->waybill.bundle.text[0] = (char)('a' + digest);
	file->has_run = first >= 0;
	file->first_chunk = first >= 0 ? (uint32_t)first : 0;
	file->last_chunk = last >= 0 ? (uint32_t)last : 0;
}

/* "0-2 5-5" */
static const char *missing_of(const struct look *look, const struct look_set *set)
{
	static char text[256];
	uint32_t first, last, from = 0;
	text[0] = '\0';
	for (; look_next_missing(look, set, from, &first, &last); from = last + 1) {
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof text - len, "%s%u-%u", len > 0 ? " " : "", first, last);
	}
	return text;
}

static void test_sets(void **state)
{
	static const struct {
		int runs[4][2]; /* -1: no more; -2: a file whose payload's end was not found */
		const char *missing;
		uint32_t pieces, chunks, missing_runs;
	} rows[] = {
		{{{0, 9}, {-1}}, "", 1, 10, 0},
		{{{0, 9}, {0, 9}, {-1}}, "", 1, 10, 0},
		{{{5, 9}, {0, 4}, {-1}}, "", 2, 10, 0},
		{{{0, 5}, {3, 9}, {-1}}, "", 2, 10, 0},
		{{{0, 4}, {-1}}, "5-9", 1, 5, 1},
		{{{9, 9}, {-1}}, "0-8", 1, 1, 1},
		{{{2, 3}, {6, 6}, {-1}}, "0-1 4-5 7-9", 2, 3, 3},
		{{{0, 7}, {2, 3}, {9, 9}, {-1}}, "8-8", 3, 9, 1},
		{{{-2}, {0, 4}, {-1}}, "5-9", 1, 5, 1},
		{{{-2}, {-1}}, "0-9", 0, 0, 1},
		{{{4, 12}, {-1}}, "0-3", 1, 6, 1}, /* more than the waybill tells: never beyond its number */
		{{{0, 0}, {-2}, {0, 0}, {-1}}, "1-9", 1, 1, 1},
		{{{12, 14}, {-1}}, "0-9", 1, 0, 1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_look look = {.session.lock_fd = -1};
		for (unsigned j = 0; j < 4 && rows[i].runs[j][0] != -1; j++) {
			char name[] = {(char)('a' + j), '\0'};
			add_file(&look, name, rows[i].runs[j][0], rows[i].runs[j][1], 7);
		}
		expect_ok(look_make_sets(&look, err));
		assert_int_equal(look.set_count, 1);
		assert_string_equal(missing_of(&look, &look.sets[0]), rows[i].missing);
		assert_int_equal(look.sets[0].pieces, rows[i].pieces);
		assert_int_equal(look.sets[0].chunks, rows[i].chunks);
		assert_int_equal(look.sets[0].missing_runs, rows[i].missing_runs);
	}
}

static void test_together(void **state)
{
	auto_look look = {.session.lock_fd = -1};
	(void)state;
	add_file(&look, "d/b", 5, 9, 2);
	add_file(&look, "d/c", 0, 9, 3);
	add_file(&look, "d/broken", -1, -1, 0);
	add_file(&look, "d/also-broken", -1, -1, 0);
	add_file(&look, "e/b", 0, 4, 2);
	look.files[0].state = LOOK_DAMAGED;
	expect_ok(look_make_sets(&look, err));
	assert_int_equal(look.set_count, 4);
	assert_int_equal(look.bundle_files, 5);
	/* by the path of the first file of each; what says nothing of its bundle stays by itself */
	static const char *const first[] = {"d/also-broken", "d/broken", "d/c", "e/b"};
	for (uint32_t i = 0; i < 4; i++)
		assert_string_equal(look.files[look.sets[i].first].path, first[i]);
	assert_int_equal(look.sets[3].count, 2);
	assert_int_equal(look.sets[3].bytes, 2000);
	assert_int_equal(look.sets[3].state, LOOK_DAMAGED);
	assert_int_equal(look_count_attention(&look), 1);
	look.tally.too_deep = 1;
	assert_int_equal(look_count_attention(&look), 2);
}

static void test_same_id(void **state)
{
	static const char *const ids[] = {"b", "a", "b", "b"}, *const senders[] = {"1", "1", "1", "2"};
	auto_look look = {.session.lock_fd = -1};
	(void)state;
	for (unsigned i = 0; i < COUNT(ids); i++) {
		char name[] = {(char)('w' + i), '\0'};
		add_file(&look, name, 0, 9, (unsigned char)(i + 1));
		(void)strcpy(look.files[i].waybill.bundle.text, ids[i]);
		(void)strcpy(look.files[i].waybill.from.hex, senders[i]);
	}
	add_file(&look, "zz", -1, -1, 0);
	add_file(&look, "zzz", -1, -1, 0);
	expect_ok(look_make_sets(&look, err));
	assert_int_equal(look.set_count, 6);
	static const bool want[] = {true, false, true, false, false, false};
	for (unsigned i = 0; i < COUNT(want); i++)
		assert_int_equal(look.sets[i].equivocation, want[i]);
	assert_int_equal(look_count_attention(&look), 2);
}

static void test_nothing(void **state)
{
	auto_look look = {.session.lock_fd = -1};
	(void)state;
	expect_ok(look_make_sets(&look, err));
	assert_int_equal(look.set_count, 0);
	assert_int_equal(look_count_attention(&look), 0);
}

/* --- walking --- */

struct seen {
	struct buf text;
	const char *not_into;
	unsigned left; /* names until it fails */
};

static enum look_answer see(void *ctx, const struct look_entry *entry, struct err *err)
{
	struct seen *seen = ctx;
	if (seen->left-- == 0)
		return err_set(err, ERR_LIMIT, "enough"), LOOK_FAILED;
	if (buf_printf(&seen->text, err, "%s%s\n", entry->name, S_ISDIR(entry->st.st_mode) ? "/" : "") < 0)
		return LOOK_FAILED;
	return seen->not_into != NULL && strcmp(entry->name, seen->not_into) == 0 ? LOOK_NOT_INTO : LOOK_ON;
}

static char root[64];

static int make_root(void **state)
{
	(void)state;
	(void)strcpy(root, "/tmp/vl-look-XXXXXX");
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	io_remove_tree(AT_FDCWD, root);
	return 0;
}

static void test_walk(void **state)
{
	struct seen seen = {.left = 1000};
	struct look_tally tally = {0};
	const struct look_visitor visitor = {.visit = see, .ctx = &seen};
	(void)state;
	auto_fd int dir = open(root, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mkdirat(dir, "b", 0700), 0);
	assert_int_equal(close(openat(dir, "b/inside", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(openat(dir, "a", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(symlinkat("b", dir, "c"), 0);
	assert_int_equal(mkfifoat(dir, "d", 0600), 0);
	expect_ok(look_walk(root, &visitor, &tally, err));
	assert_string_equal(seen.text.data, "a\nb/\ninside\nc\nd\n");
	assert_int_equal(tally.entries, 5);
	assert_int_equal(tally.links, 1);
	assert_int_equal(tally.specials, 1);
	assert_false(look_tally_is_partial(&tally));

	seen.text.len = 0;
	seen.not_into = "b";
	expect_ok(look_walk(root, &visitor, &tally, err));
	assert_string_equal(seen.text.data, "a\nb/\nc\nd\n");

	seen.left = 2;
	expect_failure(look_walk(root, &visitor, &tally, err), ERR_LIMIT, "enough", "visitor");
	char name[80];
	(void)snprintf(name, sizeof name, "%s/a", root);
	expect_failure(look_walk(name, &visitor, &tally, err), ERR_USAGE, "is not a folder", "file");
	(void)snprintf(name, sizeof name, "%s/nothing", root);
	expect_failure(look_walk(name, &visitor, &tally, err), ERR_IO, "cannot open the folder", "nothing");
	buf_clear(&seen.text);
}

static void test_depth(void **state)
{
	struct seen seen = {.left = 1000};
	struct look_tally tally = {0};
	const struct look_visitor visitor = {.visit = see, .ctx = &seen};
	(void)state;
	int dir = open(root, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i <= LOOK_DEPTH_MAX; i++) {
		assert_int_equal(mkdirat(dir, "deep", 0700), 0);
		int next = openat(dir, "deep", O_RDONLY | O_DIRECTORY);
		assert_int_equal(close(dir), 0);
		dir = next;
	}
	assert_int_equal(close(dir), 0);
	expect_ok(look_walk(root, &visitor, &tally, err));
	assert_int_equal(tally.too_deep, 1);
	assert_int_equal(tally.entries, LOOK_DEPTH_MAX + 1);
	assert_true(look_tally_is_partial(&tally));
	buf_clear(&seen.text);
}

static void test_many(void **state)
{
	struct seen seen = {.left = 1000};
	struct look_tally tally = {.entries = LOOK_ENTRIES_MAX - 2};
	const struct look_visitor visitor = {.visit = see, .ctx = &seen};
	(void)state;
	auto_fd int dir = open(root, O_RDONLY | O_DIRECTORY);
	for (char name[] = "a"; name[0] < 'f'; name[0]++)
		assert_int_equal(close(openat(dir, name, O_CREAT | O_WRONLY, 0600)), 0);
	expect_ok(look_walk(root, &visitor, &tally, err));
	assert_true(tally.too_many);
	assert_true(look_tally_is_partial(&tally));
	assert_int_equal(tally.entries, LOOK_ENTRIES_MAX);
	assert_int_equal(seen.text.len, 4);
	buf_clear(&seen.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_same_id),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test_setup_teardown(test_walk, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_depth, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_many, make_root, remove_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
