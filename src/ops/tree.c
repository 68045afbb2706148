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
	const struct manifest_entry *entry; /* the file being read */
	unsigned char *made;                /* one flag an entry: folders that exist */
	struct index_marker *marker;        /* NULL: no attributes */
	const struct media_types *types;    /* NULL: any type */
	struct inspector *inspector;
	unsigned char *head; /* where types are restricted: a file's beginning, held back; owned */
	size_t head_len;
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

static int create_file(struct tree *tree, const struct manifest_entry *entry, struct err *err)
{
	tree->file = open_beneath(tree->root, entry->path, O_WRONLY | O_CREAT | O_EXCL,
							  entry->type == ENTRY_EXECUTABLE ? 0700 : 0600);
	return tree->file >= 0 ? 0 : err_sys(err, "cannot create %s", entry->path);
}

/* --- types --- */

int tree_refuse_type(const char *path, const char *type, struct err *err)
{
	(void)err_set(err, ERR_TYPE, "%s is %s, which this station does not unpack", path, type);
	return err_hint(err, "unpack-types in station.yaml says what may be; to leave this file out, name the others: "
						 "valise unpack BUNDLE PATH…");
}

/* What was held back is of a type that may be here: now there is a file. */
static int release_head(struct tree *tree, const struct manifest_entry *entry, struct err *err)
{
	char type[MANIFEST_MEDIA_TYPE_MAX + 1];
	if (inspect_type(tree->inspector, tree->head, tree->head_len, type, err) < 0)
		return err_wrap(err, "%s: ", entry->path);
	if (!media_types_allow(tree->types, type))
		return tree_refuse_type(entry->path, type, err);
	return create_file(tree, entry, err) < 0 ? -1 : io_write_all(tree->file, tree->head, tree->head_len, err);
}

/* Takes what belongs to the head; the rest, if any, may be written. */
static int hold_back(struct tree *tree, const unsigned char **bytes, size_t *len, struct err *err)
{
	size_t taken = INSPECT_HEAD_BYTES - tree->head_len;
	if (taken > *len)
		taken = *len;
	memcpy(tree->head + tree->head_len, *bytes, taken);
	tree->head_len += taken;
	*bytes += taken;
	*len -= taken;
	return tree->head_len < INSPECT_HEAD_BYTES ? 0 : release_head(tree, tree->entry, err);
}

/* --- the sink --- */

static int sink_begin(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct tree *tree = ctx;
	if (cancel_check(err) < 0)
		return -1;
	if (entry->type == ENTRY_FOLDER)
		return make_folder(tree, entry, err);
	tree->entry = entry;
	tree->head_len = 0;
	return tree->types != NULL ? 0 : create_file(tree, entry, err);
}

static int sink_bytes(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct tree *tree = ctx;
	const unsigned char *at = bytes;
	tree->bytes += len;
	if (tree->file < 0 && hold_back(tree, &at, &len, err) < 0)
		return -1;
	return len == 0 ? 0 : io_write_all(tree->file, at, len, err);
}

static int sink_end(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct tree *tree = ctx;
	if (entry->type == ENTRY_FOLDER)
		return 0;
	const struct timespec times[2] = {{.tv_sec = entry->mtime}, {.tv_sec = entry->mtime}};
	if (tree->file < 0 && release_head(tree, entry, err) < 0)
		return -1;
	if (tree->marker != NULL && index_mark_file(tree->marker, tree->file, entry, err) < 0)
		return -1;
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
	free(tree->head);
	free(tree);
}

void tree_mark(struct tree *tree, struct index_marker *marker)
{
	tree->marker = marker;
}

int tree_restrict(struct tree *tree, const struct media_types *types, struct inspector *inspector, struct err *err)
{
	tree->head = malloc(INSPECT_HEAD_BYTES);
	if (tree->head == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	tree->types = types;
	tree->inspector = inspector;
	return 0;
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
