/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/tree.h"

#include "base/cancel.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct tree {
	int root, file; /* root borrowed; file: the one being written, -1 */
	const struct manifest *manifest;
	unsigned char *made; /* one flag an entry: folders that exist */
	uint32_t files, folders;
	uint64_t bytes;
};

/* The manifest's paths were checked when it was parsed; the kernel holds the line a second time. */
static int open_beneath(int root, const char *path, int flags, mode_t mode)
{
	struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
						   .mode = mode,
						   .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int make_folder(struct tree *tree, const struct manifest_entry *entry, struct err *err)
{
	const char *slash = strrchr(entry->path, '/');
	unsigned char *made = &tree->made[entry - tree->manifest->entries];
	auto_fd int parent = -1;
	int at = tree->root;
	if (*made)
		return 0;
	if (slash != NULL) {
		char path[PATH_BYTES_MAX + 1];
		(void)snprintf(path, sizeof path, "%.*s", (int)(slash - entry->path), entry->path);
		at = parent = open_beneath(tree->root, path, O_RDONLY | O_DIRECTORY, 0);
		if (parent < 0)
			return err_sys(err, "cannot open the folder of %s", entry->path);
	}
	if (mkdirat(at, slash != NULL ? slash + 1 : entry->path, 0700) < 0)
		return err_sys(err, "cannot make the folder %s", entry->path);
	*made = 1;
	tree->folders++;
	return 0;
}

int tree_make_parents(struct tree *tree, const struct manifest_entry *entry, struct err *err)
{
	char path[PATH_BYTES_MAX + 1];
	for (const char *slash = strchr(entry->path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		(void)snprintf(path, sizeof path, "%.*s", (int)(slash - entry->path), entry->path);
		const struct manifest_entry *folder = manifest_find(tree->manifest, path);
		if (folder == NULL || make_folder(tree, folder, err) < 0)
			return folder != NULL ? -1 : err_set(err, ERR_INTERNAL, "no entry for the folder %s", path);
	}
	return 0;
}

static int sink_begin(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct tree *tree = ctx;
	if (cancel_check(err) < 0)
		return -1;
	if (entry->type == ENTRY_FOLDER)
		return make_folder(tree, entry, err);
	tree->file = open_beneath(tree->root, entry->path, O_WRONLY | O_CREAT | O_EXCL,
							  entry->type == ENTRY_EXECUTABLE ? 0700 : 0600);
	return tree->file >= 0 ? 0 : err_sys(err, "cannot create %s", entry->path);
}

static int sink_bytes(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct tree *tree = ctx;
	tree->bytes += len;
	return io_write_all(tree->file, bytes, len, err);
}

static int sink_end(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct tree *tree = ctx;
	if (entry->type == ENTRY_FOLDER)
		return 0;
	const struct timespec times[2] = {{.tv_sec = entry->mtime}, {.tv_sec = entry->mtime}};
	/* A file system that cannot hold the time (FAT before 1980) is no reason to lose the file. */
	if (futimens(tree->file, times) < 0 && errno != EINVAL && errno != EPERM)
		return err_sys(err, "cannot set the time of %s", entry->path);
	if (close(steal_fd(&tree->file)) < 0)
		return err_sys(err, "cannot close %s", entry->path);
	tree->files++;
	return 0;
}

int tree_new(struct tree **out, int fd, const struct manifest *manifest, struct err *err)
{
	*out = NULL;
	auto_tree *tree = calloc(1, sizeof *tree);
	if (tree == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	tree->root = fd;
	tree->file = -1;
	tree->manifest = manifest;
	tree->made = calloc(manifest->entry_count, 1);
	if (tree->made == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*out = steal(&tree);
	return 0;
}

void tree_free(struct tree *tree)
{
	if (tree == NULL)
		return;
	if (tree->file >= 0)
		(void)close(tree->file);
	free(tree->made);
	free(tree);
}

struct payload_sink tree_sink(struct tree *tree)
{
	return (struct payload_sink){.begin = sink_begin, .bytes = sink_bytes, .end = sink_end, .ctx = tree};
}

int tree_finish(struct tree *tree, struct err *err)
{
	for (uint32_t i = tree->manifest->entry_count; i-- > 0;) {
		const struct manifest_entry *entry = &tree->manifest->entries[i];
		const struct timespec times[2] = {{.tv_sec = entry->mtime}, {.tv_sec = entry->mtime}};
		if (!tree->made[i])
			continue;
		auto_fd int fd = open_beneath(tree->root, entry->path, O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0 || (futimens(fd, times) < 0 && errno != EINVAL && errno != EPERM))
			return err_sys(err, "cannot set the time of %s", entry->path);
	}
	return 0;
}

uint32_t tree_files(const struct tree *tree)
{
	return tree->files;
}

uint32_t tree_folders(const struct tree *tree)
{
	return tree->folders;
}

uint64_t tree_bytes(const struct tree *tree)
{
	return tree->bytes;
}
