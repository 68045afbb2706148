/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_db.h"

#include <string.h>

/* --- judging --- */

/* First column of the first row, as *out; untouched where there is none. */
static int query_one(struct query *query, int64_t *out)
{
	int rc = query_step(query);
	if (rc == 1)
		*out = query_int(query, 0);
	return rc < 0 ? -1 : 0;
}

/* *out_time: when it was first received; 0 for never. The id alone says nothing: another sender may use it. */
int ledger_find_received(struct ledger *ledger, const struct fingerprint *from, const struct digest *digest,
						 int64_t *out_time, uint64_t *out_sequence, struct err *err)
{
	auto_query query = {0};
	*out_time = 0;
	*out_sequence = 0;
	query_begin(&query, ledger,
				"SELECT time, sequence FROM received WHERE sender = ? AND digest = ? AND state = 'received'"
				" ORDER BY id LIMIT 1",
				err);
	query_bind_text(&query, from->hex);
	query_bind_digest(&query, digest);
	int rc = query_step(&query);
	if (rc != 1)
		return rc < 0 ? -1 : 0;
	*out_time = query_int(&query, 0);
	*out_sequence = query_u64(&query, 1);
	return 0;
}

int ledger_accepted(struct ledger *ledger, const struct fingerprint *from, const struct digest *digest, int64_t *out,
					struct err *err)
{
	uint64_t sequence = 0;
	return ledger_find_received(ledger, from, digest, out, &sequence, err);
}

static int find_equivocation(struct ledger *ledger, const struct fingerprint *from, const struct uuid *bundle,
							 const struct digest *digest, bool *out, struct err *err)
{
	auto_query query = {0};
	int64_t found = 0;
	query_begin(
		&query, ledger,
		"SELECT EXISTS (SELECT 1 FROM received WHERE sender = ? AND bundle = ? AND digest <> ? AND state = 'received')",
		err);
	query_bind_text(&query, from->hex);
	query_bind_text(&query, bundle->text);
	query_bind_digest(&query, digest);
	if (query_one(&query, &found) != 0)
		return -1;
	*out = found != 0;
	return 0;
}

static int judge_known(struct ledger *ledger, const struct fingerprint *from, const struct uuid *bundle,
					   const struct digest *digest, struct ledger_verdict *out, struct err *err)
{
	bool equivocation;
	if (ledger_accepted(ledger, from, digest, &out->received, err) != 0 ||
		find_equivocation(ledger, from, bundle, digest, &equivocation, err) != 0)
		return -1;
	/* Of two that share an id both are suspect: this is told even of the one that was received before. */
	if (equivocation)
		out->known = LEDGER_EQUIVOCATION;
	else
		out->known = out->received != 0 ? LEDGER_REPLAY : LEDGER_NEW;
	return 0;
}

static int judge_sequence(struct ledger *ledger, const struct fingerprint *from, const struct digest *digest,
						  uint64_t sequence, struct ledger_verdict *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"SELECT coalesce(max(sequence), 0), coalesce(max(sequence = ? AND digest <> ?), 0)"
				" FROM received WHERE sender = ? AND state = 'received'",
				err);
	query_bind_u64(&query, sequence);
	query_bind_digest(&query, digest);
	query_bind_text(&query, from->hex);
	if (query_step(&query) != 1)
		return -1;
	out->last_sequence = query_u64(&query, 0);
	out->sequence_reused = query_int(&query, 1) != 0;
	return 0;
}

int ledger_last_received(struct ledger *ledger, const struct fingerprint *from, uint64_t *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"SELECT coalesce(max(sequence), 0) FROM received WHERE sender = ? AND state = 'received'", err);
	query_bind_text(&query, from->hex);
	if (query_step(&query) != 1)
		return -1;
	*out = query_u64(&query, 0);
	return 0;
}

static int judge_previous(struct ledger *ledger, const struct fingerprint *from, uint64_t sequence,
						  const struct digest *previous, struct ledger_verdict *out, struct err *err)
{
	auto_query query = {0};
	int64_t found = 0;
	if (sequence == 1 || digest_is_zero(previous)) {
		out->previous_unknown = sequence != 1 || !digest_is_zero(previous);
		return 0;
	}
	query_begin(
		&query, ledger,
		"SELECT EXISTS (SELECT 1 FROM received WHERE sender = ? AND sequence = ? AND digest = ? AND state = 'received')",
		err);
	query_bind_text(&query, from->hex);
	query_bind_u64(&query, sequence - 1);
	query_bind_digest(&query, previous);
	if (query_one(&query, &found) != 0)
		return -1;
	out->previous_unknown = found == 0;
	return 0;
}

