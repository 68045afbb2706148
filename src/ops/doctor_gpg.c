/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the round that looks at GnuPG: its version, its helpers, and whose settings it obeys. */
#include "ops/doctor_internal.h"

#include "base/io.h"
#include "keyring/gpg.h"
#include "keyring/shipped.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/un.h>

/* --- versions --- */

struct version {
	unsigned major, minor, patch;
};

static unsigned number_of(struct version version)
{
	return version.major << 24 | version.minor << 16 | version.patch;
}

/* What the makers' own news tell, of what valise uses. Distributions mend faults without a new number: hence attention,
 * and where to ask. */
static const struct {
	struct version first, mended;
	const char *fault;
} faults[] = {
	{{2, 0, 0}, {2, 2, 8}, "file names in messages can fake its answers (CVE-2018-12020, mended in 2.2.8)"},
	{{2, 2, 21}, {2, 2, 23}, "preferences in a certificate overflow its memory (mended in 2.2.23)"},
	{{2, 0, 0}, {2, 2, 36}, "notations in signatures can fake its answers (CVE-2022-34903, mended in 2.2.36)"},
	{{2, 3, 0}, {2, 3, 7}, "notations in signatures can fake its answers (CVE-2022-34903, mended in 2.3.7)"},
};

const char *doctor_gpg_fault(const char *text)
{
	struct version version = {0};
	if (sscanf(text, "%3u.%3u.%5u", &version.major, &version.minor, &version.patch) != 3)
		return NULL;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (number_of(version) >= number_of(faults[i].first) && number_of(version) < number_of(faults[i].mended))
			return faults[i].fault;
	return NULL;
}

static void examine_version(struct examination *ex, const char *version)
{
	const char *fault = doctor_gpg_fault(version);
	if (fault == NULL)
		finding_add(ex, FINDING_OK, "gnupg", "", "gpg %s", version);
	else
		finding_add(ex, FINDING_ATTENTION, "gnupg",
					"update it, unless the distribution mended it under that number: apt-get changelog gnupg",
					"gpg %s: %s", version, fault);
}

/* --- helpers --- */

