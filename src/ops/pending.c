/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pending.h"

#include "base/ident.h"
#include "base/io.h"
#include "base/path.h"
#include "base/text.h"
#include "media/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- names --- */

static bool ends_in(const char *path, const char *suffix)
{
	return text_ends_with(path, suffix) && path[strlen(path) - strlen(suffix) - 1] != '/';
}

bool pending_is_path(const char *path)
{
	return ends_in(path, PENDING_SUFFIX);
}

int pending_names_make(struct pending_names *out, const char *final, struct err *err)
{
	*out = (struct pending_names){0};
	if (!ends_in(final, BUNDLE_SUFFIX)) {
		(void)err_set(err, ERR_USAGE, "a bundle that must be approved is named ….valise, not %s", final);
		return err_hint(err, "give -o a name that ends in .valise, or a folder");
	}
	const int stem = (int)(strlen(final) - strlen(BUNDLE_SUFFIX));
	if (asprintf(&out->pending, "%.*s" PENDING_SUFFIX, stem, final) < 0)
		out->pending = NULL;
	if (asprintf(&out->folder, "%.*s.approve", stem, final) < 0)
		out->folder = NULL;
	out->final = strdup(final);
	if (out->pending != NULL && out->folder != NULL && out->final != NULL)
		return 0;
	pending_names_clear(out);
	return err_set(err, ERR_MEMORY, "out of memory");
}

void pending_names_clear(struct pending_names *names)
{
	free(names->pending);
	free(names->final);
	free(names->folder);
	*names = (struct pending_names){0};
}

static bool is_message(const char *name)
{
	struct fingerprint fpr;
	size_t len = strlen(name);
	return len > 4 && strcmp(name + len - 4, ".pgp") == 0 && fingerprint_parse(&fpr, name, len - 4);
}

void pending_folder_remove(int dir_fd, const char *folder)
{
	int fd = openat(dir_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (is_message(entry->d_name))
			(void)unlinkat(fd, entry->d_name, 0);
	(void)closedir(dir);
	(void)unlinkat(dir_fd, folder, AT_REMOVEDIR);
}

/* --- opening --- */

static int split(struct pending *p, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t dir_len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
	auto_free char *final = NULL;
	if (!pending_is_path(path)) {
		(void)err_set(err, ERR_USAGE, "%s is not named as a bundle that waits for approval (….valise-pending)", path);
		return err_hint(err, "give the path that `valise pack` printed");
	}
	final = strndup(name, strlen(name) - strlen("-pending"));
	p->dir = dir_len == 0 ? strdup(".") : strndup(path, dir_len);
	p->path = strdup(path);
	if (final == NULL || p->dir == NULL || p->path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return pending_names_make(&p->names, final, err);
}

static int fail_to_open(const struct pending *p, struct err *err)
{
	struct stat st;
	int cause = errno;
	if (cause == ENOENT && fstatat(p->dir_fd, p->names.final, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)err_set(err, ERR_EXISTS, "%s waits for nobody any more: %s is there", p->path, p->names.final);
		return err_hint(err, "nothing is left to do: it has been signed by all and may be carried");
	}
	errno = cause;
	return err_sys(err, "cannot open %s", p->path);
}

static int lock(const struct pending *p, struct err *err)
{
	struct stat st;
	if (fstat(p->fd, &st) < 0)
		return err_sys(err, "cannot look at %s", p->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_NOT_A_BUNDLE, "%s is not a file", p->path);
	if (flock(p->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return err_sys(err, "cannot lock %s", p->path);
	(void)err_set(err, ERR_BUSY, "somebody else is just approving %s", p->path);
	return err_hint(err, "wait until that is done, then try again");
}

static int open_pending(struct pending *p, const char *path, struct err *err)
{
	enum journal_found found;
	if (split(p, path, err) < 0)
		return -1;
	p->dir_fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir_fd < 0)
		return err_sys(err, "cannot open the folder %s", p->dir);
	/* Never through a link: what is written to must be what lies here. O_NONBLOCK: a FIFO must not wait. */
	p->fd = openat(p->dir_fd, p->names.pending, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0)
		return fail_to_open(p, err);
	return lock(p, err) < 0 || journal_recover(p->dir_fd, p->names.pending, p->fd, &found, err) < 0 ? -1 : 0;
}

int pending_open(struct pending *out, const char *path, struct err *err)
{
	*out = (struct pending){.dir_fd = -1, .fd = -1};
	if (open_pending(out, path, err) == 0)
		return 0;
	pending_close(out);
	return -1;
}

void pending_close(struct pending *pending)
{
	if (pending->path != NULL && pending->fd >= 0)
		(void)close(pending->fd); /* and the lock is free */
	if (pending->path != NULL && pending->dir_fd >= 0)
		(void)close(pending->dir_fd);
	free(pending->dir);
	free(pending->path);
	pending_names_clear(&pending->names);
	*pending = (struct pending){.dir_fd = -1, .fd = -1};
}

bool pending_is_interrupted(const char *path)
{
	auto_pending p = {.dir_fd = -1, .fd = -1};
	struct err ignored = ERR_INIT;
	if (!pending_is_path(path) || split(&p, path, &ignored) < 0)
		return false;
	p.dir_fd = open(p.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p.dir_fd >= 0)
		p.fd = openat(p.dir_fd, p.names.pending, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return p.fd >= 0 && journal_waits(p.dir_fd, p.names.pending, p.fd);
}

int pending_tell_interrupted(struct err *err)
{
	return err_hint(err, "an approval of it was cut off: `valise approve` finishes it, at the station that began it");
}

/* --- the end --- */

static int rename_without_replacing(const struct pending *p, struct err *err)
{
	const char *from = p->names.pending, *to = p->names.final;
	struct stat st;
	if (renameat2(p->dir_fd, from, p->dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* As media/output.c: some file systems do not know the flag. */
	if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) {
		if (fstatat(p->dir_fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST;
		else if (renameat(p->dir_fd, from, p->dir_fd, to) == 0)
			return 0;
	}
	return err_sys(err, "cannot give %s its final name %s", p->path, to);
}

int pending_finish(struct pending *p, struct err *err)
{
	/* Before the name: whoever finds the final name finds nothing beside it. What is left to do needs no key. */
	pending_folder_remove(p->dir_fd, p->names.folder);
	if (rename_without_replacing(p, err) < 0)
		return -1;
	if (io_sync_dir(p->dir_fd, err) == 0)
		return 0;
	/* Not known to be on the medium: a failure leaves no final name. */
	(void)renameat(p->dir_fd, p->names.final, p->dir_fd, p->names.pending);
	return -1;
}
