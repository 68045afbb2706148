/* SPDX-License-Identifier: Apache-2.0 */
/* One name on a medium: what it is. */
#include "ops/look_internal.h"

#include "base/array.h"
#include "base/io.h"
#include "base/text.h"
#include "format/names.h"
#include "media/output.h"
#include "ops/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* The longest that the format allows, and room for what stands around the payload. */
#define LOOK_BYTES_MAX (MEMBER_CHUNKS_MAX * ustar_stored(CHUNK_MEMBER_MAX) + ((uint64_t)4 << 30))

/* --- names --- */

static bool is_parity(const char *name)
{
	return text_ends_with(name, PARITY_SUFFIX) || text_ends_with(name, PARITY_VOLUME_SUFFIX);
}

/* NAME.part of something of ours: what `copy` has of it so far. */
static bool is_begun_copy(const char *name)
{
	static const char *const ends[] = {BUNDLE_SUFFIX PART_SUFFIX, PENDING_SUFFIX PART_SUFFIX, PARITY_SUFFIX PART_SUFFIX,
									   PARITY_VOLUME_SUFFIX PART_SUFFIX};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends_with(name, ends[i]))
			return true;
	return false;
}

static bool is_unfinished(const struct look_entry *entry)
{
	const bool is_file = S_ISREG(entry->st.st_mode);
	return (output_is_temporary(entry->name) && (is_file || S_ISDIR(entry->st.st_mode))) ||
		   (is_begun_copy(entry->name) && is_file);
}

/* A name proves nothing: but whoever finds it takes it for what it says, so that what it is must be told. */
static bool is_named_ours(const char *name)
{
	return text_ends_with(name, BUNDLE_SUFFIX) || text_ends_with(name, PENDING_SUFFIX) || is_parity(name) ||
		   output_is_temporary(name);
}

/* --- one name --- */

/* Whether it begins as bundles of every version do. What is not ours is opened for no more than this. */
static int begins_as_bundle(int fd, bool *out, struct err *err)
{
	unsigned char block[USTAR_BLOCK];
	char name[USTAR_NAME_MAX + 1];
	ssize_t n = io_pread_up_to(fd, block, sizeof block, 0, err);
	*out = false;
	if (n < (ssize_t)sizeof block)
		return n < 0 ? -1 : 0;
	ustar_peek_name(block, name);
	*out = strcmp(name, "valise") == 0;
	return 0;
}

/* Never through a link, and never what has taken the file's place since: O_NONBLOCK, as a FIFO must not make us wait.
 */
static int open_file(const struct look_entry *entry, int *out, struct err *err)
{
	struct stat st;
	auto_fd int fd = openat(entry->dir_fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open it");
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CHANGED, "another thing took its place while it was looked at");
	*out = steal_fd(&fd);
	return 0;
}

static struct look_file *add_file(struct looking *looking, const struct look_entry *entry, enum look_kind kind,
								  struct err *err)
{
	struct look *look = looking->out;
	struct look_file *files = array_grow(look->files, look->file_count, sizeof *files, err);
	if (files == NULL)
		return NULL;
	look->files = files;
	struct look_file *file = &files[look->file_count];
	*file = (struct look_file){.kind = kind, .path = look_text(entry->path, err), .state = LOOK_UNCHECKED};
	if (file->path == NULL)
		return NULL;
	file->is_folder = S_ISDIR(entry->st.st_mode);
	file->bytes = S_ISREG(entry->st.st_mode) ? (uint64_t)entry->st.st_size : 0;
	look->file_count++;
	return file;
}

static int add_fault(struct looking *looking, const struct look_entry *entry, const struct err *fault, struct err *err)
{
	struct look_file *file = add_file(looking, entry, LOOK_BUNDLE, err);
	return file != NULL ? look_note_fault(file, fault, err) : -1;
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return "a symbolic link, and none is followed";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFDIR:
		return "a folder";
	default:
		return "a device";
	}
}

static int add_special(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct err fault = ERR_INIT;
	(void)err_set(&fault, ERR_CONTENT, "it is named as a bundle and is %s", type_name(entry->st.st_mode));
	return add_fault(looking, entry, &fault, err);
}

static bool has_parity(const struct look_entry *entry)
{
	char name[NAME_MAX + sizeof PARITY_SUFFIX];
	struct stat st;
	return snprintf(name, sizeof name, "%s" PARITY_SUFFIX, entry->name) < (int)sizeof name &&
		   fstatat(entry->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* in: fd, taken. */
static int add_bundle(struct looking *looking, const struct look_entry *entry, int fd, struct err *err)
{
	struct look_file *file = add_file(looking, entry, LOOK_BUNDLE, err);
	if (file == NULL) {
		(void)close(fd);
		return -1;
	}
	file->has_parity = has_parity(entry);
	return look_submit(looking, (uint32_t)(file - looking->out->files), fd, err);
}

/* By what is in it: a courier's file system may have changed its name. */
static int look_into(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct err fault = ERR_INIT;
	auto_fd int fd = -1;
	bool bundle = false;
	if ((uint64_t)entry->st.st_size > LOOK_BYTES_MAX)
		(void)err_set(&fault, ERR_LIMIT, "it is longer than any bundle can be, and was not read");
	else if (entry->st.st_size >= USTAR_BLOCK && open_file(entry, &fd, &fault) == 0)
		(void)begins_as_bundle(fd, &bundle, &fault);
	if (!bundle)
		(void)err_set(&fault, ERR_NOT_A_BUNDLE, "it is named as a bundle, and does not begin as one");
	if (bundle)
		return add_bundle(looking, entry, steal_fd(&fd), err);
	if (is_named_ours(entry->name) || look_is_fatal(fault.code))
		return add_fault(looking, entry, &fault, err);
	const bool is_known = fault.code == ERR_NOT_A_BUNDLE || fault.code == ERR_LIMIT;
	looking->out->tally.other_files += is_known;
	looking->out->tally.unreadable_files += !is_known;
	return 0;
}

static int add_unfinished(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct look_file *file = add_file(looking, entry, LOOK_INTERRUPTED, err);
	if (file == NULL)
		return -1;
	file->is_copy = is_begun_copy(entry->name);
	return 0;
}

static int look_at_name(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	if (is_unfinished(entry))
		return add_unfinished(looking, entry, err);
	if (S_ISDIR(entry->st.st_mode))
		return 0;
	if (!S_ISREG(entry->st.st_mode))
		return is_named_ours(entry->name) ? add_special(looking, entry, err) : 0;
	if (is_parity(entry->name))
		return add_file(looking, entry, LOOK_PARITY, err) != NULL ? 0 : -1;
	return look_into(looking, entry, err);
}

enum look_answer look_visit(void *ctx, const struct look_entry *entry, struct err *err)
{
	struct looking *looking = ctx;
	if (looking->out->file_count == LOOK_FILES_MAX) {
		looking->out->too_many = true;
		return LOOK_NOT_INTO;
	}
	if (look_at_name(looking, entry, err) < 0)
		return LOOK_FAILED;
	return output_is_temporary(entry->name) ? LOOK_NOT_INTO : LOOK_ON;
}
