/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cancel.h"
#include "cli/passphrase.h"

#include <unistd.h>

/* A pipe that holds text and has no writer any more. */
static int pipe_with(const char *text, size_t len)
{
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, len), (ssize_t)len);
	(void)close(fds[1]);
	return fds[0];
}

static void expect_read(const char *text, size_t len, const char *want)
{
	auto_secret *secret = NULL;
	int fd = pipe_with(text, len);
	expect_ok(passphrase_read(&secret, fd, err));
	assert_int_equal(secret->len, strlen(want));
	assert_memory_equal(secret->bytes, want, strlen(want));
	(void)close(fd);
}

static void test_read(void **state)
{
	static char longest[1024 + 1];
	memset(longest, 'x', sizeof longest - 1);
	expect_read("word\n", 5, "word");
	expect_read("word", 4, "word");
	expect_read("two words \r\nmore", 16, "two words \r");
	expect_read(longest, 1024, longest);
}

static void test_refused(void **state)
{
	static char text[2000];
	static const struct {
		const char *text;
		size_t len;
		const char *piece;
	} rows[] = {{"", 0, "empty"}, {"\n", 1, "empty"}, {"a\0b\n", 4, "zero byte"}, {text, 1025, "longer"}};
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret *secret = NULL;
		int fd = pipe_with(rows[i].text, rows[i].len);
		expect_failure(passphrase_read(&secret, fd, err), ERR_USAGE, rows[i].piece, rows[i].piece);
		assert_null(secret);
		(void)close(fd);
	}
}

/* What stands behind the line is left for whoever reads next. */
static void test_leaves_the_rest(void **state)
{
	auto_secret *secret = NULL;
	char rest[8] = "";
	int fd = pipe_with("word\nrest", 9);
	expect_ok(passphrase_read(&secret, fd, err));
	assert_int_equal(read(fd, rest, sizeof rest), 4);
	assert_string_equal(rest, "rest");
	(void)close(fd);
}

static void test_bad_descriptor(void **state)
{
	static const char *const bad[] = {"", "x", "-1", "1.5", "99999999"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cli cli = {0};
		expect_failure(passphrase_prepare(&cli, bad[i], err), ERR_USAGE, "--passphrase-fd", bad[i]);
	}
	struct cli cli = {0};
	expect_failure(passphrase_prepare(&cli, "987", err), ERR_IO, "--passphrase-fd", "closed");
}

static void test_cancelled(void **state)
{
	int fds[2];
	struct secret *secret = NULL;
	assert_int_equal(pipe(fds), 0);
	cancel_request(); /* nobody writes: only the request ends the wait */
	expect_failure(passphrase_read(&secret, fds[0], err), ERR_CANCELLED, "interrupted", "cancel");
}

static int start(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),           cmocka_unit_test(test_refused),   cmocka_unit_test(test_leaves_the_rest),
		cmocka_unit_test(test_bad_descriptor), cmocka_unit_test(test_cancelled),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
