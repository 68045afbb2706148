/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "base/secret.h"
#include "ops/pen.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static int dir_fd = -1;

static int setup(void **state)
{
	struct err err = ERR_INIT;
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL || secret_library_init(&err) < 0 || hash_library_init(&err) < 0 ||
		io_make_private_dir(&dir, &err) < 0)
		return -1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)close(dir_fd);
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
}

/* Long enough for several pieces: the digest is of all of it. */
static void what_is_put_is_written_and_hashed(void **state)
{
	enum { LINES = 50000 };
	struct err pen_err = ERR_INIT;
	auto_pen pen = {.fd = -1};
	auto_buf want = {0}, got = {0};
	struct digest said, computed;
	struct stat st;
	expect_ok(pen_open(&pen, dir_fd, "long", err));
	pen.err = &pen_err;
	for (int i = 0; i < LINES; i++) {
		pen_printf(&pen, "line %d\n", i);
		expect_ok(buf_printf(&want, err, "line %d\n", i));
	}
	assert_true(pen.text.len < want.len); /* it does not keep it all */
	assert_int_equal(pen_close(&pen, &said), 0);
	expect_ok(io_read_file(&got, dir_fd, "long", 1 << 20, err));
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
	hash_bytes(&computed, want.data, want.len);
	assert_true(digest_equal(&said, &computed));
	assert_int_equal(fstatat(dir_fd, "long", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void an_empty_file_has_the_digest_of_nothing(void **state)
{
	auto_pen pen = {.fd = -1};
	struct digest said, nothing;
	hash_bytes(&nothing, "", 0);
	expect_ok(pen_open(&pen, dir_fd, "empty", err));
	assert_int_equal(pen_close(&pen, &said), 0);
	assert_true(digest_equal(&said, &nothing));
}

static void nothing_is_replaced_and_no_link_followed(void **state)
{
	auto_pen pen = {.fd = -1};
	expect_ok(io_replace_file(dir_fd, "there", "x", 1, 0600, err));
	assert_int_equal(symlinkat("elsewhere", dir_fd, "link"), 0);
	expect_failure(pen_open(&pen, dir_fd, "there", err), ERR_EXISTS, "there", "file");
	pen_drop(&pen);
	expect_failure(pen_open(&pen, dir_fd, "link", err), ERR_EXISTS, "link", "link");
	assert_int_equal(faccessat(dir_fd, "elsewhere", F_OK, 0), -1);
}

/* The first failure is kept, and what is put behind it costs nothing. */
static void a_full_disk_is_told_at_the_end(void **state)
{
	struct err full_err = ERR_INIT;
	auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (full < 0)
		skip();
	auto_pen pen = {.fd = -1};
	expect_ok(pen_open(&pen, dir_fd, "full", err));
	pen.err = &full_err;
	assert_int_equal(dup2(full, pen.fd), pen.fd);
	for (int i = 0; i < 1 << 20; i++)
		pen_str(&pen, "some text ");
	assert_int_equal(pen_close(&pen, NULL), -1);
	assert_int_equal(full_err.code, ERR_NO_SPACE);
	assert_non_null(strstr(full_err.message, "full"));
	assert_true(pen.text.cap < 1 << 20);
}

static void check(void (*put)(struct pen *, const char *), const char *text, const char *want)
{
	struct err pen_err = ERR_INIT;
	auto_pen pen = pen_gather(&pen_err);
	put(&pen, text);
	pen_str(&pen, "");
	assert_false(pen.failed);
	assert_string_equal(pen.text.data, want);
}

static void html_says_nothing_but_text(void **state)
{
	check(pen_html, "", "");
	check(pen_html, "plain text", "plain text");
	check(pen_html, "<script>alert('\"&\"')</script>",
		  "&lt;script&gt;alert(&#39;&quot;&amp;&quot;&#39;)&lt;/script&gt;");
	check(pen_html, "&lt;", "&amp;lt;");
	check(pen_html, "caf\xc3\xa9 <", "caf\xc3\xa9 &lt;");
	check(pen_html, "x\xe2\x80\xaegpj.exe", "x\\u{202E}gpj.exe");
	check(pen_html, "a\nb\x1b[2J", "a\\x0Ab\\x1B[2J");
	check(pen_html, "caf\xe9<", "caf\\xE9&lt;");
}

static void links_stay_below_their_page(void **state)
{
	check(pen_href, "a/b-c_d.e~f", "a/b-c_d.e~f");
	check(pen_href, "javascript:alert(1)", "javascript%3Aalert%281%29");
	check(pen_href, "100% sure?#x", "100%25%20sure%3F%23x");
	check(pen_href, "\"><b>'", "%22%3E%3Cb%3E%27");
	check(pen_href, "\xc3\xa9\\", "%C3%A9%5C");
}

static void plain_text_has_no_line_ends(void **state)
{
	check(pen_plain, "two\r\nlines", "two\\x0D\\x0Alines");
	check(pen_plain, "<b> & 100%", "<b> & 100%");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_written_and_hashed),
		cmocka_unit_test(an_empty_file_has_the_digest_of_nothing),
		cmocka_unit_test(nothing_is_replaced_and_no_link_followed),
		cmocka_unit_test(a_full_disk_is_told_at_the_end),
		cmocka_unit_test(html_says_nothing_but_text),
		cmocka_unit_test(links_stay_below_their_page),
		cmocka_unit_test(plain_text_has_no_line_ends),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
