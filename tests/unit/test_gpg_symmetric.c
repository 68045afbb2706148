/* SPDX-License-Identifier: Apache-2.0 */
#include "gpg_fixture.h"

#include "keyring/gpg_symmetric.h"

static const char right[] = "correct horse battery";

static int start(void **state)
{
	(void)state;
	fixture_start();
	return 0;
}

static int end(void **state)
{
	(void)state;
	fixture_end();
	return 0;
}

static struct secret *words(const char *text)
{
	struct err err = ERR_INIT;
	struct secret *out = NULL;
	assert_ok(secret_new(&out, strlen(text), &err));
	memcpy(out->bytes, text, strlen(text));
	return out;
}

/* A pattern of so many bytes, which fails behind fail_at. */
struct pattern {
	size_t len, at, fail_at;
};

static int give(void *ctx, void *bytes, size_t size, size_t *out_len, struct err *err)
{
	struct pattern *pattern = ctx;
	unsigned char *out = bytes;
	if (pattern->fail_at != 0 && pattern->at >= pattern->fail_at)
		return err_set(err, ERR_CHANGED, "the source failed");
	for (*out_len = 0; *out_len < size && pattern->at < pattern->len; (*out_len)++)
		out[*out_len] = (unsigned char)(pattern->at++ * 31 >> 3);
	return 0;
}

static int take(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct pattern *pattern = ctx;
	const unsigned char *in = bytes;
	for (size_t i = 0; i < len; i++, pattern->at++)
		assert_int_equal(in[i], (unsigned char)(pattern->at * 31 >> 3));
	return pattern->fail_at != 0 && pattern->at >= pattern->fail_at ? err_set(err, ERR_PAYLOAD, "the drain failed") : 0;
}

static int new_file(const char *name)
{
	char path[300];
	(void)snprintf(path, sizeof path, "%s/%s", fixture_root, name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

static void test_there_and_back(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *passphrase = words(right);
	static const size_t sizes[] = {0, 1, 511, 512, 8191, 8192, 1000000};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pattern in = {.len = sizes[i]}, out = {0};
		auto_fd int fd = new_file("message");
		assert_ok(gpg_symmetric_seal(fd, passphrase, give, &in, &err));
		assert_ok(gpg_symmetric_check(fd, &err));
		assert_ok(gpg_symmetric_open(fd, passphrase, take, &out, &err));
		assert_int_equal(out.at, sizes[i]);
	}
}

static void test_failures_of_the_ends(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *passphrase = words(right), *wrong = words("correct horse batterz");
	struct pattern in = {.len = 300000, .fail_at = 100000}, whole = {.len = 300000}, out = {.fail_at = 100000};
	auto_fd int fd = new_file("message");
	assert_fails(gpg_symmetric_seal(fd, passphrase, give, &in, &err), ERR_CHANGED);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(gpg_symmetric_seal(fd, passphrase, give, &whole, &err));
	assert_fails(gpg_symmetric_open(fd, passphrase, take, &out, &err), ERR_PAYLOAD);
	out = (struct pattern){0};
	assert_fails(gpg_symmetric_open(fd, wrong, take, &out, &err), ERR_KEY_UNAVAILABLE);
	assert_int_equal(out.at, 0);
	auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	whole.at = 0;
	assert_fails(gpg_symmetric_seal(full, passphrase, give, &whole, &err), ERR_NO_SPACE);
}

static void check_form(const void *bytes, size_t len, enum err_code want)
{
	struct err err = ERR_INIT;
	auto_fd int fd = new_file("form");
	assert_ok(io_write_all(fd, bytes, len, &err));
	assert_fails(gpg_symmetric_check(fd, &err), want);
}

#define FORM(text, want) check_form(text, sizeof(text) - 1, want)

static void test_outer_form(void **state)
{
	FORM("", ERR_BACKUP);
	FORM("text", ERR_BACKUP);
	FORM("\x84\x01x", ERR_BACKUP);              /* for a key */
	FORM("\x8c\x01x\x8c\x01x", ERR_BACKUP);     /* two passphrases */
	FORM("\xd2\x01x\xd2\x01x", ERR_BACKUP);     /* none */
	FORM("\x8c\x01x\xa3\x01x", ERR_BACKUP);     /* compressed */
	FORM("\x8c\x01x\xc9\x01x", ERR_BACKUP);     /* without integrity (tag 9) */
	FORM("\x8c\x01x", ERR_TRUNCATED);           /* nothing behind */
	FORM("\x8c\x05x", ERR_TRUNCATED);           /* cut in the first */
	FORM("\x8c\x01x\xd2", ERR_TRUNCATED);       /* no length */
	FORM("\x8c\x01x\xd2\x05x", ERR_TRUNCATED);  /* cut */
	FORM("\x8c\x01x\xd2\xe1xx", ERR_TRUNCATED); /* a partial length, and no last one */
	FORM("\x8c\x01x\xd2\xff\xff\xff\xff\xffx", ERR_TRUNCATED);
	FORM("\x8c\x01x\xd2\xc0", ERR_TRUNCATED);
	FORM("\x8c\x01x\xd2\x01xx", ERR_DAMAGED); /* bytes behind */
	FORM("\x8c\x01x\xd2\xe1xx\x01xx", ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_failures_of_the_ends),
		cmocka_unit_test(test_outer_form),
	};
	return cmocka_run_group_tests(tests, start, end);
}
