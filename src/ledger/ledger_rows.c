/* SPDX-License-Identifier: Apache-2.0 */
/* Rows whose file is not yet there: settling them, by who made them or by who comes after a crash.
 *
 * Whether a row's maker is still at work is told by a lock on one byte of a file of its own, not by a process id, which
 * the system gives to others. Locks belong to the open file (F_OFD_*): those of SQLite stay untouched, and two ledgers
 * in one process count as two. */
#include "ledger/ledger_db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- locks --- */

static struct flock row_lock(enum ledger_table table, int64_t row, short type)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = 2 * row + (table == TABLE_RECEIVED), .l_len = 1};
}

static int open_lock_file(struct ledger *ledger, struct err *err)
{
	if (ledger->lock_fd < 0)
		ledger->lock_fd = open(ledger->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return ledger->lock_fd >= 0 ? 0 : err_sys(err, "%s", ledger->lock_path);
}

int ledger_row_hold(struct ledger *ledger, enum ledger_table table, int64_t row, struct err *err)
{
	struct flock lock = row_lock(table, row, F_WRLCK);
	if (open_lock_file(ledger, err) != 0)
		return -1;
	return fcntl(ledger->lock_fd, F_OFD_SETLK, &lock) == 0 ? 0 : err_sys(err, "%s: cannot lock", ledger->lock_path);
}

static void row_release(struct ledger *ledger, enum ledger_table table, int64_t row)
{
	struct flock lock = row_lock(table, row, F_UNLCK);
	if (ledger->lock_fd >= 0)
		(void)fcntl(ledger->lock_fd, F_OFD_SETLK, &lock);
}

int ledger_row_is_held(struct ledger *ledger, enum ledger_table table, int64_t row, bool *out, struct err *err)
{
	struct flock lock = row_lock(table, row, F_WRLCK);
	if (open_lock_file(ledger, err) != 0)
		return -1;
	if (fcntl(ledger->lock_fd, F_OFD_GETLK, &lock) != 0)
		return err_sys(err, "%s: cannot ask for locks", ledger->lock_path);
	*out = lock.l_type != F_UNLCK;
	return 0;
}

/* --- one row, inside a transaction --- */

enum fate { FATE_DONE, FATE_NOT_DONE, FATE_UNKNOWN };

static const char *const settle_sql[][2] = {
	/* FATE_DONE, FATE_NOT_DONE */
	[TABLE_SENT] = {"UPDATE sent SET state = 'sent' WHERE id = ? AND state = 'sealing'",
					"DELETE FROM sent WHERE id = ? AND state = 'sealing'"},
	[TABLE_RECEIVED] = {"UPDATE received SET state = 'received' WHERE id = ? AND state = 'unpacking'",
						"DELETE FROM received WHERE id = ? AND state = 'unpacking'"},
};

/* Whether row ?1 of received overrode the rule "clock": its name stands before the colon, perhaps among others. */
#define BY_CLOCK_OVERRIDE                          \
	"EXISTS (SELECT 1 FROM received WHERE id = ?1" \
	" AND instr(',' || substr(override, 1, instr(override, ':') - 1) || ',', ',clock,') > 0)"

/* A reception for which a person vouched that the clock is right: what was seen before, by another clock, no longer
 * counts. */
static int forget_times(struct ledger *ledger, int64_t row, struct err *err)
{
	static const char *const tables[] = {
		"UPDATE sent SET seen = 0 WHERE seen AND " BY_CLOCK_OVERRIDE,
		"UPDATE received SET seen = 0 WHERE seen AND id <> ?1 AND " BY_CLOCK_OVERRIDE,
	};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		auto_query query = {0};
		query_begin(&query, ledger, tables[i], err);
		query_bind_int(&query, row);
		if (query_run(&query) != 0)
			return -1;
	}
	return 0;
}

static int settle_row(struct ledger *ledger, enum ledger_table table, int64_t row, enum fate fate, struct err *err)
{
	auto_query query = {0};
	if (fate == FATE_NOT_DONE && ledger_forget(ledger, table, row, err) != 0)
		return -1;
	query_begin(&query, ledger, settle_sql[table][fate], err);
	query_bind_int(&query, row);
	if (query_run(&query) != 0 || ledger_changed_one(ledger, err) != 0)
		return -1;
	return table == TABLE_RECEIVED && fate == FATE_DONE ? forget_times(ledger, row, err) : 0;
}

/* --- by who made it --- */

/* The byte stays held on failure: the row is settled by the next one to open the ledger, after this process. */
static int settle_own(struct ledger *ledger, enum ledger_table table, int64_t row, enum fate fate, struct err *err)
{
	if (ledger_begin(ledger, err) != 0)
		return -1;
	if (ledger_end(ledger, settle_row(ledger, table, row, fate, err), err) != 0)
		return -1;
	row_release(ledger, table, row);
	return 0;
}

int ledger_sealed(struct ledger *ledger, int64_t row, struct err *err)
{
	return settle_own(ledger, TABLE_SENT, row, FATE_DONE, err);
}

int ledger_unseal(struct ledger *ledger, int64_t row, struct err *err)
{
	return settle_own(ledger, TABLE_SENT, row, FATE_NOT_DONE, err);
}

int ledger_received(struct ledger *ledger, int64_t row, struct err *err)
{
	return settle_own(ledger, TABLE_RECEIVED, row, FATE_DONE, err);
}

int ledger_unreceive(struct ledger *ledger, int64_t row, struct err *err)
{
	return settle_own(ledger, TABLE_RECEIVED, row, FATE_NOT_DONE, err);
}

/* --- by who comes after --- */

