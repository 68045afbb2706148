/* SPDX-License-Identifier: Apache-2.0 */
/* Statements and transactions: every result code of SQLite is looked at here. */
#include "ledger/ledger_db.h"

#include <string.h>

static enum err_code code_of(int sqlite_code)
{
	switch (sqlite_code & 0xff) {
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_IOERR:
		return ERR_IO;
	default:
		return ERR_LEDGER;
	}
}

static int hint_for(enum err_code code, struct err *err)
{
	switch (code) {
	case ERR_BUSY:
		return err_hint(err, "try again when the other one is done");
	case ERR_NO_SPACE:
		return err_hint(err, "free some space where the station's home is");
	case ERR_MEMORY:
		return -1;
	default:
		return err_hint(err, "run `valise doctor`");
	}
}

int ledger_fail(struct ledger *ledger, struct err *err)
{
	if (err->code != ERR_OK)
		return -1;
	enum err_code code = ledger->db != NULL ? code_of(sqlite3_extended_errcode(ledger->db)) : ERR_MEMORY;
	(void)err_set(err, code, "the ledger: %s", ledger->db != NULL ? sqlite3_errmsg(ledger->db) : "out of memory");
	return hint_for(code, err);
}

int ledger_exec(struct ledger *ledger, const char *sql, struct err *err)
{
	return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : ledger_fail(ledger, err);
}

int ledger_begin(struct ledger *ledger, struct err *err)
{
	return ledger_exec(ledger, "BEGIN IMMEDIATE", err);
}

int ledger_end(struct ledger *ledger, int rc, struct err *err)
{
	if (rc == 0 && ledger_exec(ledger, "COMMIT", err) == 0)
		return 0;
	/* some failures have rolled back already; then this one is no news */
	if (!sqlite3_get_autocommit(ledger->db))
		(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int ledger_changed_one(struct ledger *ledger, struct err *err)
{
	if (sqlite3_changes(ledger->db) == 1)
		return 0;
	(void)err_set(err, ERR_LEDGER, "the ledger: a row that was under way is gone");
	return err_hint(err, "run `valise doctor`");
}

/* --- statements --- */

static void query_fail(struct query *query)
{
	query->failed = true;
	(void)ledger_fail(query->ledger, query->err);
}

void query_begin(struct query *query, struct ledger *ledger, const char *sql, struct err *err)
{
	*query = (struct query){.ledger = ledger, .err = err};
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &query->stmt, NULL) != SQLITE_OK)
		query_fail(query);
}

static void query_bound(struct query *query, int sqlite_code)
{
	if (sqlite_code != SQLITE_OK)
		query_fail(query);
}

void query_bind_int(struct query *query, int64_t value)
{
	if (!query->failed)
		query_bound(query, sqlite3_bind_int64(query->stmt, ++query->bound, value));
}

void query_bind_u64(struct query *query, uint64_t value)
{
	query_bind_int(query, (int64_t)value);
}

void query_bind_text(struct query *query, const char *text)
{
	if (query->failed)
		return;
	query->bound++;
	query_bound(query, text == NULL ? sqlite3_bind_null(query->stmt, query->bound)
									: sqlite3_bind_text(query->stmt, query->bound, text, -1, SQLITE_STATIC));
}

void query_bind_digest(struct query *query, const struct digest *digest)
{
	if (query->failed)
		return;
	query->bound++;
	query_bound(query, digest == NULL
						   ? sqlite3_bind_null(query->stmt, query->bound)
						   : sqlite3_bind_blob(query->stmt, query->bound, digest->bytes, DIGEST_BYTES, SQLITE_STATIC));
}

int query_step(struct query *query)
{
	if (query->failed)
		return -1;
	int code = sqlite3_step(query->stmt);
	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	query_fail(query);
	return -1;
}

int query_run(struct query *query)
{
	int rc = query_step(query);
	if (rc > 0)
		return err_set(query->err, ERR_INTERNAL, "the ledger: a statement returned a row");
	return rc;
}

void query_reset(struct query *query)
{
	query->bound = 0;
	if (!query->failed)
		(void)sqlite3_reset(query->stmt); /* its code repeats what the step said */
}

void query_end(struct query *query)
{
	/* its code repeats what the step said */
	(void)sqlite3_finalize(query->stmt);
	query->stmt = NULL;
}

int64_t query_int(const struct query *query, int column)
{
	return sqlite3_column_int64(query->stmt, column);
}

uint64_t query_u64(const struct query *query, int column)
{
	return (uint64_t)sqlite3_column_int64(query->stmt, column);
}

const char *query_text(const struct query *query, int column)
{
	const unsigned char *text = sqlite3_column_text(query->stmt, column);
	return text != NULL ? (const char *)text : "";
}

void query_digest(const struct query *query, int column, struct digest *out)
{
	const void *bytes = sqlite3_column_blob(query->stmt, column);
	memset(out, 0, sizeof *out);
	if (bytes != NULL && sqlite3_column_bytes(query->stmt, column) == DIGEST_BYTES)
		memcpy(out->bytes, bytes, DIGEST_BYTES);
}

void query_fingerprint(const struct query *query, int column, struct fingerprint *out)
{
	const char *text = query_text(query, column);
	memset(out, 0, sizeof *out);
	(void)fingerprint_parse(out, text, strlen(text));
}

void query_uuid(const struct query *query, int column, struct uuid *out)
{
	const char *text = query_text(query, column);
	memset(out, 0, sizeof *out);
	(void)uuid_parse(out, text, strlen(text));
}
