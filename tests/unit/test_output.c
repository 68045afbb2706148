/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "base/secret.h"
#include "media/output_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;

static int setup(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err) < 0 ? -1 : io_make_private_dir(&dir, &err);
}

static int teardown(void **state)
{
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
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

static void at(char out[static 256], const char *name)
{
	(void)snprintf(out, 256, "%s/%s", dir, name);
}

static void nothing_is_there_before_commit(void **state)
{
	static const enum output_kind kinds[] = {OUTPUT_FILE, OUTPUT_FOLDER};
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char path[256];
		struct stat st;
		unsigned before = count_names();
		at(path, kinds[i] == OUTPUT_FILE ? "file" : "folder");
		{
			auto_output *output = NULL;
			expect_ok(output_open(&output, path, kinds[i], err));
			assert_int_equal(stat(path, &st), -1);
			if (kinds[i] == OUTPUT_FOLDER)
				assert_int_equal(mkdirat(output_fd(output), "inside", 0700), 0);
		}
		assert_int_equal(count_names(), before); /* freed without commit: as if it had never been */
		auto_output *output = NULL;
		uint64_t dev = 0, ino = 0;
		expect_ok(output_open(&output, path, kinds[i], err));
		expect_ok(output_sync(output, err));
		expect_ok(output_identity(output, &dev, &ino, err));
		expect_ok(output_commit(output, err));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_ino, ino);
		assert_int_equal(st.st_dev, dev);
		assert_int_equal(st.st_mode & 077, 0);
		assert_int_equal(count_names(), before + 1);
	}
}

static void nothing_is_ever_replaced(void **state)
{
	static const char *const names[] = {"is-file", "is-folder", "is-link"};
	auto_fd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect_ok(io_replace_file(dir_fd, "is-file", "x", 1, 0600, err));
	assert_int_equal(mkdirat(dir_fd, "is-folder", 0700), 0);
	assert_int_equal(symlinkat("nowhere", dir_fd, "is-link"), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[256];
		auto_output *output = NULL;
		at(path, names[i]);
		unsigned before = count_names();
		expect_failure(output_open(&output, path, OUTPUT_FILE, err), ERR_EXISTS, names[i], names[i]);
		expect_failure(output_open(&output, path, OUTPUT_FOLDER, err), ERR_EXISTS, names[i], names[i]);
		assert_int_equal(count_names(), before);
	}
}

/* Somebody makes the name between our look and our rename. */
static void a_name_that_appears_meanwhile_is_kept(void **state)
{
	char path[256];
	auto_buf text = {0};
	unsigned before = count_names();
	at(path, "race");
	{
		auto_output *output = NULL;
		expect_ok(output_open(&output, path, OUTPUT_FILE, err));
		expect_ok(io_replace_file(AT_FDCWD, path, "theirs", 6, 0600, err));
		expect_failure(output_commit(output, err), ERR_EXISTS, "race", "race");
	}
	expect_ok(io_read_file(&text, AT_FDCWD, path, 100, err));
	assert_string_equal(text.data, "theirs");
	assert_int_equal(count_names(), before + 1);
}

static void impossible_places(void **state)
{
	static const char *const paths[] = {"/nonexistent-folder/x", "/", "..", "x/"};
	for (size_t i = 0; i < COUNT(paths); i++) {
		auto_output *output = NULL;
		expect_failure(output_open(&output, paths[i], OUTPUT_FILE, err), ERR_IO, "", paths[i]);
		assert_null(output);
	}
}

static void a_file_is_written_whole_and_never_over_another(void **state)
{
	char path[256];
	auto_buf text = {0};
	auto_free char *final_path = NULL;
	unsigned before = count_names();
	at(path, "whole");
	expect_ok(output_write_file(path, "words", 5, &final_path, err));
	assert_int_equal(final_path[0], '/');
	expect_ok(io_read_file(&text, AT_FDCWD, final_path, 5, err));
	assert_string_equal(text.data, "words");
	expect_failure(output_write_file(path, "other", 5, NULL, err), ERR_EXISTS, "whole", "there already");
	at(path, "none/at/all");
	expect_failure(output_write_file(path, "other", 5, NULL, err), ERR_IO, "folder", "no folder");
	assert_int_equal(count_names(), before + 1);
}

static void lay(const char *path, const char *text, mode_t mode, uid_t owner)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_true(owner == geteuid() || fchown(fd, owner, (gid_t)-1) == 0);
	(void)close(fd);
}

