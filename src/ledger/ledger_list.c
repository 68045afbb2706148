/* SPDX-License-Identifier: Apache-2.0 */
/* Notes, times, and the list of all that happened. */
#include "ledger/ledger_db.h"

#include <string.h>

int ledger_latest_seen(struct ledger *ledger, int64_t *out, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"SELECT max(coalesce((SELECT max(max(time, created)) FROM sent WHERE state = 'sent' AND seen), 0),"
				" coalesce((SELECT max(max(time, created)) FROM received WHERE state = 'received' AND seen), 0))",
				err);
	if (query_step(&query) != 1)
		return -1;
	*out = query_int(&query, 0);
	return 0;
}

int ledger_note(struct ledger *ledger, const char *verb, enum err_code code, const struct fingerprint *partner,
				const struct uuid *bundle, const struct digest *digest, const char *text, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger,
				"INSERT INTO note (time, verb, code, partner, bundle, digest, text) VALUES (?, ?, ?, ?, ?, ?, ?)", err);
	query_bind_int(&query, utc_now());
	query_bind_text(&query, verb);
	query_bind_text(&query, code != ERR_OK ? err_name(code) : "");
	query_bind_text(&query, partner != NULL ? partner->hex : NULL);
	query_bind_text(&query, bundle != NULL ? bundle->text : NULL);
	query_bind_digest(&query, digest);
	query_bind_text(&query, text != NULL ? text : "");
	return query_run(&query);
}

/* Columns as read_row() takes them. The last two sort: a void behind its sending, rows in the order they were made. */
static const char list_sql[] =
	"SELECT sent.time AS time, CASE WHEN state = 'sealing' THEN 'sealing' WHEN path LIKE '%" LEDGER_PENDING
	"' THEN 'pending' ELSE 'sent' END AS event, alias, recipient AS partner,"
	" bundle, digest, sequence, files, bytes, marks, path AS text, '' AS verb, '' AS code, 0 AS kind, channel.id AS number,"
	" device, inode"
	" FROM channel JOIN sent ON sent.id = channel.sent"
	" UNION ALL "
	"SELECT void_time, 'void', alias, recipient, bundle, digest, sequence, files, bytes, marks, void_reason, '', '', 1,"
	" channel.id, 0, 0 FROM channel JOIN sent ON sent.id = channel.sent WHERE state = 'void'"
	" UNION ALL "
	"SELECT time, state, alias, sender, bundle, digest, sequence, files, bytes, marks, path, '', '', 2, id, 0, 0 FROM received"
	" UNION ALL "
	"SELECT time, 'override', alias, sender, bundle, digest, sequence, files, bytes, marks, override, 'unpack', '', 3, id, 0, 0"
	" FROM received WHERE override IS NOT NULL AND state = 'received'"
	" UNION ALL "
	"SELECT time, iif(code <> '', 'refused', "
	" CASE verb WHEN 'verify' THEN 'verified' WHEN 'list' THEN 'listed' WHEN 'unpack' THEN 'read'"
	" WHEN 'approve' THEN 'approved' WHEN 'copy' THEN 'copied' WHEN 'backup' THEN 'backed-up' WHEN '" LEDGER_RESTORE_VERB
	"' THEN 'restored' ELSE 'override' END), '', partner, bundle, digest, 0, 0, 0, '', text, verb, code, 4, id, 0, 0"
	" FROM note"
	" ORDER BY time, kind, number";

/* Pointers are valid until the next step. */
static void read_row(const struct query *query, struct ledger_row *out)
{
	out->time = query_int(query, 0);
	out->event = query_text(query, 1);
	out->alias = query_text(query, 2);
	query_fingerprint(query, 3, &out->partner);
	query_uuid(query, 4, &out->bundle);
	query_digest(query, 5, &out->digest);
	out->sequence = query_u64(query, 6);
	out->files = query_u64(query, 7);
	out->bytes = query_u64(query, 8);
	out->marks = query_text(query, 9);
	out->text = query_text(query, 10);
	out->verb = query_text(query, 11);
	out->code = query_text(query, 12);
}

/* What was approved since is told as what it is, also where this ledger cannot be written. out: *path malloc'd. */
static void look_after_pending(const struct query *query, struct ledger_row *row, char **path)
{
	*path = strcmp(row->event, "pending") == 0 ? ledger_final_path(row->text) : NULL;
	if (!ledger_is_file(*path, query_u64(query, 15), query_u64(query, 16)))
		return;
	row->event = "sent";
	row->text = *path;
}

int ledger_list(struct ledger *ledger, int (*each)(void *ctx, const struct ledger_row *row, struct err *err), void *ctx,
				struct err *err)
{
	auto_query query = {0};
	int rc;
	query_begin(&query, ledger, list_sql, err);
	while ((rc = query_step(&query)) == 1) {
		struct ledger_row row;
		auto_free char *path = NULL;
		read_row(&query, &row);
		look_after_pending(&query, &row, &path);
		if (each(ctx, &row, err) != 0)
			return -1;
	}
	return rc;
}
