/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/doctor_internal.h"

#include "base/cleanup.h"
#include "keyring/gpg.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- GnuPG --- */

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

void doctor_examine_gnupg(struct examination *ex, bool *out_usable)
{
	struct err err = ERR_INIT;
	char version[64];
	*out_usable = gpg_library_init(&err) == 0 && gpg_version(version, sizeof version, &err) == 0;
	if (!*out_usable) {
		finding_add_err(ex, FINDING_BROKEN, "gnupg", &err);
		return;
	}
	finding_add(ex, FINDING_OK, "gnupg", "", "gpg %s", version);
	if (!is_installed("gpg-agent"))
		finding_add(ex, FINDING_BROKEN, "agent", "install it: apt-get install gpg-agent", "gpg-agent is not installed");
	else
		finding_add(ex, FINDING_OK, "agent", "", "gpg-agent is there");
	if (!is_installed("pinentry"))
		finding_add(ex, FINDING_ATTENTION, "pinentry", "install it: apt-get install pinentry-curses",
					"no pinentry: passphrases can only be given with --passphrase-fd");
	else
		finding_add(ex, FINDING_OK, "pinentry", "", "pinentry is there");
	if (access("/etc/gnupg/gpg.conf", F_OK) == 0)
		finding_add(ex, FINDING_ATTENTION, "gpg.conf", "look into it; what it sets holds for valise as well",
					"/etc/gnupg/gpg.conf is read before the station's own settings");
}

/* --- memory --- */

void doctor_examine_memory(struct examination *ex)
{
	/* A handful of keys, each with guard pages around it. */
	enum { NEEDED = 256 << 10 };
	struct rlimit limit;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur >= NEEDED)
		finding_add(ex, FINDING_OK, "memory", "", "keys can be locked in memory");
	else
		finding_add(ex, FINDING_ATTENTION, "memory", "raise the limit of locked memory (ulimit -l) to 256 or more",
					"only %llu KiB can be locked in memory: keys may reach the swap space",
					(unsigned long long)limit.rlim_cur / 1024);
	char pattern[256] = "";
	auto_file FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
	if (file == NULL || fgets(pattern, sizeof pattern, file) == NULL)
		return;
	pattern[strcspn(pattern, "\n")] = '\0';
	if (pattern[0] == '|')
		finding_add(ex, FINDING_OK, "core dumps", "",
					"crashes are handed to a program (%.160s); valise and gpg opt out", pattern);
	else
		finding_add(ex, FINDING_OK, "core dumps", "", "valise and gpg leave none");
}

/* --- swap --- */

static bool first_line(const char *path, char *out, size_t size)
{
	auto_file FILE *file = fopen(path, "re");
	return file != NULL && fgets(out, (int)size, file) != NULL;
}

/* Compressed memory, or a device behind dm-crypt. */
static bool swap_is_safe(const char *device)
{
	char real[PATH_MAX], path[PATH_MAX + 32], uuid[128];
	if (realpath(device, real) == NULL)
		return false;
	const char *name = strrchr(real, '/');
	if (name == NULL)
		return false;
	if (strncmp(name + 1, "zram", 4) == 0)
		return true;
	(void)snprintf(path, sizeof path, "/sys/class/block/%s/dm/uuid", name + 1);
	return first_line(path, uuid, sizeof uuid) && strncmp(uuid, "CRYPT-", 6) == 0;
}

void doctor_examine_swap(struct examination *ex)
{
	char line[PATH_MAX + 128], device[PATH_MAX];
	auto_file FILE *file = fopen("/proc/swaps", "re");
	bool plain = false;
	if (file == NULL || fgets(line, sizeof line, file) == NULL) /* the heading */
		return;
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%4095s", device) == 1 && !swap_is_safe(device))
			plain = true;
	if (plain)
		finding_add(ex, FINDING_ATTENTION, "swap", "encrypt the swap space, or turn it off (swapoff -a)",
					"swap space that is not known to be encrypted: contents of files may reach it");
	else
		finding_add(ex, FINDING_OK, "swap", "", "no swap space in the clear");
}
