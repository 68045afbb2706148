/* SPDX-License-Identifier: Apache-2.0 */
#include "media/medium.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/io.h"
#include "media/mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#define MOUNTS "/proc/self/mountinfo"

enum { MOUNTS_BYTES_MAX = 16 << 20 };

/* Linux 6.8: a number that is never given twice; that of mountinfo is. Older headers do not know it. */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

void medium_clear(struct medium *medium)
{
	free(medium->point);
	free(medium->source);
	free(medium->system);
	*medium = (struct medium){0};
}

/* --- disks --- */

/* Of a file system that a program drives, or that spreads over several disks, the device is no disk; its source may be
 * one. */
static struct disk disk_of(const struct mount_line *line)
{
	struct stat st;
	struct disk disk = disk_of_device("/sys", line->device);
	if (disk.known || strncmp(line->source, "/dev/", 5) != 0)
		return disk;
	return stat(line->source, &st) == 0 && S_ISBLK(st.st_mode) ? disk_of_device("/sys", st.st_rdev) : disk;
}

/* The disk that this system runs from is no medium, whatever it hangs on. */
static uint64_t own_disk(void)
{
	struct stat st;
	return stat("/", &st) == 0 ? disk_of_device("/sys", st.st_dev).sequence : 0;
}

/* --- one --- */

static int fill(struct medium *out, const struct mount_line *line, struct err *err)
{
	const struct disk disk = disk_of(line);
	const bool own = disk.sequence != 0 && disk.sequence == own_disk();
	*out = (struct medium){.point = strdup(line->point),
						   .source = strdup(line->source),
						   .system = strdup(line->system),
						   .mount = line->number,
						   .device = line->device,
						   .disk = disk.sequence,
						   .file_max = system_file_max(line->system),
						   .read_only = line->read_only,
						   .removable = disk.removable && !own,
						   .by_program = system_is_by_program(line->system),
						   .for_travel = (disk.removable || system_is_for_travel(line->system)) && !own};
	if (out->point != NULL && out->source != NULL && out->system != NULL)
		return 0;
	medium_clear(out);
	return err_set(err, ERR_MEMORY, "out of memory");
}

struct lookup {
	uint64_t number; /* 0: by the device */
	dev_t device;
	struct mount_line found;
};

static bool look_for(void *ctx, const struct mount_line *line)
{
	struct lookup *lookup = ctx;
	if (lookup->number != 0 ? line->number == lookup->number : line->device == lookup->device)
		lookup->found = *line;
	return true;
}

static int read_mounts(struct buf *out, struct err *err)
{
	return io_read_file(out, AT_FDCWD, MOUNTS, MOUNTS_BYTES_MAX, err);
}

static int take_room(struct medium *medium, int fd, struct err *err)
{
	struct statvfs fs;
	if (fstatvfs(fd, &fs) < 0)
		return err_sys(err, "cannot look at the file system");
	medium->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	medium->read_only = medium->read_only || (fs.f_flag & ST_RDONLY) != 0;
	return 0;
}

static uint64_t unique_number(int fd, uint64_t number)
{
	struct statx st;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID_UNIQUE, &st) < 0 || (st.stx_mask & STATX_MNT_ID_UNIQUE) == 0)
		return number;
	return st.stx_mnt_id;
}

int medium_look(struct medium *out, int fd, struct err *err)
{
	auto_buf text = {0};
	struct statx st;
	char none[] = "";
	struct mount_line unknown = {.point = none, .system = none, .source = none};
	*out = (struct medium){0};
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return err_sys(err, "cannot look at the file system");
	struct lookup lookup = {.device = makedev(st.stx_dev_major, st.stx_dev_minor), .found = unknown};
	if ((st.stx_mask & STATX_MNT_ID) != 0)
		lookup.number = st.stx_mnt_id;
	if (read_mounts(&text, err) < 0)
		return -1;
	mount_lines_each(text.data, look_for, &lookup);
	if (fill(out, &lookup.found, err) < 0)
		return -1;
	out->device = lookup.device;
	out->mount = unique_number(fd, out->mount);
	if (take_room(out, fd, err) == 0)
		return 0;
	medium_clear(out);
	return -1;
}

