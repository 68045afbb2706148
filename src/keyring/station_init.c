/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/station_key.h"

#include "base/cancel.h"
#include "base/io.h"
#include "base/path.h"
#include "keyring/shipped.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* A station is built in a hidden folder beside its place and renamed there when it is whole. */

struct building {
	char *home;   /* where it will be */
	char *parent; /* the folder of both */
	char *hidden; /* where it is built; NULL before */
	char *gnupg;
	int fd;
};

static void building_clear(struct building *b)
{
	if (b->hidden != NULL)
		io_remove_tree(AT_FDCWD, b->hidden);
	if (b->fd >= 0)
		(void)close(b->fd);
	free(b->home);
	free(b->parent);
	free(b->hidden);
	free(b->gnupg);
}

/* --- the place --- */

static bool is_empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	bool empty = dir != NULL;
	if (dir == NULL)
		return false;
	for (struct dirent *entry; empty && (entry = readdir(dir)) != NULL;)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	(void)closedir(dir);
	return empty;
}

static int fail_exists(const char *home, struct err *err)
{
	char name[PATH_MAX];
	struct stat st;
	bool station = snprintf(name, sizeof name, "%s/station.yaml", home) < (int)sizeof name && lstat(name, &st) == 0;
	(void)err_set(err, ERR_EXISTS, "%s %s", home,
				  station ? "is a station already" : "exists and is not an empty folder");
	return err_hint(err, station ? "look at it with: valise doctor; or choose another place with --home DIR"
								 : "choose another place with --home DIR");
}

static int make_parents(const char *path, struct err *err)
{
	auto_free char *copy = strdup(path);
	if (copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (char *at = copy + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char held = *at;
		*at = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return err_sys(err, "cannot make the folder %s", copy);
		*at = held;
		if (held == '\0')
			return 0;
	}
}

/* The real path where something is there already: a rename does not go through a link. */
static int find_place(struct building *b, const char *home, struct err *err)
{
	struct stat st;
	if (lstat(home, &st) == 0) {
		if (!is_empty_folder(home))
			return fail_exists(home, err);
		b->home = realpath(home, NULL);
	} else if (home[0] == '/') {
		b->home = strdup(home);
	} else {
		return err_set(err, ERR_INTERNAL, "the home's path is not absolute");
	}
	b->parent = b->home != NULL ? strdup(b->home) : NULL;
	char *slash = b->parent != NULL ? strrchr(b->parent, '/') : NULL;
	if (slash == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	slash[slash == b->parent] = '\0';
	return make_parents(b->parent, err);
}

static int make_hidden(struct building *b, struct err *err)
{
	static const char *const folders[] = {"gnupg", "gnupg/private-keys-v1.d", "gnupg/openpgp-revocs.d", "keys",
										  "schemes"};
	auto_free char *template = NULL;
	if (path_join(&template, b->parent, ".valise-init-XXXXXX", err) < 0)
		return -1;
	if (mkdtemp(template) == NULL)
		return err_sys(err, "cannot make a folder in %s", b->parent);
	b->hidden = steal(&template);
	b->fd = open(b->hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->fd < 0)
		return err_sys(err, "cannot open %s", b->hidden);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (mkdirat(b->fd, folders[i], 0700) < 0)
			return err_sys(err, "cannot make %s", folders[i]);
	return path_join(&b->gnupg, b->hidden, "gnupg", err);
}

/* --- the contents --- */

static int write_settings(const struct building *b, struct err *err)
{
	if (io_replace_file(b->fd, "gnupg/gpg.conf", shipped_gpg_conf, shipped_gpg_conf_len, 0600, err) < 0)
		return -1;
	return io_replace_file(b->fd, "gnupg/gpg-agent.conf", shipped_gpg_agent_conf, shipped_gpg_agent_conf_len, 0600,
						   err);
}

static int make_key(const struct building *b, const struct station_init *init, const struct gpg_passphrase *passphrase,
					struct fingerprint *out, struct err *err)
{
	auto_gpg *gpg = NULL;
	auto_buf certificate = {0};
	char name[FINGERPRINT_MAX + 16];
	const struct station_key_source source = {
		.party = &init->party, .key = init->key, .adopt = init->adopt, .protection = init->protection};
	if (gpg_open_station(&gpg, b->gnupg, passphrase, err) < 0 || station_key_get(gpg, &source, out, err) < 0 ||
		gpg_export(gpg, out, &certificate, err) < 0)
		return -1;
	(void)snprintf(name, sizeof name, "keys/%s.pgp", out->hex);
	return io_replace_file(b->fd, name, certificate.data, certificate.len, 0600, err);
}

/* What was typed is judged by the same rules as what is read: before a key is made, and before anybody is asked
 * anything. */
static int format_doc(struct buf *out, const struct station_init *init, const struct fingerprint *fpr, struct err *err)
{
	const struct station_doc doc = {.party = init->party,
									.fingerprint = *fpr,
									.ceilings = init->ceilings,
									.communities = init->communities,
									.expires_days = LIFE_DAYS_DEFAULT,
									.max_files = MANIFEST_ENTRIES_MAX,
									.max_bytes = STATION_MAX_BYTES_DEFAULT};
	struct station_doc back;
	if (station_doc_format(out, &doc, err) < 0)
		return -1;
	if (station_doc_parse(&back, out->data, out->len, err) == 0)
		return 0;
	if (err->code == ERR_STATION)
		(void)err_recode(err, ERR_USAGE);
	return err_wrap(err, "what station.yaml would say is not allowed: ");
}

static int fill(const struct building *b, const struct station_init *init, const struct gpg_passphrase *passphrase,
				struct fingerprint *fpr, struct err *err)
{
	auto_buf doc = {0};
	*fpr = (struct fingerprint){""};
	if (write_settings(b, err) < 0 || (init->key != STATION_KEY_NONE && make_key(b, init, passphrase, fpr, err) < 0) ||
		format_doc(&doc, init, fpr, err) < 0)
		return -1;
	return io_replace_file(b->fd, "station.yaml", doc.data, doc.len, 0600, err);
}

/* --- the end --- */

static int put_in_place(struct building *b, struct err *err)
{
	auto_fd int parent_fd = open(b->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return err_sys(err, "cannot open %s", b->parent);
	if (syncfs(b->fd) < 0)
		return err_sys(err, "cannot sync the new station");
	if (cancel_check(err) < 0)
		return -1;
	/* A rename of a folder replaces nothing but an empty folder. */
	if (rename(b->hidden, b->home) < 0) {
		if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
			return fail_exists(b->home, err);
		return err_sys(err, "cannot put the new station at %s", b->home);
	}
	free(b->hidden);
	b->hidden = NULL;
	return io_sync_dir(parent_fd, err);
}

int station_init(const char *home, const struct station_init *init, const struct gpg_passphrase *passphrase,
				 struct fingerprint *out_fpr, struct err *err)
{
	AUTO(building_clear) struct building b = {.fd = -1};
	auto_buf rehearsal = {0};
	if (format_doc(&rehearsal, init, &(struct fingerprint){""}, err) < 0 || find_place(&b, home, err) < 0 ||
		make_hidden(&b, err) < 0 || fill(&b, init, passphrase, out_fpr, err) < 0)
		return -1;
	return put_in_place(&b, err);
}
