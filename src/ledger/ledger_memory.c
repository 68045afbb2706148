/* SPDX-License-Identifier: Apache-2.0 */
/* Labels that bytes were known under (ledger_schema.c says how they are kept). */
#include "ledger/ledger_db.h"

#include <stdlib.h>
#include <string.h>

/* --- remembering --- */

/* A memory on its way, and the row of said that holds its labels. */
struct item {
	const struct ledger_memory *memory;
	int64_t said;
};

static int compare_words(const struct ledger_memory *a, const struct ledger_memory *b)
{
	int order = a->labels == b->labels ? 0 : strcmp(a->labels, b->labels);
	if (order == 0 && a->by != b->by)
		order = strcmp(a->by->hex, b->by->hex);
	return order;
}

static int by_words(const void *a, const void *b)
{
	return compare_words(((const struct item *)a)->memory, ((const struct item *)b)->memory);
}

/* As the table is sorted: each page of it is then touched once. */
static int by_content(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int64_t x_size = (int64_t)x->memory->size, y_size = (int64_t)y->memory->size;
	if (x_size != y_size)
		return x_size < y_size ? -1 : 1;
	int order = memcmp(x->memory->digest.bytes, y->memory->digest.bytes, DIGEST_BYTES);
	return order != 0 ? order : (x->said > y->said) - (x->said < y->said);
}

static int insert_said(struct ledger *ledger, enum ledger_table table, int64_t row, const struct ledger_memory *words,
					   int64_t *out, struct err *err)
{
	static const char *const sql[] = {
		[TABLE_SENT] = "INSERT INTO said (labels, originator, sent) VALUES (?, ?, ?)",
		[TABLE_RECEIVED] = "INSERT INTO said (labels, originator, received) VALUES (?, ?, ?)",
		[TABLE_NONE] = "INSERT INTO said (labels, originator, read) VALUES (?, ?, ?)",
	};
	auto_query query = {0};
	query_begin(&query, ledger, sql[table], err);
	query_bind_text(&query, words->labels);
	query_bind_text(&query, words->by->hex);
	query_bind_int(&query, row);
	if (query_run(&query) != 0)
		return -1;
	*out = sqlite3_last_insert_rowid(ledger->db);
	return 0;
}

static int insert_all_said(struct ledger *ledger, enum ledger_table table, int64_t row, struct item *items,
						   size_t count, struct err *err)
{
	qsort(items, count, sizeof *items, by_words);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && compare_words(items[i].memory, items[i - 1].memory) == 0)
			items[i].said = items[i - 1].said;
		else if (insert_said(ledger, table, row, items[i].memory, &items[i].said, err) != 0)
			return -1;
	}
	return 0;
}

/* What a row that stays remembers already is not kept again: the folder that goes out every week costs nothing. Each
 * content is looked up first, by short statements of its own: one that joins all this costs more than a file's reading.
 */
static const char known_sql[] = "SELECT said FROM memory WHERE size = ? AND digest = ?";
static const char insert_sql[] = "INSERT OR IGNORE INTO memory (size, digest, said) VALUES (?, ?, ?)";
static const char stands_sql[] =
	"SELECT EXISTS (SELECT 1 FROM said AS old JOIN said AS new ON new.id = ?2"
	" LEFT JOIN sent ON sent.id = old.sent LEFT JOIN received ON received.id = old.received"
	" WHERE old.id = ?1 AND old.labels = new.labels AND old.originator = new.originator"
	" AND (sent.state <> 'sealing' OR received.state = 'received' OR old.read IS NOT NULL))";

/* Many files share a pair of rows of said: its answer stays for the transaction, in one of so many places. */
enum { PAIRS = 256 };

struct pair {
	int64_t old, new; /* ids begin with 1 */
	bool stands;
};

struct memoriser {
	struct query known, insert, stands;
	struct pair pairs[PAIRS];
};

static void memoriser_clear(struct memoriser *m)
{
	query_end(&m->known);
	query_end(&m->insert);
	query_end(&m->stands);
}

/* Whether row old stays and says the same as row new: 1, 0, -1. */
static int stands_for(struct memoriser *m, int64_t old, int64_t new)
{
	struct pair *pair = &m->pairs[(uint64_t)(old + 31 * new) % PAIRS];
	if (pair->old == old && pair->new == new)
		return pair->stands;
	query_bind_int(&m->stands, old);
	query_bind_int(&m->stands, new);
	if (query_step(&m->stands) != 1)
		return -1;
	*pair = (struct pair){.old = old, .new = new, .stands = query_int(&m->stands, 0) != 0};
	query_reset(&m->stands);
	return pair->stands;
}

/* 1, 0, -1 */
static int is_known(struct memoriser *m, const struct item *item)
{
	int rc = 0, stands = 0;
	query_bind_u64(&m->known, item->memory->size);
	query_bind_digest(&m->known, &item->memory->digest);
	while (stands == 0 && (rc = query_step(&m->known)) != 0)
		stands = rc < 0 ? -1 : stands_for(m, query_int(&m->known, 0), item->said);
	query_reset(&m->known);
	return stands;
}

static int insert_content(struct memoriser *m, const struct item *item)
{
	query_bind_u64(&m->insert, item->memory->size);
	query_bind_digest(&m->insert, &item->memory->digest);
	query_bind_int(&m->insert, item->said);
	int rc = query_run(&m->insert);
	query_reset(&m->insert);
	return rc;
}

