/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "ops/session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static int enter_folder(void **state)
{
	char template[] = "/tmp/valise-test-XXXXXX";
	if (mkdtemp(template) == NULL || chdir(template) < 0)
		return -1;
	folder = realpath(template, NULL);
	return folder != NULL ? 0 : -1;
}

static int leave_folder(void **state)
{
	int rc = chdir("/");
	io_remove_tree(AT_FDCWD, folder);
	free(folder);
	return rc;
}

static void test_notices(void **state)
{
	auto_notices notices = {0};
	notice_add(&notices, "%d and %s", 1, "two");
	notice_add(&notices, "three");
	assert_int_equal(notices.count, 2);
	assert_string_equal(notices.lines[0], "1 and two");
	assert_string_equal(notices.lines[1], "three");
}

/* What was never opened is closed without harm, standard input among it. */
static void test_close_unopened(void **state)
{
	struct session zeros = {0}, unused = {.lock_fd = -1};
	session_close(&zeros);
	session_close(&unused);
	assert_int_not_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	expect_failure(session_open(&unused, "/nonexistent/home", SESSION_LEDGER_WRITE, NULL, err), ERR_NO_STATION,
				   "no station", "no home");
	session_close(&unused);
}

static void test_schemes(void **state)
{
	auto_schemes schemes = {0};
	assert_int_equal(mkdir("home", 0700), 0);
	auto_fd int home_fd = open("home", O_RDONLY | O_DIRECTORY);
	const struct station station = {.home_fd = home_fd};
	expect_ok(session_load_schemes(&schemes, &station, err)); /* without a folder of its own */
	assert_non_null(scheme_find(&schemes, "tlp"));
	assert_int_equal(mkdir("home/schemes", 0700), 0);
	expect_ok(io_replace_file(home_fd, "schemes/.hidden.yaml", "x", 1, 0600, err));
	expect_ok(io_replace_file(home_fd, "schemes/notes.txt", "x", 1, 0600, err));
	scheme_set_clear(&schemes);
	expect_ok(session_load_schemes(&schemes, &station, err));
	expect_ok(io_replace_file(home_fd, "schemes/bad.yaml", "x", 1, 0600, err));
	scheme_set_clear(&schemes);
	expect_failure(session_load_schemes(&schemes, &station, err), ERR_SCHEME, "schemes/bad.yaml", "bad");
	assert_int_equal(schemes.count, 0);
}

static void test_lock(void **state)
{
	assert_int_equal(mkdir("locked", 0700), 0);
	struct session a = {.lock_fd = -1}, b = {.lock_fd = -1};
	char home[] = "locked";
	a.station.home = b.station.home = home;
	a.station.home_fd = open("locked", O_RDONLY | O_DIRECTORY);
	b.station.home_fd = open("locked", O_RDONLY | O_DIRECTORY);
	expect_ok(session_lock(&a, err));
	expect_failure(session_lock(&b, err), ERR_BUSY, "another valise", "second");
	(void)close(a.lock_fd);
	expect_ok(session_lock(&b, err));
	(void)close(b.lock_fd);
	(void)close(a.station.home_fd);
	(void)close(b.station.home_fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_close_unopened),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_lock),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
