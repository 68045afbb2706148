/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_internal.h"

#include "base/io.h"
#include "format/ustar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_NAME_MAX = sizeof REGISTRY_SIGNATURES_DIR + DIGEST_HEX + 2, SIG_SUFFIX_LEN = 4 };

static void format_folder(char out[static FOLDER_NAME_MAX], const struct digest *digest)
{
	char hex[DIGEST_HEX + 1];
	digest_format(hex, digest);
	(void)snprintf(out, FOLDER_NAME_MAX, "%s/%s", REGISTRY_SIGNATURES_DIR, hex);
}

/* --- reading --- */

static int is_signature(const struct dirent *entry)
{
	struct fingerprint fpr;
	size_t len = strlen(entry->d_name);
	return len > SIG_SUFFIX_LEN && strcmp(entry->d_name + len - SIG_SUFFIX_LEN, ".sig") == 0 &&
		   fingerprint_parse(&fpr, entry->d_name, len - SIG_SUFFIX_LEN);
}

static int read_one(int dir_fd, const char *name, struct registry_file *file, struct buf *storage, struct err *err)
{
	struct registry_part *part = &file->signatures[file->signature_count];
	size_t before = storage->len;
	if (file->signature_count == REGISTRY_SIGNATURES_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d signatures", REGISTRY_SIGNATURES_DIR, REGISTRY_SIGNATURES_MAX);
	if (io_read_file(storage, dir_fd, name, before + MEMBER_SIGNATURE_MAX, err) < 0)
		return err_wrap(err, "%s: ", REGISTRY_SIGNATURES_DIR);
	(void)fingerprint_parse(&part->name, name, strlen(name) - SIG_SUFFIX_LEN);
	part->len = storage->len - before;
	file->signature_count++;
	return 0;
}

/* The storage may have moved while it grew. */
static void point_into(struct registry_file *file, const struct buf *storage)
{
	const char *at = storage->data;
	for (uint32_t i = 0; i < file->signature_count; i++) {
		file->signatures[i].bytes = at;
		at += file->signatures[i].len;
	}
}

int registry_read_signatures(const struct station *station, const struct digest *digest, struct registry_file *file,
							 struct buf *storage, struct err *err)
{
	char folder[FOLDER_NAME_MAX];
	struct dirent **entries = NULL;
	format_folder(folder, digest);
	file->signature_count = 0;
	auto_fd int dir_fd = openat(station->home_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot open %s/%s", station->home, folder);
	int count = scandirat(dir_fd, ".", &entries, is_signature, alphasort);
	if (count < 0)
		return err_sys(err, "cannot read %s/%s", station->home, folder);
	int rc = 0;
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = read_one(dir_fd, entries[i]->d_name, file, storage, err);
		free(entries[i]);
	}
	free(entries);
	point_into(file, storage);
	return rc;
}

static bool is_signed_by(const struct station *station, const char *folder, const struct fingerprint *fpr)
{
	char name[FOLDER_NAME_MAX + FINGERPRINT_MAX + SIG_SUFFIX_LEN + 2];
	(void)snprintf(name, sizeof name, "%s/%s.sig", folder, fpr->hex);
	return faccessat(station->home_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool registry_is_signed_here(const struct station *station, const struct digest *digest)
{
	char folder[FOLDER_NAME_MAX];
	format_folder(folder, digest);
	bool found = is_signed_by(station, folder, &station->doc.fingerprint);
	for (uint32_t i = 0; !found && i < station->doc.former_count; i++)
		found = is_signed_by(station, folder, &station->doc.former[i].fingerprint);
	return found;
}

/* --- keeping --- */

static int make_folder(const struct station *station, const char *folder, struct err *err)
{
	const char *const names[] = {REGISTRY_SIGNATURES_DIR, folder};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (mkdirat(station->home_fd, names[i], 0700) < 0 && errno != EEXIST)
			return err_sys(err, "cannot make %s/%s", station->home, names[i]);
	return 0;
}

/* Each folder holds the name of the next: this one's in registry.sig, that one's in the home. */
static int sync_folders(const struct station *station, struct err *err)
{
	auto_fd int fd = openat(station->home_fd, REGISTRY_SIGNATURES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s/%s", station->home, REGISTRY_SIGNATURES_DIR);
	return io_sync_dir(fd, err) < 0 ? -1 : io_sync_dir(station->home_fd, err);
}

/* Those that a file does not have were left out of it. */
static int drop_others(int dir_fd, const struct registry_file *file, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandirat(dir_fd, ".", &entries, is_signature, alphasort);
	if (count < 0)
		return err_sys(err, "cannot read %s", REGISTRY_SIGNATURES_DIR);
	for (int i = 0; i < count; i++) {
		struct registry_part wanted = {.len = 0};
		(void)fingerprint_parse(&wanted.name, entries[i]->d_name, strlen(entries[i]->d_name) - SIG_SUFFIX_LEN);
		if (file->signature_count == 0 ||
			bsearch(&wanted, file->signatures, file->signature_count, sizeof wanted, registry_part_compare) == NULL)
			(void)unlinkat(dir_fd, entries[i]->d_name, 0);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int registry_write_signatures(const struct station *station, const struct digest *digest,
							  const struct registry_file *file, struct err *err)
{
	char folder[FOLDER_NAME_MAX], name[FINGERPRINT_MAX + SIG_SUFFIX_LEN + 1];
	format_folder(folder, digest);
	if (make_folder(station, folder, err) < 0)
		return -1;
	auto_fd int dir_fd = openat(station->home_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return err_sys(err, "cannot open %s/%s", station->home, folder);
	if (drop_others(dir_fd, file, err) < 0)
		return -1;
	for (uint32_t i = 0; i < file->signature_count; i++) {
		const struct registry_part *part = &file->signatures[i];
		(void)snprintf(name, sizeof name, "%s.sig", part->name.hex);
		if (io_replace_file(dir_fd, name, part->bytes, part->len, 0600, err) < 0)
			return err_wrap(err, "%s: ", folder);
	}
	return sync_folders(station, err);
}

bool registry_has_signatures(const struct station *station, const struct digest *digest)
{
	char folder[FOLDER_NAME_MAX];
	format_folder(folder, digest);
	return faccessat(station->home_fd, folder, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void registry_drop_signatures(const struct station *station, const struct digest *digest)
{
	char folder[FOLDER_NAME_MAX];
	format_folder(folder, digest);
	io_remove_tree(station->home_fd, folder);
	(void)unlinkat(station->home_fd, REGISTRY_SIGNATURES_DIR, AT_REMOVEDIR); /* where it is empty now */
}

void registry_forget_signatures(const struct station *station, const struct digest *but)
{
	char keep[DIGEST_HEX + 1];
	struct dirent **entries = NULL;
	digest_format(keep, but);
	auto_fd int dir_fd = openat(station->home_fd, REGISTRY_SIGNATURES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = dir_fd < 0 ? 0 : scandirat(dir_fd, ".", &entries, NULL, NULL);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		if (name[0] != '.' && strcmp(name, keep) != 0)
			io_remove_tree(dir_fd, name);
		free(entries[i]);
	}
	free(entries);
}
