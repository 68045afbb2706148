/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/station_place.h"

#include "base/cancel.h"
#include "base/io.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

void station_place_clear(struct station_place *place)
{
	if (place->hidden != NULL)
		io_remove_tree(AT_FDCWD, place->hidden);
	if (place->fd >= 0)
		(void)close(place->fd);
	free(place->home);
	free(place->parent);
	free(place->hidden);
	*place = (struct station_place){.fd = -1};
}

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

int station_place_check(const char *home, struct err *err)
{
	struct stat st;
	return lstat(home, &st) < 0 || is_empty_folder(home) ? 0 : fail_exists(home, err);
}

/* The real path where something is there already: a rename does not go through a link. */
static int find_place(struct station_place *place, const char *home, struct err *err)
{
	struct stat st;
	if (home[0] != '/')
		return err_set(err, ERR_INTERNAL, "the home's path is not absolute");
	if (station_place_check(home, err) < 0)
		return -1;
	place->home = lstat(home, &st) == 0 ? realpath(home, NULL) : strdup(home);
	place->parent = place->home != NULL ? strdup(place->home) : NULL;
	char *slash = place->parent != NULL ? strrchr(place->parent, '/') : NULL;
	if (slash == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	slash[slash == place->parent] = '\0';
	return make_parents(place->parent, err);
}

static int make_hidden(struct station_place *place, const char *what, struct err *err)
{
	char name[64];
	auto_free char *template = NULL;
	(void)snprintf(name, sizeof name, ".valise-%s-XXXXXX", what);
	if (path_join(&template, place->parent, name, err) < 0)
		return -1;
	if (mkdtemp(template) == NULL)
		return err_sys(err, "cannot make a folder in %s", place->parent);
	place->hidden = steal(&template);
	place->fd = open(place->hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->fd >= 0 ? 0 : err_sys(err, "cannot open %s", place->hidden);
}

int station_place_open(struct station_place *out, const char *home, const char *what, struct err *err)
{
	struct station_place place = {.fd = -1};
	*out = place;
	if (find_place(&place, home, err) < 0 || make_hidden(&place, what, err) < 0) {
		station_place_clear(&place);
		return -1;
	}
	*out = place;
	return 0;
}

int station_place_commit(struct station_place *place, struct err *err)
{
	auto_fd int parent_fd = open(place->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return err_sys(err, "cannot open %s", place->parent);
	if (syncfs(place->fd) < 0)
		return err_sys(err, "cannot sync the new station");
	if (cancel_check(err) < 0)
		return -1;
	/* A rename of a folder replaces nothing but an empty folder. */
	if (rename(place->hidden, place->home) < 0) {
		if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
			return fail_exists(place->home, err);
		return err_sys(err, "cannot put the new station at %s", place->home);
	}
	free(place->hidden);
	place->hidden = NULL;
	return io_sync_dir(parent_fd, err);
}
