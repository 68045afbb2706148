/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_symmetric.h"
#include "keyring/shipped.h"
#include "keyring/station_place.h"
#include "ops/backup.h"
#include "ops/backup_archive.h"

#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

void restore_result_clear(struct restore_result *result)
{
	free(result->home);
	notices_clear(&result->notices);
	*result = (struct restore_result){0};
}

/* --- files --- */

/* The folder that is built. Only we write there, each path lies in folders of the list, all of them were made by us:
 * there is no link to follow. */
struct building {
	int root, file; /* file: the one being written, -1 */
	uint32_t files;
};

static void building_clear(struct building *building)
{
	cleanup_fd(&building->file);
}

static int begin_entry(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct building *building = ctx;
	const char *slash = strchr(entry->path, '/');
	if (slash == NULL)
		return 0; /* the home itself */
	/* gpg would talk to whatever a file of this name points at. */
	if (strncmp(slash, "/gnupg/S.", 9) == 0)
		return err_set(err, ERR_BACKUP, "%s would stand for a socket of gpg-agent", entry->path);
	if (entry->type == ENTRY_FOLDER)
		return mkdirat(building->root, slash + 1, 0700) == 0 ? 0 : err_sys(err, "cannot make %s", entry->path);
	building->file = openat(building->root, slash + 1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
							entry->type == ENTRY_EXECUTABLE ? 0700 : 0600);
	return building->file >= 0 ? 0 : err_sys(err, "cannot create %s", entry->path);
}

static int write_bytes(void *ctx, const void *bytes, size_t len, struct err *err)
{
	const struct building *building = ctx;
	return io_write_all(building->file, bytes, len, err);
}

static int end_entry(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	struct building *building = ctx;
	if (entry->type == ENTRY_FOLDER)
		return 0;
	building->files++;
	return close(steal_fd(&building->file)) == 0 ? 0 : err_sys(err, "cannot close %s", entry->path);
}

/* --- the backup --- */

static int drop(void *ctx, const void *bytes, size_t len, struct err *err)
{
	(void)ctx;
	(void)bytes;
	(void)len;
	(void)err;
	return 0;
}

static int fail_backup(const char *path, struct err *err)
{
	(void)err_wrap(err, "%s: ", path);
	if (err->code == ERR_DAMAGED || err->code == ERR_TRUNCATED)
		return err_hint(err, "take another copy of this backup, or an older one");
	if (err_exit_status(err->code) == 8)
		return err_hint(err, "check that this file was written by: valise backup");
	return -1;
}

