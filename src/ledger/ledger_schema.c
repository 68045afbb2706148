/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_db.h"

#include <string.h>

/* Each version is what the one before it made, and a step: a new ledger takes all steps, an old one those that it
 * lacks, so that both end with the same tables.
 *
 * Ids are never used again (AUTOINCREMENT): a lock on a row's byte must not meet another row.
 * sent.seen, received.seen: whether the row's times count for ledger_latest_seen().
 * device, inode: of the file or folder that the rename puts at path; folder_device: of what path is in.
 *
 * said: labels that a bundle gave to some of its files, and by whose word; read: when, where files were taken out of a
 * bundle without its reception. memory: the contents that carry them,
 * clustered, so that a look-up by size or by content reads one place and there is no second index to keep: a million
 * files may come with one bundle. No foreign key leads from memory to said for the same reason; what is not joined to
 * it does not count.
 *
 * registry: each state of registry.yaml that was checked whole and used here, the newest last. signed: which bytes this
 * station's key signed as which number.
 *
 * turn: in which order all that is listed was written, whichever table it is in, as many things happen within one
 * second. kind: enum ledger_listed. What an earlier version wrote has no turn. */
/* clang-format off */
static const char version_1_sql[] =
	"CREATE TABLE sent ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" state TEXT NOT NULL CHECK (state IN ('sealing', 'sent', 'void')),"
	" bundle TEXT NOT NULL UNIQUE,"
	" digest BLOB NOT NULL CHECK (length(digest) = 32),"
	" sender TEXT NOT NULL,"
	" time INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" not_after INTEGER NOT NULL,"
	" files INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" marks TEXT NOT NULL,"
	" purpose TEXT NOT NULL,"
	" path TEXT NOT NULL,"
	" device INTEGER NOT NULL,"
	" inode INTEGER NOT NULL,"
	" folder_device INTEGER NOT NULL,"
	" seen INTEGER NOT NULL DEFAULT 1,"
	" void_time INTEGER,"
	" void_reason TEXT,"
	" CHECK ((state = 'void') = (void_time IS NOT NULL AND void_reason IS NOT NULL))"
	") STRICT;"
	"CREATE INDEX sent_sealing ON sent (id) WHERE state = 'sealing';"
	"CREATE TABLE channel ("
	" id INTEGER PRIMARY KEY,"
	" sent INTEGER NOT NULL REFERENCES sent (id) ON DELETE CASCADE,"
	" sender TEXT NOT NULL,"
	" recipient TEXT NOT NULL,"
	" alias TEXT NOT NULL,"
	" sequence INTEGER NOT NULL CHECK (sequence > 0),"
	" told_by INTEGER REFERENCES sent (id) ON DELETE SET NULL,"
	" UNIQUE (sender, recipient, sequence),"
	" UNIQUE (sent, recipient)"
	") STRICT;"
	"CREATE INDEX channel_told_by ON channel (told_by);"
	"CREATE TABLE received ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" state TEXT NOT NULL CHECK (state IN ('unpacking', 'received')),"
	" bundle TEXT NOT NULL,"
	" digest BLOB NOT NULL CHECK (length(digest) = 32),"
	" sender TEXT NOT NULL,"
	" alias TEXT NOT NULL,"
	" sequence INTEGER NOT NULL CHECK (sequence > 0),"
	" previous BLOB NOT NULL CHECK (length(previous) = 32),"
	" time INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" files INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" marks TEXT NOT NULL,"
	" override TEXT,"
	" path TEXT NOT NULL,"
	" device INTEGER NOT NULL,"
	" inode INTEGER NOT NULL,"
	" folder_device INTEGER NOT NULL,"
	" seen INTEGER NOT NULL DEFAULT 1"
	") STRICT;"
	"CREATE INDEX received_digest ON received (sender, digest);"
	"CREATE INDEX received_bundle ON received (sender, bundle);"
	"CREATE INDEX received_sequence ON received (sender, sequence);"
	"CREATE INDEX received_unpacking ON received (id) WHERE state = 'unpacking';"
	"CREATE TABLE note ("
	" id INTEGER PRIMARY KEY,"
	" time INTEGER NOT NULL,"
	" verb TEXT NOT NULL,"
	" code TEXT NOT NULL,"
	" partner TEXT,"
	" bundle TEXT,"
	" digest BLOB CHECK (length(digest) = 32),"
	" text TEXT NOT NULL"
	") STRICT;"
	"PRAGMA user_version = 1;";
static const char version_2_sql[] =
	"CREATE TABLE said ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" labels TEXT NOT NULL,"
	" originator TEXT NOT NULL,"
	" sent INTEGER REFERENCES sent (id) ON DELETE CASCADE,"
	" received INTEGER REFERENCES received (id) ON DELETE CASCADE,"
	" read INTEGER,"
	" CHECK ((sent IS NOT NULL) + (received IS NOT NULL) + (read IS NOT NULL) = 1)"
	") STRICT;"
	"CREATE INDEX said_sent ON said (sent) WHERE sent IS NOT NULL;"
	"CREATE INDEX said_received ON said (received) WHERE received IS NOT NULL;"
	"CREATE TABLE memory ("
	" size INTEGER NOT NULL CHECK (size <> 0),"
	" digest BLOB NOT NULL CHECK (length(digest) = 32),"
	" said INTEGER NOT NULL,"
	" PRIMARY KEY (size, digest, said)"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 2;";
