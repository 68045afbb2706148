/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_db.h"

#include "base/array.h"

#include <string.h>

enum { ID_BEGINNING_MIN = 8 };

/* --- what comes next on a channel --- */

int ledger_next(struct ledger *ledger, const struct fingerprint *from, const struct fingerprint *to,
				struct ledger_next *out, struct err *err)
{
	auto_query query = {0};
	*out = (struct ledger_next){.sequence = 1};
	/* The last one that is known is older than a restored backup: there may have been more. */
	query_begin(&query, ledger,
				"SELECT channel.sequence, sent.digest, sent.time < coalesce((SELECT max(time) FROM note"
				" WHERE verb = '" LEDGER_RESTORE_VERB
				"' AND code = ''), 0) FROM channel JOIN sent ON sent.id = channel.sent"
				" WHERE channel.sender = ? AND channel.recipient = ? ORDER BY channel.sequence DESC LIMIT 1",
				err);
	query_bind_text(&query, from->hex);
	query_bind_text(&query, to->hex);
	int rc = query_step(&query);
	if (rc == 1) {
		out->sequence = query_u64(&query, 0) + 1 + (query_int(&query, 2) != 0 ? LEDGER_RESTORE_GAP : 0);
		query_digest(&query, 1, &out->previous);
	}
	return rc < 0 ? -1 : 0;
}

