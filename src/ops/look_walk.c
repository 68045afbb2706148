/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/look_walk.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/cleanup.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

struct walk {
	const struct look_visitor *visitor;
	struct look_tally *tally;
};

bool look_tally_is_partial(const struct look_tally *tally)
{
	return tally->too_many || tally->too_deep > 0 || tally->unreadable_folders > 0 || tally->unreadable_files > 0;
}

/* --- the names in a folder --- */

struct names {
	char **items; /* owned */
	uint32_t count;
};

static void names_clear(struct names *names)
{
	for (uint32_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){0};
}
#define auto_names AUTO(names_clear) struct names

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_add(struct names *names, const char *name, struct err *err)
{
	char **items = array_grow(names->items, names->count, sizeof *items, err);
	if (items == NULL)
		return -1;
	names->items = items;
	items[names->count] = strdup(name);
	return items[names->count] != NULL ? (names->count++, 0) : err_set(err, ERR_MEMORY, "out of memory");
}

/* A medium that fails in the middle of a folder: what was read of it counts, and that there was more is told. */
static int read_names(struct walk *walk, DIR *dir, struct names *out, struct err *err)
{
	errno = 0;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL; errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (walk->tally->entries == LOOK_ENTRIES_MAX) {
			walk->tally->too_many = true;
			break;
		}
		walk->tally->entries++;
		if (cancel_check(err) < 0 || names_add(out, entry->d_name, err) < 0)
			return -1;
	}
	if (errno != 0)
		walk->tally->unreadable_folders++;
	if (out->count > 0)
		qsort(out->items, out->count, sizeof *out->items, by_name);
	return 0;
}

/* --- walking --- */

/* Where a name is a window into the kernel, reading it may do anything, or never end. */
static bool is_of_kernel(int fd)
{
	static const unsigned long magics[] = {
		PROC_SUPER_MAGIC,    SYSFS_MAGIC,        DEBUGFS_MAGIC,  TRACEFS_MAGIC,  SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC, BPF_FS_MAGIC};
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if ((unsigned long)fs.f_type == magics[i])
			return true;
	return false;
}

static int walk_folder(struct walk *walk, int fd, const char *path, unsigned depth, struct err *err);

/* in: fd, taken in any case. */
static int walk_opened(struct walk *walk, int fd, const char *path, unsigned depth, struct err *err)
{
	if (!is_of_kernel(fd))
		return walk_folder(walk, fd, path, depth, err);
	walk->tally->kernel_folders++;
	(void)close(fd);
	return 0;
}

/* What cannot be entered is counted: one folder that is out of reach must not hide the others. */
static int enter(struct walk *walk, const struct look_entry *entry, unsigned depth, struct err *err)
{
	if (depth == LOOK_DEPTH_MAX) {
		walk->tally->too_deep++;
		return 0;
	}
	int fd = openat(entry->dir_fd, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		walk->tally->unreadable_folders++;
		return 0;
	}
	return walk_opened(walk, fd, entry->path, depth + 1, err);
}

static int visit_name(struct walk *walk, int dir_fd, const char *folder, const char *name, unsigned depth,
					  struct err *err)
{
	auto_free char *path = NULL;
	struct look_entry entry = {.dir_fd = dir_fd, .name = name};
	if (cancel_check(err) < 0 || path_join(&path, folder, name, err) < 0)
		return -1;
	entry.path = path;
	if (fstatat(dir_fd, name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0) {
		/* Gone since; or the medium does not say what it is. */
		walk->tally->unreadable_files += errno != ENOENT;
		return 0;
	}
	switch (entry.st.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		break;
	case S_IFLNK:
		walk->tally->links++;
		break;
	default:
		walk->tally->specials++;
	}
	enum look_answer answer = walk->visitor->visit(walk->visitor->ctx, &entry, err);
	if (answer == LOOK_FAILED)
		return -1;
	return S_ISDIR(entry.st.st_mode) && answer == LOOK_ON ? enter(walk, &entry, depth, err) : 0;
}

/* in: fd, taken in any case. */
static int walk_folder(struct walk *walk, int fd, const char *path, unsigned depth, struct err *err)
{
	auto_names names = {0};
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return err_sys(err, "cannot read the folder %s", path);
	}
	int rc = read_names(walk, dir, &names, err);
	for (uint32_t i = 0; rc == 0 && i < names.count; i++)
		rc = visit_name(walk, dirfd(dir), path, names.items[i], depth, err);
	(void)closedir(dir);
	return rc;
}

int look_walk(const char *place, const struct look_visitor *visitor, struct look_tally *tally, struct err *err)
{
	struct walk walk = {.visitor = visitor, .tally = tally};
	/* The one link that is followed is the one that the person named. */
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR) {
		(void)err_set(err, ERR_USAGE, "%s is not a folder", place);
		return err_hint(err, "give the folder that it lies in; valise verify checks one bundle");
	}
	if (fd < 0)
		return err_sys(err, "cannot open the folder %s", place);
	return walk_opened(&walk, fd, place, 0, err);
}
