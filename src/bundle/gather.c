/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/gather.h"

#include "base/array.h"
#include "base/ident.h"
#include "base/io.h"
#include "base/secret.h"
#include "bundle/bundle_internal.h"
#include "format/names.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* --- one more file --- */

static bool holds_new(const struct chunk_ranges *missing, const struct container *c)
{
	const uint32_t last = c->first_chunk + c->chunks.count - 1;
	for (uint32_t i = 0; i < missing->count; i++)
		if (c->first_chunk <= missing->items[i].last && last >= missing->items[i].first)
			return true;
	return false;
}

static int check_new(const struct bundle_verified *bundle, const struct bundle_part *part, const struct buf *waybill,
					 struct err *err)
{
	struct chunk_ranges missing;
	if (!part_belongs(waybill, &bundle->waybill_bytes))
		return part_fail_foreign(part->path, bundle->parts[0].path, waybill, &bundle->waybill_bytes, err);
	if (part_check(bundle, part->container, err) < 0)
		return err_wrap(err, "%s: ", part->path);
	if (bundle_missing(bundle, &missing, err) < 0)
		return -1;
	return holds_new(&missing, part->container)
			   ? 0
			   : err_set(err, ERR_EXISTS, "%s is a repeat: all that it holds is here already", part->path);
}

static void insert(struct bundle_verified *bundle, struct bundle_part *part)
{
	uint32_t at = bundle->part_count++;
	while (at > 0 && bundle->parts[at - 1].container->first_chunk > part->container->first_chunk) {
		bundle->parts[at] = bundle->parts[at - 1];
		at--;
	}
	bundle->parts[at] = *part;
}

static int add_part(struct bundle_verified *bundle, struct bundle_part *part, const char *path, struct err *err)
{
	auto_buf waybill = {0};
	if (bundle->part_count == VOLUMES_MAX)
		return err_set(err, ERR_LIMIT, "a bundle has at most %d files", VOLUMES_MAX);
	struct bundle_part *grown = realloc(bundle->parts, (size_t)(bundle->part_count + 1) * sizeof *grown);
	if (grown == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	bundle->parts = grown;
	if (part_open(part, path, &waybill, CONTAINER_WALK, err) < 0 || check_new(bundle, part, &waybill, err) < 0)
		return -1;
	insert(bundle, part);
	return 0;
}

int bundle_add(struct bundle_opened *bundle, const char *path, struct err *err)
{
	struct bundle_part part = {.fd = -1};
	if (add_part(bundle->verified, &part, path, err) == 0)
		return 0;
	part_clear(&part);
	return -1;
}

/* --- away from their media --- */

enum { PIECE_BYTES = 1 << 20 };

/* A file that nobody else sees; it is gone with its descriptor. */
static int open_unnamed(int folder_fd, struct err *err)
{
	unsigned char random[8];
	char name[2 * sizeof random + 8] = TEMPORARY_MARK;
	int fd = openat(folder_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* File systems of media do not know that. */
	random_bytes(random, sizeof random);
	hex_encode(name + strlen(name), random, sizeof random);
	fd = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "cannot make a copy of a volume");
	(void)unlinkat(folder_fd, name, 0);
	return fd;
}

static int copy_bytes(int from, int to, uint64_t bytes, const struct progress *progress, struct err *err)
{
	auto_free unsigned char *piece = malloc(PIECE_BYTES);
	if (piece == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint64_t done = 0; done < bytes;) {
		const size_t want = bytes - done < PIECE_BYTES ? (size_t)(bytes - done) : PIECE_BYTES;
		ssize_t n = io_pread_up_to(from, piece, want, done, err);
		if (n < 0)
			return -1;
		if ((size_t)n != want)
			return err_set(err, ERR_TRUNCATED, "the file became shorter while it was read");
		if (io_pwrite_all(to, piece, want, done, err) < 0)
			return -1;
		done += want;
		progress_update(progress, "copying", done, bytes);
	}
	return 0;
}

/* Before the first byte: a folder that is full to the brim harms others as well. */
static int check_space(int folder_fd, uint64_t bytes, struct err *err)
{
	struct statvfs fs;
	if (fstatvfs(folder_fd, &fs) < 0)
		return err_sys(err, "cannot look at the file system of the folder");
	const uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= bytes)
		return 0;
	(void)err_set(err, ERR_NO_SPACE, "there is room for %llu bytes beside the folder, and its copy needs %llu",
				  (unsigned long long)room, (unsigned long long)bytes);
	return err_hint(err, "free some space there, or choose another place with -o");
}

static int settle(struct bundle_part *part, int folder_fd, const struct progress *progress, struct err *err)
{
	if (check_space(folder_fd, part->container->bytes, err) < 0)
		return -1;
	auto_fd int fd = open_unnamed(folder_fd, err);
	if (fd < 0 || copy_bytes(part->fd, fd, part->container->bytes, progress, err) < 0)
		return -1;
	/* Under the same number: the container reads by it too, and the medium is let go. */
	return dup3(fd, part->fd, O_CLOEXEC) >= 0 ? 0 : err_sys(err, "cannot let go of the medium");
}

int bundle_settle(struct bundle_opened *bundle, int folder_fd, const struct progress *progress, struct err *err)
{
	struct stat here, there;
	if (fstat(folder_fd, &here) < 0)
		return err_sys(err, "cannot look at the folder");
	for (uint32_t i = 0; i < bundle->verified->part_count; i++) {
		struct bundle_part *part = &bundle->verified->parts[i];
		if (fstat(part->fd, &there) < 0)
			return err_sys(err, "cannot look at %s", part->path);
		if (there.st_dev != here.st_dev && settle(part, folder_fd, progress, err) < 0)
			return err_wrap(err, "%s: ", part->path);
	}
	return 0;
}
