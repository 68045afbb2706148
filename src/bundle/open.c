/* SPDX-License-Identifier: Apache-2.0 */
/* From paths to an untrusted bundle of one file or several. Nothing here is judged: files are held together by the
 * bytes of their waybills alone. */
#include "bundle/bundle_internal.h"

#include "base/hash.h"
#include "base/io.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum {
	MANY_FILES = 100,
	/* In all files of one bundle: as many as one can have, and again as many that are there twice. Walked before
	 * anybody is trusted, each takes memory and time. */
	CHUNKS_LOCATED_MAX = 2 * MEMBER_CHUNKS_MAX,
	/* "valise-waybill: 1\nbundle: \"ID\"\n", how every waybill begins */
	ID_LINES = sizeof WAYBILL_KIND + sizeof "bundle: \"\"" + UUID_LEN,
};

/* --- one file --- */

static int length_of(int fd, const char *path, uint64_t *out, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (S_ISREG(st.st_mode)) {
		*out = (uint64_t)st.st_size;
		return 0;
	}
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, out) == 0)
		return 0;
	(void)err_set(err, ERR_NOT_A_BUNDLE, "%s is not a file", path);
	return err_hint(err, "give the path of a bundle, a file that `valise pack` made");
}

int member_read(int fd, struct member member, struct buf *out, struct err *err)
{
	if (buf_reserve(out, member.size, err) < 0)
		return -1;
	ssize_t n = io_pread_up_to(fd, out->data + out->len, member.size, member.offset, err);
	if (n < 0)
		return -1;
	if ((uint64_t)n != member.size)
		return err_set(err, ERR_TRUNCATED, "the file became shorter while it was read");
	out->len += member.size;
	out->data[out->len] = '\0';
	return 0;
}

int seals_read(struct seals *out, const struct bundle_part *part, struct err *err)
{
	seals_clear(out);
	for (unsigned i = 0; i < part->container->signature_count; i++) {
		out->names[i] = part->container->signers[i];
		if (member_read(part->fd, part->container->signatures[i], &out->bytes[i], err) < 0)
			return err_wrap(err, "%s: ", part->path);
		out->count++;
	}
	return 0;
}

bool seals_equal(const struct seals *a, const struct seals *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (!fingerprint_equal(&a->names[i], &b->names[i]) || a->bytes[i].len != b->bytes[i].len ||
			memcmp(a->bytes[i].data, b->bytes[i].data, a->bytes[i].len) != 0)
			return false;
	return a->count == b->count;
}

