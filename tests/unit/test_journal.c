/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/secret.h"
#include "media/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "the payload, the waybill|"
#define OLD "old end"
#define NEW "a new end, and a longer one"

static char *dir;
static int dir_fd;

static int setup(void **state)
{
	struct err err = ERR_INIT;
	if (secret_library_init(&err) < 0 || hash_library_init(&err) < 0 || io_make_private_dir(&dir, &err) < 0)
		return -1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)close(dir_fd);
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
}

static int open_file(void)
{
	int fd = openat(dir_fd, "f", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void expect_content(const char *want)
{
	auto_buf bytes = {0};
	expect_ok(io_read_file(&bytes, dir_fd, "f", 4096, err));
	assert_string_equal(bytes.data, want);
}

static bool there_is_a_journal(void)
{
	struct stat st;
	return fstatat(dir_fd, "f.journal", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What journal_replace() leaves where it is stopped between the journal and the file: that journal, copied aside. */
static void make_journal(struct buf *out, const char *new_end)
{
	struct buf old = {0}, new = {0};
	expect_ok(buf_append_str(&old, OLD, err));
	expect_ok(buf_append_str(&new, new_end, err));
	const struct journal_change change = {.before = 4, .from = strlen(HEAD), .old = &old, .new = &new};
	/* A file that cannot be written: the journal stays, as nothing could be put back. */
	int read_only = openat(dir_fd, "f", O_RDONLY | O_CLOEXEC);
	expect_failure(journal_replace(dir_fd, "f", read_only, &change, err), ERR_IO,
				   "f: ", "a file that cannot be written");
	assert_true(there_is_a_journal());
	expect_ok(io_read_file(out, dir_fd, "f.journal", 1 << 20, err));
	(void)close(read_only);
	buf_clear(&old);
	buf_clear(&new);
}

static void the_end_is_replaced(void **state)
{
	static const char *const ends[] = {NEW, "short"};
	for (size_t i = 0; i < COUNT(ends); i++) {
		auto_buf old = {0}, new = {0};
		write_file("f", HEAD OLD, strlen(HEAD OLD));
		int fd = open_file();
		expect_ok(buf_append_str(&old, OLD, err));
		expect_ok(buf_append_str(&new, ends[i], err));
		const struct journal_change change = {.before = 4, .from = strlen(HEAD), .old = &old, .new = &new};
		expect_ok(journal_replace(dir_fd, "f", fd, &change, err));
		(void)close(fd);
		assert_false(there_is_a_journal());
		expect_content(i == 0 ? HEAD NEW : HEAD "short");
	}
}

static void what_a_crash_left_is_finished(void **state)
{
	/* before the file was touched; in the midst of it; with the length not yet set; done, but for the journal */
	static const char *const left[] = {HEAD OLD, HEAD "a new end", HEAD, HEAD NEW, HEAD NEW " and more"};
	for (size_t i = 0; i < COUNT(left); i++) {
		enum journal_found found = JOURNAL_NONE;
		auto_buf journal = {0};
		write_file("f", HEAD OLD, strlen(HEAD OLD));
		make_journal(&journal, NEW);
		write_file("f", left[i], strlen(left[i]));
		int fd = open_file();
		expect_ok(journal_recover(dir_fd, "f", fd, &found, err));
		(void)close(fd);
		assert_int_equal(found, JOURNAL_FINISHED);
		assert_false(there_is_a_journal());
		expect_content(HEAD NEW);
	}
}

static void expect_discarded(const char *journal, size_t len, const char *file)
{
	enum journal_found found = JOURNAL_NONE;
	write_file("f", file, strlen(file));
	write_file("f.journal", journal, len);
	int fd = open_file();
	expect_ok(journal_recover(dir_fd, "f", fd, &found, err));
	(void)close(fd);
	assert_int_equal(found, JOURNAL_DISCARDED);
	assert_false(there_is_a_journal());
	expect_content(file);
}

static void what_is_not_whole_is_thrown_away(void **state)
{
	auto_buf journal = {0};
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	make_journal(&journal, NEW);
	for (size_t len = 0; len < journal.len; len++)
		expect_discarded(journal.data, len, HEAD OLD);
	for (size_t at = 0; at < journal.len; at++) {
		journal.data[at] ^= 1;
		expect_discarded(journal.data, journal.len, HEAD OLD);
		journal.data[at] ^= 1;
	}
}

static void one_of_another_file_is_thrown_away(void **state)
{
	static const char *const others[] = {"The payload, the Waybill|" OLD, "", "the payload",
										 "the payload, the waybill!"};
	auto_buf journal = {0};
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	make_journal(&journal, NEW);
	for (size_t i = 0; i < COUNT(others); i++)
		expect_discarded(journal.data, journal.len, others[i]);
}

static void limits(void **state)
{
	auto_buf old = {0}, new = {0};
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	int fd = open_file();
	expect_ok(buf_append_str(&old, OLD, err));
	struct journal_change change = {.before = 4, .from = strlen(HEAD), .old = &old, .new = &new};
	expect_failure(journal_replace(dir_fd, "f", fd, &change, err), ERR_LIMIT, "0 bytes", "empty");
	for (size_t i = 0; i <= JOURNAL_TAIL_MAX; i++)
		expect_ok(buf_append_str(&new, "x", err));
	expect_failure(journal_replace(dir_fd, "f", fd, &change, err), ERR_LIMIT, "too long", "long");
	new.len = 1;
	change.before = 99;
	expect_failure(journal_replace(dir_fd, "f", fd, &change, err), ERR_LIMIT, "bytes", "before the beginning");
	(void)close(fd);
	assert_false(there_is_a_journal());
	expect_content(HEAD OLD);
}

/* Of no bytes every file would be known: such a journal would be obeyed beside any file. */
static void one_that_belongs_to_nothing_is_thrown_away(void **state)
{
	struct digest of_nothing, of_all;
	char hex[DIGEST_HEX + 1];
	auto_buf body = {0}, journal = {0};
	hash_bytes(&of_nothing, "", 0);
	digest_format(hex, &of_nothing);
	expect_ok(buf_printf(&body, err, "%020d %020d %s\nanother end", 0, 0, hex));
	hash_bytes(&of_all, body.data, body.len);
	digest_format(hex, &of_all);
	expect_ok(buf_printf(&journal, err, "valise-journal 1\n%s\n%s", hex, body.data));
	expect_discarded(journal.data, journal.len, HEAD OLD);
}

static void expect_left_alone(void)
{
	enum journal_found found = JOURNAL_NONE;
	int fd = open_file();
	assert_false(journal_waits(dir_fd, "f", fd));
	expect_ok(journal_recover(dir_fd, "f", fd, &found, err));
	(void)close(fd);
	assert_int_equal(found, JOURNAL_FOREIGN);
	assert_true(there_is_a_journal());
	expect_content(HEAD OLD);
}

static void what_others_lay_there_is_left_alone(void **state)
{
	auto_buf journal = {0};
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	make_journal(&journal, NEW);
	assert_int_equal(renameat(dir_fd, "f.journal", dir_fd, "elsewhere"), 0);
	assert_int_equal(symlinkat("elsewhere", dir_fd, "f.journal"), 0);
	expect_left_alone();
	assert_int_equal(unlinkat(dir_fd, "f.journal", 0), 0);
	assert_int_equal(mkdirat(dir_fd, "f.journal", 0700), 0);
	expect_left_alone();
	assert_int_equal(unlinkat(dir_fd, "f.journal", AT_REMOVEDIR), 0);
	assert_int_equal(mkfifoat(dir_fd, "f.journal", 0600), 0);
	expect_left_alone();
	assert_int_equal(unlinkat(dir_fd, "f.journal", 0), 0);
	if (geteuid() != 0) /* a file of another owner takes a second user */
		return;
	assert_int_equal(renameat(dir_fd, "elsewhere", dir_fd, "f.journal"), 0);
	assert_int_equal(fchownat(dir_fd, "f.journal", 65534, (gid_t)-1, 0), 0);
	expect_left_alone();
	assert_int_equal(unlinkat(dir_fd, "f.journal", 0), 0);
}

static void whoever_only_reads_is_told(void **state)
{
	auto_buf journal = {0};
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	make_journal(&journal, NEW);
	int fd = open_file();
	assert_true(journal_waits(dir_fd, "f", fd));
	assert_true(there_is_a_journal());
	expect_content(HEAD OLD);
	write_file("f.journal", "junk", 4);
	assert_false(journal_waits(dir_fd, "f", fd));
	assert_int_equal(unlinkat(dir_fd, "f.journal", 0), 0);
	assert_false(journal_waits(dir_fd, "f", fd));
	(void)close(fd);
}

static void none_is_none(void **state)
{
	enum journal_found found = JOURNAL_FINISHED;
	write_file("f", HEAD OLD, strlen(HEAD OLD));
	int fd = open_file();
	expect_ok(journal_recover(dir_fd, "f", fd, &found, err));
	(void)close(fd);
	assert_int_equal(found, JOURNAL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_is_replaced),
		cmocka_unit_test(what_a_crash_left_is_finished),
		cmocka_unit_test(what_is_not_whole_is_thrown_away),
		cmocka_unit_test(one_of_another_file_is_thrown_away),
		cmocka_unit_test(one_that_belongs_to_nothing_is_thrown_away),
		cmocka_unit_test(what_others_lay_there_is_left_alone),
		cmocka_unit_test(whoever_only_reads_is_told),
		cmocka_unit_test(limits),
		cmocka_unit_test(none_is_none),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
