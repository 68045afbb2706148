/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing. */
#include "ledger/ledger_db.h"

#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

enum { BUSY_TIMEOUT_MS = 10000, WAL_TRIES = 200, WAL_PAUSE_MS = 25, ROOM_MIN = 128 << 10 };

/* --- opening --- */

/* Ours from the start: SQLite would give it what the umask leaves. */
static int create_file(const char *home, const char *path, struct err *err)
{
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	/* An existing one is not even opened: closing a second descriptor would drop SQLite's locks on it. */
	if (fd < 0)
		return errno == EEXIST ? 0 : err_sys(err, "%s", path);
	auto_fd int dir_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return err_sys(err, "%s", home);
	return io_sync_dir(dir_fd, err);
}

static int open_db(struct ledger *ledger, const char *name, int flags, struct err *err)
{
	if (sqlite3_open_v2(name, &ledger->db, flags, NULL) != SQLITE_OK)
		return ledger_fail(ledger, err);
	(void)sqlite3_extended_result_codes(ledger->db, 1);
	(void)sqlite3_busy_timeout(ledger->db, BUSY_TIMEOUT_MS);
	/* A ledger that somebody else wrote must not make SQLite do more than read rows. */
	(void)sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return ledger_exec(ledger, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON",
					   err);
}

static void close_db(struct ledger *ledger)
{
	(void)sqlite3_finalize(steal(&ledger->size_stmt));
	(void)sqlite3_finalize(steal(&ledger->recall_stmt));
	(void)sqlite3_close(ledger->db);
	ledger->db = NULL;
}

/* The change to WAL does not wait for others by itself, and happens once in a ledger's life. */
static int enter_wal(struct ledger *ledger, struct err *err)
{
	for (unsigned i = 0;; i++) {
		int code = sqlite3_exec(ledger->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			return 0;
		if ((code & 0xff) != SQLITE_BUSY || i == WAL_TRIES)
			return ledger_fail(ledger, err);
		(void)sqlite3_sleep(WAL_PAUSE_MS);
	}
}

/* Where the system refuses writing, SQLite opens for reading without a word. */
static int check_writable(struct ledger *ledger, const char *path, struct err *err)
{
	if (sqlite3_db_readonly(ledger->db, "main") == 0)
		return 0;
	(void)err_set(err, ERR_IO, "%s cannot be written", path);
	return err_hint(err, "make the station's home writable");
}

/* SQLite writes its index of the journal through a mapping: where the file system has no block left for a page of it,
 * the kernel ends the process. So a full disk is found out before. */
static bool has_room(const char *home)
{
	struct statvfs fs;
	return statvfs(home, &fs) < 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= ROOM_MIN;
}

static int check_room(const char *home, struct err *err)
{
	if (has_room(home))
		return 0;
	(void)err_set(err, ERR_NO_SPACE, "there is no room for the ledger in %s", home);
	return err_hint(err, "free some space there: %d KiB at least", ROOM_MIN >> 10);
}

static int open_writable(struct ledger *ledger, const char *home, const char *path, struct err *err)
{
	if (check_room(home, err) != 0 || create_file(home, path, err) != 0 ||
		open_db(ledger, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, err) != 0 ||
		check_writable(ledger, path, err) != 0)
		return -1;
	if (enter_wal(ledger, err) != 0 || ledger_exec(ledger, "PRAGMA synchronous = FULL", err) != 0 ||
		ledger_schema_create(ledger, err) != 0)
		return -1;
	ledger->remembers = true;
	ledger->knows_registries = true;
	ledger->knows_turns = true;
	return 0;
}

static int open_empty(struct ledger *ledger, struct err *err)
{
	if (open_db(ledger, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, err) != 0 ||
		ledger_schema_create(ledger, err) != 0)
		return -1;
	return ledger_exec(ledger, "PRAGMA query_only = ON", err);
}

/* "file:…?immutable=1": no lock, no shared memory, nothing that a read-only medium lacks. *out malloc'd. */
static int immutable_uri(char **out, const char *path, struct err *err)
{
	auto_buf uri = {0};
	if (buf_append_str(&uri, "file:", err) != 0)
		return -1;
	for (; *path != '\0'; path++) {
		bool special = strchr("%?#", *path) != NULL;
		if (buf_printf(&uri, err, special ? "%%%02X" : "%c", (unsigned char)*path) != 0)
			return -1;
	}
	if (buf_append_str(&uri, "?immutable=1", err) != 0)
		return -1;
	*out = steal(&uri.data);
	return 0;
}

static int open_immutable(struct ledger *ledger, const char *path, struct err *err)
{
	auto_free char *uri = NULL;
	if (immutable_uri(&uri, path, err) != 0)
		return -1;
	return open_db(ledger, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, err);
}

/* What a killed command left there is not in the ledger's own file yet. */
static bool has_journal(const char *path)
{
	auto_free char *name = NULL;
	if (asprintf(&name, "%s-wal", path) < 0) {
		name = NULL;
		return true;
	}
	return access(name, F_OK) == 0;
}

/* A home that can be written is opened for writing, then told not to: reading WAL needs the shared memory file, and
 * only a writer takes it away again. */
static int open_existing(struct ledger *ledger, const char *home, const char *path, struct err *err)
{
	const bool writable = access(home, W_OK) == 0 && access(path, W_OK) == 0;
	if (!writable || (!has_room(home) && !has_journal(path)))
		return open_immutable(ledger, path, err);
	if (check_room(home, err) != 0 || open_db(ledger, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, err) != 0)
		return -1;
	return ledger_exec(ledger, "PRAGMA query_only = ON", err);
}

static int open_read_only(struct ledger *ledger, const char *home, const char *path, struct err *err)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return open_empty(ledger, err);
	int64_t version;
	if (open_existing(ledger, home, path, err) != 0 || ledger_schema_version(ledger, &version, err) != 0)
		return -1;
	ledger->remembers = version >= LEDGER_MEMORY_VERSION;
	ledger->knows_turns = version >= LEDGER_TURN_VERSION;
	ledger->knows_registries = version >= LEDGER_REGISTRY_VERSION;
	if (version != 0)
		return 0;
	close_db(ledger); /* a file that a crash left before its first row */
	return open_empty(ledger, err);
}

int ledger_open(struct ledger **out, const char *home, enum ledger_access access, struct err *err)
{
	*out = NULL;
	auto_free char *path = NULL;
	auto_ledger *ledger = calloc(1, sizeof *ledger);
	if (ledger == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	ledger->lock_fd = -1;
	if (path_join(&path, home, "ledger.sqlite", err) != 0 ||
		path_join(&ledger->lock_path, home, "ledger.lock", err) != 0)
		return -1;
	if ((access == LEDGER_READ_ONLY ? open_read_only : open_writable)(ledger, home, path, err) != 0 ||
		(access == LEDGER_WRITE && ledger_settle(ledger, err) != 0))
		return -1;
	*out = steal(&ledger);
	return 0;
}

void ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	close_db(ledger);
	if (ledger->lock_fd >= 0)
		(void)close(ledger->lock_fd);
	free(ledger->lock_path);
	free(ledger->telling);
	free(ledger);
}
