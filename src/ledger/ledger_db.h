/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_LEDGER_LEDGER_DB_H
#define VALISE_LEDGER_LEDGER_DB_H

/* Inside the ledger only: the one header that knows SQLite's types. */

#include "format/names.h"
#include "ledger/ledger.h"

#include <sqlite3.h>

struct ledger {
	sqlite3 *db;
	char *lock_path;
	int lock_fd; /* -1 until the first row is under way */
	/* Rows of channel that ledger_untold_voids() returned, and whom a bundle must be for to tell of each; owned. */
	struct ledger_telling {
		int64_t channel;
		struct fingerprint to;
	} * telling;
	uint32_t telling_count;
	bool remembers;                     /* false: of a version before it had a memory, and read-only */
	bool knows_registries, knows_turns; /* likewise */
	/* What ledger_remembers_size() and ledger_recall() ask for every file: the statements stay; owned. */
	sqlite3_stmt *size_stmt, *recall_stmt;
};

/* Which table a row that is under way stands in; decides its byte in the lock file. */
enum ledger_table { TABLE_SENT, TABLE_RECEIVED, TABLE_NONE };

/* --- statements ---
 * Values are bound in order. The first failure is kept: later calls do nothing, and query_step() returns -1. */
struct query {
	struct ledger *ledger;
	sqlite3_stmt *stmt;
	struct err *err;
	int bound;
	bool failed;
};

void query_begin(struct query *query, struct ledger *ledger, const char *sql, struct err *err);
void query_bind_int(struct query *query, int64_t value);
void query_bind_u64(struct query *query, uint64_t value);                 /* beyond 2^63: its two's complement */
void query_bind_text(struct query *query, const char *text);              /* NULL is NULL; borrowed until query_end() */
void query_bind_digest(struct query *query, const struct digest *digest); /* NULL is NULL; borrowed likewise */
int query_step(struct query *query);                                      /* 1: a row; 0: done; -1 */
int query_run(struct query *query);                                       /* demand "done": 0 or -1 */
void query_reset(struct query *query); /* the same statement once more, nothing bound */
void query_end(struct query *query);
#define auto_query AUTO(query_end) struct query

/* Columns of the row at hand. */
int64_t query_int(const struct query *query, int column);
uint64_t query_u64(const struct query *query, int column);
const char *query_text(const struct query *query, int column); /* "" for NULL; valid until the next step */
void query_digest(const struct query *query, int column, struct digest *out); /* zeros where it is none */
void query_fingerprint(const struct query *query, int column, struct fingerprint *out);
void query_uuid(const struct query *query, int column, struct uuid *out);

/* --- the database --- */

/* What SQLite said, as an error. Returns -1. */
int ledger_fail(struct ledger *ledger, struct err *err);
int ledger_exec(struct ledger *ledger, const char *sql, struct err *err);
int ledger_begin(struct ledger *ledger, struct err *err); /* takes the write lock at once */
/* rc == 0: commit; else, or where that fails, roll back. Returns 0 or -1. */
int ledger_end(struct ledger *ledger, int rc, struct err *err);
/* The last statement changed one row: 0, else ERR_LEDGER. */
int ledger_changed_one(struct ledger *ledger, struct err *err);

/* Tables of the newest version, from none or those of an earlier one, in one transaction. errors: ERR_LEDGER where they
 * are another program's or a newer version's. */
int ledger_schema_create(struct ledger *ledger, struct err *err);
int ledger_schema_version(struct ledger *ledger, int64_t *out, struct err *err); /* 0: empty file */
enum { LEDGER_SCHEMA_VERSION = 5, LEDGER_MEMORY_VERSION = 2, LEDGER_REGISTRY_VERSION = 3, LEDGER_TURN_VERSION = 5 };

/* The verb of the note that a ledger came back from a backup. */
#define LEDGER_RESTORE_VERB "restore"

/* --- rows under way (ledger.h) --- */

/* Inside the transaction that makes the row: hold its byte until it is settled or the process ends. */
int ledger_row_hold(struct ledger *ledger, enum ledger_table table, int64_t row, struct err *err);
/* Whether another process is at work on it. */
int ledger_row_is_held(struct ledger *ledger, enum ledger_table table, int64_t row, bool *out, struct err *err);

/* --- the order of what is listed --- */

/* Numbers that stand in the table and in list_sql. */
enum ledger_listed { LISTED_SENT = 0, LISTED_VOID = 1, LISTED_RECEIVED = 2, LISTED_OVERRIDE = 3, LISTED_NOTE = 4 };
/* Inside the transaction that writes the line: it comes behind all that was written before. */
int ledger_take_turn(struct ledger *ledger, enum ledger_listed kind, int64_t line, struct err *err);

/* --- memory (ledger.h), inside the transaction that makes or drops the row --- */

int ledger_memorise(struct ledger *ledger, enum ledger_table table, int64_t row, const struct ledger_memory *memories,
					size_t count, struct err *err);
int ledger_forget(struct ledger *ledger, enum ledger_table table, int64_t row, struct err *err);

/* The device of the folder that path is in; -1 where that cannot be told. */
int64_t ledger_folder_device(const char *path);

/* What the path of a bundle that others must approve ends in, until it has its final name. */
#define LEDGER_PENDING PENDING_SUFFIX
char *ledger_final_path(const char *path); /* malloc'd; NULL for any other path */
/* Whether this very file is there. in: path may be NULL. */
bool ledger_is_file(const char *path, uint64_t dev, uint64_t ino);

/* Settle all rows that no process works on (ledger.h). */
int ledger_settle(struct ledger *ledger, struct err *err);

#endif
