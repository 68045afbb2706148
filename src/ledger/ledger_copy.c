/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger leaves in a backup, and comes back from one. */
#include "ledger/ledger_db.h"

int ledger_copy(struct ledger *ledger, const char *path, struct err *err)
{
	auto_query query = {0};
	/* It writes elsewhere; SQLite makes no difference. */
	if (ledger_exec(ledger, "PRAGMA query_only = OFF", err) != 0)
		return -1;
	query_begin(&query, ledger, "VACUUM INTO ?", err);
	query_bind_text(&query, path);
	return query_run(&query);
}

/* The row says when, by a clock that no bundle of the backup stands before: so each of them is known to be older. */
static int note_restored(struct ledger *ledger, const char *text, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"INSERT INTO note (time, verb, code, text)"
				" SELECT max(?, coalesce(max(time) + 1, 0)), '" LEDGER_RESTORE_VERB "', '', ? FROM sent",
				err);
	query_bind_int(&query, utc_now());
	query_bind_text(&query, text);
	return query_run(&query) != 0 ? -1
								  : ledger_take_turn(ledger, LISTED_NOTE, sqlite3_last_insert_rowid(ledger->db), err);
}

static int take_in(struct ledger *ledger, const char *text, struct err *err)
{
	/* What was under way there and then: that nothing is to be seen of it here and now says nothing. */
	if (ledger_exec(ledger,
					"UPDATE sent SET folder_device = -1 WHERE state = 'sealing';"
					"UPDATE received SET folder_device = -1 WHERE state = 'unpacking'",
					err) != 0)
		return -1;
	return note_restored(ledger, text, err);
}

int ledger_restored(struct ledger *ledger, const char *text, struct err *err)
{
	if (ledger_begin(ledger, err) != 0)
		return -1;
	return ledger_end(ledger, take_in(ledger, text, err), err);
}
