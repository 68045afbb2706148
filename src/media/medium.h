/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_MEDIUM_H
#define VALISE_MEDIA_MEDIUM_H

#include "base/cleanup.h"
#include "base/err.h"
#include "media/paced.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kind of place a folder is: the facts that decide whether a file fits there and whether it was really written.
 * All of it is asked of the kernel (statfs, /proc/self/mountinfo, sysfs); nothing of it is read from the medium. */

#define MEDIUM_NO_LIMIT UINT64_MAX

struct medium {
	char *point;     /* owned: where it is mounted; foreign text, as the next two */
	char *source;    /* owned: "/dev/sdb1" */
	char *system;    /* owned: "ext4", "vfat", "fuse.exfat" */
	uint64_t mount;  /* the kernel's number of the mount; another one once it was mounted anew; 0: not known */
	uint64_t device; /* st_dev of what lies on it */
	uint64_t disk;   /* the kernel's count of disks (diskseq): another one once it was plugged in anew; 0: not known */
	uint64_t file_max;   /* bytes of the largest file: below 4 GiB on FAT; MEDIUM_NO_LIMIT */
	uint64_t free_bytes; /* for us */
	bool read_only;
	bool removable;  /* by the kernel's word (USB, SD card, what calls itself so), also below encryption */
	bool by_program; /* a program of its own drives it (FUSE): its cache cannot be emptied from here */
	bool for_travel; /* removable, or with a file system that media have (FAT, exFAT, UDF …), or by_program */
};
/* Whether what is written there is read back as a matter of course: what leaves the room, and what a program drives of
 * which nothing is known. A disk of the machine stays here, where whoever copies from it to a medium reads back. */
static inline bool medium_wants_proof(const struct medium *medium)
{
	return medium->for_travel || medium->by_program;
}
static inline enum paced_care medium_care(const struct medium *medium)
{
	return medium_wants_proof(medium) ? CARE_TRAVELS : CARE_STAYS;
}
void medium_clear(struct medium *medium);
#define auto_medium AUTO(medium_clear) struct medium

/* in: fd of a file or folder there. errors: ERR_IO, ERR_MEMORY. */
int medium_look(struct medium *out, int fd, struct err *err);
int medium_look_at(struct medium *out, const char *path, struct err *err);

/* Before the first byte. in: need: bytes that are still to be written; largest: of the largest single file; path for
 * messages. errors: ERR_IO where it is read-only; ERR_NO_SPACE, also where no file may be so large there; each with
 * what to do. */
int medium_check_room(const struct medium *medium, uint64_t need, uint64_t largest, const char *path, struct err *err);

/* Every medium for travel that is mounted now, in the order of mounting, each once; what is mounted over is left out.
 * File systems of the machine itself (tmpfs, proc, overlay …) never are among them. errors: ERR_IO, ERR_MEMORY. */
struct media {
	struct medium *items; /* owned */
	size_t count;
};
int media_find(struct media *out, struct err *err);
void media_clear(struct media *media);
#define auto_media AUTO(media_clear) struct media

/* Wait, without being busy, until what is mounted changes. in: before the first call *watch is -1; then it is owned by
 * the caller: close it. The first call returns at once. errors: ERR_CANCELLED, ERR_IO. */
int media_wait_change(int *watch, struct err *err);

#endif
