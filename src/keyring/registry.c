/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_internal.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <string.h>

/* --- reading --- */

/* Rows that were asked for, and what they are parsed from. */
struct registry_rows {
	struct buf bytes;
	struct found_row {
		struct found_row *next;
		struct partner partner;
	} * found;
	struct registry_doc whole; /* once somebody wanted it */
	bool is_whole;
};

static void rows_free(struct registry_rows *rows)
{
	if (rows == NULL)
		return;
	while (rows->found != NULL) {
		struct found_row *row = rows->found;
		rows->found = row->next;
		partner_clear(&row->partner);
		free(row);
	}
	registry_doc_clear(&rows->whole);
	buf_clear(&rows->bytes);
	free(rows);
}

/* out: without data where there is no such file. */
static int read_bytes(struct buf *out, const struct station *station, const char *name, struct err *err)
{
	struct err io = ERR_INIT;
	if (io_read_file(out, station->home_fd, name, REGISTRY_BYTES_MAX, &io) == 0 || io.saved_errno == ENOENT)
		return 0;
	return err_set(err, io.code == ERR_CANCELLED || io.code == ERR_MEMORY ? io.code : ERR_REGISTRY, "%s", io.message);
}

static int is_canonical(const char *bytes, size_t len, const struct registry_doc *doc, bool *out, struct err *err)
{
	auto_buf again = {0};
	if (registry_doc_format(&again, doc, err) < 0)
		return -1;
	*out = again.len == len && memcmp(again.data, bytes, len) == 0;
	return 0;
}

static int open_whole(struct registry *out, const char *bytes, size_t len, struct err *err)
{
	return registry_doc_parse(&out->doc, bytes, len, err) < 0 ||
				   is_canonical(bytes, len, &out->doc, &out->canonical, err) < 0
			   ? -1
			   : 0;
}

int registry_parse(struct registry *out, const struct station *station, const char *bytes, size_t len, struct err *err)
{
	*out = (struct registry){.station = station};
	hash_bytes(&out->digest, bytes, len);
	if (open_whole(out, bytes, len, err) == 0)
		return 0;
	registry_close(out);
	return -1;
}