int64_t ledger_folder_device(const char *path)
{
	struct stat st;
	const char *slash = strrchr(path, '/');
	auto_free char *folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : NULL;
	if (folder == NULL || stat(folder, &st) != 0)
		return -1;
	return (int64_t)st.st_dev;
}

char *ledger_final_path(const char *path)
{
	size_t len = strlen(path), suffix = strlen(LEDGER_PENDING);
	if (len <= suffix || strcmp(path + len - suffix, LEDGER_PENDING) != 0)
		return NULL;
	return strndup(path, len - strlen("-pending"));
}

bool ledger_is_file(const char *path, uint64_t dev, uint64_t ino)
{
	struct stat st;
	return path != NULL && lstat(path, &st) == 0 && (uint64_t)st.st_dev == dev && (uint64_t)st.st_ino == ino;
}

/* Columns 2 and 3: device, inode. */
static bool is_the_file(const struct query *left, const char *path)
{
	return ledger_is_file(path, query_u64(left, 2), query_u64(left, 3));
}

/* Columns: path, device, inode, folder_device, from number 1. */
static enum fate look(const struct query *left)
{
	struct stat st;
	const char *path = query_text(left, 1);
	if (lstat(path, &st) == 0)
		return is_the_file(left, path) ? FATE_DONE : FATE_UNKNOWN;
	int64_t device = errno == ENOENT ? ledger_folder_device(path) : -1;
	/* It may have been approved since. */
	auto_free char *final = ledger_final_path(path);
	if (is_the_file(left, final))
		return FATE_DONE;
	return device != -1 && device == query_int(left, 4) ? FATE_NOT_DONE : FATE_UNKNOWN;
}

static const char *const next_left_sql[] = {
	[TABLE_SENT] = "SELECT id, path, device, inode, folder_device FROM sent"
				   " WHERE state = 'sealing' AND id > ? ORDER BY id LIMIT 1",
	[TABLE_RECEIVED] = "SELECT id, path, device, inode, folder_device FROM received"
					   " WHERE state = 'unpacking' AND id > ? ORDER BY id LIMIT 1",
};

/* The first row behind *row that is under way: its number, and what became of it. Returns 1; 0 for none; -1. */
static int next_left(struct ledger *ledger, enum ledger_table table, int64_t *row, enum fate *out, struct err *err)
{
	auto_query query = {0};
	bool held;
	query_begin(&query, ledger, next_left_sql[table], err);
	query_bind_int(&query, *row);
	int rc = query_step(&query);
	if (rc != 1)
		return rc;
	*row = query_int(&query, 0);
	if (ledger_row_is_held(ledger, table, *row, &held, err) != 0)
		return -1;
	*out = held ? FATE_UNKNOWN : look(&query);
	return 1;
}

static int settle_table(struct ledger *ledger, enum ledger_table table, struct err *err)
{
	int64_t row = 0;
	enum fate fate;
	int rc;
	while ((rc = next_left(ledger, table, &row, &fate, err)) == 1)
		if (fate != FATE_UNKNOWN && settle_row(ledger, table, row, fate, err) != 0)
			return -1;
	return rc;
}

/* --- those that wait for approval --- */

#define IS_PENDING "state = 'sent' AND path LIKE '%" LEDGER_PENDING "'"

/* The first row behind *row that waits: its number, and its final path where it is there by now, else NULL. Returns 1;
 * 0 for none; -1. */
static int next_pending(struct ledger *ledger, int64_t *row, char **out, struct err *err)
{
	auto_query query = {0};
	*out = NULL;
	query_begin(&query, ledger,
				"SELECT id, path, device, inode FROM sent WHERE " IS_PENDING " AND id > ? ORDER BY id LIMIT 1", err);
	query_bind_int(&query, *row);
	int rc = query_step(&query);
	if (rc != 1)
		return rc;
	*row = query_int(&query, 0);
	auto_free char *final = ledger_final_path(query_text(&query, 1));
	if (is_the_file(&query, final))
		*out = steal(&final);
	return 1;
}

static int settle_pending(struct ledger *ledger, struct err *err)
{
	int64_t row = 0;
	char *final = NULL;
	int rc;
	while ((rc = next_pending(ledger, &row, &final, err)) == 1) {
		auto_free char *path = final;
		auto_query query = {0};
		if (path == NULL)
			continue;
		query_begin(&query, ledger, "UPDATE sent SET path = ? WHERE id = ?", err);
		query_bind_text(&query, path);
		query_bind_int(&query, row);
		if (query_run(&query) != 0)
			return -1;
	}
	return rc;
}

static int settle_all(struct ledger *ledger, struct err *err)
{
	if (settle_table(ledger, TABLE_SENT, err) != 0)
		return -1;
	if (settle_table(ledger, TABLE_RECEIVED, err) != 0)
		return -1;
	return settle_pending(ledger, err);
}

static int any_left(struct ledger *ledger, bool *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"SELECT EXISTS (SELECT 1 FROM sent WHERE state = 'sealing')"
				" OR EXISTS (SELECT 1 FROM received WHERE state = 'unpacking')"
				" OR EXISTS (SELECT 1 FROM sent WHERE " IS_PENDING ")",
				err);
	if (query_step(&query) != 1)
		return -1;
	*out = query_int(&query, 0) != 0;
	return 0;
}

int ledger_settle(struct ledger *ledger, struct err *err)
{
	bool any;
	if (any_left(ledger, &any, err) != 0)
		return -1;
	if (!any)
		return 0;
	if (ledger_begin(ledger, err) != 0)
		return -1;
	return ledger_end(ledger, settle_all(ledger, err), err);
}
