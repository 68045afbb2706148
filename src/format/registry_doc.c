/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_doc.h"

#include "base/array.h"
#include "base/yaml.h"
#include "format/party_fields.h"
#include "format/registry_keys.h"
#include "format/waybill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned bit;
} roles[] = {
	{"send", ROLE_SEND},       {"receive", ROLE_RECEIVE},       {"carry", ROLE_CARRY},
	{"approve", ROLE_APPROVE}, {"administer", ROLE_ADMINISTER},
};
enum { ROLE_COUNT = sizeof roles / sizeof roles[0] };

bool alias_is_valid(const char *alias)
{
	size_t len = strspn(alias, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= ALIAS_MAX && alias[len] == '\0' && alias[0] != '-';
}

/* The bit of one word, 0 where it is none. */
static unsigned role_bit(const char *word, size_t len)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (strlen(roles[i].name) == len && memcmp(roles[i].name, word, len) == 0)
			return roles[i].bit;
	return 0;
}

bool roles_parse(unsigned *out, const char *text)
{
	unsigned bits = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		unsigned bit = role_bit(text, len);
		if (bit == 0 || (text[len] == ',' && text[len + 1] == '\0'))
			return false;
		bits |= bit;
		text += len + (text[len] == ',');
	}
	*out = bits;
	return true;
}

void roles_format(char *out, size_t size, unsigned bits)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (!(bits & roles[i].bit))
			continue;
		int n = snprintf(out + used, size - used, "%s%s", used > 0 ? "," : "", roles[i].name);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

void partner_clear(struct partner *p)
{
	free(p->ceilings);
	free(p->communities);
	free(p->mechanisms);
	free(p->revoked_reason);
	free(p->former);
	*p = (struct partner){0};
}

void registry_doc_clear(struct registry_doc *doc)
{
	for (uint32_t i = 0; i < doc->count; i++)
		partner_clear(&doc->partners[i]);
	free(doc->partners);
	*doc = (struct registry_doc){0};
}

static void *copy_of(const void *in, size_t size, struct err *err)
{
	void *copy = in != NULL ? malloc(size) : NULL;
	if (copy != NULL)
		memcpy(copy, in, size);
	else if (in != NULL)
		(void)err_set(err, ERR_MEMORY, "out of memory");
	return copy;
}

/* Most partners have a few ceilings or none: what is kept is theirs alone, NULL for none. */
static void *keep(const void *found, size_t size, uint32_t count, struct err *err)
{
	return count > 0 ? copy_of(found, size, err) : NULL;
}

/* Grown as every array of them is: who adds one goes by their count alone. */
static int copy_former(struct partner *out, const struct partner *partner, struct err *err)
{
	for (uint32_t i = 0; i < partner->former_count; i++) {
		struct former_key *grown = array_grow(out->former, i, sizeof *grown, err);
		if (grown == NULL)
			return -1;
		out->former = grown;
		grown[out->former_count++] = partner->former[i];
	}
	return 0;
}

int partner_copy(struct partner *out, const struct partner *partner, struct err *err)
{
	*out = *partner;
	out->ceilings = copy_of(partner->ceilings, sizeof *partner->ceilings, err);
	out->communities = copy_of(partner->communities, sizeof *partner->communities, err);
	out->mechanisms = copy_of(partner->mechanisms, sizeof *partner->mechanisms, err);
	out->revoked_reason = partner->revoked_reason != NULL
							  ? copy_of(partner->revoked_reason, strlen(partner->revoked_reason) + 1, err)
							  : NULL;
	out->former = NULL;
	out->former_count = 0;
	if (copy_former(out, partner, err) == 0 && (partner->revoked_reason == NULL || out->revoked_reason != NULL) &&
		(partner->ceilings == NULL || out->ceilings != NULL) &&
		(partner->communities == NULL || out->communities != NULL) &&
		(partner->mechanisms == NULL || out->mechanisms != NULL))
		return 0;
	partner_clear(out);
	return -1;
}

/* --- reading a partner --- */

static int read_alias(struct yaml *yaml, void *into, struct err *err)
{
	struct partner *p = into;
	if (yaml_read_into(yaml, p->alias, sizeof p->alias, 1, err) != 0)
		return -1;
	return alias_is_valid(p->alias)
			   ? 0
			   : yaml_fail_value(yaml, err, "must be of a to z, 0 to 9 and -, not beginning with -");
}

