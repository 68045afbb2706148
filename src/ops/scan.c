/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/scan.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/io.h"
#include "base/path.h"
#include "format/label_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct walk {
	struct scan *scan;
	struct manifest *manifest;
	uint32_t root;
};

static int open_beneath(int dir_fd, const char *path, int flags)
{
	/* O_NONBLOCK: a FIFO that took a file's place must not make us wait. */
	struct open_how how = {.flags = (uint64_t)(flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
						   .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
}

static int refuse(struct err *err, const struct walk *walk, const char *path, const char *what)
{
	(void)err_set(err, ERR_CONTENT, "%s: %s %s", walk->scan->roots[walk->root].path, path, what);
	return err_hint(err, "take it out of the folder, or replace it by a plain copy, and pack again");
}

static const char *type_fault(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return NULL;
	case S_IFREG:
		return st->st_nlink > 1 ? "has several names (hard links), so its content may come from elsewhere" : NULL;
	case S_IFLNK:
		return "is a symbolic link";
	case S_IFSOCK:
		return "is a socket";
	case S_IFIFO:
		return "is a FIFO";
	default:
		return "is a device";
	}
}

static int add_source(struct scan *scan, const struct scan_source *source, struct err *err)
{
	struct scan_source *sources = array_grow(scan->sources, scan->source_count, sizeof *sources, err);
	if (sources == NULL)
		return -1;
	scan->sources = sources;
	sources[scan->source_count++] = *source;
	return 0;
}

static int add_entry(struct walk *walk, const char *path, const struct stat *st, struct err *err)
{
	const bool folder = S_ISDIR(st->st_mode);
	const char *fault = path_entry_fault(path, strlen(path));
	if (fault != NULL)
		return refuse(err, walk, path, fault);
	if ((fault = type_fault(st)) != NULL)
		return refuse(err, walk, path, fault);
	struct manifest_entry entry = {
		.path = (char *)path,
		.media_type = (char *)"",
		.mtime = st->st_mtim.tv_sec,
		.size = folder ? 0 : (uint64_t)st->st_size,
		.offset = walk->scan->source_count, /* finds the source again after sorting; the archive sets the real one */
		.type = folder                      ? ENTRY_FOLDER
				: (st->st_mode & 0111) != 0 ? ENTRY_EXECUTABLE
											: ENTRY_FILE};
	struct scan_source source = {.root = walk->root,
								 .dev = (uint64_t)st->st_dev,
								 .ino = (uint64_t)st->st_ino,
								 .mtime = st->st_mtim,
								 .ctime = st->st_ctim};
	if (entry.mtime > MANIFEST_TIME_LIMIT || entry.mtime < -MANIFEST_TIME_LIMIT)
		return refuse(err, walk, path, "has a modification time that no bundle can hold");
	return manifest_add_entry(walk->manifest, &entry, err) < 0 || add_source(walk->scan, &source, err) < 0 ? -1 : 0;
}

/* --- label files --- */

int scan_label_file_name(struct buf *out, const struct scan_root *root, struct err *err)
{
	const size_t len = strlen(root->path);
	const bool slash = len > 0 && root->path[len - 1] == '/';
	return buf_printf(out, err, "%s%s%s", root->path, slash ? "" : "/", LABEL_FILE_NAME);
}

/* Rules in two places could contradict each other, and who reads one would not know of the other. */
static int refuse_nested(const struct walk *walk, const char *path, struct err *err)
{
	const struct scan_root *root = &walk->scan->roots[walk->root];
	auto_buf top = {0};
	if (scan_label_file_name(&top, root, err) < 0)
		return -1;
	(void)err_set(err, ERR_CONTENT, "%s/%s: a label file stands at the top of the folder that is packed, not below",
				  path, LABEL_FILE_NAME);
	return err_hint(err, "move its rules to %s, with %s/ in front of their patterns, and delete it", top.data,
					path + strlen(root->name) + 1);
}

/* In the folder at path, the label file: read where it is the top one. */
static int take_label_file(struct walk *walk, int dir_fd, const char *path, struct err *err)
{
	struct scan_root *root = &walk->scan->roots[walk->root];
	struct stat st;
	auto_buf name = {0};
	if (strcmp(path, root->name) != 0)
		return refuse_nested(walk, path, err);
	if (scan_label_file_name(&name, root, err) < 0)
		return -1;
	if (fstatat(dir_fd, LABEL_FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "cannot look at %s", name.data);
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(err, ERR_CONTENT, "%s is no plain file", name.data);
		return err_hint(err, "replace it by a plain copy, or give it with --label-file FILE");
	}
	root->has_label_file = true;
	return io_read_file(&root->label_file, dir_fd, LABEL_FILE_NAME, LABEL_FILE_BYTES_MAX, err) < 0
			   ? err_wrap(err, "%s: ", name.data)
			   : 0;
}

static int walk_folder(struct walk *walk, int fd, char *path, size_t path_len, struct err *err);

/* One name in an open folder; path holds the folder's path and gets the name behind it. */
static int walk_child(struct walk *walk, int dir_fd, const char *name, char *path, size_t path_len, struct err *err)
{
	struct stat st;
	size_t name_len = strlen(name);
	if (cancel_check(err) < 0)
		return -1;
	if (path_len + 1 + name_len > PATH_BYTES_MAX)
		return refuse(err, walk, path, "holds a path longer than 1,024 bytes");
	path[path_len] = '/';
	memcpy(path + path_len + 1, name, name_len + 1);
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (add_entry(walk, path, &st, err) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return err_sys(err, "cannot open the folder %s", path);
		if (walk_folder(walk, fd, path, path_len + 1 + name_len, err) < 0)
			return -1;
	}
	path[path_len] = '\0';
	return 0;
}

/* Takes fd. */
static int walk_folder(struct walk *walk, int fd, char *path, size_t path_len, struct err *err)
{
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return err_sys(err, "cannot read the folder %s", path);
	}
	int rc = 0;
	errno = 0;
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL; errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (strcmp(entry->d_name, LABEL_FILE_NAME) == 0)
			rc = take_label_file(walk, fd, path, err);
		else
			rc = walk_child(walk, fd, entry->d_name, path, path_len, err);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(err, "cannot read the folder %s", path);
	(void)closedir(dir);
	return rc;
}