/* Remember that the next bundle tells of this row of channel. */
static int remember_telling(struct ledger *ledger, int64_t channel, const struct fingerprint *to, struct err *err)
{
	struct ledger_telling *grown = array_grow(ledger->telling, ledger->telling_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	ledger->telling = grown;
	grown[ledger->telling_count++] = (struct ledger_telling){channel, *to};
	return 0;
}

static int add_void(struct ledger *ledger, const struct query *query, const struct fingerprint *to,
					struct ledger_void **voids, size_t *count, struct err *err)
{
	struct ledger_void *grown = array_grow(*voids, (uint32_t)*count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	*voids = grown;
	grown[*count].sequence = query_u64(query, 1);
	query_digest(query, 2, &grown[*count].bundle);
	(*count)++;
	return remember_telling(ledger, query_int(query, 0), to, err);
}

#define UNTOLD                                                                                                  \
	" FROM channel JOIN sent ON sent.id = channel.sent LEFT JOIN sent AS teller ON teller.id = channel.told_by" \
	" WHERE channel.sender = ? AND sent.state = 'void' AND teller.state IS NOT 'sent'"

int ledger_untold_voids(struct ledger *ledger, const struct fingerprint *from, const struct fingerprint *to,
						const struct fingerprint *key, struct ledger_void **out, size_t *out_count, struct err *err)
{
	auto_query query = {0};
	auto_free struct ledger_void *voids = NULL;
	size_t count = 0;
	int rc;
	query_begin(&query, ledger,
				"SELECT channel.id, channel.sequence, sent.digest" UNTOLD
				" AND channel.recipient = ? ORDER BY channel.sequence",
				err);
	query_bind_text(&query, from->hex);
	query_bind_text(&query, key->hex);
	*out = NULL;
	*out_count = 0;
	while ((rc = query_step(&query)) == 1)
		if (add_void(ledger, &query, to, &voids, &count, err) != 0)
			return -1;
	if (rc != 0)
		return -1;
	*out = steal(&voids);
	*out_count = count;
	return 0;
}

int ledger_each_untold(struct ledger *ledger, const struct fingerprint *from,
					   int (*each)(void *ctx, const char *alias, const struct ledger_void *untold, struct err *err),
					   void *ctx, struct err *err)
{
	auto_query query = {0};
	int rc;
	query_begin(
		&query, ledger,
		"SELECT channel.alias, channel.sequence, sent.digest" UNTOLD " ORDER BY channel.alias, channel.sequence", err);
	query_bind_text(&query, from->hex);
	while ((rc = query_step(&query)) == 1) {
		struct ledger_void untold = {.sequence = query_u64(&query, 1)};
		query_digest(&query, 2, &untold.bundle);
		if (each(ctx, query_text(&query, 0), &untold, err) != 0)
			return -1;
	}
	return rc;
}

/* --- sealing --- */

static int insert_sent(struct ledger *ledger, const struct ledger_sealing *sealing, int64_t *out_row, struct err *err)
{
	auto_query query = {0};
	struct query *q = &query;
	query_begin(
		q, ledger,
		"INSERT INTO sent (state, bundle, digest, sender, time, created, not_after, files, bytes, marks, purpose, path,"
		" device, inode, folder_device) VALUES ('sealing', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		err);
	query_bind_text(q, sealing->bundle.text);
	query_bind_digest(q, &sealing->digest);
	query_bind_text(q, sealing->from.hex);
	query_bind_int(q, utc_now());
	query_bind_int(q, sealing->created);
	query_bind_int(q, sealing->not_after);
	query_bind_u64(q, sealing->files);
	query_bind_u64(q, sealing->bytes);
	query_bind_text(q, sealing->marks != NULL ? sealing->marks : "");
	query_bind_text(q, sealing->purpose != NULL ? sealing->purpose : "");
	query_bind_text(q, sealing->final_path);
	query_bind_u64(q, sealing->dev);
	query_bind_u64(q, sealing->ino);
	query_bind_int(q, ledger_folder_device(sealing->final_path));
	if (query_run(q) != 0)
		return -1;
	*out_row = sqlite3_last_insert_rowid(ledger->db);
	return ledger_take_turn(ledger, LISTED_SENT, *out_row, err);
}

static int fail_taken(struct ledger *ledger, const struct ledger_channel *channel, struct err *err)
{
	if (sqlite3_extended_errcode(ledger->db) != SQLITE_CONSTRAINT_UNIQUE)
		return ledger_fail(ledger, err);
	(void)err_set(err, ERR_LEDGER, "the ledger: number %llu to %s is taken by another bundle",
				  (unsigned long long)channel->sequence, channel->alias);
	return err_hint(err, "try again");
}

static int insert_channel(struct ledger *ledger, int64_t row, const struct fingerprint *from,
						  const struct ledger_channel *channel, struct err *err)
{
	struct err own = ERR_INIT;
	auto_query query = {0};
	query_begin(&query, ledger, "INSERT INTO channel (sent, sender, recipient, alias, sequence) VALUES (?, ?, ?, ?, ?)",
				&own);
	query_bind_int(&query, row);
	query_bind_text(&query, from->hex);
	query_bind_text(&query, channel->to.hex);
	query_bind_text(&query, channel->alias);
	query_bind_u64(&query, channel->sequence);
	return query_run(&query) == 0 ? 0 : fail_taken(ledger, channel, err);
}

/* Only of a recipient of this bundle: another's voids are not told by it. */
static int tell_void(struct ledger *ledger, int64_t row, const struct ledger_telling *telling, struct err *err)
{
	auto_query query = {0};
	query_begin(
		&query, ledger,
		"UPDATE channel SET told_by = ?1 WHERE id = ?2 AND EXISTS (SELECT 1 FROM channel AS own WHERE own.sent = ?1"
		" AND own.sender = channel.sender AND own.recipient = ?3)",
		err);
	query_bind_int(&query, row);
	query_bind_int(&query, telling->channel);
	query_bind_text(&query, telling->to.hex);
	return query_run(&query);
}

static int insert_sealing(struct ledger *ledger, const struct ledger_sealing *sealing, int64_t *out_row,
						  struct err *err)
{
	if (insert_sent(ledger, sealing, out_row, err) != 0)
		return -1;
	for (size_t i = 0; i < sealing->channel_count; i++)
		if (insert_channel(ledger, *out_row, &sealing->from, &sealing->channels[i], err) != 0)
			return -1;
	for (uint32_t i = 0; i < ledger->telling_count; i++)
		if (tell_void(ledger, *out_row, &ledger->telling[i], err) != 0)
			return -1;
	if (ledger_memorise(ledger, TABLE_SENT, *out_row, sealing->memories, sealing->memory_count, err) != 0)
		return -1;
	return ledger_row_hold(ledger, TABLE_SENT, *out_row, err);
}

int ledger_sealing(struct ledger *ledger, const struct ledger_sealing *sealing, int64_t *out_row, struct err *err)
{
	if (sealing->channel_count == 0)
		return err_set(err, ERR_INTERNAL, "a bundle for nobody");
	if (ledger_begin(ledger, err) != 0 || ledger_end(ledger, insert_sealing(ledger, sealing, out_row, err), err) != 0)
		return -1;
	free(steal(&ledger->telling));
	ledger->telling_count = 0;
	return 0;
}

/* --- voiding --- */

struct sent_row {
	int64_t row;
	struct uuid bundle;
	char state[8];
};

static int fail_id(const char *id, const char *what, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "%.64s: %s", id, what);
	return err_hint(err, "`valise ledger list` shows the ids of what was sent");
}

static int find_sent(struct ledger *ledger, const char *id, struct sent_row *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "SELECT id, bundle, state FROM sent WHERE substr(bundle, 1, length(?1)) = ?1 LIMIT 2",
				err);
	query_bind_text(&query, id);
	int rc = query_step(&query);
	if (rc <= 0)
		return rc < 0 ? -1 : fail_id(id, "no bundle that was sent from here has this id", err);
	out->row = query_int(&query, 0);
	query_uuid(&query, 1, &out->bundle);
	(void)snprintf(out->state, sizeof out->state, "%s", query_text(&query, 2));
	rc = query_step(&query);
	return rc <= 0 ? rc : fail_id(id, "the ids of several bundles begin like this", err);
}

static int check_voidable(struct ledger *ledger, const struct sent_row *found, struct err *err)
{
	bool held = false;
	if (strcmp(found->state, "void") == 0)
		return fail_id(found->bundle.text, "is void already", err);
	if (strcmp(found->state, "sealing") == 0 && ledger_row_is_held(ledger, TABLE_SENT, found->row, &held, err) != 0)
		return -1;
	return held ? err_set(err, ERR_BUSY, "%s: is just being sealed", found->bundle.text) : 0;
}

static int void_row(struct ledger *ledger, const char *id, const char *reason, struct uuid *out_bundle, struct err *err)
{
	struct sent_row found;
	if (find_sent(ledger, id, &found, err) != 0 || check_voidable(ledger, &found, err) != 0)
		return -1;
	auto_query query = {0};
	query_begin(&query, ledger, "UPDATE sent SET state = 'void', void_time = ?, void_reason = ? WHERE id = ?", err);
	query_bind_int(&query, utc_now());
	query_bind_text(&query, reason);
	query_bind_int(&query, found.row);
	*out_bundle = found.bundle;
	return query_run(&query) != 0 || ledger_changed_one(ledger, err) != 0
			   ? -1
			   : ledger_take_turn(ledger, LISTED_VOID, found.row, err);
}

int ledger_void(struct ledger *ledger, const char *id, const char *reason, struct uuid *out_bundle, struct err *err)
{
	if (strlen(id) < ID_BEGINNING_MIN)
		return fail_id(id, "too short: at least 8 characters of the id are needed", err);
	if (reason[0] == '\0')
		return err_set(err, ERR_USAGE, "a reason is needed");
	if (ledger_begin(ledger, err) != 0)
		return -1;
	return ledger_end(ledger, void_row(ledger, id, reason, out_bundle, err), err);
}
