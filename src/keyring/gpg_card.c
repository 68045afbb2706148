/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on smart cards and tokens. gpg-agent reaches them through a daemon; which one, and how it finds the card, stands
 * in the settings of the home in which the card was set up. A station has settings of its own, so an adopted key would
 * not find its card without these. */
#include "base/io.h"
#include "base/path.h"
#include "keyring/gpg_internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SETTINGS_MAX = 64 << 10 };

bool gpg_is_stub(const void *bytes, size_t len)
{
	static const char mark[] = "shadowed-private-key";
	return bytes != NULL && memmem(bytes, len, mark, sizeof mark - 1) != NULL;
}

/* A settings file of a GnuPG home; one that is not there is empty. */
static int read_settings(struct buf *out, const char *home, const char *name, struct err *err)
{
	auto_free char *path = NULL;
	if (path_join(&path, home, name, err) < 0)
		return -1;
	return access(path, F_OK) < 0 ? 0 : io_read_file(out, AT_FDCWD, path, SETTINGS_MAX, err);
}

static int write_settings(const struct buf *text, const char *home, const char *name, struct err *err)
{
	auto_free char *path = NULL;
	if (path_join(&path, home, name, err) < 0)
		return -1;
	return io_replace_file(AT_FDCWD, path, text->data, text->len, 0600, err);
}

/* GnuPG takes an option with or without two dashes, and blanks before it. */
static bool is_line_of(const char *line, size_t len, const char *option)
{
	size_t start = 0, option_len = strlen(option);
	while (start < len && (line[start] == ' ' || line[start] == '\t'))
		start++;
	if (len - start > 2 && memcmp(line + start, "--", 2) == 0)
		start += 2;
	return len - start > option_len && memcmp(line + start, option, option_len) == 0 &&
		   (line[start + option_len] == ' ' || line[start + option_len] == '\t');
}

static int take_lines(struct buf *out, const struct buf *settings, struct err *err)
{
	if (settings->len == 0)
		return 0;
	const char *at = settings->data, *end = at + settings->len;
	int rc = 0;
	for (size_t len; rc == 0 && at < end; at += len + 1) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
		if (is_line_of(at, len, "scdaemon-program") || is_line_of(at, len, "pinentry-program"))
			rc = buf_append(out, at, len, err) < 0 ? -1 : buf_append_str(out, "\n", err);
	}
	return rc;
}

static int take_agent_settings(const char *from_home, const char *to_home, struct err *err)
{
	static const char name[] = "gpg-agent.conf";
	auto_buf theirs = {0}, ours = {0}, lines = {0};
	if (read_settings(&theirs, from_home, name, err) < 0 || take_lines(&lines, &theirs, err) < 0)
		return -1;
	if (lines.len == 0)
		return 0;
	if (read_settings(&ours, to_home, name, err) < 0 ||
		buf_append_str(&ours, "\n# From the home that the key was adopted from, as the key is on a card:\n", err) < 0 ||
		buf_append(&ours, lines.data, lines.len, err) < 0)
		return -1;
	return write_settings(&ours, to_home, name, err);
}

int gpg_take_card_settings(const char *from_home, const char *to_home, struct err *err)
{
	static const char *const files[] = {"scdaemon.conf", "gnupg-pkcs11-scd.conf"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		auto_buf text = {0};
		if (read_settings(&text, from_home, files[i], err) < 0 ||
			(text.len > 0 && write_settings(&text, to_home, files[i], err) < 0))
			return -1;
	}
	return take_agent_settings(from_home, to_home, err);
}
