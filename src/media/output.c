/* SPDX-License-Identifier: Apache-2.0 */
#include "media/output.h"

#include "base/ident.h"
#include "base/io.h"
#include "base/secret.h"
#include "format/names.h"
#include "media/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct output {
	int parent_fd, fd;
	enum output_kind kind;
	char *final_path;
	char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
	uint64_t found;
	bool there;      /* the temporary exists and is ours to remove */
	pthread_t early; /* an fsync that was begun, where has_early */
	bool has_early;
};

static int split_path(struct output *output, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(name) > NAME_MAX)
		return err_set(err, ERR_IO, "%s is no name for a file", path);
	(void)strcpy(output->name, name);

	char parent[PATH_MAX];
	int len = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);
	if (snprintf(parent, sizeof parent, "%.*s", len, slash == NULL ? "." : path) >= (int)sizeof parent)
		return err_set(err, ERR_IO, "path too long: %s", path);
	output->parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->parent_fd < 0)
		return err_sys(err, "cannot open the folder %s", parent);
	auto_free char *real = realpath(parent, NULL);
	if (real == NULL)
		return err_sys(err, "cannot find the folder %s", parent);
	if (asprintf(&output->final_path, "%s%s%s", real, strcmp(real, "/") == 0 ? "" : "/", name) < 0) {
		output->final_path = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	return 0;
}

static int refuse_existing(const struct output *output, struct err *err)
{
	struct stat st;
	if (fstatat(output->parent_fd, output->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)err_set(err, ERR_EXISTS, "%s exists already", output->final_path);
		return err_hint(err, "choose another name or place, or move it away first; nothing is ever overwritten");
	}
	return errno == ENOENT ? 0 : err_sys(err, "cannot look at %s", output->final_path);
}

enum { TOKEN_BYTES = 6 };

static void name_temporary(const struct output *output, char out[static NAME_MAX + 1])
{
	unsigned char random[TOKEN_BYTES];
	char token[2 * sizeof random + 1];
	random_bytes(random, sizeof random);
	hex_encode(token, random, sizeof random);
	/* Cut the stem where the whole would pass NAME_MAX: 255 bytes on every file system that matters. */
	(void)snprintf(out, NAME_MAX + 1, ".%.200s" TEMPORARY_MARK "%s", output->name, token);
}

bool output_is_temporary(const char *name)
{
	enum { DIGITS = 2 * TOKEN_BYTES };
	const size_t len = strlen(name), mark = strlen(TEMPORARY_MARK), tail = mark + DIGITS;
	return name[0] == '.' && len > tail && strncmp(name + len - tail, TEMPORARY_MARK, mark) == 0 &&
		   strspn(name + len - DIGITS, "0123456789abcdef") == DIGITS;
}

enum { RESUMED_MODE = 0644 };

/* Owner and mode of a file that is made there now: some file systems know no owners, and show one for all. Where one
 * without a name cannot be made, it has one for a moment. */
static int look_at_new(const struct output *output, struct stat *out, struct err *err)
{
	char name[NAME_MAX + 1];
	auto_fd int fd = openat(output->parent_fd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, RESUMED_MODE);
	if (fd < 0) {
		name_temporary(output, name);
		fd = openat(output->parent_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, RESUMED_MODE);
		if (fd < 0)
			return err_sys(err, "cannot create a file beside %s", output->final_path);
		(void)unlinkat(output->parent_fd, name, 0);
	}
	return fstat(fd, out) == 0 ? 0 : err_sys(err, "cannot look at a file beside %s", output->final_path);
}

static int refuse_part(const struct output *output, const char *what, struct err *err)
{
	(void)err_set(err, ERR_EXISTS, "%s is there and %s", output->temporary, what);
	return err_hint(err, "look at it, and move it away");
}

/* Who owns it could change it under its final name: it becomes what a new one would be, or is left. */
static int make_ours(const struct output *output, const struct stat *st, struct err *err)
{
	struct stat new_one;
	if (look_at_new(output, &new_one, err) < 0)
		return -1;
	if (st->st_uid != new_one.st_uid)
		return refuse_part(output, "belongs to another user", err);
	if (st->st_mode != new_one.st_mode && fchmod(output->fd, new_one.st_mode & 07777) < 0)
		return err_sys(err, "cannot take up %s", output->temporary);
	return 0;
}

/* A file that somebody else may have laid there, on a medium that others had: a plain one, of one name, and ours, or
 * none of ours. A descriptor that a process of our own user still holds cannot be excluded. */
