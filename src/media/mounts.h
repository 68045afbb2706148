/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_MOUNTS_H
#define VALISE_MEDIA_MOUNTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel's own words: lines of /proc/self/mountinfo, and the disks in sysfs. For media/medium.c, and for tests that
 * bring words of their own. */

struct mount_line { /* texts point into the line, which was taken apart */
	uint64_t number;
	dev_t device;
	char *point, *system, *source;
	bool read_only;
};
/* in: one line without LF, changed. false: not of that form. */
bool mount_line_parse(struct mount_line *out, char *line);

/* The lines of a whole text, until each() says no. in: text, changed. */
void mount_lines_each(char *text, bool (*each)(void *ctx, const struct mount_line *line), void *ctx);

/* What sysfs, mounted at `sys`, says of the disk below a block device: of its partitions, and of what lies encrypted on
 * it, it is the same one. */
struct disk {
	bool known, removable;
	uint64_t sequence; /* diskseq; 0: not told */
};
struct disk disk_of_device(const char *sys, dev_t device);

/* Whether a file system of this name is one that media have, rather than the disks of machines; how large a file it
 * takes at most; whether a program drives it. */
bool system_is_for_travel(const char *system);
uint64_t system_file_max(const char *system);
bool system_is_by_program(const char *system);

#endif