/* What lies under the name of an attempt, on a medium that others had. */
static void what_is_taken_up_becomes_as_a_new_one(void **state)
{
	char path[256], part[256], fresh[256];
	struct stat st, like;
	at(path, "resumed");
	at(part, "resumed.part");
	at(fresh, "fresh");
	{
		auto_output *output = NULL;
		expect_ok(output_open(&output, fresh, OUTPUT_RESUMED, err));
		expect_ok(output_commit(output, err));
	}
	assert_int_equal(stat(fresh, &like), 0);
	const unsigned before = count_names();
	lay(part, "begun", 0666, geteuid());
	auto_output *output = NULL;
	expect_ok(output_open(&output, path, OUTPUT_RESUMED, err));
	assert_int_equal(output_found(output), 5);
	expect_ok(output_commit(output, err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, like.st_mode);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(count_names(), before + 1);
}

static void what_another_user_owns_is_not_taken_up(void **state)
{
	enum { NOBODY = 65534 };
	char path[256], part[256];
	struct stat st;
	struct output *output = NULL;
	if (geteuid() != 0)
		skip();
	at(path, "foreign");
	at(part, "foreign.part");
	lay(part, "theirs", 0666, NOBODY);
	const unsigned before = count_names();
	expect_failure(output_open(&output, path, OUTPUT_RESUMED, err), ERR_EXISTS, "belongs to another user", "foreign");
	assert_null(output);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(count_names(), before);
}

/* --- several --- */

enum { SEVERAL = 3 };

static void open_several(struct output_set *set, const char *stem)
{
	for (int i = 0; i < SEVERAL; i++) {
		char name[32], path[256];
		(void)snprintf(name, sizeof name, "%s.%d", stem, i);
		at(path, name);
		expect_ok(output_set_open(set, path, err));
	}
	expect_ok(output_set_sync(set, err));
}

static void several_appear_together(void **state)
{
	const unsigned before = count_names();
	{
		auto_output_set set = {.count = 0};
		char **paths = NULL;
		unsigned count = 0;
		open_several(&set, "together");
		expect_ok(output_set_paths(&set, &paths, &count, err));
		assert_int_equal(count, SEVERAL);
		expect_ok(output_set_commit(&set, err));
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(access(paths[i], F_OK), 0);
			free(paths[i]);
		}
		free(paths);
	}
	assert_int_equal(count_names(), before + SEVERAL);
	auto_output_set others = {.count = 0};
	open_several(&others, "taken-back");
	expect_ok(output_set_commit(&others, err));
	output_set_withdraw(&others);
	output_set_clear(&others);
	assert_int_equal(count_names(), before + SEVERAL);
}

static void of_several_none_appears_where_one_cannot(void **state)
{
	for (int taken = 0; taken < SEVERAL; taken++) {
		char name[32], path[256];
		const unsigned before = count_names();
		(void)snprintf(name, sizeof name, "one.%d", taken);
		at(path, name);
		{
			auto_output_set set = {.count = 0};
			open_several(&set, "one");
			lay(path, "mine", 0600, geteuid());
			expect_failure(output_set_commit(&set, err), ERR_EXISTS, name, "taken");
		}
		assert_int_equal(count_names(), before + 1);
		assert_int_equal(unlink(path), 0);
	}
}

/* --- syncing --- */

static atomic_int syncs, failing_sync;

/* Ours instead of the library's: one of them fails, as the kernel does, which tells of a fault once. */
int fsync(int fd)
{
	if (atomic_fetch_add(&syncs, 1) + 1 == atomic_load(&failing_sync)) {
		errno = EIO;
		return -1;
	}
	return fd >= 0 ? 0 : -1;
}

static void begin_one(struct output **out, const char *name, int failing)
{
	char path[256];
	atomic_store(&syncs, 0);
	atomic_store(&failing_sync, failing);
	at(path, name);
	expect_ok(output_open(out, path, OUTPUT_FILE, err));
	expect_ok(io_write_all(output_fd(*out), "x", 1, err));
	output_sync_begin(*out);
}

static void what_failed_early_is_told_late(void **state)
{
	for (int failing = 1; failing <= 2; failing++) {
		auto_output *output = NULL;
		begin_one(&output, "early", failing);
		expect_failure(output_sync(output, err), ERR_IO, "early", "medium");
	}
	auto_output *output = NULL;
	begin_one(&output, "early", 0);
	expect_ok(output_sync(output, err));
	assert_int_equal(atomic_load(&syncs), 2);
	expect_ok(output_commit(output, err));
}

static void what_was_begun_ends_with_its_file(void **state)
{
	const unsigned before = count_names();
	{
		auto_output *output = NULL;
		begin_one(&output, "dropped", 0);
	}
	assert_int_equal(atomic_load(&syncs), 1);
	assert_int_equal(count_names(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_written_whole_and_never_over_another),
		cmocka_unit_test(nothing_is_there_before_commit),
		cmocka_unit_test(nothing_is_ever_replaced),
		cmocka_unit_test(a_name_that_appears_meanwhile_is_kept),
		cmocka_unit_test(impossible_places),
		cmocka_unit_test(what_is_taken_up_becomes_as_a_new_one),
		cmocka_unit_test(what_another_user_owns_is_not_taken_up),
		cmocka_unit_test(what_failed_early_is_told_late),
		cmocka_unit_test(what_was_begun_ends_with_its_file),
		cmocka_unit_test(several_appear_together),
		cmocka_unit_test(of_several_none_appears_where_one_cannot),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
