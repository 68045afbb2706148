/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_GPG_FIXTURE_H
#define VALISE_TESTS_GPG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/secret.h"
#include "keyring/gpg.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Real gpg and real keys, in private folders below one temporary folder that goes away at the end. */

static char fixture_root[256];

#define assert_ok(call)                                                                    \
	do {                                                                                   \
		if ((call) != 0)                                                                   \
			fail_msg("%s: %s: %s (%s)", #call, err_name(err.code), err.message, err.hint); \
	} while (0)
#define assert_fails(call, want)                                                                               \
	do {                                                                                                       \
		err = (struct err)ERR_INIT;                                                                            \
		assert_int_equal((call), -1);                                                                          \
		if (err.code != (want))                                                                                \
			fail_msg("%s: %s where %s is wanted: %s", #call, err_name(err.code), err_name(want), err.message); \
		err = (struct err)ERR_INIT;                                                                            \
	} while (0)

static inline void fixture_start(void)
{
	struct err err = ERR_INIT;
	const char *base = getenv("TMPDIR");
	(void)umask(022);
	assert_ok(secret_library_init(&err));
	assert_ok(hash_library_init(&err));
	assert_ok(gpg_library_init(&err));
	(void)snprintf(fixture_root, sizeof fixture_root, "%s/valise-test-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(fixture_root));
}

static inline void fixture_end(void)
{
	io_remove_tree(AT_FDCWD, fixture_root);
}

/* A shell command with $R for the root of the test; asserts that it succeeds. Output is thrown away unless V is set. */
[[gnu::format(printf, 1, 2)]] static inline void shell(const char *fmt, ...)
{
	char command[4096], quiet[4400];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(command, sizeof command, fmt, args);
	va_end(args);
	(void)setenv("R", fixture_root, 1);
	(void)snprintf(quiet, sizeof quiet, "{ %s ; } %s", command, getenv("V") != NULL ? "" : ">/dev/null 2>&1");
	int status = system(quiet);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("failed: %s", command);
}

static inline const char *below_root(const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];
	(void)snprintf(path, sizeof paths[0], "%s/%s", fixture_root, name);
	return path;
}

static inline const struct gpg_passphrase *never_ask(void)
{
	static const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	return &never;
}

/* A GnuPG folder with settings, as station_init makes it, and a key made by gpg itself from quick-generate words. */
static inline void make_home(const char *name)
{
	shell("mkdir -m 700 $R/%s && cp keys/gpg.conf keys/gpg-agent.conf $R/%s/", name, name);
}

static inline struct fingerprint make_key(const char *home, const char *user_id)
{
	auto_gpg *gpg = NULL;
	struct err err = ERR_INIT;
	struct fingerprint fpr;
	assert_ok(gpg_open_station(&gpg, below_root(home), never_ask(), &err));
	assert_ok(gpg_generate(gpg, user_id, GPG_UNPROTECTED, &fpr, &err));
	return fpr;
}

static inline void export_key(const char *home, const struct fingerprint *fpr, struct buf *out)
{
	auto_gpg *gpg = NULL;
	struct err err = ERR_INIT;
	assert_ok(gpg_open_station(&gpg, below_root(home), never_ask(), &err));
	assert_ok(gpg_export(gpg, fpr, out, &err));
}

/* Plain gpg on a home of the test, for what valise would not make. Its agent is ended. */
[[gnu::format(printf, 2, 3)]] static inline void plain_gpg(const char *home, const char *fmt, ...)
{
	char words[2048];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	shell("cd $R && export GNUPGHOME=$R/%s && gpg --batch --yes --pinentry-mode loopback %s; rc=$?; "
		  "gpgconf --homedir $R/%s --kill all; gpgconf --homedir $R/%s --remove-socketdir; [ $rc = 0 ]",
		  home, words, home, home);
}

static inline void read_root(const char *name, struct buf *out)
{
	struct err err = ERR_INIT;
	assert_ok(io_read_file(out, AT_FDCWD, below_root(name), 1 << 20, &err));
}

#endif