static int read_fingerprint(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct partner *)into)->fingerprint, err);
}

static int read_name(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct partner *)into)->party.name, err);
}

static int read_organisation(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct partner *)into)->party.organisation, err);
}

static int read_kind(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_kind(yaml, &((struct partner *)into)->party.kind, err);
}

static int read_person(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct partner *)into)->person, err);
}

static int read_jurisdiction(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_jurisdiction(yaml, ((struct partner *)into)->party.jurisdiction, err);
}

static int read_role(struct yaml *yaml, void *into, struct err *err)
{
	unsigned *bits = into;
	const char *text;
	size_t len;
	if (yaml_read_text(yaml, &text, &len, 0, SIZE_MAX, err) != 0)
		return -1;
	unsigned bit = role_bit(text, len);
	if (bit == 0)
		return yaml_fail_value(yaml, err, "must be of: " ROLE_NAMES);
	if (*bits & bit)
		return yaml_fail_value(yaml, err, "names one role twice");
	*bits |= bit;
	return 0;
}

static int read_roles(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_role, &((struct partner *)into)->roles, err);
}

static int read_approvals(struct yaml *yaml, void *into, struct err *err)
{
	uint64_t value;
	if (yaml_read_u64(yaml, &value, 1, WAYBILL_APPROVALS_MAX, err) != 0)
		return -1;
	((struct partner *)into)->approvals = (uint32_t)value;
	return 0;
}

static int read_ceilings(struct yaml *yaml, void *into, struct err *err)
{
	struct partner *p = into;
	struct ceilings found = {0};
	if (ceilings_read(yaml, &found, err) != 0)
		return -1;
	p->ceilings = keep(&found, sizeof found, found.count, err);
	return found.count > 0 && p->ceilings == NULL ? -1 : 0;
}

static int read_communities(struct yaml *yaml, void *into, struct err *err)
{
	struct partner *p = into;
	struct communities found = {0};
	if (communities_read(yaml, &found, err) != 0)
		return -1;
	p->communities = keep(&found, sizeof found, found.count, err);
	return found.count > 0 && p->communities == NULL ? -1 : 0;
}

static int read_mechanisms(struct yaml *yaml, void *into, struct err *err)
{
	struct partner *p = into;
	struct mechanisms found = {0};
	if (mechanisms_read(yaml, &found, err) != 0)
		return -1;
	p->mechanisms = keep(&found, sizeof found, found.count, err);
	return found.count > 0 && p->mechanisms == NULL ? -1 : 0;
}

static int read_sector(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, sector_names, SECTOR_COUNT, &which, err) != 0)
		return -1;
	((struct partner *)into)->sector = (enum sector)which;
	return 0;
}

static int read_added(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct partner *)into)->added, err);
}

static int read_valid_until(struct yaml *yaml, void *into, struct err *err)
{
	return registry_read_end(yaml, &((struct partner *)into)->valid_until, err);
}

static int read_revoked(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct partner *)into)->revoked, err);
}

