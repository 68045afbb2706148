/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_keys.h"

#include "base/array.h"
#include "format/key_index.h"

#include <string.h>

/* The keys of partners: one that is present, and former ones. */

const struct former_key *partner_former(const struct partner *partner, const struct fingerprint *fpr)
{
	for (uint32_t i = 0; i < partner->former_count; i++)
		if (fingerprint_equal(&partner->former[i].fingerprint, fpr))
			return &partner->former[i];
	return NULL;
}

struct partner_key partner_key_at(const struct partner *p, uint32_t number)
{
	if (number == 0)
		return (struct partner_key){p->alias, &p->fingerprint, &p->certificate};
	return (struct partner_key){p->alias, &p->former[number - 1].fingerprint, &p->former[number - 1].certificate};
}

struct partner_key partner_key_of(const struct partner *partner, const struct fingerprint *fpr)
{
	struct partner_key key = partner_key_at(partner, 0);
	for (uint32_t i = 1; i < partner_key_count(partner) && !fingerprint_equal(key.fingerprint, fpr); i++)
		key = partner_key_at(partner, i);
	return key;
}

bool partner_has_key(const struct partner *partner, const struct fingerprint *fpr)
{
	return fingerprint_equal(&partner->fingerprint, fpr) || partner_former(partner, fpr) != NULL;
}

/* --- ends of the present key, read and written --- */

int registry_read_end(struct yaml *yaml, int64_t *out, struct err *err)
{
	const char *text;
	size_t len;
	*out = 0;
	if (yaml_read_text(yaml, &text, &len, 0, SIZE_MAX, err) != 0)
		return -1;
	if (len > 0 && !utc_parse(out, text, len))
		return yaml_fail_value(yaml, err, "must be a time like 2026-11-23T18:12:00Z, or \"\" for no end");
	return 0;
}

static int put_end(struct buf *out, unsigned indent, const char *key, int64_t end, struct err *err)
{
	return end != 0 ? yaml_put_utc(out, indent, key, end, err) : yaml_put_pair(out, indent, key, "", err);
}

static int read_signs(struct yaml *yaml, void *into, struct err *err)
{
	return registry_read_end(yaml, &((struct key_ends *)into)->signs, err);
}

static int read_encrypts(struct yaml *yaml, void *into, struct err *err)
{
	return registry_read_end(yaml, &((struct key_ends *)into)->encrypts, err);
}

static int read_revoked(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct key_ends *)into)->revoked, err);
}

int registry_read_ends(struct yaml *yaml, void *into, struct err *err)
{
	static const struct yaml_field fields[] = {
		{"signs", YAML_OPTIONAL, read_signs},
		{"encrypts", YAML_OPTIONAL, read_encrypts},
		{"revoked", YAML_REQUIRED, read_revoked},
	};
	struct partner *p = into;
	p->ends = (struct key_ends){.known = true, .signs = -1, .encrypts = -1};
	return yaml_read_map(yaml, fields, sizeof fields / sizeof fields[0], &p->ends, err);
}

int registry_put_ends(struct buf *out, const struct key_ends *ends, struct err *err)
{
	if (!ends->known)
		return 0;
	return buf_append_str(out, "  key-ends:\n", err) != 0 ||
				   (ends->signs >= 0 && put_end(out, 4, "signs", ends->signs, err) != 0) ||
				   (ends->encrypts >= 0 && put_end(out, 4, "encrypts", ends->encrypts, err) != 0) ||
				   buf_printf(out, err, "    revoked: %s\n", ends->revoked ? "true" : "false") != 0
			   ? -1
			   : 0;
}

/* --- former keys, read and written --- */

static int read_former_fingerprint(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct former_key *)into)->fingerprint, err);
}

static int read_former_certificate(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_digest(yaml, &((struct former_key *)into)->certificate, err);
}

static int read_former_until(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct former_key *)into)->until, err);
}

static int read_former_revoked(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct former_key *)into)->revoked, err);
}

static int read_former_reason(struct yaml *yaml, void *into, struct err *err)
{
	struct former_key *former = into;
	return yaml_read_plain_into(yaml, former->revoked_reason, sizeof former->revoked_reason, 1, err);
}

static int read_former_fields(struct yaml *yaml, struct former_key *former, struct err *err)
{
	static const struct yaml_field fields[] = {
		{"fingerprint", YAML_REQUIRED, read_former_fingerprint},
		{"certificate", YAML_REQUIRED, read_former_certificate},
		{"until", YAML_REQUIRED, read_former_until},
		{"revoked", YAML_OPTIONAL, read_former_revoked},
		{"revoked-reason", YAML_OPTIONAL, read_former_reason},
	};
	if (yaml_read_map(yaml, fields, sizeof fields / sizeof fields[0], former, err) != 0)
		return -1;
	return former->revoked_reason[0] == '\0' || former->revoked != 0
			   ? 0
			   : yaml_fail(yaml, err, "a former key has \"revoked-reason\" without \"revoked\"");
}

static int read_former_key(struct yaml *yaml, void *into, struct err *err)
{
	struct partner *p = into;
	if (p->former_count == FORMER_KEYS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d keys", FORMER_KEYS_MAX);
	struct former_key *former = array_grow(p->former, p->former_count, sizeof *former, err);
	if (former == NULL)
		return -1;
	p->former = former;
	former[p->former_count] = (struct former_key){.until = 0};
	return read_former_fields(yaml, &former[p->former_count++], err);
}

int registry_read_former(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_former_key, into, err);
}

static int put_former_key(struct buf *out, const struct former_key *former, struct err *err)
{
	if (buf_printf(out, err, "  - fingerprint: \"%s\"\n", former->fingerprint.hex) != 0 ||
		yaml_put_digest(out, 4, "certificate", &former->certificate, err) != 0 ||
		yaml_put_utc(out, 4, "until", former->until, err) != 0)
		return -1;
	if (former->revoked == 0)
		return 0;
	if (yaml_put_utc(out, 4, "revoked", former->revoked, err) != 0)
		return -1;
	return former->revoked_reason[0] != '\0' ? yaml_put_pair(out, 4, "revoked-reason", former->revoked_reason, err) : 0;
}

int registry_put_former(struct buf *out, const struct partner *p, struct err *err)
{
	if (p->former_count > 0 && buf_append_str(out, "  former:\n", err) != 0)
		return -1;
	for (uint32_t i = 0; i < p->former_count; i++)
		if (put_former_key(out, &p->former[i], err) != 0)
			return -1;
	return 0;
}

/* --- no key is anybody else's --- */

/* One key under two names could be limited under one and not under the other. */
int registry_check_keys(const struct registry_doc *doc, struct err *err)
{
	auto_key_index index = {0};
	if (key_index_new(&index, doc, err) < 0)
		return -1;
	for (size_t i = 1; i < index.count; i++) {
		const struct indexed_key *one = &index.items[i - 1], *other = &index.items[i];
		if (fingerprint_equal(one->key.fingerprint, other->key.fingerprint))
			return err_set(err, ERR_REGISTRY, "partners %s and %s have the same fingerprint", one->partner->alias,
						   other->partner->alias);
	}
	return 0;
}
