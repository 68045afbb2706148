/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "base/secret.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static int dir_fd;

static int setup(void **state)
{
	struct err err = ERR_INIT;
	if (secret_library_init(&err) < 0 || io_make_private_dir(&dir, &err) < 0)
		return -1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct stat st;
	(void)close(dir_fd);
	io_remove_tree(AT_FDCWD, dir);
	int rc = stat(dir, &st) == 0 ? -1 : 0; /* io_remove_tree() must have removed it all */
	free(dir);
	return rc;
}

static unsigned count_names(void)
{
	unsigned count = 0;
	DIR *open_dir = opendir(dir);
	while (readdir(open_dir) != NULL)
		count++;
	(void)closedir(open_dir);
	return count - 2;
}

static void the_private_dir_is_private_and_short(void **state)
{
	struct stat st;
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(strlen(dir) <= 60);
}

static void replacing_is_whole_and_leaves_no_temporary(void **state)
{
	auto_buf text = {0};
	struct stat st;
	unsigned before = count_names();
	expect_ok(io_replace_file(dir_fd, "f", "one", 3, 0600, err));
	expect_ok(io_replace_file(dir_fd, "f", "second", 6, 0600, err));
	expect_ok(io_read_file(&text, dir_fd, "f", 6, err));
	assert_string_equal(text.data, "second");
	assert_int_equal(fstatat(dir_fd, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_names(), before + 1);
	char long_name[256] = "";
	memset(long_name, 'x', 255);
	expect_ok(io_replace_file(dir_fd, long_name, "x", 1, 0600, err));
	assert_int_equal(unlinkat(dir_fd, long_name, 0), 0);
	expect_failure(io_replace_file(dir_fd, "none/f", "x", 1, 0600, err), ERR_IO, "none/f", "no folder");
	assert_int_equal(count_names(), before + 1);
}

static void reading_fails_at_the_limit_and_never_cuts(void **state)
{
	auto_buf text = {0};
	expect_ok(io_replace_file(dir_fd, "long", "12345", 5, 0600, err));
	expect_failure(io_read_file(&text, dir_fd, "long", 4, err), ERR_LIMIT, "long", "limit");
	expect_failure(io_read_file(&text, dir_fd, "absent", 4, err), ERR_IO, "absent", "absent");
	assert_int_equal(mkfifoat(dir_fd, "fifo", 0600), 0);
	expect_failure(io_read_file(&text, dir_fd, "fifo", 4, err), ERR_IO, "regular", "a FIFO does not block");
	expect_failure(io_read_file(&text, dir_fd, ".", 4, err), ERR_IO, "regular", "folder");
	/* /proc files say that they are empty and are not */
	expect_failure(io_read_file(&text, AT_FDCWD, "/proc/self/maps", 100, err), ERR_LIMIT, "longer", "grows while read");
}

static void reads_are_whole_or_short_at_the_end(void **state)
{
	char bytes[8];
	expect_ok(io_replace_file(dir_fd, "r", "12345", 5, 0600, err));
	struct err err = ERR_INIT;
	auto_fd int fd = openat(dir_fd, "r", O_RDONLY | O_CLOEXEC);
	assert_int_equal(io_pread_up_to(fd, bytes, sizeof bytes, 3, &err), 2);
	assert_memory_equal(bytes, "45", 2);
	assert_int_equal(io_read_up_to(fd, bytes, 4, &err), 4);
	assert_int_equal(io_read_up_to(fd, bytes, 4, &err), 1);
	assert_int_equal(io_read_up_to(fd, bytes, 4, &err), 0);
}

static void removing_a_tree_follows_no_link(void **state)
{
	struct stat st;
	expect_ok(io_replace_file(dir_fd, "kept", "x", 1, 0600, err));
	assert_int_equal(mkdirat(dir_fd, "tree", 0700), 0);
	assert_int_equal(mkdirat(dir_fd, "tree/sub", 0700), 0);
	assert_int_equal(symlinkat("../../kept", dir_fd, "tree/sub/link"), 0);
	assert_int_equal(symlinkat("..", dir_fd, "tree/up"), 0);
	io_remove_tree(dir_fd, "tree");
	assert_int_equal(fstatat(dir_fd, "tree", &st, 0), -1);
	assert_int_equal(fstatat(dir_fd, "kept", &st, 0), 0);
}

/* Only behind the rename is the new one there. */
static void a_failed_replacement_tells_which_is_there(void **state)
{
	struct err err = ERR_INIT;
	bool is_there = false;
	assert_int_equal(mkdirat(dir_fd, "taken", 0700), 0);
	const unsigned before = count_names();
	assert_int_equal(io_replace_file_told(dir_fd, "new", "x", 1, 0600, &is_there, &err), 0);
	assert_true(is_there);
	assert_int_equal(io_replace_file_told(dir_fd, "taken", "x", 1, 0600, &is_there, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_false(is_there);
	assert_int_equal(count_names(), before + 1);
	assert_int_equal(unlinkat(dir_fd, "new", 0) | unlinkat(dir_fd, "taken", AT_REMOVEDIR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_private_dir_is_private_and_short),
		cmocka_unit_test(replacing_is_whole_and_leaves_no_temporary),
		cmocka_unit_test(a_failed_replacement_tells_which_is_there),
		cmocka_unit_test(reading_fails_at_the_limit_and_never_cuts),
		cmocka_unit_test(reads_are_whole_or_short_at_the_end),
		cmocka_unit_test(removing_a_tree_follows_no_link),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
