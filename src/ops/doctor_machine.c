/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/doctor_internal.h"

#include "base/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

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
}

/* --- core dumps --- */

/* No program of ours leaves a core file, as their limit is 0; but the limit does not count where the kernel hands
 * crashes to a program (core(5)). valise cannot be dumped at all; gpg and its agent can. systemd's looks at the limit
 * itself. */
void doctor_examine_core_dumps(struct examination *ex)
{
	char pattern[256] = "";
	auto_file FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
	if (file == NULL || fgets(pattern, sizeof pattern, file) == NULL)
		return;
	pattern[strcspn(pattern, "\n")] = '\0';
	if (pattern[0] == '|' && strstr(pattern, "/systemd-coredump ") == NULL)
		finding_add(ex, FINDING_ATTENTION, "core dumps",
					"have the administrator keep crashes of gpg out of it, or set kernel.core_pattern to core",
					"crashes are handed to a program, and one of gpg may take keys along: %.120s", pattern);
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

/* --- random numbers --- */

/* Early after a start, on a machine without a source, keys would wait for ever. */
void doctor_examine_entropy(struct examination *ex)
{
	unsigned char byte;
	ssize_t n = getrandom(&byte, sizeof byte, GRND_NONBLOCK);
	if (n < 0 && errno == EAGAIN)
		finding_add(ex, FINDING_BROKEN, "entropy", "wait until this machine has run for some minutes, or type on it",
					"the kernel has no good random numbers yet: keys cannot be made");
	else if (n < 0)
		finding_add(ex, FINDING_BROKEN, "entropy", "use a kernel of version 5.6 or newer",
					"the kernel gives no random numbers: %s", strerror(errno));
	else
		finding_add(ex, FINDING_OK, "entropy", "", "the kernel's random numbers are good");
}