/* Where PATH leads: links at its end are followed, "." and ".." resolved, slashes at the end ignored. */
static int resolve_root(struct scan_root *root, const char *path, struct err *err)
{
	size_t len = 0;
	const char *last = path_last_component(path, &len);
	auto_free char *real = realpath(path, NULL);
	if (real == NULL)
		return err_sys(err, "cannot find %s", path);
	char *slash = strrchr(real, '/');
	if (slash[1] == '\0')
		return err_set(err, ERR_USAGE, "%s is the root of the file system, which has no name to be stored under", path);
	const bool dots = (len == 1 && last[0] == '.') || (len == 2 && last[0] == '.' && last[1] == '.');
	root->path = strdup(path);
	root->target = strdup(slash + 1);
	root->name = dots ? strdup(slash + 1) : strndup(last, len);
	if (root->path == NULL || root->target == NULL || root->name == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*slash = '\0';
	root->fd = open(slash == real ? "/" : real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root->fd >= 0 ? 0 : err_sys(err, "cannot open the folder of %s", path);
}

static int scan_root(struct walk *walk, struct err *err)
{
	const struct scan_root *root = &walk->scan->roots[walk->root];
	char path[PATH_BYTES_MAX + 1];
	struct stat st;
	size_t len = strlen(root->name);
	if (len > PATH_COMPONENT_MAX)
		return refuse(err, walk, root->name, "has too long a name");
	memcpy(path, root->name, len + 1);
	if (fstatat(root->fd, root->target, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "cannot look at %s", root->path);
	if (add_entry(walk, path, &st, err) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	int fd = openat(root->fd, root->target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "cannot open the folder %s", root->path) : walk_folder(walk, fd, path, len, err);
}

/* Each PATH is stored under its last component, so these must differ, also where case or accents do not count. */
static int refuse_same_names(const struct scan *scan, struct err *err)
{
	auto_free struct manifest_entry *names = calloc(scan->root_count, sizeof *names);
	if (names == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < scan->root_count; i++)
		names[i].path = scan->roots[i].name;
	const struct manifest roots = {.entries = names, .entry_count = scan->root_count};
	if (manifest_check_collisions(&roots, err) == 0)
		return 0;
	if (err->code != ERR_CONTENT)
		return -1;
	(void)err_recode(err, ERR_USAGE);
	(void)err_wrap(err, "two PATHs would be stored under one name: ");
	return err_hint(err, "rename one of them, or pack the folder that holds both");
}

static int refuse_names(const struct scan *scan, struct err *err)
{
	for (uint32_t i = 0; i < scan->root_count; i++) {
		const char *name = scan->roots[i].name, *fault = path_entry_fault(name, strlen(name));
		if (strcmp(name, LABEL_FILE_NAME) == 0) {
			(void)err_set(err, ERR_USAGE, "%s: a label file says how others are labelled, and is not packed itself",
						  scan->roots[i].path);
			return err_hint(err, "give the folder that it stands in, or --label-file %s", scan->roots[i].path);
		}
		if (path_is_reserved(name, strlen(name))) {
			(void)err_set(err, ERR_USAGE, "%s: names at the top that begin with MANIFEST. are kept for valise",
						  scan->roots[i].path);
			return err_hint(err, "rename it, or pack the folder that holds it");
		}
		if (fault != NULL) {
			(void)err_set(err, ERR_CONTENT, "the name of %s %s", scan->roots[i].path, fault);
			return err_hint(err, "rename it, and pack again");
		}
	}
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct manifest_entry *)a)->path, ((const struct manifest_entry *)b)->path);
}

/* Entries are sorted for the manifest; sources follow them. */
static int sort_both(struct scan *scan, struct manifest *manifest, struct err *err)
{
	struct scan_source *sorted = malloc((size_t)scan->source_count * sizeof *sorted);
	if (sorted == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	qsort(manifest->entries, manifest->entry_count, sizeof *manifest->entries, by_path);
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		sorted[i] = scan->sources[manifest->entries[i].offset];
		manifest->entries[i].offset = 0;
	}
	free(scan->sources);
	scan->sources = sorted;
	return 0;
}

int scan_paths(const char *const *paths, unsigned count, struct scan *out, struct manifest *manifest, struct err *err)
{
	out->roots = calloc(count, sizeof *out->roots);
	if (out->roots == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; out->root_count < count; out->root_count++) {
		out->roots[out->root_count].fd = -1;
		if (resolve_root(&out->roots[out->root_count], paths[out->root_count], err) < 0)
			return -1;
	}
	if (refuse_names(out, err) < 0 || refuse_same_names(out, err) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		struct walk walk = {.scan = out, .manifest = manifest, .root = i};
		if (scan_root(&walk, err) < 0)
			return -1;
	}
	return sort_both(out, manifest, err) < 0 || manifest_check_collisions(manifest, err) < 0 ? -1 : 0;
}

void scan_clear(struct scan *scan)
{
	for (uint32_t i = 0; i < scan->root_count; i++) {
		struct scan_root *root = &scan->roots[i];
		if (root->fd >= 0)
			(void)close(root->fd);
		free(root->path);
		free(root->name);
		free(root->target);
		buf_clear(&root->label_file);
	}
	free(scan->roots);
	free(scan->sources);
	*scan = (struct scan){0};
}

static bool same_file(const struct scan_source *source, const struct manifest_entry *entry, const struct stat *st)
{
	return S_ISREG(st->st_mode) && (uint64_t)st->st_dev == source->dev && (uint64_t)st->st_ino == source->ino &&
		   (uint64_t)st->st_size == entry->size && st->st_mtim.tv_sec == source->mtime.tv_sec &&
		   st->st_mtim.tv_nsec == source->mtime.tv_nsec && st->st_ctim.tv_sec == source->ctime.tv_sec &&
		   st->st_ctim.tv_nsec == source->ctime.tv_nsec;
}

int scan_changed(const char *path, struct err *err)
{
	(void)err_set(err, ERR_CHANGED, "%s changed while it was packed", path);
	return err_hint(err, "wait until nothing writes to the folder any more, and pack again");
}

int scan_open(const struct scan *scan, const struct manifest *manifest, uint32_t entry, int *out_fd, struct err *err)
{
	const struct scan_root *root = &scan->roots[scan->sources[entry].root];
	const char *path = manifest->entries[entry].path;
	char below[PATH_BYTES_MAX + NAME_MAX + 2];
	/* The stored name may differ from the one on disk where PATH was a link or ".". */
	(void)snprintf(below, sizeof below, "%s%s", root->target, path + strlen(root->name));
	auto_fd int fd = open_beneath(root->fd, below, 0);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO || errno == ENOTDIR))
		return scan_changed(path, err);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	if (scan_check_unchanged(scan, manifest, entry, fd, err) < 0)
		return -1;
	*out_fd = steal_fd(&fd);
	return 0;
}

int scan_check_unchanged(const struct scan *scan, const struct manifest *manifest, uint32_t entry, int fd,
						 struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", manifest->entries[entry].path);
	return same_file(&scan->sources[entry], &manifest->entries[entry], &st)
			   ? 0
			   : scan_changed(manifest->entries[entry].path, err);
}