static int insert_contents(struct ledger *ledger, struct item *items, size_t count, struct err *err)
{
	AUTO(memoriser_clear) struct memoriser m = {0};
	qsort(items, count, sizeof *items, by_content);
	query_begin(&m.known, ledger, known_sql, err);
	query_begin(&m.insert, ledger, insert_sql, err);
	query_begin(&m.stands, ledger, stands_sql, err);
	if (m.known.failed || m.insert.failed || m.stands.failed)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int known = is_known(&m, &items[i]);
		if (known < 0 || (known == 0 && insert_content(&m, &items[i]) != 0))
			return -1;
	}
	return 0;
}

int ledger_memorise(struct ledger *ledger, enum ledger_table table, int64_t row, const struct ledger_memory *memories,
					size_t count, struct err *err)
{
	if (count == 0)
		return 0;
	size_t kept = 0;
	auto_free struct item *items = calloc(count, sizeof *items);
	if (items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (memories[i].size > 0)
			items[kept++].memory = &memories[i];
	if (insert_all_said(ledger, table, row, items, kept, err) != 0)
		return -1;
	return insert_contents(ledger, items, kept, err);
}

int ledger_remember(struct ledger *ledger, const struct ledger_memory *memories, size_t count, struct err *err)
{
	if (ledger_begin(ledger, err) != 0)
		return -1;
	return ledger_end(ledger, ledger_memorise(ledger, TABLE_NONE, utc_now(), memories, count, err), err);
}

/* --- forgetting --- */

/* Reads all of memory, for a rename that failed or a crash: rare enough that it needs no index of its own. */
int ledger_forget(struct ledger *ledger, enum ledger_table table, int64_t row, struct err *err)
{
	static const char *const sql[] = {
		[TABLE_SENT] = "DELETE FROM memory WHERE said IN (SELECT id FROM said WHERE sent = ?)",
		[TABLE_RECEIVED] = "DELETE FROM memory WHERE said IN (SELECT id FROM said WHERE received = ?)",
	};
	auto_query query = {0};
	query_begin(&query, ledger, sql[table], err);
	query_bind_int(&query, row);
	return query_run(&query);
}

/* --- recalling --- */

/* A statement that is asked for every file: parsing it anew each time would cost more than its answer. */
static int kept_begin(struct query *query, struct ledger *ledger, sqlite3_stmt **kept, const char *sql, struct err *err)
{
	if (*kept == NULL && sqlite3_prepare_v2(ledger->db, sql, -1, kept, NULL) != SQLITE_OK)
		return ledger_fail(ledger, err);
	*query = (struct query){.ledger = ledger, .stmt = *kept, .err = err};
	return 0;
}

static void kept_end(struct query *query, sqlite3_stmt **kept)
{
	query_reset(query); /* else it would go on reading, and hold up who writes */
	if (query->failed)  /* a statement that failed is not used again */
		(void)sqlite3_finalize(steal(kept));
}

int ledger_recall_begin(struct ledger *ledger, struct err *err)
{
	return ledger->remembers ? ledger_exec(ledger, "BEGIN", err) : 0;
}

void ledger_recall_end(struct ledger *ledger)
{
	if (ledger->remembers && !sqlite3_get_autocommit(ledger->db))
		(void)sqlite3_exec(ledger->db, "COMMIT", NULL, NULL, NULL); /* nothing was written that could be lost */
}

int ledger_remembers_size(struct ledger *ledger, uint64_t size, bool *out, struct err *err)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM memory WHERE size = ?)";
	struct query query;
	*out = false;
	if (!ledger->remembers || size == 0)
		return 0;
	if (kept_begin(&query, ledger, &ledger->size_stmt, sql, err) != 0)
		return -1;
	query_bind_u64(&query, size);
	int rc = query_step(&query);
	*out = rc == 1 && query_int(&query, 0) != 0;
	kept_end(&query, &ledger->size_stmt);
	return rc == 1 ? 0 : -1;
}

static const char recall_sql[] =
	"SELECT said.labels, said.originator, min(coalesce(sent.time, received.time, said.read)) AS first"
	" FROM memory JOIN said ON said.id = memory.said LEFT JOIN sent ON sent.id = said.sent"
	" LEFT JOIN received ON received.id = said.received WHERE memory.size = ? AND memory.digest = ?"
	" GROUP BY said.labels, said.originator ORDER BY first, said.id";

int ledger_recall(struct ledger *ledger, uint64_t size, const struct digest *digest,
				  int (*each)(void *ctx, const struct ledger_recalled *recalled, struct err *err), void *ctx,
				  struct err *err)
{
	struct query query;
	int rc;
	if (!ledger->remembers)
		return 0;
	if (kept_begin(&query, ledger, &ledger->recall_stmt, recall_sql, err) != 0)
		return -1;
	query_bind_u64(&query, size);
	query_bind_digest(&query, digest);
	while ((rc = query_step(&query)) == 1) {
		struct ledger_recalled recalled = {.labels = query_text(&query, 0), .time = query_int(&query, 2)};
		query_fingerprint(&query, 1, &recalled.by);
		if (each(ctx, &recalled, err) != 0) {
			rc = -1;
			break;
		}
	}
	kept_end(&query, &ledger->recall_stmt);
	return rc;
}