static int open_rows(struct registry *out, struct buf *bytes, struct err *err)
{
	if (registry_doc_parse_head(&out->doc, bytes->data, bytes->len, err) < 0)
		return -1;
	out->rows = calloc(1, sizeof *out->rows);
	if (out->rows == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	out->rows->bytes = *bytes;
	out->canonical = true;
	*bytes = (struct buf){0};
	return 0;
}

int registry_read(struct registry *out, const struct station *station, const char *name, const struct digest *known,
				  struct err *err)
{
	auto_buf bytes = {0};
	*out = (struct registry){.station = station};
	if (read_bytes(&bytes, station, name, err) < 0)
		return -1;
	if (bytes.data == NULL)
		return 0;
	hash_bytes(&out->digest, bytes.data, bytes.len);
	int rc = known != NULL && digest_equal(known, &out->digest) ? open_rows(out, &bytes, err)
																: open_whole(out, bytes.data, bytes.len, err);
	if (rc == 0)
		return 0;
	registry_close(out);
	return err_wrap(err, "%s/%s: ", station->home, name);
}

int registry_open(struct registry *out, const struct station *station, const struct digest *known, struct err *err)
{
	return registry_read(out, station, REGISTRY_NAME, known, err);
}

int registry_open_unread(struct registry *out, const struct station *station, struct err *err)
{
	auto_buf bytes = {0};
	*out = (struct registry){.station = station};
	if (read_bytes(&bytes, station, REGISTRY_NAME, err) < 0)
		return -1;
	if (bytes.data != NULL)
		hash_bytes(&out->digest, bytes.data, bytes.len);
	return 0;
}

void registry_close(struct registry *registry)
{
	registry_doc_clear(&registry->doc);
	rows_free(registry->rows);
	*registry = (struct registry){0};
}

const struct registry_doc *registry_whole(const struct registry *registry, struct err *err)
{
	struct registry_rows *rows = registry->rows;
	if (rows == NULL)
		return &registry->doc;
	if (!rows->is_whole && registry_doc_parse(&rows->whole, rows->bytes.data, rows->bytes.len, err) < 0)
		return NULL;
	rows->is_whole = true;
	return &rows->whole;
}

int registry_each(const struct registry *registry, registry_doc_each_fn *each, void *ctx, struct err *err)
{
	const struct registry_rows *rows = registry->rows;
	const struct registry_doc *doc = rows != NULL && rows->is_whole ? &rows->whole : &registry->doc;
	if (rows != NULL && !rows->is_whole)
		return registry_doc_each(rows->bytes.data, rows->bytes.len, each, ctx, err);
	for (uint32_t i = 0; i < doc->count; i++)
		if (each(ctx, &doc->partners[i], err) != 0)
			return -1;
	return 0;
}

struct names {
	char *text;
	size_t size, len;
};

static int add_administrator(void *ctx, const struct partner *partner, struct err *err)
{
	struct names *names = ctx;
	const struct party *party = &partner->party;
	(void)err;
	const size_t room = names->size - names->len;
	if (!partner_is_administrator(partner) || strlen(party->name) + strlen(party->organisation) + sizeof ",  ()" > room)
		return 0;
	const int n = snprintf(names->text + names->len, room, "%s%s (%s)", names->len > 0 ? ", " : "", party->name,
						   party->organisation);
	names->len += n > 0 ? (size_t)n : 0;
	return 0;
}

void registry_name_administrators(char *out, size_t size, const struct registry *registry)
{
	struct names names = {.text = out, .size = size};
	struct err ignored = ERR_INIT;
	out[0] = '\0';
	(void)registry_each(registry, add_administrator, &names, &ignored);
}

/* Takes partner. What cannot be kept is not found: whoever is not found is not trusted. */
static const struct partner *keep_row(struct registry_rows *rows, struct partner *partner)
{
	struct found_row *row = malloc(sizeof *row);
	if (row == NULL) {
		partner_clear(partner);
		return NULL;
	}
	*row = (struct found_row){.next = rows->found, .partner = *partner};
	rows->found = row;
	return &row->partner;
}

const struct partner *registry_find_alias(const struct registry *registry, const char *alias)
{
	struct partner partner;
	struct err ignored = ERR_INIT;
	struct registry_rows *rows = registry->rows;
	for (uint32_t i = 0; i < registry->doc.count; i++)
		if (strcmp(registry->doc.partners[i].alias, alias) == 0)
			return &registry->doc.partners[i];
	if (rows == NULL || !alias_is_valid(alias))
		return NULL;
	for (const struct found_row *row = rows->found; row != NULL; row = row->next)
		if (strcmp(row->partner.alias, alias) == 0)
			return &row->partner;
	return registry_doc_find_alias(&partner, rows->bytes.data, rows->bytes.len, alias, &ignored) == 1
			   ? keep_row(rows, &partner)
			   : NULL;
}

const struct partner *registry_find(const struct registry *registry, const struct fingerprint *fpr)
{
	struct partner partner;
	struct err ignored = ERR_INIT;
	struct registry_rows *rows = registry->rows;
	for (uint32_t i = 0; i < registry->doc.count; i++)
		if (partner_has_key(&registry->doc.partners[i], fpr))
			return &registry->doc.partners[i];
	if (rows == NULL || fpr->hex[0] == '\0')
		return NULL;
	for (const struct found_row *row = rows->found; row != NULL; row = row->next)
		if (partner_has_key(&row->partner, fpr))
			return &row->partner;
	return registry_doc_find_fingerprint(&partner, rows->bytes.data, rows->bytes.len, fpr, &ignored) == 1
			   ? keep_row(rows, &partner)
			   : NULL;
}

int registry_bytes(const struct registry *registry, struct buf *out, struct err *err)
{
	struct digest digest = {0}; /* of a registry that is not there */
	const char *name = registry->is_draft ? REGISTRY_DRAFT_NAME : REGISTRY_NAME;
	if (read_bytes(out, registry->station, name, err) < 0)
		return -1;
	if (out->data != NULL)
		hash_bytes(&digest, out->data, out->len);
	if (digest_equal(&digest, &registry->digest))
		return 0;
	(void)err_set(err, ERR_BUSY, "another valise has changed %s/%s meanwhile", registry->station->home, name);
	return err_hint(err, "look what has changed, and repeat the command");
}