/* Where the agent and its helpers are looked for beside PATH: an agent may be told another place at compile time. */
static bool is_installed(const char *name)
{
	static const char *const dirs[] = {"/usr/bin", "/usr/local/bin", "/bin", "/usr/lib/gnupg", "/usr/libexec"};
	char path[PATH_MAX];
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dirs[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void examine_agent(struct examination *ex)
{
	if (!is_installed("gpg-agent"))
		finding_add(ex, FINDING_BROKEN, "agent", "install it: apt-get install gpg-agent", "gpg-agent is not installed");
	else
		finding_add(ex, FINDING_OK, "agent", "", "gpg-agent is there");
}

static void examine_pinentry(struct examination *ex)
{
	if (!is_installed("pinentry"))
		finding_add(ex, FINDING_ATTENTION, "pinentry", "install it: apt-get install pinentry-curses",
					"no pinentry: passphrases can only be given with --passphrase-fd");
	else
		finding_add(ex, FINDING_OK, "pinentry", "", "pinentry is there");
}

/* --- sockets --- */

/* The agent's sockets lie in a private folder that each command makes; their paths are limited by the kernel. */
static void examine_sockets(struct examination *ex)
{
	static const char longest[] = "/S.gpg-agent.browser";
	struct err err = ERR_INIT;
	auto_free char *dir = NULL;
	if (io_make_private_dir(&dir, &err) < 0) {
		finding_add(ex, FINDING_BROKEN, "sockets", "set TMPDIR to a short path that can be written", "%s", err.message);
		return;
	}
	if (strlen(dir) + sizeof longest > sizeof((struct sockaddr_un *)0)->sun_path)
		finding_add(ex, FINDING_BROKEN, "sockets", "set TMPDIR to a shorter path",
					"the path is too long for the agent's sockets: %.150s", dir);
	else
		finding_add(ex, FINDING_OK, "sockets", "", "there is a place for the agent's sockets");
	io_remove_tree(AT_FDCWD, dir);
}

/* --- settings of the machine --- */

static void examine_global(struct examination *ex)
{
	static const char *const names[] = {"gpg.conf", "gpg-agent.conf", "common.conf"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[64];
		(void)snprintf(path, sizeof path, "/etc/gnupg/%s", names[i]);
		if (access(path, F_OK) == 0)
			finding_add(ex, FINDING_ATTENTION, "gpg.conf", "look into it; what it sets holds for valise as well",
						"%s is read before the station's own settings", path);
	}
}

void doctor_examine_gnupg(struct examination *ex, bool *out_usable)
{
	struct err err = ERR_INIT;
	char version[64];
	*out_usable = gpg_library_init(&err) == 0 && gpg_version(version, sizeof version, &err) == 0;
	if (!*out_usable) {
		finding_add_err(ex, FINDING_BROKEN, "gnupg", &err);
		return;
	}
	examine_version(ex, version);
	examine_agent(ex);
	examine_pinentry(ex);
	examine_sockets(ex);
	examine_global(ex);
}

/* --- settings of the station --- */

enum { SETTINGS_MAX = 64 << 10, SETTING_MAX = 512 };

void doctor_setting(const char *line, char *out, size_t size)
{
	size_t len;
	line += strspn(line, " \t");
	len = line[0] == '#' ? 0 : strcspn(line, "\n");
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	(void)snprintf(out, size, "%.*s", (int)(len < size ? len : 0), line);
}

/* The line behind this one; NULL behind the last. */
static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');
	return end != NULL && end[1] != '\0' ? end + 1 : NULL;
}

static bool has_setting(const char *settings, const char *wanted)
{
	char setting[SETTING_MAX];
	for (const char *line = settings; line != NULL; line = next_line(line)) {
		doctor_setting(line, setting, sizeof setting);
		if (strcmp(setting, wanted) == 0)
			return true;
	}
	return false;
}

/* Each of the hardened settings stands there still. */
static void examine_hardening(struct examination *ex, const char *name, const char *settings, const char *shipped)
{
	char setting[SETTING_MAX];
	unsigned missing = 0;
	char first[SETTING_MAX] = "";
	for (const char *line = shipped; line != NULL; line = next_line(line)) {
		doctor_setting(line, setting, sizeof setting);
		if (setting[0] == '\0' || has_setting(settings, setting))
			continue;
		if (missing++ == 0)
			memcpy(first, setting, sizeof first);
	}
	if (missing > 0)
		finding_add(
			ex, FINDING_ATTENTION, "settings", "put the line back, without a # before it; see valise-station(5)",
			"gnupg/%s of the home lacks settings that protect it: %u, the first is \"%.100s\"", name, missing, first);
	else
		finding_add(ex, FINDING_OK, "settings", "", "gnupg/%s of the home is as hardened as it must be", name);
}

/* A program that the agent is told to run: that it is there. */
static void examine_program(struct examination *ex, const char *settings, const char *option, const char *topic)
{
	char setting[SETTING_MAX];
	for (const char *line = settings; line != NULL; line = next_line(line)) {
		doctor_setting(line, setting, sizeof setting);
		size_t len = strlen(option);
		if (strncmp(setting, option, len) != 0 || !isspace((unsigned char)setting[len]))
			continue;
		const char *path = setting + len + strspn(setting + len, " \t");
		if (access(path, X_OK) != 0)
			finding_add(ex, FINDING_BROKEN, topic, "mend gnupg/gpg-agent.conf of the home, or install that program",
						"the agent is told to use a program that cannot be run: %.150s", path);
	}
}

static bool read_settings(struct examination *ex, const struct station *station, const char *name, struct buf *out)
{
	struct err err = ERR_INIT;
	char path[64];
	(void)snprintf(path, sizeof path, "gnupg/%s", name);
	if (io_read_file(out, station->home_fd, path, SETTINGS_MAX, &err) == 0 && buf_append(out, "", 0, &err) == 0)
		return true;
	if (err.code == ERR_MEMORY)
		ex->out_of_memory = true;
	else
		finding_add(ex, err.saved_errno == ENOENT ? FINDING_ATTENTION : FINDING_BROKEN, "settings",
					"put back gnupg/gpg.conf and gnupg/gpg-agent.conf from a backup, or from a new station's home",
					"%s", err.message);
	return false;
}

void doctor_examine_settings(struct examination *ex, const struct station *station)
{
	auto_buf gpg = {0}, agent = {0};
	if (read_settings(ex, station, "gpg.conf", &gpg))
		examine_hardening(ex, "gpg.conf", gpg.data, shipped_gpg_conf);
	if (!read_settings(ex, station, "gpg-agent.conf", &agent))
		return;
	examine_program(ex, agent.data, "pinentry-program", "pinentry");
	examine_program(ex, agent.data, "scdaemon-program", "agent");
}
