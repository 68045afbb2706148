/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/session.h"

#include "base/io.h"
#include "ops/equivalence_file.h"
#include "ops/registry_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>

#define SCHEMES_DIR "schemes"

/* --- schemes --- */

static int is_scheme_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int read_one(int dir_fd, const char *name,
					int (*each)(void *ctx, const char *name, const struct buf *bytes, struct err *err), void *ctx,
					struct err *err)
{
	auto_buf bytes = {0};
	if (io_read_file(&bytes, dir_fd, name, SCHEME_BYTES_MAX, err) < 0)
		return err_wrap(err, SCHEMES_DIR "/: ");
	return each(ctx, name, &bytes, err) < 0 ? err_wrap(err, SCHEMES_DIR "/") : 0;
}

/* Sorted, so that two schemes of one id are refused in the same words every time. */
int session_each_scheme_file(int home_fd,
							 int (*each)(void *ctx, const char *name, const struct buf *bytes, struct err *err),
							 void *ctx, struct err *err)
{
	auto_fd int dir_fd = openat(home_fd, SCHEMES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot open " SCHEMES_DIR " in the station's home");
	struct dirent **entries = NULL;
	int count = scandirat(dir_fd, ".", &entries, is_scheme_file, alphasort);
	if (count < 0)
		return err_sys(err, "cannot read " SCHEMES_DIR " in the station's home");
	int rc = 0;
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = read_one(dir_fd, entries[i]->d_name, each, ctx, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

struct adding {
	struct scheme_set *set;
	const struct accreditations *accredited;
};

static int add_one(void *ctx, const char *name, const struct buf *bytes, struct err *err)
{
	const struct adding *adding = ctx;
	return scheme_set_add(adding->set, bytes->data, bytes->len, adding->accredited, err) < 0
			   ? err_wrap(err, "%s: ", name)
			   : 0;
}

int session_load_schemes(struct scheme_set *out, const struct station *station, struct err *err)
{
	struct adding adding = {.set = out, .accredited = &station->doc.accreditations};
	if (scheme_set_load_shipped(out, adding.accredited, err) < 0 ||
		session_each_scheme_file(station->home_fd, add_one, &adding, err) < 0 || scheme_set_check(out, err) < 0) {
		scheme_set_clear(out);
		*out = (struct scheme_set){0};
		return -1;
	}
	return 0;
}

/* --- the session --- */

int session_load_equivalence(struct session *session, struct err *err)
{
	if (session->equivalence.items != NULL)
		return 0;
	return equivalence_load(&session->equivalence, session, utc_now(), err);
}

struct policy_case session_policy_case(const struct session *session, enum policy_side side,
									   const struct manifest *manifest, int64_t now)
{
	return (struct policy_case){.side = side,
								.schemes = &session->schemes,
								.manifest = manifest,
								.equivalence = &session->equivalence,
								.station = policy_party_of_station(&session->station.doc),
								.now = now};
}

/* Nobody is trusted for it; it is kept for what it names, so that whoever replaces it can clean up. */
static int set_aside(struct session *session, struct err *err)
{
	const int status = err_exit_status(err->code);
	if (status != err_exit_status(ERR_REGISTRY) && status != err_exit_status(ERR_REGISTRY_ROLLBACK) &&
		status != err_exit_status(ERR_VERSION))
		return -1;
	session->registry_fault = *err;
	*err = (struct err)ERR_INIT;
	return session->registry.station != NULL ? 0 : registry_open_unread(&session->registry, &session->station, err);
}

/* Bytes of the registry that this station has checked before are not checked again. What cannot be noted is checked
 * once more the next time. */
static int open_registry(struct session *session, enum session_ledger access, struct err *err)
{
	struct ledger_registry last = {0};
	struct err ignored = ERR_INIT;
	struct registry *registry = &session->registry;
	if (session->ledger != NULL && ledger_registry_last(session->ledger, &last, err) < 0)
		return -1;
	if (registry_open(registry, &session->station, last.canonical ? &last.digest : NULL, err) < 0)
		return access == SESSION_LEDGER_MEND ? set_aside(session, err) : -1;
	if (registry_state_check(registry, &last, session->ledger, utc_now(), &session->signers, err) < 0)
		return access == SESSION_LEDGER_MEND ? set_aside(session, err) : -1;
	if (access >= SESSION_LEDGER_WRITE && !digest_equal(&last.digest, &registry->digest))
		(void)registry_state_note(registry, &session->signers, session->ledger, &ignored);
	return 0;
}

static int session_fill(struct session *session, enum session_ledger ledger, struct err *err)
{
	enum ledger_access access = ledger >= SESSION_LEDGER_WRITE ? LEDGER_WRITE : LEDGER_READ_ONLY;
	if (ledger_open(&session->ledger, session->station.home, access, err) < 0)
		return -1;
	return open_registry(session, ledger, err) < 0 ||
				   session_load_schemes(&session->schemes, &session->station, err) < 0
			   ? -1
			   : 0;
}

int session_open(struct session *out, const char *home, enum session_ledger ledger,
				 const struct gpg_passphrase *passphrase, struct err *err)
{
	*out = (struct session){.lock_fd = -1};
	out->passphrase = passphrase != NULL ? *passphrase : (struct gpg_passphrase){GPG_PASSPHRASE_NEVER, NULL};
	auto_free char *path = NULL;
	if (station_home_path(&path, home, err) < 0 || station_open(&out->station, path, err) < 0)
		return -1;
	if (session_fill(out, ledger, err) < 0) {
		session_close(out);
		return -1;
	}
	return 0;
}

void session_close(struct session *session)
{
	/* Without a station nothing was opened; all else is empty where it was not. */
	if (session->station.home == NULL)
		return;
	ledger_close(session->ledger);
	equivalence_doc_clear(&session->equivalence);
	scheme_set_clear(&session->schemes);
	registry_close(&session->registry);
	station_close(&session->station);
	if (session->lock_fd >= 0)
		(void)close(session->lock_fd); /* and the lock is free */
	*session = (struct session){.lock_fd = -1};
}

int session_lock(struct session *session, struct err *err)
{
	auto_fd int fd = openat(session->station.home_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "cannot lock the station %s", session->station.home);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(err, "cannot lock the station %s", session->station.home);
		(void)err_set(err, ERR_BUSY, "another valise is at work on the station %s", session->station.home);
		return err_hint(err, "wait until it is done, then try again");
	}
	session->lock_fd = steal_fd(&fd);
	return 0;
}

/* --- notices --- */

void notice_add(struct notices *notices, const char *fmt, ...)
{
	char *line = NULL;
	va_list args;
	va_start(args, fmt);
	int len = vasprintf(&line, fmt, args);
	va_end(args);
	char **lines = len >= 0 ? reallocarray(notices->lines, notices->count + 1, sizeof *lines) : NULL;
	if (lines == NULL) { /* a notice is worth less than the job */
		if (len >= 0)
			free(line);
		return;
	}
	notices->lines = lines;
	lines[notices->count++] = line;
}

void notices_append(struct notices *notices, const struct notices *more)
{
	for (unsigned i = 0; i < more->count; i++)
		notice_add(notices, "%s", more->lines[i]);
}

void notices_clear(struct notices *notices)
{
	for (unsigned i = 0; i < notices->count; i++)
		free(notices->lines[i]);
	free(notices->lines);
	*notices = (struct notices){0};
}
