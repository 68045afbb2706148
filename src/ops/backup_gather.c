/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/backup_gather.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "base/secret.h"
#include "format/names.h"
#include "ledger/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { READ_BYTES = 1 << 20, ROOT_LEN = sizeof BACKUP_ROOT }; /* with its slash */

/* --- the ledger --- */

static int copy_into(struct backup_home *home, const char *path, struct err *err)
{
	auto_ledger *ledger = NULL;
	home->ledger_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (home->ledger_fd < 0)
		return err_sys(err, "cannot create %s", path);
	int rc = ledger_open(&ledger, home->home, LEDGER_READ_ONLY, err);
	if (rc == 0)
		rc = ledger_copy(ledger, path, err);
	(void)unlink(path); /* its descriptor is all that is needed */
	return rc;
}

static int copy_below(struct backup_home *home, const char *dir, struct err *err)
{
	char name[32], token[9];
	unsigned char random[4];
	auto_free char *path = NULL;
	random_bytes(random, sizeof random);
	hex_encode(token, random, sizeof random);
	(void)snprintf(name, sizeof name, ".ledger" TEMPORARY_MARK "%s", token);
	return path_join(&path, dir, name, err) < 0 ? -1 : copy_into(home, path, err);
}

/* As private as the ledger itself is the home alone; one that cannot be written is left as it is. */
int backup_copy_ledger(struct backup_home *home, struct err *err)
{
	auto_free char *dir = NULL;
	if (faccessat(home->home_fd, "ledger.sqlite", F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	if (faccessat(home->home_fd, ".", W_OK, AT_EACCESS) == 0)
		return copy_below(home, home->home, err);
	if (io_make_private_dir(&dir, err) < 0)
		return -1;
	int rc = copy_below(home, dir, err);
	io_remove_tree(AT_FDCWD, dir);
	return rc;
}

/* --- what belongs in --- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
	size_t len = strlen(text), n = strlen(with);
	return len >= n && strcmp(text + len - n, with) == 0;
}

/* path: below the home. */
static bool is_left_out(const char *path)
{
	static const char *const top[] = {"lock", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite-journal"};
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	for (size_t i = 0; i < sizeof top / sizeof top[0]; i++)
		if (strcmp(path, top[i]) == 0)
			return true;
	if (strstr(name, TEMPORARY_MARK) != NULL || ends(name, ".lock") || begins(name, ".#lk"))
		return true;
	return begins(path, "gnupg/") && (begins(name, "S.") || ends(name, "~") || strcmp(name, "random_seed") == 0);
}

/* --- the walk --- */

struct found {
	struct manifest_entry *items; /* owned, with their paths */
	uint32_t count;
};

static void found_clear(struct found *found)
{
	for (uint32_t i = 0; i < found->count; i++)
		free(found->items[i].path);
	free(found->items);
}

/* Takes path. */
static int found_add(struct found *found, char *path, const struct stat *st, struct err *err)
{
	struct manifest_entry *items = array_grow(found->items, found->count, sizeof *items, err);
	if (items == NULL) {
		free(path);
		return -1;
	}
	found->items = items;
	struct manifest_entry *entry = &items[found->count++];
	*entry = (struct manifest_entry){.path = path};
	entry->type = S_ISDIR(st->st_mode) ? ENTRY_FOLDER : (st->st_mode & 0100) != 0 ? ENTRY_EXECUTABLE : ENTRY_FILE;
	return 0;
}

static int refuse(const char *path, struct err *err)
{
	(void)err_set(err, ERR_CONTENT, "%s is a link or a device: what is behind it would be missing in the backup", path);
	return err_hint(err, "put a file in its place, or take it out of the station's home");
}

static int walk(struct found *found, int home_fd, const char *path, struct err *err);

static int walk_one(struct found *found, int home_fd, const char *folder, const char *name, struct err *err)
{
	struct stat st;
	auto_free char *path = NULL;
	if (path_join(&path, folder, name, err) < 0)
		return -1;
	const char *below = path + ROOT_LEN;
	if (is_left_out(below))
		return 0;
	if (fstatat(home_fd, below, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot look at %s", path);
	if (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return refuse(path, err);
	if (found->count == BACKUP_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, "the home holds more than %d files and folders", BACKUP_ENTRIES_MAX);
	char *kept = strdup(path);
	if (kept == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (found_add(found, kept, &st, err) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? walk(found, home_fd, path, err) : 0;
}

static int walk(struct found *found, int home_fd, const char *path, struct err *err)
{
	const char *below = strcmp(path, BACKUP_ROOT) == 0 ? "." : path + ROOT_LEN;
	auto_fd int fd = openat(home_fd, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL)
		return err_sys(err, "cannot open the folder %s", path);
	(void)steal_fd(&fd);
	int rc = cancel_check(err);
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = walk_one(found, home_fd, path, entry->d_name, err);
	(void)closedir(dir);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct manifest_entry *)a)->path, ((const struct manifest_entry *)b)->path);
}

/* --- digests --- */

int backup_open(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	const struct backup_home *home = ctx;
	struct stat st;
	bool ledger = strcmp(entry->path, LEDGER_ENTRY) == 0;
	auto_fd int fd = ledger ? fcntl(home->ledger_fd, F_DUPFD_CLOEXEC, 0)
							: openat(home->home_fd, entry->path + ROOT_LEN,
									 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || (ledger && lseek(fd, 0, SEEK_SET) < 0))
		return err_sys(err, "cannot open %s", entry->path);
	return S_ISREG(st.st_mode) ? steal_fd(&fd) : err_set(err, ERR_CHANGED, "%s is no file any more", entry->path);
}

static int digest_file(struct manifest_entry *entry, const struct backup_home *home, struct hash *hash, void *buffer,
					   struct err *err)
{
	struct stat st;
	auto_fd int fd = backup_open((void *)home, entry, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", entry->path);
	entry->size = (uint64_t)st.st_size;
	return hash_file(hash, fd, buffer, READ_BYTES, &entry->sha256, err) < 0 ? err_wrap(err, "%s: ", entry->path) : 0;
}

static int add_all(struct backup_doc *doc, struct found *found, const struct backup_home *home, struct err *err)
{
	auto_hash *hash = NULL;
	auto_free void *buffer = malloc(READ_BYTES);
	if (buffer == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (hash_new(&hash, err) < 0)
		return -1;
	for (uint32_t i = 0; i < found->count; i++) {
		struct manifest_entry *entry = &found->items[i];
		if (entry->type != ENTRY_FOLDER && digest_file(entry, home, hash, buffer, err) < 0)
			return -1;
		if (backup_doc_add(doc, entry, err) < 0)
			return err->code == ERR_BACKUP ? err_recode(err, ERR_CONTENT) : -1;
	}
	return 0;
}

int backup_gather(struct backup_doc *doc, const struct backup_home *home, struct err *err)
{
	AUTO(found_clear) struct found found = {0};
	const struct manifest_entry root = {.path = (char[]){BACKUP_ROOT}, .type = ENTRY_FOLDER};
	if (walk(&found, home->home_fd, BACKUP_ROOT, err) < 0)
		return -1;
	if (found.count > 0)
		qsort(found.items, found.count, sizeof found.items[0], by_path);
	return backup_doc_add(doc, &root, err) < 0 ? -1 : add_all(doc, &found, home, err);
}