int ledger_judge_incoming(struct ledger *ledger, const struct fingerprint *from, const struct uuid *bundle,
						  const struct digest *digest, uint64_t sequence, const struct digest *previous,
						  struct ledger_verdict *out, struct err *err)
{
	*out = (struct ledger_verdict){.known = LEDGER_NEW};
	if (judge_known(ledger, from, bundle, digest, out, err) != 0 ||
		judge_sequence(ledger, from, digest, sequence, out, err) != 0)
		return -1;
	return judge_previous(ledger, from, sequence, previous, out, err);
}

/* --- unpacking --- */

/* Whether another process is unpacking the same bundle, or another one of the same id, right now. */
static int check_rival(struct ledger *ledger, const struct ledger_unpacking *unpacking, struct err *err)
{
	auto_query query = {0};
	int rc;
	query_begin(&query, ledger,
				"SELECT id FROM received WHERE sender = ? AND state = 'unpacking' AND (digest = ? OR bundle = ?)", err);
	query_bind_text(&query, unpacking->from.hex);
	query_bind_digest(&query, &unpacking->digest);
	query_bind_text(&query, unpacking->bundle.text);
	while ((rc = query_step(&query)) == 1) {
		bool held;
		if (ledger_row_is_held(ledger, TABLE_RECEIVED, query_int(&query, 0), &held, err) != 0)
			return -1;
		if (held)
			return err_set(err, ERR_REPLAY, "this bundle is being unpacked by another process right now");
	}
	return rc;
}

static int check_still_new(struct ledger *ledger, const struct ledger_unpacking *unpacking, struct err *err)
{
	struct ledger_verdict verdict = {.known = LEDGER_NEW};
	if (judge_known(ledger, &unpacking->from, &unpacking->bundle, &unpacking->digest, &verdict, err) != 0)
		return -1;
	if (verdict.known == LEDGER_EQUIVOCATION)
		return err_set(err, ERR_EQUIVOCATION, "another bundle of this sender with the same id was received before");
	if (verdict.known == LEDGER_REPLAY)
		return err_set(err, ERR_REPLAY, "this bundle was received before");
	return check_rival(ledger, unpacking, err);
}

static int insert_received(struct ledger *ledger, const struct ledger_unpacking *unpacking, int64_t *out_row,
						   struct err *err)
{
	auto_query query = {0};
	struct query *q = &query;
	query_begin(
		q, ledger,
		"INSERT INTO received (state, bundle, digest, sender, alias, sequence, previous, time, created, files, bytes,"
		" marks, override, path, device, inode, folder_device)"
		" VALUES ('unpacking', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		err);
	query_bind_text(q, unpacking->bundle.text);
	query_bind_digest(q, &unpacking->digest);
	query_bind_text(q, unpacking->from.hex);
	query_bind_text(q, unpacking->alias);
	query_bind_u64(q, unpacking->sequence);
	query_bind_digest(q, &unpacking->previous);
	query_bind_int(q, utc_now());
	query_bind_int(q, unpacking->created);
	query_bind_u64(q, unpacking->files);
	query_bind_u64(q, unpacking->bytes);
	query_bind_text(q, unpacking->marks != NULL ? unpacking->marks : "");
	query_bind_text(q, unpacking->override);
	query_bind_text(q, unpacking->final_path);
	query_bind_u64(q, unpacking->dev);
	query_bind_u64(q, unpacking->ino);
	query_bind_int(q, ledger_folder_device(unpacking->final_path));
	if (query_run(q) != 0)
		return -1;
	*out_row = sqlite3_last_insert_rowid(ledger->db);
	return ledger_take_turn(ledger, LISTED_RECEIVED, *out_row, err);
}

static int insert_unpacking(struct ledger *ledger, const struct ledger_unpacking *unpacking, int64_t *out_row,
							struct err *err)
{
	const bool again = unpacking->override != NULL && strncmp(unpacking->override, "replay:", 7) == 0;
	if (!again && check_still_new(ledger, unpacking, err) != 0)
		return -1;
	if (insert_received(ledger, unpacking, out_row, err) != 0 ||
		ledger_memorise(ledger, TABLE_RECEIVED, *out_row, unpacking->memories, unpacking->memory_count, err) != 0)
		return -1;
	return ledger_row_hold(ledger, TABLE_RECEIVED, *out_row, err);
}

int ledger_unpacking(struct ledger *ledger, const struct ledger_unpacking *unpacking, int64_t *out_row, struct err *err)
{
	if (ledger_begin(ledger, err) != 0)
		return -1;
	return ledger_end(ledger, insert_unpacking(ledger, unpacking, out_row, err), err);
}
