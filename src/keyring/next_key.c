/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/next_key.h"

#include "base/io.h"
#include "base/path.h"
#include "format/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder has the name of something unfinished: backups leave it out.
 *
 * In it lies, from when the key is made, a note of what taking the key brings into the station's home, so that it can
 * be taken back:
 *
 *   <FPR> LF            keys/<FPR>.pgp, gnupg/openpgp-revocs.d/<FPR>.rev, keys/<OLD>.rotation
 *   *( <KEYGRIP> LF )   gnupg/private-keys-v1.d/<KEYGRIP>.key: those only that the station did not have before */
static const char folder[] = "gnupg.part-new", note_name[] = "gnupg.part-new/note";
static const char secrets_name[] = "private-keys-v1.d";

enum { KEYGRIP_LEN = 40, NOTE_MAX = 4096, NAME_BYTES = FINGERPRINT_MAX + 64, REVOCATION_MAX = 64 << 10 };

void next_key_clear(struct next_key *key)
{
	gpg_close(key->gpg);
	buf_clear(&key->note);
	free(key->home);
	*key = (struct next_key){.station = NULL};
}

/* --- taking back --- */

static int remove_file(int home_fd, const char *format, const char *name)
{
	char path[NAME_BYTES];
	return snprintf(path, sizeof path, format, name) < (int)sizeof path &&
				   (unlinkat(home_fd, path, 0) == 0 || errno == ENOENT)
			   ? 0
			   : -1;
}

static bool is_part_of(const char *name, const char *grips)
{
	static const char part[] = ".key" TEMPORARY_MARK;
	char grip[KEYGRIP_LEN + 2];
	if (name[0] != '.' || strlen(name) < 1 + KEYGRIP_LEN || strncmp(name + 1 + KEYGRIP_LEN, part, strlen(part)) != 0)
		return false;
	(void)snprintf(grip, sizeof grip, "%.*s\n", KEYGRIP_LEN, name + 1);
	return strstr(grips, grip) != NULL;
}

/* A copy that was killed has not its name yet. */
static int remove_parts(int home_fd, const char *grips)
{
	int rc = 0;
	auto_fd int fd = openat(home_fd, "gnupg/private-keys-v1.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL)
		return -1;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (is_part_of(entry->d_name, grips) && unlinkat(fd, entry->d_name, 0) < 0)
			rc = -1;
	(void)steal_fd(&fd);
	(void)closedir(dir);
	return rc;
}

static int remove_secrets(int home_fd, const char *at)
{
	int rc = remove_parts(home_fd, at);
	for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		char grip[KEYGRIP_LEN + 1];
		if (end - at != KEYGRIP_LEN || strspn(at, "0123456789ABCDEF") != KEYGRIP_LEN)
			return -1;
		(void)snprintf(grip, sizeof grip, "%.*s", KEYGRIP_LEN, at);
		rc |= remove_file(home_fd, "gnupg/private-keys-v1.d/%s.key", grip);
	}
	return rc;
}

/* What the note speaks of, where the key is not the station's. */
static int take_back(const struct station *station, const struct buf *note, struct gpg *gpg)
{
	struct fingerprint fpr;
	const int home_fd = station->home_fd;
	const char *end = note->len > 0 ? strchr(note->data, '\n') : NULL;
	if (end == NULL)
		return 0;
	if (!fingerprint_parse(&fpr, note->data, (size_t)(end - note->data)))
		return -1;
	if (station_doc_has_key(&station->doc, &fpr))
		return 0;
	int rc = remove_secrets(home_fd, end + 1);
	rc |= remove_file(home_fd, "gnupg/openpgp-revocs.d/%s.rev", fpr.hex);
	rc |= remove_file(home_fd, "keys/%s.pgp", fpr.hex);
	rc |= remove_file(home_fd, "keys/%s.rotation", station->doc.fingerprint.hex);
	gpg_remove(gpg, &fpr);
	return rc;
}

