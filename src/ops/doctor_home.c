/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the round that looks at the home as a folder. */
#include "format/names.h"
#include "keyring/secrets.h"
#include "ops/doctor_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { SPACE_LOW_MB = 100 };

/* --- leftovers --- */

static bool is_temporary(const char *name)
{
	return strstr(name, TEMPORARY_MARK) != NULL;
}

/* A station that was being made, or restored, when its command was killed: secret keys may be in it. */
static bool is_half_home(const char *name)
{
	return strncmp(name, ".valise-init-", strlen(".valise-init-")) == 0 ||
		   strncmp(name, ".valise-restore-", strlen(".valise-restore-")) == 0;
}

enum search { HERE, ONE_BELOW }; /* or in its folders as well */

static unsigned count_names(int dir_fd, const char *folder, bool (*is)(const char *name), enum search search)
{
	unsigned count = 0;
	auto_fd int fd = openat(dir_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL)
		return 0;
	(void)steal_fd(&fd);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		count += is(entry->d_name);
		if (search == ONE_BELOW && entry->d_name[0] != '.')
			count += count_names(dirfd(dir), entry->d_name, is, HERE);
	}
	(void)closedir(dir);
	return count;
}

static void examine_temporaries(struct examination *ex, const struct station *station)
{
	static const char *const folders[] = {".", "keys", "gnupg", "schemes", "secrets"};
	/* registry.sig/DIGEST/FPR.sig */
	unsigned count = count_names(station->home_fd, "registry.sig", is_temporary, ONE_BELOW);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		count += count_names(station->home_fd, folders[i], is_temporary, HERE);
	if (count > 0)
		finding_add(ex, FINDING_ATTENTION, "leftovers",
					"remove the files with .part- in their names when no valise runs",
					"%u temporary files of interrupted commands in %s", count, station->home);
}

static void examine_half_homes(struct examination *ex, const struct station *station)
{
	auto_free char *home = strdup(station->home);
	if (home == NULL) {
		ex->out_of_memory = true;
		return;
	}
	const char *parent = dirname(home);
	unsigned count = count_names(AT_FDCWD, parent, is_half_home, HERE);
	if (count > 0)
		finding_add(ex, FINDING_ATTENTION, "leftovers",
					"remove the folders .valise-init-... and .valise-restore-... there when no valise runs",
					"%u half stations of interrupted commands, maybe with keys, in %.120s", count, parent);
}

void doctor_examine_leftovers(struct examination *ex, const struct registry *registry)
{
	struct err err = ERR_INIT;
	unsigned count;
	if (registry_count_leftovers(registry, &count, &err) < 0)
		finding_add_err(ex, FINDING_ATTENTION, "leftovers", &err);
	else if (count > 0)
		finding_add(ex, FINDING_ATTENTION, "leftovers",
					"repeat the command that was interrupted, or remove the files .next and .import in keys/",
					"%u certificates that wait in %s/keys for a registry that speaks of none of them", count,
					registry->station->home);
}

/* A name there that is not understood stops pack. */
static void examine_secrets(struct examination *ex, const struct station *station)
{
	auto_secret_refs refs = {0};
	struct err err = ERR_INIT;
	if (secrets_list(&refs, station, &err) < 0)
		finding_add_err(ex, FINDING_BROKEN, "secrets", &err);
}

/* --- permissions --- */

/* gpg warns of its own; whoever may write to one puts in what he likes. */
static void examine_folder(struct examination *ex, const struct station *station, const char *name)
{
	struct stat st;
	if (fstatat(station->home_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & 077) != 0)
		finding_add(ex, FINDING_ATTENTION, "home", "close it with: chmod 700 on that folder",
					"others may look into the folder %s of the home", name);
}

static void examine_permissions(struct examination *ex, const struct station *station)
{
	static const char *const folders[] = {"gnupg", "gnupg/private-keys-v1.d", "secrets"};
	struct stat st;
	if (fstat(station->home_fd, &st) == 0 && (st.st_mode & 077) != 0)
		finding_add(ex, FINDING_ATTENTION, "home", "close it with: chmod 700 on that folder",
					"others may look into %.180s", station->home);
	else
		finding_add(ex, FINDING_OK, "home", "", "%s", station->home);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		examine_folder(ex, station, folders[i]);
	if (faccessat(station->home_fd, ".", W_OK, AT_EACCESS) != 0)
		finding_add(ex, FINDING_ATTENTION, "home", "only verify works there, and leaves no record",
					"the home cannot be written");
}

static void examine_space(struct examination *ex, const struct station *station)
{
	struct statvfs fs;
	if (fstatvfs(station->home_fd, &fs) != 0)
		return;
	unsigned long long megabytes = (unsigned long long)fs.f_bavail * fs.f_frsize / 1000000;
	bool low = megabytes < SPACE_LOW_MB;
	finding_add(ex, low ? FINDING_ATTENTION : FINDING_OK, "space", low ? "free some space there" : "",
				"%llu MB free for the home", megabytes);
}

void doctor_examine_home(struct examination *ex, const struct station *station)
{
	examine_permissions(ex, station);
	examine_space(ex, station);
	examine_temporaries(ex, station);
	examine_secrets(ex, station);
	examine_half_homes(ex, station);
}
