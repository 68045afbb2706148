/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/station.h"

#include "base/io.h"
#include "base/path.h"
#include "format/pgp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* --- where --- */

static int make_absolute(char **out, const char *path, struct err *err)
{
	char here[PATH_MAX];
	if (path[0] == '/') {
		*out = strdup(path);
		return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	if (getcwd(here, sizeof here) == NULL)
		return err_sys(err, "cannot tell the current folder");
	return path_join(out, here, path, err);
}

/* An empty variable is as good as none; XDG's must be absolute to count. */
static const char *set_variable(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static void drop_slashes(char *path)
{
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

int station_home_path(char **out, const char *option, struct err *err)
{
	const char *valise = set_variable("VALISE_HOME"), *data = set_variable("XDG_DATA_HOME"),
			   *home = set_variable("HOME");
	int rc;
	*out = NULL;
	if (option != NULL && option[0] == '\0')
		return err_set(err, ERR_USAGE, "--home is empty");
	if (option != NULL)
		rc = make_absolute(out, option, err);
	else if (valise != NULL)
		rc = make_absolute(out, valise, err);
	else if (data != NULL && data[0] == '/')
		rc = path_join(out, data, "valise", err);
	else if (home != NULL && home[0] == '/')
		rc = path_join(out, home, ".local/share/valise", err);
	else {
		(void)err_set(err, ERR_NO_STATION,
					  "none of --home, VALISE_HOME, XDG_DATA_HOME and HOME says where the station is");
		return err_hint(err, "say it with --home DIR");
	}
	if (rc == 0)
		drop_slashes(*out);
	return rc;
}

/* --- opening --- */

static int fail_no_station(const char *home, struct err *err)
{
	(void)err_set(err, ERR_NO_STATION, "there is no station in %s", home);
	return err_hint(err, "make one with: valise init --name NAME --organisation ORG, or, to verify only: valise init "
						 "--verify-only --name NAME --organisation ORG");
}

/* Who can write here can put in a registry of his own. */
static int check_home(int fd, const char *home, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", home);
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		(void)err_set(err, ERR_STATION, "the station in %s belongs to somebody else", home);
		return err_hint(err, "work as the user whose station it is");
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		(void)err_set(err, ERR_STATION, "others can write to the station in %s", home);
		return err_hint(err, "close it with: chmod 700 %s", home);
	}
	return 0;
}

static int read_doc(struct station *station, struct err *err)
{
	auto_buf bytes = {0};
	struct err io = ERR_INIT;
	if (io_read_file(&bytes, station->home_fd, "station.yaml", STATION_BYTES_MAX, &io) < 0) {
		if (io.saved_errno == ENOENT)
			return fail_no_station(station->home, err);
		return err_set(err, io.code == ERR_CANCELLED || io.code == ERR_MEMORY ? io.code : ERR_STATION, "%s",
					   io.message);
	}
	if (station_doc_parse(&station->doc, bytes.data, bytes.len, err) == 0)
		return 0;
	if (err->code == ERR_STATION && err->hint[0] == '\0')
		(void)err_hint(err, "correct that line; valise-station(5) tells its form");
	return err_wrap(err, "%s/station.yaml: ", station->home);
}

static int open_below(struct station *station, const char *home, struct err *err)
{
	if (make_absolute(&station->home, home, err) < 0 || path_join(&station->gnupg, station->home, "gnupg", err) < 0)
		return -1;
	station->home_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (station->home_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return fail_no_station(station->home, err);
	if (station->home_fd < 0)
		return err_sys(err, "cannot open the station in %s", station->home);
	if (check_home(station->home_fd, station->home, err) < 0)
		return -1;
	return read_doc(station, err);
}

int station_open(struct station *out, const char *home, struct err *err)
{
	struct station station = {.home_fd = -1};
	*out = station;
	if (open_below(&station, home, err) < 0) {
		station_close(&station);
		return -1;
	}
	*out = station;
	return 0;
}

void station_close(struct station *station)
{
	/* A struct of zeros was never opened, and descriptor 0 is not ours. */
	if (station->home != NULL && station->home_fd >= 0)
		(void)close(station->home_fd);
	free(station->home);
	free(station->gnupg);
	*station = (struct station){.home_fd = -1};
}

/* --- what we show of ourselves --- */

int station_certificate(const struct station *station, struct buf *out, struct err *err)
{
	return station_key_certificate(station, &station->doc.fingerprint, out, err);
}

int station_key_certificate(const struct station *station, const struct fingerprint *fpr, struct buf *out,
							struct err *err)
{
	char name[FINGERPRINT_MAX + 16];
	if (!station_can_sign(station)) {
		(void)err_set(err, ERR_STATION, "this station has no key of its own: it verifies only");
		return err_hint(err, "a station with a key is made by: valise init --name NAME --organisation ORG");
	}
	(void)snprintf(name, sizeof name, "keys/%s.pgp", fpr->hex);
	if (io_read_file(out, station->home_fd, name, PGP_CERT_MAX, err) < 0) {
		if (err->code == ERR_IO || err->code == ERR_LIMIT)
			(void)err_recode(err, ERR_STATION);
		(void)err_wrap(err, "the station's own certificate: ");
		return err_hint(err, "restore %s/%s from a backup", station->home, name);
	}
	return 0;
}

int station_card(const struct station *station, struct card *out, struct err *err)
{
	auto_buf kept = {0}, clean = {0};
	struct cert cert;
	*out = (struct card){0};
	if (station_certificate(station, &kept, err) < 0)
		return -1;
	if (gpg_launder(kept.data, kept.len, &station->doc.fingerprint, &clean, &cert, err) < 0) {
		if (err->code == ERR_CERTIFICATE || err->code == ERR_FINGERPRINT)
			(void)err_recode(err, ERR_STATION);
		return err_wrap(err, "the station's own certificate: ");
	}
	out->party = station->doc.party;
	out->fingerprint = station->doc.fingerprint;
	out->created = utc_now();
	out->certificate_len = clean.len;
	out->certificate = (unsigned char *)steal(&clean.data);
	clean = (struct buf){0};
	return 0;
}