static int remove_folder(int home_fd)
{
	struct stat st;
	io_remove_tree(home_fd, folder);
	return fstatat(home_fd, folder, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT ? 0 : -1;
}

int next_key_end(struct next_key *key, enum next_key_fate fate, struct gpg *gpg)
{
	if (key->home == NULL)
		return 0;
	gpg_close(steal(&key->gpg)); /* its agent writes there no more */
	/* The note is of use until all that it speaks of is gone. */
	if (fate == NEXT_KEY_DROPPED && take_back(key->station, &key->note, gpg) < 0)
		return -1;
	return remove_folder(key->station->home_fd);
}

/* --- making --- */

static int remove_leftover(const struct station *station, struct gpg *gpg, struct err *err)
{
	struct stat st;
	auto_buf note = {0};
	if (fstatat(station->home_fd, folder, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (fstatat(station->home_fd, note_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		io_read_file(&note, station->home_fd, note_name, NOTE_MAX, err) < 0)
		return -1;
	if (take_back(station, &note, gpg) == 0 && remove_folder(station->home_fd) == 0)
		return 0;
	(void)err_set(err, ERR_IO, "what an attempt that was interrupted left in %s/%s cannot be removed", station->home,
				  folder);
	return err_hint(err, "look at the disk and the permissions there, and try again");
}

/* The station's settings count: how keys are protected, which pinentry asks. */
static int link_settings(int home_fd, struct err *err)
{
	static const char *const names[] = {"gpg.conf", "gpg-agent.conf", "scdaemon.conf", "gnupg-pkcs11-scd.conf"};
	char from[64], to[64], target[64];
	struct stat st;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(from, sizeof from, "gnupg/%s", names[i]);
		(void)snprintf(to, sizeof to, "%s/%s", folder, names[i]);
		(void)snprintf(target, sizeof target, "../gnupg/%s", names[i]);
		if (fstatat(home_fd, from, &st, 0) == 0 && symlinkat(target, home_fd, to) < 0)
			return err_sys(err, "cannot link %s", to);
	}
	return 0;
}

int next_key_open(struct next_key *key, const struct station *station, struct gpg *gpg,
				  const struct gpg_passphrase *passphrase, struct err *err)
{
	*key = (struct next_key){.station = station};
	if (remove_leftover(station, gpg, err) < 0 || path_join(&key->home, station->home, folder, err) < 0)
		return -1;
	if (mkdirat(station->home_fd, folder, 0700) < 0)
		return err_sys(err, "cannot make %s", key->home);
	if (link_settings(station->home_fd, err) < 0)
		return -1;
	return gpg_open_station(&key->gpg, key->home, passphrase, err);
}

static bool is_new_secret(const struct next_key *key, const char *name)
{
	char path[NAME_BYTES];
	struct stat st;
	return strlen(name) == KEYGRIP_LEN + strlen(".key") && strcmp(name + KEYGRIP_LEN, ".key") == 0 &&
		   snprintf(path, sizeof path, "gnupg/private-keys-v1.d/%s", name) < (int)sizeof path &&
		   fstatat(key->station->home_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0;
}

static int note_secrets(struct next_key *key, struct err *err)
{
	auto_free char *path = NULL;
	if (path_join(&path, key->home, secrets_name, err) < 0)
		return -1;
	DIR *dir = opendir(path);
	if (dir == NULL)
		return err_sys(err, "cannot read %s", path);
	int rc = 0;
	for (const struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL;)
		if (is_new_secret(key, entry->d_name))
			rc = buf_printf(&key->note, err, "%.*s\n", KEYGRIP_LEN, entry->d_name);
	(void)closedir(dir);
	return rc;
}

int next_key_make(struct next_key *key, const struct station_key_source *source, struct err *err)
{
	if (station_key_get(key->gpg, source, &key->fpr, err) < 0 ||
		buf_printf(&key->note, err, "%s\n", key->fpr.hex) < 0 || note_secrets(key, err) < 0)
		return -1;
	return io_replace_file(key->station->home_fd, note_name, key->note.data, key->note.len, 0600, err);
}

/* --- moving in --- */

/* gpg writes one with each key that it makes. */
static int copy_revocation(const struct next_key *key, struct err *err)
{
	char from[NAME_BYTES], to[NAME_BYTES];
	auto_buf bytes = {0};
	(void)snprintf(from, sizeof from, "%s/openpgp-revocs.d/%s.rev", folder, key->fpr.hex);
	(void)snprintf(to, sizeof to, "gnupg/openpgp-revocs.d/%s.rev", key->fpr.hex);
	return io_read_file(&bytes, key->station->home_fd, from, REVOCATION_MAX, err) < 0
			   ? -1
			   : io_replace_file(key->station->home_fd, to, bytes.data, bytes.len, 0600, err);
}

int next_key_move_in(struct next_key *key, struct gpg *gpg, const struct station_key_source *source, struct err *err)
{
	struct fingerprint again;
	/* An adopted one once more from where it came, with the settings of its smart card. */
	if (source->key == STATION_KEY_ADOPT)
		return station_key_get(gpg, source, &again, err);
	return copy_revocation(key, err) < 0 ? -1 : gpg_adopt(gpg, key->home, &key->fpr, err);
}
