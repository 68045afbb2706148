/* SPDX-License-Identifier: Apache-2.0 */
/* A line of mountinfo (proc(5)):
 *
 *   36 35 8:17 / /media/stick rw,nosuid shared:1 - vfat /dev/sdb1 rw,errors=remount-ro
 *   number parent device root point options [tag…] - system source options
 *
 * Space, tab, LF and backslash stand as \ooo. */
#include "media/mounts.h"

#include "base/cleanup.h"
#include "media/medium.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { SLAVES_DEPTH_MAX = 8 };

/* --- mountinfo --- */

static bool is_octal(const char *at)
{
	return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' && at[2] <= '7';
}

static void unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0'; to++) {
		if (from[0] == '\\' && is_octal(from + 1)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool has_option(const char *options, const char *name)
{
	const size_t len = strlen(name);
	for (const char *at = options; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && strncmp(at, name, len) == 0)
			return true;
	return false;
}

bool mount_line_parse(struct mount_line *out, char *line)
{
	char *rest = line, *word;
	const char *fields[6], *behind[3];
	unsigned count = 0, major, minor;
	unsigned long long number;
	while (count < 6 && (word = strsep(&rest, " ")) != NULL)
		fields[count++] = word;
	while ((word = strsep(&rest, " ")) != NULL && strcmp(word, "-") != 0)
		;
	for (unsigned i = 0; i < 3; i++)
		behind[i] = strsep(&rest, " ");
	if (count < 6 || behind[2] == NULL || sscanf(fields[0], "%llu", &number) != 1 ||
		sscanf(fields[2], "%u:%u", &major, &minor) != 2)
		return false;
	*out = (struct mount_line){.number = number,
							   .device = makedev(major, minor),
							   .point = (char *)fields[4],
							   .system = (char *)behind[0],
							   .source = (char *)behind[1],
							   .read_only = has_option(fields[5], "ro") || has_option(behind[2], "ro")};
	unescape(out->point);
	unescape(out->system);
	unescape(out->source);
	return true;
}

void mount_lines_each(char *text, bool (*each)(void *ctx, const struct mount_line *line), void *ctx)
{
	char *line;
	struct mount_line mount;
	while ((line = strsep(&text, "\n")) != NULL)
		if (mount_line_parse(&mount, line) && !each(ctx, &mount))
			return;
}

/* --- file systems --- */

/* The name behind "fuse.": "exfat". */
static const char *plain_system(const char *system)
{
	return strncmp(system, "fuse.", 5) == 0 ? system + 5 : system;
}

static bool is_fat(const char *system)
{
	return strstr(system, "fat") != NULL && strstr(system, "exfat") == NULL;
}

bool system_is_for_travel(const char *system)
{
	static const char *const names[] = {"exfat", "ntfs", "udf", "iso9660", "hfs", "f2fs"};
	const char *name = plain_system(system);
	/* fuseblk: a program drives a disk, which is how NTFS and exFAT were read for a long time */
	if (is_fat(name) || strcmp(name, "msdos") == 0 || strcmp(name, "fuseblk") == 0)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

uint64_t system_file_max(const char *system)
{
	const char *name = plain_system(system);
	return is_fat(name) || strcmp(name, "msdos") == 0 ? UINT32_MAX : MEDIUM_NO_LIMIT;
}

bool system_is_by_program(const char *system)
{
	return strncmp(system, "fuse", 4) == 0 && strcmp(system, "fusectl") != 0;
}

/* --- sysfs --- */

/* A word in a small file of sysfs, without its LF; "" where there is none. */
static void read_word(char *out, size_t size, const char *folder, const char *name)
{
	char path[PATH_MAX];
	out[0] = '\0';
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return;
	auto_file FILE *file = fopen(path, "re");
	if (file == NULL || fgets(out, (int)size, file) == NULL)
		return;
	out[strcspn(out, "\n")] = '\0';
}

/* The folder of the whole disk, of which this may be a partition. */
static void cut_to_disk(char *folder)
{
	char word[16];
	read_word(word, sizeof word, folder, "partition");
	char *slash = strrchr(folder, '/');
	if (word[0] != '\0' && slash != NULL)
		*slash = '\0';
}

/* What an encrypted or mapped disk lies on: the first of it. */
static bool step_down(char folder[static PATH_MAX])
{
	char path[PATH_MAX];
	bool found = false;
	if (snprintf(path, sizeof path, "%s/slaves", folder) >= (int)sizeof path)
		return false;
	DIR *slaves = opendir(path);
	if (slaves == NULL)
		return false;
	for (const struct dirent *entry; !found && (entry = readdir(slaves)) != NULL;) {
		if (entry->d_name[0] == '.' || snprintf(path, sizeof path, "%s/slaves/%s", folder, entry->d_name) >= PATH_MAX)
			continue;
		auto_free char *real = realpath(path, NULL);
		found = real != NULL;
		if (found)
			(void)snprintf(folder, PATH_MAX, "%s", real);
	}
	(void)closedir(slaves);
	return found;
}

/* USB and card readers often say "not removable" of the disk, as it is the whole device that comes and goes. eMMC hangs
 * on the same bus as cards do, and is soldered in. */
static bool says_removable(const char *folder)
{
	char word[16];
	read_word(word, sizeof word, folder, "removable");
	if (strcmp(word, "1") == 0 || strstr(folder, "/usb") != NULL || strstr(folder, "/memstick") != NULL ||
		strstr(folder, "/firewire") != NULL)
		return true;
	read_word(word, sizeof word, folder, "device/type");
	return strstr(folder, "/mmc") != NULL && strcmp(word, "SD") == 0;
}

struct disk disk_of_device(const char *sys, dev_t device)
{
	char path[PATH_MAX], folder[PATH_MAX], word[32];
	(void)snprintf(path, sizeof path, "%s/dev/block/%u:%u", sys, major(device), minor(device));
	auto_free char *real = realpath(path, NULL);
	if (real == NULL)
		return (struct disk){.known = false};
	(void)snprintf(folder, sizeof folder, "%s", real);
	cut_to_disk(folder);
	for (unsigned i = 0; i < SLAVES_DEPTH_MAX && step_down(folder); i++)
		cut_to_disk(folder);
	read_word(word, sizeof word, folder, "diskseq");
	return (struct disk){.known = true, .removable = says_removable(folder), .sequence = strtoull(word, NULL, 10)};
}