static int read_revoked_reason(struct yaml *yaml, void *into, struct err *err)
{
	char reason[REVOKED_REASON_MAX + 1];
	if (yaml_read_plain_into(yaml, reason, sizeof reason, 1, err) != 0)
		return -1;
	struct partner *p = into;
	p->revoked_reason = strdup(reason);
	return p->revoked_reason != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int read_certificate(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_digest(yaml, &((struct partner *)into)->certificate, err);
}

static const struct yaml_field partner_fields[] = {
	{"alias", YAML_REQUIRED, read_alias},
	{"fingerprint", YAML_REQUIRED, read_fingerprint},
	{"name", YAML_REQUIRED, read_name},
	{"organisation", YAML_REQUIRED, read_organisation},
	{"kind", YAML_REQUIRED, read_kind},
	{"person", YAML_REQUIRED, read_person},
	{"jurisdiction", YAML_REQUIRED, read_jurisdiction},
	{"roles", YAML_REQUIRED, read_roles},
	{"approvals", YAML_REQUIRED, read_approvals},
	{"ceilings", YAML_REQUIRED, read_ceilings},
	{"communities", YAML_OPTIONAL, read_communities},
	{"mechanisms", YAML_OPTIONAL, read_mechanisms},
	{"sector", YAML_OPTIONAL, read_sector},
	{"added", YAML_REQUIRED, read_added},
	{"valid-until", YAML_REQUIRED, read_valid_until},
	{"revoked", YAML_OPTIONAL, read_revoked},
	{"revoked-reason", YAML_OPTIONAL, read_revoked_reason},
	{"certificate", YAML_REQUIRED, read_certificate},
	{"key-ends", YAML_OPTIONAL, registry_read_ends},
	{"former", YAML_OPTIONAL, registry_read_former},
};

/* --- reading the registry --- */

static int read_row(struct yaml *yaml, struct partner *p, struct err *err)
{
	if (yaml_read_map(yaml, partner_fields, sizeof partner_fields / sizeof partner_fields[0], p, err) != 0)
		return -1;
	if (p->revoked_reason != NULL && p->revoked == 0)
		return yaml_fail(yaml, err, "%s has \"revoked-reason\" without \"revoked\"", p->alias);
	return 0;
}

static int read_partner(struct yaml *yaml, void *into, struct err *err)
{
	struct registry_doc *doc = into;
	if (doc->count == REGISTRY_PARTNERS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d entries", REGISTRY_PARTNERS_MAX);
	struct partner *partners = array_grow(doc->partners, doc->count, sizeof *partners, err);
	if (partners == NULL)
		return -1;
	doc->partners = partners;
	/* counted from here on, so that what a failure leaves is freed */
	struct partner *p = &partners[doc->count++];
	*p = (struct partner){0};
	if (read_row(yaml, p, err) != 0)
		return -1;
	int order = doc->count > 1 ? strcmp(p[-1].alias, p->alias) : -1;
	if (order == 0)
		return yaml_fail(yaml, err, "two partners have the alias %s", p->alias);
	return order < 0 ? 0 : yaml_fail(yaml, err, "%s is not sorted by alias", p->alias);
}

static int read_partners(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_partner, into, err);
}

static int read_domain(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_uuid(yaml, &((struct registry_doc *)into)->domain, err);
}

static int read_serial(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct registry_doc *)into)->serial, 1, REGISTRY_SERIAL_MAX, err);
}

static int read_previous(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_digest(yaml, &((struct registry_doc *)into)->previous, err);
}

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct registry_doc *)into)->created, err);
}

static int read_not_after(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct registry_doc *)into)->not_after, err);
}

static int read_administrators_needed(struct yaml *yaml, void *into, struct err *err)
{
	uint64_t value;
	if (yaml_read_u64(yaml, &value, 1, REGISTRY_ADMINISTRATORS_MAX, err) != 0)
		return -1;
	((struct registry_doc *)into)->administrators_needed = (uint32_t)value;
	return 0;
}

static const struct yaml_field registry_fields[] = {
	{"domain", YAML_REQUIRED, read_domain},       {"serial", YAML_REQUIRED, read_serial},
	{"previous", YAML_REQUIRED, read_previous},   {"created", YAML_REQUIRED, read_created},
	{"not-after", YAML_REQUIRED, read_not_after}, {"administrators-needed", YAML_OPTIONAL, read_administrators_needed},
	{"partners", YAML_REQUIRED, read_partners},
};

static int parse_document(struct registry_doc *doc, const char *bytes, size_t len, struct err *err)
{
	auto_yaml *yaml = NULL;
	if (len == 0 || len > REGISTRY_BYTES_MAX)
		return err_set(err, ERR_REGISTRY, "a registry has 1 to %d bytes, not %zu", REGISTRY_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, REGISTRY_KIND, ERR_REGISTRY, err) != 0 ||
		yaml_read_document(yaml, registry_fields, sizeof registry_fields / sizeof registry_fields[0], doc, err) != 0)
		return -1;
	if (doc->not_after <= doc->created)
		return err_set(err, ERR_REGISTRY, "\"not-after\" must be later than \"created\"");
	return 0;
}

int registry_doc_parse(struct registry_doc *out, const char *bytes, size_t len, struct err *err)
{
	AUTO(registry_doc_clear) struct registry_doc doc = {0};
	*out = doc;
	if (parse_document(&doc, bytes, len, err) != 0 || registry_check_keys(&doc, err) != 0)
		return -1;
	*out = doc;
	doc = (struct registry_doc){0};
	return 0;
}

/* --- parts of one that is known --- */

static const char partners_line[] = "\npartners:";

