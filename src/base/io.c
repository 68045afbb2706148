/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include "base/cancel.h"
#include "base/ident.h"
#include "base/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

int io_write_all(int fd, const void *bytes, size_t len, struct err *err)
{
	const char *at = bytes;
	while (len > 0) {
		if (cancel_check(err) < 0)
			return -1;
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "cannot write");
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int io_pwrite_all(int fd, const void *bytes, size_t len, uint64_t offset, struct err *err)
{
	const char *at = bytes;
	while (len > 0) {
		if (cancel_check(err) < 0)
			return -1;
		ssize_t n = pwrite(fd, at, len, (off_t)offset);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "cannot write");
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			offset += (uint64_t)n;
		}
	}
	return 0;
}

/* offset < 0: read() from where fd stands. */
static ssize_t read_up_to(int fd, void *bytes, size_t len, off_t offset, struct err *err)
{
	size_t done = 0;
	while (done < len) {
		if (cancel_check(err) < 0)
			return -1;
		char *at = (char *)bytes + done;
		ssize_t n = offset < 0 ? read(fd, at, len - done) : pread(fd, at, len - done, offset + (off_t)done);
		if (n < 0 && errno != EINTR)
			return err_sys(err, "cannot read");
		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t io_read_up_to(int fd, void *bytes, size_t len, struct err *err)
{
	return read_up_to(fd, bytes, len, -1, err);
}

ssize_t io_pread_up_to(int fd, void *bytes, size_t len, uint64_t offset, struct err *err)
{
	return read_up_to(fd, bytes, len, (off_t)offset, err);
}

static int read_file(struct buf *out, int dir_fd, const char *name, int links, size_t max, struct err *err)
{
	/* O_NONBLOCK: a FIFO in the place of a file must not make us wait for its writer. */
	auto_fd int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | links);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "cannot open %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s is not a regular file", name);
	if ((uint64_t)st.st_size > max)
		return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", name, max);
	/* One byte more than allowed: a file that grows under us is refused, not cut. */
	if (buf_reserve(out, (size_t)st.st_size + 1, err) < 0)
		return -1;
	for (;;) {
		size_t room = out->cap - out->len - 1;
		ssize_t n = io_read_up_to(fd, out->data + out->len, room, err);
		if (n < 0)
			return err_wrap(err, "%s: ", name);
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (out->len > max)
			return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", name, max);
		if ((size_t)n < room)
			return 0;
		if (buf_reserve(out, room + 4096, err) < 0)
			return -1;
	}
}

int io_read_file(struct buf *out, int dir_fd, const char *name, size_t max, struct err *err)
{
	return read_file(out, dir_fd, name, 0, max, err);
}

int io_read_file_here(struct buf *out, int dir_fd, const char *name, size_t max, struct err *err)
{
	return read_file(out, dir_fd, name, O_NOFOLLOW, max, err);
}

void io_allow_files(void)
{
	enum { MANY = 8192 };
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= MANY)
		return;
	limit.rlim_cur = limit.rlim_max < MANY ? limit.rlim_max : MANY;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int io_sync_dir(int dir_fd, struct err *err)
{
	/* Some file systems cannot sync a folder and say EINVAL: then there is nothing to do. */
	if (fsync(dir_fd) < 0 && errno != EINVAL)
		return err_sys(err, "cannot sync the folder");
	return 0;
}

static int write_and_sync(int fd, const void *bytes, size_t len, struct err *err)
{
	if (io_write_all(fd, bytes, len, err) < 0)
		return -1;
	if (fsync(fd) < 0)
		return err_sys(err, "cannot sync");
	return 0;
}