/* gpg hands plaintext out before it knows whether it is whole: so once for its verdict, and once for the bytes. */
static int open_backup(const struct restore_request *request, struct err *err)
{
	auto_fd int fd = open(request->backup, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s", request->backup);
	if (gpg_symmetric_check(fd, err) < 0 || gpg_symmetric_open(fd, request->passphrase, drop, NULL, err) < 0)
		return fail_backup(request->backup, err);
	return steal_fd(&fd);
}

static int fill(struct restore_result *out, const struct restore_request *request, int fd,
				const struct station_place *place, struct backup_doc *doc, struct err *err)
{
	AUTO(building_clear) struct building building = {.root = place->fd, .file = -1};
	const struct backup_taker taker = {begin_entry, write_bytes, end_entry, &building};
	if (backup_read(fd, request->passphrase, &taker, request->progress, "restoring", doc, err) < 0)
		return fail_backup(request->backup, err);
	out->files = building.files;
	out->created = doc->created;
	(void)snprintf(out->tool, sizeof out->tool, "%s", doc->tool);
	return 0;
}

/* --- settings --- */

/* What gpg and its agent are told would be obeyed as soon as the key is looked at; a line there can name a program. So
 * whoever wrote the backup does not say: the settings are those of a new station, and others lie beside, to be read. */

#define SET_ASIDE ".from-backup"

static bool is_settings(const char *name)
{
	const size_t len = strlen(name);
	return len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* The same bytes as a new station has. */
static bool is_as_shipped(int fd, const char *name)
{
	struct err ignored = ERR_INIT;
	auto_buf text = {0};
	for (size_t i = 0; i < SHIPPED_FILES; i++)
		if (strcmp(name, shipped_files[i].name) == 0)
			return io_read_file_here(&text, fd, name, *shipped_files[i].len, &ignored) == 0 &&
				   text.len == *shipped_files[i].len && memcmp(text.data, shipped_files[i].text, text.len) == 0;
	return false;
}

static int set_aside(struct restore_result *out, int fd, const char *name, struct err *err)
{
	char aside[NAME_MAX + sizeof SET_ASIDE];
	if (!is_settings(name) || is_as_shipped(fd, name))
		return 0;
	(void)snprintf(aside, sizeof aside, "%s" SET_ASIDE, name);
	if (renameat2(fd, name, fd, aside, RENAME_NOREPLACE) < 0)
		return err_sys(err, "cannot put gnupg/%s aside", name);
	notice_add(
		&out->notices,
		"gnupg/%s was changed at the station of the backup, and may name programs: it lies in gnupg/%s and is not "
		"in force; read it, and put back what is needed, such as scdaemon-program for a smartcard",
		name, aside);
	return 0;
}

static int set_aside_all(struct restore_result *out, DIR *dir, struct err *err)
{
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (set_aside(out, dirfd(dir), entry->d_name, err) < 0)
			return -1;
	return 0;
}

static int harden(struct restore_result *out, const struct station_place *place, struct err *err)
{
	const int fd = openat(place->fd, "gnupg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot open gnupg");
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	int rc = set_aside_all(out, dir, err) < 0 || shipped_write(place->fd, err) < 0 ? -1 : 0;
	(void)closedir(dir);
	return rc;
}

/* --- the station in it --- */

static int take_ledger(const struct restore_result *out, const struct station_place *place, struct err *err)
{
	auto_ledger *ledger = NULL;
	char when[UTC_TEXT + 1], text[128];
	if (faccessat(place->fd, "ledger.sqlite", F_OK, 0) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot look at ledger.sqlite");
	utc_format(when, out->created);
	(void)snprintf(text, sizeof text, "from the backup made at %s", when);
	if (ledger_open(&ledger, place->hidden, LEDGER_RESTORE, err) < 0)
		return -1;
	return ledger_restored(ledger, text, err);
}

/* What the restored station cannot know. */
static void warn(struct restore_result *out)
{
	char when[UTC_TEXT + 1];
	utc_format(when, out->created);
	if (out->facts.fingerprint.hex[0] != '\0')
		notice_add(&out->notices,
				   "what was sent after %s is not known here: on each channel numbers go on %d further, which "
				   "partners see as a gap; tell them",
				   when, LEDGER_RESTORE_GAP);
	notice_add(&out->notices, "a bundle that was received after %s would be received once more", when);
	notice_add(&out->notices,
			   "partners are those of registry number %llu; what was changed since, a revocation too, must be done "
			   "again",
			   (unsigned long long)out->facts.registry_serial);
	notice_add(&out->notices, "there must be one station of this key: never work with the old home beside this one");
}

/* Errors name the hidden folder: say where its contents come from. */
static int check_station(struct restore_result *out, const struct station_place *place, const struct backup_doc *doc,
						 struct err *err)
{
	struct err own = ERR_INIT;
	int rc = station_facts_read(&out->facts, place->hidden, &own);
	if (rc == 0 && !fingerprint_equal(&out->facts.fingerprint, &doc->fingerprint))
		rc = err_set(&own, ERR_BACKUP, "its list names another station than its station.yaml");
	if (rc == 0)
		rc = take_ledger(out, place, &own);
	if (rc == 0)
		return 0;
	*err = own;
	(void)err_wrap(err, "the station in this backup would not work: ");
	return err->code == ERR_CANCELLED
			   ? -1
			   : err_hint(err, "nothing was restored; valise-backup(1) tells how to open the file by hand");
}

static int restore(struct restore_result *out, const struct restore_request *request, struct err *err)
{
	auto_free char *home = NULL;
	auto_backup_doc doc = {0};
	AUTO(station_place_clear) struct station_place place = {.fd = -1};
	if (station_home_path(&home, request->home, err) < 0 || station_place_check(home, err) < 0)
		return -1;
	auto_fd int fd = open_backup(request, err);
	if (fd < 0 || station_place_open(&place, home, "restore", err) < 0 ||
		fill(out, request, fd, &place, &doc, err) < 0 || harden(out, &place, err) < 0 ||
		check_station(out, &place, &doc, err) < 0 || station_place_commit(&place, err) < 0)
		return -1;
	out->home = strdup(place.home);
	if (out->home == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	warn(out);
	return 0;
}

int backup_restore(struct restore_result *out, const struct restore_request *request, struct err *err)
{
	*out = (struct restore_result){0};
	if (restore(out, request, err) == 0)
		return 0;
	restore_result_clear(out);
	return -1;
}