int registry_doc_parse_head(struct registry_doc *out, const char *bytes, size_t len, struct err *err)
{
	auto_buf head = {0};
	const char *end = memmem(bytes, len, partners_line, sizeof partners_line - 1);
	*out = (struct registry_doc){0};
	if (end == NULL)
		return err_set(err, ERR_REGISTRY, "the registry has no \"partners\"");
	return buf_append(&head, bytes, (size_t)(end - bytes), err) != 0 ||
				   buf_append_str(&head, "\npartners: []\n", err) != 0
			   ? -1
			   : parse_document(out, head.data, head.len, err);
}

struct walk {
	registry_doc_each_fn *each;
	void *ctx;
};

static int walk_partner(struct yaml *yaml, void *into, struct err *err)
{
	const struct walk *walk = into;
	AUTO(partner_clear) struct partner partner = {0};
	return read_row(yaml, &partner, err) != 0 ? -1 : walk->each(walk->ctx, &partner, err);
}

static int walk_partners(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, walk_partner, into, err);
}

int registry_doc_each(const char *bytes, size_t len, registry_doc_each_fn *each, void *ctx, struct err *err)
{
	static const struct yaml_field only_partners[] = {{"partners", YAML_REQUIRED, walk_partners}};
	struct walk walk = {each, ctx};
	auto_buf text = {0};
	auto_yaml *yaml = NULL;
	const char *rows = memmem(bytes, len, partners_line, sizeof partners_line - 1);
	if (rows == NULL)
		return err_set(err, ERR_REGISTRY, "the registry has no \"partners\"");
	return buf_append_str(&text, REGISTRY_KIND, err) != 0 ||
				   buf_append(&text, rows, (size_t)(bytes + len - rows), err) != 0 ||
				   yaml_open(&yaml, text.data, text.len, REGISTRY_KIND, ERR_REGISTRY, err) != 0 ||
				   yaml_read_document(yaml, only_partners, 1, &walk, err) != 0
			   ? -1
			   : 0;
}

static int parse_row(struct partner *out, const char *row, size_t len, struct err *err)
{
	static const struct yaml_field only_partners[] = {{"partners", YAML_REQUIRED, read_partners}};
	AUTO(registry_doc_clear) struct registry_doc doc = {0};
	auto_buf text = {0};
	auto_yaml *yaml = NULL;
	if (buf_append_str(&text, REGISTRY_KIND "\npartners:\n", err) != 0 || buf_append(&text, row, len, err) != 0 ||
		yaml_open(&yaml, text.data, text.len, REGISTRY_KIND, ERR_REGISTRY, err) != 0 ||
		yaml_read_document(yaml, only_partners, 1, &doc, err) != 0)
		return -1;
	if (doc.count != 1)
		return err_set(err, ERR_REGISTRY, "a row of the registry holds %u partners", (unsigned)doc.count);
	*out = doc.partners[0];
	doc.partners[0] = (struct partner){0};
	return 1;
}

/* A row begins at the first column, and a quotation mark inside of a text is escaped: so neither line can stand in
 * somebody's name. */
static int find_row(struct partner *out, const char *bytes, size_t len, const char *line, struct err *err)
{
	static const char row_begin[] = "\n- ";
	const char *end = bytes + len, *found = memmem(bytes, len, line, strlen(line)), *begin = found;
	if (found == NULL)
		return 0;
	while (begin > bytes && memcmp(begin, row_begin, sizeof row_begin - 1) != 0)
		begin--;
	const char *next = memmem(found + 1, (size_t)(end - found - 1), row_begin, sizeof row_begin - 1);
	return parse_row(out, begin + 1, (size_t)((next != NULL ? next + 1 : end) - begin - 1), err);
}

int registry_doc_find_alias(struct partner *out, const char *bytes, size_t len, const char *alias, struct err *err)
{
	auto_buf line = {0};
	return buf_printf(&line, err, "\n- alias: \"%s\"\n", alias) != 0 ? -1 : find_row(out, bytes, len, line.data, err);
}

int registry_doc_find_fingerprint(struct partner *out, const char *bytes, size_t len, const struct fingerprint *fpr,
								  struct err *err)
{
	char line[FINGERPRINT_MAX + 24];
	(void)snprintf(line, sizeof line, " fingerprint: \"%s\"\n", fpr->hex);
	return find_row(out, bytes, len, line, err);
}
