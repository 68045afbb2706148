/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside bundles on a medium that came from others, and goes on to others: no signature covers it, so it is
 * taken only for what it can be shown to be. A link, or a file that is no parity file, could be anything of this
 * machine. */
#include "ops/copy_internal.h"

#include "base/io.h"
#include "base/text.h"
#include "format/parity_list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

bool copy_is_beside(const char *path)
{
	return text_ends_with(path, PARITY_SUFFIX) || text_ends_with(path, PARITY_VOLUME_SUFFIX);
}

/* --- one file, and where its small parts may stand --- */

struct beside {
	int fd; /* borrowed */
	uint64_t bytes;
};

/* errors: ERR_PARITY where there is none; ERR_IO. */
static int read_block(const struct beside *file, uint64_t at, unsigned char *out, size_t len, struct err *err)
{
	const ssize_t n = at > file->bytes ? 0 : io_pread_up_to(file->fd, out, len, at, err);
	if (n < 0)
		return -1;
	return (size_t)n == len ? 0 : err_set(err, ERR_PARITY, "this is not a parity file");
}

static int read_header(const struct beside *file, uint64_t at, struct parity_shape *out, struct err *err)
{
	unsigned char block[PARITY_BLOCK];
	struct digest table;
	return read_block(file, at, block, sizeof block, err) < 0 || parity_header_parse(out, &table, block, err) < 0 ? -1
																												  : 0;
}

/* The place of the one in the middle follows from the lengths of both files, where both are known. */
static int read_middle_header(const struct beside *file, uint64_t bundle_bytes, struct parity_shape *out,
							  struct err *err)
{
	struct err ignored = ERR_INIT;
	for (unsigned permille = 1; permille <= PARITY_PERMILLE_MAX; permille++) {
		struct parity_shape shape;
		if (parity_shape_make(&shape, bundle_bytes, permille, &ignored) == 0 && shape.bytes == file->bytes &&
			read_header(file, shape.header_at[1], out, &ignored) == 0)
			return 0;
	}
	return err_set(err, ERR_PARITY, "this is not a parity file, or all its headers are damaged");
}

static int check_sidecar(const struct beside *file, uint64_t bundle_bytes, struct err *err)
{
	struct parity_shape shape;
	struct err ignored = ERR_INIT;
	if (read_header(file, 0, &shape, &ignored) < 0 &&
		(file->bytes < PARITY_BLOCK || read_header(file, file->bytes - PARITY_BLOCK, &shape, &ignored) < 0) &&
		read_middle_header(file, bundle_bytes, &shape, err) < 0)
		return -1;
	if (shape.bytes != file->bytes)
		return err_set(err, ERR_PARITY, "it is %llu bytes long, and by its header should be %llu",
					   (unsigned long long)file->bytes, (unsigned long long)shape.bytes);
	if (bundle_bytes != 0 && shape.file_bytes != bundle_bytes)
		return err_set(err, ERR_PARITY, "it is the parity file of another file than the one beside it");
	return 0;
}

/* Its list, the first copy or the last, whose length its place does not tell. */
static int read_list(const struct beside *file, struct parity_list *out, struct err *err)
{
	unsigned char list[PARITY_LIST_MAX];
	struct err ignored = ERR_INIT;
	const ssize_t n = io_pread_up_to(file->fd, list, sizeof list, 0, err);
	if (n < 0)
		return -1;
	if (parity_list_parse(out, list, (size_t)n, &ignored) == 0)
		return 0;
	for (size_t size = PARITY_BLOCK; size <= sizeof list && size <= file->bytes; size += PARITY_BLOCK)
		if (read_block(file, file->bytes - size, list, size, &ignored) == 0 &&
			parity_list_parse(out, list, size, &ignored) == 0 && parity_list_size(out->volumes) == size)
			return 0;
	return err_set(err, ERR_PARITY, "this is not a parity volume, or both copies of its list are damaged");
}

static int check_volume(const struct beside *file, struct err *err)
{
	struct parity_list list;
	if (read_list(file, &list, err) < 0)
		return -1;
	if (parity_volume_size(list.column_bytes, list.volumes) != file->bytes)
		return err_set(err, ERR_PARITY, "it is not as long as its list tells");
	return 0;
}

/* What was never written takes no room here, and gigabytes where it goes. Some file systems do not tell. */
static int check_holes(const struct beside *file, struct err *err)
{
	const off_t hole = lseek(file->fd, 0, SEEK_HOLE);
	if (hole < 0 || (uint64_t)hole >= file->bytes)
		return 0;
	return err_set(err, ERR_PARITY, "it has holes, which no parity file has");
}

/* --- by its name --- */

/* Length of the bundle that a parity file is named after; 0 where there is none. */
static uint64_t bundle_bytes_of(const char *path)
{
	char bundle[PATH_MAX];
	struct stat st;
	const size_t len = strlen(path) - strlen(PARITY_SUFFIX);
	if (len >= sizeof bundle)
		return 0;
	(void)snprintf(bundle, sizeof bundle, "%.*s", (int)len, path);
	return stat(bundle, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int open_regular(const char *path, int *fd, uint64_t *bytes, struct err *err)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0 && errno == ELOOP)
		return err_set(err, ERR_PARITY, "it is a symbolic link, and none is followed");
	if (*fd < 0 || fstat(*fd, &st) < 0)
		return err_sys(err, "cannot open it");
	*bytes = (uint64_t)st.st_size;
	return S_ISREG(st.st_mode) ? 0 : err_set(err, ERR_PARITY, "it is not a file");
}

int copy_open_beside(const char *path, int *fd, uint64_t *bytes, struct err *err)
{
	if (open_regular(path, fd, bytes, err) < 0)
		return err_wrap(err, "%s: ", path);
	const struct beside file = {.fd = *fd, .bytes = *bytes};
	if ((text_ends_with(path, PARITY_VOLUME_SUFFIX) ? check_volume(&file, err)
													: check_sidecar(&file, bundle_bytes_of(path), err)) < 0 ||
		check_holes(&file, err) < 0)
		return err_wrap(err, "%s: ", path);
	return 0;
}

int copy_look_beside(const char *path, uint64_t *bytes, struct err *err)
{
	auto_fd int fd = -1;
	return copy_open_beside(path, &fd, bytes, err);
}