/* in: part->fd and path are set. */
static int read_part(struct bundle_part *part, struct buf *waybill, enum container_depth depth, struct err *err)
{
	uint64_t bytes = 0;
	if (length_of(part->fd, part->path, &bytes, err) < 0)
		return -1;
	(void)posix_fadvise(part->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (container_open(&part->container, part->fd, bytes, depth, err) < 0 ||
		member_read(part->fd, part->container->waybill, waybill, err) < 0)
		return err_wrap(err, "%s: ", part->path);
	return 0;
}

static int begin(struct bundle_untrusted **out, uint32_t count, struct err *err)
{
	struct bundle_untrusted *bundle = calloc(1, sizeof *bundle);
	*out = bundle;
	if (bundle == NULL || (bundle->parts = calloc(count, sizeof *bundle->parts)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		bundle->parts[i].fd = -1;
	bundle->part_count = count;
	return 0;
}

static int name_part(struct bundle_part *part, const char *path, struct err *err)
{
	part->path = strdup(path);
	return part->path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

int part_open(struct bundle_part *part, const char *path, struct buf *waybill, enum container_depth depth,
			  struct err *err)
{
	if (name_part(part, path, err) < 0)
		return -1;
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	part->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return part->fd >= 0 ? read_part(part, waybill, depth, err) : err_sys(err, "cannot open %s", path);
}

int bundle_open_fd(struct bundle_untrusted **out, int fd, const char *path, enum container_depth depth, struct err *err)
{
	return bundle_open_set_fds(out, &path, &fd, 1, depth, err);
}

int bundle_open(struct bundle_untrusted **out, const char *path, enum container_depth depth, struct err *err)
{
	return bundle_open_set(out, &path, 1, depth, err);
}

int bundle_find_run(const struct bundle_untrusted *bundle, uint32_t *out_first, uint32_t *out_last, struct err *err)
{
	*out_first = bundle->parts[0].container->first_chunk;
	return container_find_last_chunk(bundle->parts[0].container, out_last, err);
}

void part_clear(struct bundle_part *part)
{
	container_close(part->container);
	if (part->fd >= 0)
		(void)close(part->fd);
	free(part->path);
}

void parts_free(struct bundle_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		part_clear(&parts[i]);
	free(parts);
}

void bundle_untrusted_free(struct bundle_untrusted *bundle)
{
	if (bundle == NULL)
		return;
	parts_free(bundle->parts, bundle->part_count);
	buf_clear(&bundle->waybill_bytes);
	free(bundle);
}

void seals_clear(struct seals *seals)
{
	for (unsigned i = 0; i < MEMBER_SIGNATURES_MAX; i++)
		buf_clear(&seals->bytes[i]);
	seals->count = 0;
}

void seals_list(const struct seals *seals, struct bundle_seal *out)
{
	for (unsigned i = 0; i < seals->count; i++)
		out[i] = (struct bundle_seal){
			.name = seals->names[i], .bytes = (const unsigned char *)seals->bytes[i].data, .len = seals->bytes[i].len};
}

/* --- several --- */

/* Bytes that nobody signed for are compared here, never parsed. */
static bool says_same_id(const struct buf *a, const struct buf *b)
{
	return a->len > ID_LINES && b->len > ID_LINES && memcmp(a->data, b->data, ID_LINES) == 0;
}

static bool is_named_alike(const char *a, const char *b)
{
	struct volume_name first, second;
	return volume_name_parse(&first, a) && volume_name_parse(&second, b) && volume_name_same_set(&first, &second);
}

int part_fail_foreign(const char *path, const char *first, const struct buf *waybill, const struct buf *others,
					  struct err *err)
{
	if (says_same_id(waybill, others)) {
		(void)err_set(err, ERR_FOREIGN_VOLUME, "%s says that it is of the same bundle as %s, but its cover is another",
					  path, first);
		return err_hint(err, "one of them was not made by the sender, or not as the last: valise verify tells of each");
	}
	if (is_named_alike(path, first)) {
		(void)err_set(err, ERR_FOREIGN_VOLUME,
					  "%s is named as a volume of the same bundle as %s, but is one of another packing", path, first);
		return err_hint(err, "it is a stale one, or the other is: valise verify tells when each was made");
	}
	(void)err_set(err, ERR_FOREIGN_VOLUME, "%s is of another bundle than %s", path, first);
	return err_hint(err, "give the files of one bundle; valise verify sorts those of several");
}

/* in: fd -1: by its path. */
static int open_one(struct bundle_part *part, const char *path, int fd, struct buf *waybill, enum container_depth depth,
					struct err *err)
{
	if (fd < 0)
		return part_open(part, path, waybill, depth, err);
	if (name_part(part, path, err) < 0)
		return -1;
	part->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return part->fd >= 0 ? read_part(part, waybill, depth, err) : err_sys(err, "cannot open %s", path);
}

int parts_check_chunks(const struct bundle_part *parts, uint32_t count, struct err *err)
{
	uint64_t chunks = 0;
	for (uint32_t i = 0; i < count; i++)
		chunks += parts[i].container->chunks.count;
	if (chunks <= CHUNKS_LOCATED_MAX)
		return 0;
	(void)err_set(err, ERR_LIMIT, "%s: up to this file there are more than %d chunks of one bundle",
				  parts[count - 1].path, CHUNKS_LOCATED_MAX);
	return err_hint(err, "no bundle has more than %d: give each of its volumes once", MEMBER_CHUNKS_MAX);
}

static int open_parts(struct bundle_untrusted *bundle, const char *const *paths, const int *fds,
					  enum container_depth depth, struct err *err)
{
	for (uint32_t i = 0; i < bundle->part_count; i++) {
		auto_buf own = {0};
		struct buf *waybill = i == 0 ? &bundle->waybill_bytes : &own;
		if (open_one(&bundle->parts[i], paths[i], fds != NULL ? fds[i] : -1, waybill, depth, err) < 0)
			return -1;
		if (i > 0 && !part_belongs(&own, &bundle->waybill_bytes))
			return part_fail_foreign(paths[i], paths[0], &own, &bundle->waybill_bytes, err);
		if (parts_check_chunks(bundle->parts, i + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_parts(const void *a, const void *b)
{
	const struct container *first = ((const struct bundle_part *)a)->container;
	const struct container *second = ((const struct bundle_part *)b)->container;
	if (first->first_chunk != second->first_chunk)
		return first->first_chunk < second->first_chunk ? -1 : 1;
	return (first->bytes < second->bytes) - (first->bytes > second->bytes);
}

int bundle_open_set(struct bundle_untrusted **out, const char *const *paths, uint32_t count, enum container_depth depth,
					struct err *err)
{
	return bundle_open_set_fds(out, paths, NULL, count, depth, err);
}

int bundle_open_set_fds(struct bundle_untrusted **out, const char *const *paths, const int *fds, uint32_t count,
						enum container_depth depth, struct err *err)
{
	auto_untrusted *bundle = NULL;
	*out = NULL;
	if (count == 0 || count > VOLUMES_MAX)
		return err_set(err, ERR_LIMIT, "%u files are given; a bundle has 1 to %d", count, VOLUMES_MAX);
	if (count > MANY_FILES)
		io_allow_files();
	if (begin(&bundle, count, err) < 0 || open_parts(bundle, paths, fds, depth, err) < 0)
		return -1;
	qsort(bundle->parts, count, sizeof *bundle->parts, compare_parts);
	*out = steal(&bundle);
	return 0;
}

/* --- looking --- */

static int peek_whole(const struct bundle_part *part, bool *out, struct err *err)
{
	struct container *c = part->container;
	struct err own = ERR_INIT;
	const uint32_t chunks = sums_count_chunks(c->sums.size, c->slots.count, c->manifest.count);
	*out = false;
	if (c->first_chunk > 0 || chunks == 0)
		return 0;
	*out = container_locate_chunks(c, chunks - 1, &own) == 0;
	if (*out || own.code == ERR_CHUNKS_MISSING)
		return 0;
	*err = own;
	return err_wrap(err, "%s: ", part->path);
}

int bundle_peek(struct bundle_claim *out, const char *path, struct err *err)
{
	return bundle_peek_fd(out, -1, path, err);
}

int bundle_peek_fd(struct bundle_claim *out, int fd, const char *path, struct err *err)
{
	auto_untrusted *bundle = NULL;
	*out = (struct bundle_claim){.whole = false};
	if (bundle_open_set_fds(&bundle, &path, &fd, 1, CONTAINER_QUICK, err) < 0)
		return -1;
	hash_bytes(&out->waybill, bundle->waybill_bytes.data, bundle->waybill_bytes.len);
	out->first_chunk = bundle->parts[0].container->first_chunk;
	return peek_whole(&bundle->parts[0], &out->whole, err);
}
