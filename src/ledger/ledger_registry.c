/* SPDX-License-Identifier: Apache-2.0 */
/* Which registries this station has held, and which it has signed. */
#include "ledger/ledger_db.h"

#include <stdio.h>

#define COLUMNS "domain, serial, digest, time, canonical, signers"

static void read_row(const struct query *query, struct ledger_registry *out)
{
	*out = (struct ledger_registry){
		.serial = query_u64(query, 1), .time = query_int(query, 3), .canonical = query_int(query, 4) != 0};
	query_uuid(query, 0, &out->domain);
	query_digest(query, 2, &out->digest);
	(void)snprintf(out->signers, sizeof out->signers, "%s", query_text(query, 5));
}

int ledger_registry_last(struct ledger *ledger, struct ledger_registry *out, struct err *err)
{
	auto_query query = {0};
	*out = (struct ledger_registry){0};
	if (!ledger->knows_registries)
		return 0;
	query_begin(&query, ledger, "SELECT " COLUMNS " FROM registry ORDER BY id DESC LIMIT 1", err);
	int rc = query_step(&query);
	if (rc == 1)
		read_row(&query, out);
	return rc < 0 ? -1 : 0;
}

int ledger_registry_highest(struct ledger *ledger, const struct uuid *domain, uint64_t *out, struct err *err)
{
	auto_query query = {0};
	*out = 0;
	if (!ledger->knows_registries)
		return 0;
	query_begin(&query, ledger, "SELECT coalesce(max(serial), 0) FROM registry WHERE domain = ?", err);
	query_bind_text(&query, domain->text);
	if (query_step(&query) != 1)
		return -1;
	*out = query_u64(&query, 0);
	return 0;
}

static int insert(struct ledger *ledger, const struct ledger_registry *taken, struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "INSERT INTO registry (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)", err);
	query_bind_text(&query, taken->domain.text);
	query_bind_u64(&query, taken->serial);
	query_bind_digest(&query, &taken->digest);
	query_bind_int(&query, utc_now());
	query_bind_int(&query, taken->canonical);
	query_bind_text(&query, taken->signers);
	return query_run(&query);
}

int ledger_registry_take(struct ledger *ledger, const struct ledger_registry *taken, struct err *err)
{
	struct ledger_registry last;
	if (ledger_begin(ledger, err) < 0)
		return -1;
	int rc = ledger_registry_last(ledger, &last, err);
	if (rc == 0 && (last.serial != taken->serial || !digest_equal(&last.digest, &taken->digest)))
		rc = insert(ledger, taken, err);
	return ledger_end(ledger, rc, err);
}

int ledger_registry_list(struct ledger *ledger,
						 int (*each)(void *ctx, const struct ledger_registry *row, struct err *err), void *ctx,
						 struct err *err)
{
	auto_query query = {0};
	int rc;
	if (!ledger->knows_registries)
		return 0;
	query_begin(&query, ledger, "SELECT " COLUMNS " FROM registry ORDER BY id", err);
	while ((rc = query_step(&query)) == 1) {
		struct ledger_registry row;
		read_row(&query, &row);
		if (each(ctx, &row, err) != 0)
			return -1;
	}
	return rc;
}

/* --- signed --- */

int ledger_registry_signed(struct ledger *ledger, const struct uuid *domain, uint64_t serial, struct ledger_signed *out,
						   struct err *err)
{
	auto_query query = {0};
	*out = (struct ledger_signed){0};
	query_begin(&query, ledger,
				"SELECT serial, digest, time FROM signed WHERE domain = ?1 AND (serial = ?2 OR ?2 = 0)"
				" ORDER BY serial DESC LIMIT 1",
				err);
	query_bind_text(&query, domain->text);
	query_bind_u64(&query, serial);
	int rc = query_step(&query);
	if (rc == 1) {
		*out = (struct ledger_signed){.serial = query_u64(&query, 0), .time = query_int(&query, 2)};
		query_digest(&query, 1, &out->digest);
	}
	return rc < 0 ? -1 : 0;
}

static int insert_signed(struct ledger *ledger, const struct uuid *domain, const struct ledger_signed *fresh,
						 struct err *err)
{
	auto_query query = {0};
	query_begin(&query, ledger, "INSERT OR IGNORE INTO signed (domain, serial, digest, time) VALUES (?, ?, ?, ?)", err);
	query_bind_text(&query, domain->text);
	query_bind_u64(&query, fresh->serial);
	query_bind_digest(&query, &fresh->digest);
	query_bind_int(&query, utc_now());
	return query_run(&query);
}

int ledger_registry_sign(struct ledger *ledger, const struct uuid *domain, const struct ledger_signed *fresh,
						 struct ledger_signed *out, struct err *err)
{
	return insert_signed(ledger, domain, fresh, err) < 0
			   ? -1
			   : ledger_registry_signed(ledger, domain, fresh->serial, out, err);
}