/* The new bytes under the temporary's name, then under the right one; else neither. */
static int put_renamed(int dir_fd, const char *temporary, const char *name, const void *bytes, size_t len, mode_t mode,
					   struct err *err)
{
	auto_fd int fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_sys(err, "cannot create %s", name);
	int rc = write_and_sync(fd, bytes, len, err);
	if (rc == 0 && close(steal_fd(&fd)) < 0)
		rc = err_sys(err, "cannot close");
	if (rc == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
		rc = err_sys(err, "cannot rename");
	if (rc == 0)
		return 0;
	(void)unlinkat(dir_fd, temporary, 0);
	return err_wrap(err, "%s: ", name);
}

static int sync_parent(int dir_fd, const char *name, int stem, struct err *err)
{
	char parent[PATH_MAX];
	if ((size_t)snprintf(parent, sizeof parent, "%.*s.", stem, name) >= sizeof parent)
		return err_set(err, ERR_IO, "path too long: %s", name);
	auto_fd int fd = openat(dir_fd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "cannot open the folder of %s", name) : io_sync_dir(fd, err);
}

/* Beside name, as format/names.h has it; its stem is cut where the whole would pass what file systems allow. *out
 * malloc'd. */
static int temporary_name(char **out, const char *name, int stem, struct err *err)
{
	char token[17];
	unsigned char random[8];
	random_bytes(random, sizeof random);
	hex_encode(token, random, sizeof random);
	if (asprintf(out, "%.*s.%.200s.part-%s", stem, name, name + stem, token) >= 0)
		return 0;
	*out = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

/* out: *out_there as io_replace_file_told() tells it. */
static int replace_file(int dir_fd, const char *name, const void *bytes, size_t len, mode_t mode, bool *out_there,
						struct err *err)
{
	auto_free char *temporary = NULL;
	const char *slash = strrchr(name, '/');
	const int stem = slash != NULL ? (int)(slash + 1 - name) : 0;
	*out_there = false;
	if (temporary_name(&temporary, name, stem, err) < 0)
		return -1;
	if (put_renamed(dir_fd, temporary, name, bytes, len, mode, err) < 0)
		return -1;
	*out_there = true;
	return sync_parent(dir_fd, name, stem, err);
}

int io_replace_file_told(int dir_fd, const char *name, const void *bytes, size_t len, mode_t mode, bool *out_there,
						 struct err *err)
{
	if (replace_file(dir_fd, name, bytes, len, mode, out_there, err) == 0)
		return 0;
	if (!*out_there)
		return -1;
	const char *slash = strrchr(name, '/');
	(void)err_wrap(err, "the new %s is there, but may not outlast a power failure: ", slash != NULL ? slash + 1 : name);
	return err_hint(err, "see to the disk, and look whether all is well: valise doctor");
}

int io_replace_file(int dir_fd, const char *name, const void *bytes, size_t len, mode_t mode, struct err *err)
{
	bool ignored;
	return replace_file(dir_fd, name, bytes, len, mode, &ignored, err);
}

/* Asks for no memory: this also cleans up after there was none. */
static void remove_entries(int fd)
{
	_Alignas(struct dirent64) char room[4096];
	for (ssize_t len; (len = getdents64(fd, room, sizeof room)) > 0;)
		for (ssize_t at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(room + at);
			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				io_remove_tree(fd, entry->d_name);
		}
}

void io_remove_tree(int dir_fd, const char *name)
{
	if (unlinkat(dir_fd, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	remove_entries(fd);
	(void)close(fd);
	(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

int io_make_private_dir(char **out, struct err *err)
{
	const char *const bases[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		if (bases[i] == NULL || bases[i][0] != '/' || strlen(bases[i]) > 60 - sizeof "/valise-XXXXXX")
			continue;
		char path[64];
		(void)snprintf(path, sizeof path, "%s/valise-XXXXXX", bases[i]);
		if (mkdtemp(path) == NULL)
			continue;
		*out = strdup(path);
		if (*out == NULL)
			(void)rmdir(path);
		return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	return err_sys(err, "cannot make a private folder in $XDG_RUNTIME_DIR, $TMPDIR or /tmp");
}