static int take_up(struct output *output, bool is_new, struct err *err)
{
	struct stat st, named;
	const char *name = output->temporary;
	if (fstat(output->fd, &st) < 0)
		return err_sys(err, "cannot look at %s", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return refuse_part(output, "is not a plain file", err);
	/* Some file systems know no locks: there nobody can be told of another. Who had it may have given it its final name
	 * a moment ago. */
	if ((flock(output->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) ||
		fstatat(output->parent_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 || named.st_ino != st.st_ino) {
		(void)err_set(err, ERR_BUSY, "another valise is writing %s", name);
		return err_hint(err, "wait until it is done, and try again");
	}
	if (!is_new && make_ours(output, &st, err) < 0)
		return -1;
	output->found = (uint64_t)st.st_size;
	output->there = true;
	return 0;
}

static int fail_to_open(const struct output *output, int saved, struct err *err)
{
	struct stat st;
	if (saved == EACCES && fstatat(output->parent_fd, output->temporary, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		st.st_uid != geteuid())
		return refuse_part(output, "belongs to another user", err);
	errno = saved;
	return err_sys(err, "cannot create a file beside %s", output->final_path);
}

/* A new one, or what is there. O_NONBLOCK: a FIFO must not make us wait. */
static int open_resumed(struct output *output, struct err *err)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	/* Cut as above. */
	(void)snprintf(output->temporary, sizeof output->temporary, "%.249s" PART_SUFFIX, output->name);
	output->fd = openat(output->parent_fd, output->temporary, flags | O_CREAT | O_EXCL, RESUMED_MODE);
	const bool is_new = output->fd >= 0;
	if (!is_new && errno == EEXIST)
		output->fd = openat(output->parent_fd, output->temporary, flags);
	if (output->fd < 0)
		return fail_to_open(output, errno, err);
	return take_up(output, is_new, err);
}

static int create_temporary(struct output *output, struct err *err)
{
	if (output->kind == OUTPUT_RESUMED)
		return open_resumed(output, err);
	name_temporary(output, output->temporary);
	if (output->kind == OUTPUT_FOLDER) {
		if (mkdirat(output->parent_fd, output->temporary, 0700) < 0)
			return err_sys(err, "cannot make a folder beside %s", output->final_path);
		output->there = true;
		output->fd = openat(output->parent_fd, output->temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	} else {
		output->fd = openat(output->parent_fd, output->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
							0600);
		output->there = output->fd >= 0;
	}
	return output->fd >= 0 ? 0 : err_sys(err, "cannot create a file beside %s", output->final_path);
}

int output_open(struct output **out, const char *path, enum output_kind kind, struct err *err)
{
	*out = NULL;
	auto_output *output = calloc(1, sizeof *output);
	if (output == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	output->parent_fd = output->fd = -1;
	output->kind = kind;
	if (split_path(output, path, err) < 0 || refuse_existing(output, err) < 0 || create_temporary(output, err) < 0)
		return -1;
	*out = steal(&output);
	return 0;
}

/* --- syncing --- */

static void *sync_early(void *ctx)
{
	const struct output *output = ctx;
	return fsync(output->fd) == 0 ? NULL : (void *)(intptr_t)errno;
}

/* What went wrong, an errno; the kernel tells of it once, and this is where it told. */
static int end_early(struct output *output)
{
	void *failed = NULL;
	if (output->has_early)
		(void)pthread_join(output->early, &failed);
	output->has_early = false;
	return (int)(intptr_t)failed;
}

/* Signals belong to the owner's thread. Where none can be started, all is left to output_sync(). */
void output_sync_begin(struct output *output)
{
	sigset_t all, before;
	if (output->kind == OUTPUT_FOLDER || output->has_early)
		return;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	output->has_early = pthread_create(&output->early, NULL, sync_early, output) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Also after an early one: something may have been written since. */
int output_sync(struct output *output, struct err *err)
{
	const int failed = end_early(output);
	const int rc = output->kind == OUTPUT_FOLDER ? syncfs(output->fd) : fsync(output->fd);
	if (rc == 0 && failed == 0)
		return 0;
	errno = failed != 0 ? failed : errno;
	return err_sys(err, "cannot write %s to its medium", output->final_path);
}

void output_free(struct output *output)
{
	if (output == NULL)
		return;
	/* What is to be removed need not go to the medium first. */
	const int cut = output->has_early && output->there ? ftruncate(output->fd, 0) : 0;
	(void)cut;
	(void)end_early(output);
	if (output->fd >= 0)
		(void)close(output->fd);
	if (output->there)
		io_remove_tree(output->parent_fd, output->temporary);
	if (output->parent_fd >= 0)
		(void)close(output->parent_fd);
	free(output->final_path);
	free(output);
}

int output_fd(const struct output *output)
{
	return output->fd;
}

const char *output_final_path(const struct output *output)
{
	return output->final_path;
}

const char *output_temporary_name(const struct output *output)
{
	return output->temporary;
}

uint64_t output_found(const struct output *output)
{
	return output->found;
}

void output_keep(struct output *output)
{
	output->there = false;
}

int output_identity(const struct output *output, uint64_t *dev, uint64_t *ino, struct err *err)
{
	struct stat st;
	if (fstat(output->fd, &st) < 0)
		return err_sys(err, "cannot look at %s", output->final_path);
	*dev = (uint64_t)st.st_dev;
	*ino = (uint64_t)st.st_ino;
	return 0;
}

int output_check_together(const struct output *a, const struct output *b, struct err *err)
{
	uint64_t dev_a = 0, dev_b = 0, ino = 0;
	if (output_identity(a, &dev_a, &ino, err) < 0 || output_identity(b, &dev_b, &ino, err) < 0)
		return -1;
	if (dev_a == dev_b)
		return 0;
	(void)err_set(err, ERR_IO, "the medium of %s has left", a->final_path);
	return err_hint(err, "put it back, and give the same command again");
}

static int rename_without_replacing(struct output *output, struct err *err)
{
	const int dir = output->parent_fd;
	if (renameat2(dir, output->temporary, dir, output->name, RENAME_NOREPLACE) == 0)
		return 0;
	/* Some file systems (FUSE ones among them) do not know the flag. There, look and rename; the window
	 * is small, and rename(2) itself never replaces a folder that has anything in it. */
	if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) {
		if (refuse_existing(output, err) < 0)
			return -1;
		if (renameat(dir, output->temporary, dir, output->name) == 0)
			return 0;
	}
	return err_sys(err, "cannot give %s its name", output->final_path);
}

int output_commit(struct output *output, struct err *err)
{
	if (output->has_early && output_sync(output, err) < 0)
		return -1;
	if (output->kind != OUTPUT_FOLDER) {
		int rc = close(steal_fd(&output->fd));
		if (rc < 0)
			return err_sys(err, "cannot close %s", output->final_path);
	}
	if (rename_without_replacing(output, err) < 0)
		return -1;
	if (io_sync_dir(output->parent_fd, err) < 0) {
		/* Not known to be on the medium: take the name back, so that a failure leaves nothing. */
		output->there = false;
		(void)output_withdraw(output);
		return -1;
	}
	output->there = false;
	return 0;
}

int output_rename(struct output *output, const char *name, struct err *err)
{
	const char *slash = strrchr(output->final_path, '/');
	char *path = NULL;
	if (strlen(name) > NAME_MAX || strchr(name, '/') != NULL)
		return err_set(err, ERR_IO, "%s is no name for a file", name);
	if (asprintf(&path, "%.*s%s", (int)(slash - output->final_path + 1), output->final_path, name) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	free(output->final_path);
	output->final_path = path;
	(void)strcpy(output->name, name);
	return refuse_existing(output, err);
}

bool output_withdraw(struct output *output)
{
	struct stat st;
	if (output->there)
		return true;
	output->there = renameat(output->parent_fd, output->name, output->parent_fd, output->temporary) == 0;
	/* A file system that takes no new name may still let go of one. */
	if (!output->there)
		io_remove_tree(output->parent_fd, output->name);
	return output->there || (fstatat(output->parent_fd, output->name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT);
}

int output_finish(struct output *output, const void *bytes, size_t len, struct err *err)
{
	if (io_write_all(output->fd, bytes, len, err) < 0)
		return err_wrap(err, "%s: ", output->final_path);
	return output_sync(output, err) < 0 || output_commit(output, err) < 0 ? -1 : 0;
}

int output_write_file(const char *path, const void *bytes, size_t len, char **out_path, struct err *err)
{
	auto_output *output = NULL;
	if (output_open(&output, path, OUTPUT_FILE, err) < 0)
		return -1;
	auto_free char *final_path = out_path != NULL ? strdup(output->final_path) : NULL;
	if (out_path != NULL && final_path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (output_finish(output, bytes, len, err) < 0)
		return -1;
	if (out_path != NULL)
		*out_path = steal(&final_path);
	return 0;
}

int output_check_space(const struct output *output, uint64_t bytes, struct err *err)
{
	struct statvfs fs;
	if (fstatvfs(output->parent_fd, &fs) < 0)
		return err_sys(err, "cannot look at the file system of %s", output->final_path);
	uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= bytes)
		return 0;
	(void)err_set(err, ERR_NO_SPACE, "there is room for %llu bytes at %s, and %llu are needed",
				  (unsigned long long)room, output->final_path, (unsigned long long)bytes);
	return err_hint(err, "free some space there, or choose another place");
}

int output_check_medium(const struct output *output, uint64_t need, uint64_t largest, enum paced_care *care,
						struct err *err)
{
	auto_medium medium = {0};
	if (medium_look(&medium, output->fd, err) < 0 ||
		medium_check_room(&medium, need, largest, output->final_path, err) < 0)
		return -1;
	*care = medium_care(&medium);
	return 0;
}
