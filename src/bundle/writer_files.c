/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/writer_files.h"

#include "base/array.h"
#include "base/io.h"
#include "format/ustar.h"

static int add_file(struct writer_files *files, int fd, struct err *err)
{
	struct writer_file *grown = array_grow(files->items, files->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	files->items = grown;
	files->items[files->count++] = (struct writer_file){.fd = fd};
	return 0;
}

int writer_files_init(struct writer_files *files, int fd, const char *path, struct err *err)
{
	*files = (struct writer_files){.path = path};
	return add_file(files, fd, err);
}

void writer_files_clear(struct writer_files *files)
{
	free(files->items);
	buf_clear(&files->front);
	*files = (struct writer_files){.count = 0};
}

int writer_files_fail(const struct writer_files *files, struct err *err)
{
	return files->path != NULL && err->code != ERR_CANCELLED ? err_wrap(err, "%s: ", files->path) : -1;
}

static int put_member(struct writer_file *file, const char *name, const void *bytes, size_t len, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	ustar_build(header, name, len);
	if (io_pwrite_all(file->fd, header, sizeof header, file->at, err) < 0 ||
		io_pwrite_all(file->fd, bytes, len, file->at + USTAR_BLOCK, err) < 0 ||
		io_pwrite_all(file->fd, zeros, ustar_padding(len), file->at + USTAR_BLOCK + len, err) < 0)
		return -1;
	file->at += ustar_stored(len);
	return 0;
}

int writer_files_put(struct writer_files *files, const char *name, const void *bytes, size_t len, struct err *err)
{
	/* Until there is a chunk, all that comes stands in front of the chunks. */
	if (files->items[0].chunks == 0 && ustar_append(&files->front, name, bytes, len, err) < 0)
		return -1;
	for (uint32_t i = 0; i < files->count; i++)
		if (put_member(&files->items[i], name, bytes, len, err) < 0)
			return writer_files_fail(files, err);
	return 0;
}

static bool fits(const struct writer_files *files, uint64_t at)
{
	const struct writer_volumes *volumes = &files->volumes;
	const uint64_t bytes = at + volumes->behind_max;
	return volumes->max_bytes == 0 ||
		   bytes + (volumes->beside != NULL ? volumes->beside(volumes->ctx, bytes) : 0) <= volumes->max_bytes;
}

static int next_file(struct writer_files *files, struct err *err)
{
	int fd = -1;
	if (files->count == VOLUMES_MAX) {
		(void)err_set(err, ERR_LIMIT, "that would be more than %d volumes", VOLUMES_MAX);
		return err_hint(err, "choose a larger --volume-size");
	}
	if (files->volumes.next(files->volumes.ctx, &fd, err) < 0 || add_file(files, fd, err) < 0)
		return -1;
	if (io_pwrite_all(fd, files->front.data, files->front.len, 0, err) < 0)
		return writer_files_fail(files, err);
	files->items[files->count - 1].at = files->front.len;
	return 0;
}

int writer_files_place(struct writer_files *files, uint64_t stored, int *out_fd, uint64_t *out_at, struct err *err)
{
	const struct writer_file *last = &files->items[files->count - 1];
	if (last->chunks > 0 && !fits(files, last->at + stored) && next_file(files, err) < 0)
		return -1;
	struct writer_file *file = &files->items[files->count - 1];
	if (!fits(files, file->at + stored))
		return err_set(err, ERR_LIMIT, "a volume of %llu bytes is too small for one chunk",
					   (unsigned long long)files->volumes.max_bytes);
	*out_fd = file->fd;
	*out_at = file->at;
	file->at += stored;
	file->chunks++;
	return 0;
}