int medium_look_at(struct medium *out, const char *path, struct err *err)
{
	*out = (struct medium){0};
	auto_fd int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	return medium_look(out, fd, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

int medium_check_room(const struct medium *medium, uint64_t need, uint64_t largest, const char *path, struct err *err)
{
	if (medium->read_only) {
		(void)err_set(err, ERR_IO, "%s is on a medium that can only be read", path);
		return err_hint(err, "look for a switch on the stick or card that protects it, or take another medium");
	}
	if (largest > medium->file_max) {
		(void)err_set(err, ERR_NO_SPACE,
					  "%s is on a %s medium, which holds no file of more than %llu bytes, and %llu are needed", path,
					  medium->system, (unsigned long long)medium->file_max, (unsigned long long)largest);
		return err_hint(err,
						"take a medium with exFAT or ext4; pack and copy can write volumes as well: --volume-size 4G");
	}
	if (need <= medium->free_bytes)
		return 0;
	(void)err_set(err, ERR_NO_SPACE, "there is room for %llu bytes at %s, and %llu are needed",
				  (unsigned long long)medium->free_bytes, path, (unsigned long long)need);
	return err_hint(err, "free some space there, or take another medium; pack and copy can write volumes for several: "
						 "--volume-size");
}

/* --- all --- */

struct search {
	struct media *out;
	struct err *err;
};

/* What is mounted over something hides it; the same file system at a second place is not told twice. */
static void drop_hidden(struct media *media, const struct mount_line *line)
{
	size_t kept = 0;
	for (size_t i = 0; i < media->count; i++) {
		if (strcmp(media->items[i].point, line->point) == 0)
			medium_clear(&media->items[i]);
		else
			media->items[kept++] = media->items[i];
	}
	media->count = kept;
}

static bool is_known(const struct media *media, dev_t device)
{
	for (size_t i = 0; i < media->count; i++)
		if (media->items[i].device == device)
			return true;
	return false;
}

/* What the machine starts from has FAT as well. */
static bool is_to_start_from(const char *point)
{
	return strncmp(point, "/boot", 5) == 0 || strncmp(point, "/efi", 4) == 0;
}

static int add(struct media *media, struct medium *medium, struct err *err)
{
	auto_fd int fd = open(medium->point, O_PATH | O_CLOEXEC);
	struct err ignored = ERR_INIT;
	/* One that does not answer is told all the same, without its room. */
	if (fd >= 0)
		(void)take_room(medium, fd, &ignored);
	struct medium *items = array_grow(media->items, media->count, sizeof *items, err);
	if (items == NULL)
		return -1;
	media->items = items;
	media->items[media->count++] = *medium;
	*medium = (struct medium){0};
	return 0;
}

static bool take_for_travel(void *ctx, const struct mount_line *line)
{
	struct search *search = ctx;
	auto_medium medium = {0};
	drop_hidden(search->out, line);
	if (is_known(search->out, line->device) || is_to_start_from(line->point))
		return true;
	if (fill(&medium, line, search->err) < 0)
		return false;
	return !medium.for_travel || add(search->out, &medium, search->err) == 0;
}

int media_find(struct media *out, struct err *err)
{
	auto_buf text = {0};
	struct search search = {.out = out, .err = err};
	*out = (struct media){0};
	if (read_mounts(&text, err) < 0)
		return -1;
	mount_lines_each(text.data, take_for_travel, &search);
	if (err->code == ERR_OK)
		return 0;
	media_clear(out);
	return -1;
}

void media_clear(struct media *media)
{
	for (size_t i = 0; i < media->count; i++)
		medium_clear(&media->items[i]);
	free(media->items);
	*media = (struct media){0};
}

/* --- waiting --- */

int media_wait_change(int *watch, struct err *err)
{
	if (*watch >= 0)
		return cancel_poll(*watch, POLLPRI, err);
	*watch = open(MOUNTS, O_RDONLY | O_CLOEXEC);
	return *watch >= 0 ? 0 : err_sys(err, "cannot open " MOUNTS);
}