static const char version_3_sql[] =
	"CREATE TABLE registry ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" time INTEGER NOT NULL,"
	" domain TEXT NOT NULL,"
	" serial INTEGER NOT NULL CHECK (serial > 0),"
	" digest BLOB NOT NULL CHECK (length(digest) = 32),"
	" signers TEXT NOT NULL,"
	" canonical INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX registry_serial ON registry (domain, serial);"
	"PRAGMA user_version = 3;";
static const char version_4_sql[] =
	"CREATE TABLE signed ("
	" domain TEXT NOT NULL,"
	" serial INTEGER NOT NULL CHECK (serial > 0),"
	" digest BLOB NOT NULL CHECK (length(digest) = 32),"
	" time INTEGER NOT NULL,"
	" PRIMARY KEY (domain, serial)"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 4;";
static const char version_5_sql[] =
	"CREATE TABLE turn ("
	" id INTEGER PRIMARY KEY,"
	" kind INTEGER NOT NULL,"
	" line INTEGER NOT NULL,"
	" UNIQUE (kind, line)"
	") STRICT;"
	"PRAGMA user_version = 5;";
/* clang-format on */

static const char *const steps[LEDGER_SCHEMA_VERSION] = {version_1_sql, version_2_sql, version_3_sql, version_4_sql,
														 version_5_sql};

int ledger_schema_version(struct ledger *ledger, int64_t *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version",
				err);
	if (query_step(&query) != 1)
		return -1;
	*out = query_int(&query, 0);
	if ((*out >= 1 && *out <= LEDGER_SCHEMA_VERSION) || (*out == 0 && query_int(&query, 1) == 0))
		return 0;
	if (*out == 0)
		return err_set(err, ERR_LEDGER, "the ledger: another program's tables are in ledger.sqlite");
	(void)err_set(err, ERR_LEDGER, "the ledger: its tables are of version %lld, which this valise does not know",
				  (long long)*out);
	return err_hint(err, "use the valise that last worked with this station, or a newer one");
}

/* Inside a transaction: the tables of version `until` from those of version `from`. */
static int take_steps(struct ledger *ledger, int64_t from, int64_t until, struct err *err)
{
	for (int64_t i = from; i < until; i++)
		if (ledger_exec(ledger, steps[i], err) != 0)
			return -1;
	return 0;
}

int ledger_schema_create(struct ledger *ledger, struct err *err)
{
	int64_t version;
	if (ledger_schema_version(ledger, &version, err) != 0)
		return -1;
	if (version == LEDGER_SCHEMA_VERSION)
		return 0;
	/* Asked again once nobody else can write: two processes may find a new file at the same time. */
	if (ledger_begin(ledger, err) != 0)
		return -1;
	int rc = ledger_schema_version(ledger, &version, err);
	if (rc == 0)
		rc = take_steps(ledger, version, LEDGER_SCHEMA_VERSION, err);
	return ledger_end(ledger, rc, err);
}

/* --- check --- */

/* All that the tables are made of, in one text. *out malloc'd. */
static int read_schema(struct ledger *ledger, char **out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"SELECT coalesce(group_concat(sql, ';'), '') FROM"
				" (SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name)",
				err);
	if (query_step(&query) != 1)
		return -1;
	*out = strdup(query_text(&query, 0));
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int read_right_schema(char **out, int64_t version, struct err *err)
{
	struct ledger model = {.lock_fd = -1};
	int rc = 0;
	if (sqlite3_open(":memory:", &model.db) != SQLITE_OK)
		rc = ledger_fail(&model, err);
	if (rc == 0)
		rc = take_steps(&model, 0, version, err);
	if (rc == 0)
		rc = read_schema(&model, out, err);
	(void)sqlite3_close(model.db);
	return rc;
}

/* One that was opened read-only may still be of an earlier version. */
static int check_schema(struct ledger *ledger, struct err *err)
{
	int64_t version;
	auto_free char *right = NULL;
	auto_free char *found = NULL;
	if (ledger_schema_version(ledger, &version, err) != 0 || read_right_schema(&right, version, err) != 0 ||
		read_schema(ledger, &found, err) != 0)
		return -1;
	return strcmp(right, found) == 0 ? 0
									 : err_set(err, ERR_LEDGER, "the ledger: its tables are not as valise made them");
}

static int check_pages(struct ledger *ledger, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "PRAGMA integrity_check(1)", err);
	if (query_step(&query) != 1)
		return -1;
	if (strcmp(query_text(&query, 0), "ok") == 0)
		return 0;
	return err_set(err, ERR_LEDGER, "the ledger is damaged: %s", query_text(&query, 0));
}

static int check_references(struct ledger *ledger, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "PRAGMA foreign_key_check", err);
	int rc = query_step(&query);
	return rc <= 0 ? rc
				   : err_set(err, ERR_LEDGER, "the ledger is damaged: rows of \"%s\" lack what they belong to",
							 query_text(&query, 0));
}

int ledger_check(struct ledger *ledger, struct err *err)
{
	if (check_pages(ledger, err) == 0 && check_schema(ledger, err) == 0 && check_references(ledger, err) == 0)
		return 0;
	if (err->hint[0] == '\0' || err->code == ERR_LEDGER)
		return err_hint(
			err,
			"put ledger.sqlite back from a backup; without one, move it away and agree with the partners on new keys");
	return -1;
}
