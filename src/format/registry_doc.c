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

int partner_copy(struct partner *out, const struct partner *partner, struct err *err)
{
	*out = *partner;
	out->ceilings = copy_of(partner->ceilings, sizeof *partner->ceilings, err);
	out->communities = copy_of(partner->communities, sizeof *partner->communities, err);
	out->mechanisms = copy_of(partner->mechanisms, sizeof *partner->mechanisms, err);
	out->revoked_reason = partner->revoked_reason != NULL
							  ? copy_of(partner->revoked_reason, strlen(partner->revoked_reason) + 1, err)
							  : NULL;
	out->former = copy_of(partner->former, partner->former_count * sizeof *partner->former, err);
	if ((partner->former == NULL || out->former != NULL) &&
		(partner->revoked_reason == NULL || out->revoked_reason != NULL) &&
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
	struct partner *p = into;
	const char *text;
	size_t len;
	p->valid_until = 0;
	if (yaml_read_text(yaml, &text, &len, 0, SIZE_MAX, err) != 0)
		return -1;
	if (len > 0 && !utc_parse(&p->valid_until, text, len))
		return yaml_fail_value(yaml, err, "must be a time like 2026-11-23T18:12:00Z, or \"\" for no end");
	return 0;
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
	{"former", YAML_OPTIONAL, registry_read_former},
};

/* --- reading the registry --- */

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
	if (yaml_read_map(yaml, partner_fields, sizeof partner_fields / sizeof partner_fields[0], p, err) != 0)
		return -1;
	if (p->revoked_reason != NULL && p->revoked == 0)
		return yaml_fail(yaml, err, "%s has \"revoked-reason\" without \"revoked\"", p->alias);
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

static const struct yaml_field registry_fields[] = {
	{"domain", YAML_REQUIRED, read_domain},       {"serial", YAML_REQUIRED, read_serial},
	{"previous", YAML_REQUIRED, read_previous},   {"created", YAML_REQUIRED, read_created},
	{"not-after", YAML_REQUIRED, read_not_after}, {"partners", YAML_REQUIRED, read_partners},
};

int registry_doc_parse(struct registry_doc *out, const char *bytes, size_t len, struct err *err)
{
	AUTO(registry_doc_clear) struct registry_doc doc = {0};
	auto_yaml *yaml = NULL;
	*out = doc;
	if (len == 0 || len > REGISTRY_BYTES_MAX)
		return err_set(err, ERR_REGISTRY, "a registry has 1 to %d bytes, not %zu", REGISTRY_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, REGISTRY_KIND, ERR_REGISTRY, err) != 0 ||
		yaml_read_document(yaml, registry_fields, sizeof registry_fields / sizeof registry_fields[0], &doc, err) != 0)
		return -1;
	if (doc.not_after <= doc.created)
		return err_set(err, ERR_REGISTRY, "\"not-after\" must be later than \"created\"");
	if (registry_check_keys(&doc, err) != 0)
		return -1;
	*out = doc;
	doc = (struct registry_doc){0};
	return 0;
}

/* --- writing --- */

static int put_roles(struct buf *out, unsigned bits, struct err *err)
{
	bool any = false;
	if (buf_append_str(out, "  roles: [", err) != 0)
		return -1;
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (!(bits & roles[i].bit))
			continue;
		if (buf_printf(out, err, "%s\"%s\"", any ? ", " : "", roles[i].name) != 0)
			return -1;
		any = true;
	}
	return buf_append_str(out, "]\n", err);
}

/* What few partners have: not written where there is nothing to say. */
static int put_facts(struct buf *out, const struct partner *p, struct err *err)
{
	if (p->communities != NULL && communities_put(out, 2, p->communities, err) != 0)
		return -1;
	if (p->mechanisms != NULL && mechanisms_put(out, 2, p->mechanisms, err) != 0)
		return -1;
	return p->sector != SECTOR_PUBLIC ? yaml_put_pair(out, 2, "sector", sector_names[p->sector], err) : 0;
}

static int put_revoked(struct buf *out, const struct partner *p, struct err *err)
{
	if (p->revoked == 0)
		return 0;
	if (yaml_put_utc(out, 2, "revoked", p->revoked, err) != 0)
		return -1;
	return p->revoked_reason != NULL ? yaml_put_pair(out, 2, "revoked-reason", p->revoked_reason, err) : 0;
}

static int put_partner(struct buf *out, const struct partner *p, struct err *err)
{
	if (buf_printf(out, err, "- alias: \"%s\"\n", p->alias) != 0 ||
		yaml_put_pair(out, 2, "fingerprint", p->fingerprint.hex, err) != 0 || party_put(out, 2, &p->party, err) != 0 ||
		yaml_put_pair(out, 2, "person", p->person, err) != 0 || put_roles(out, p->roles, err) != 0 ||
		buf_printf(out, err, "  approvals: %u\n  ceilings: ", (unsigned)p->approvals) != 0 ||
		ceilings_put(out, p->ceilings, err) != 0 || buf_append_str(out, "\n", err) != 0 ||
		put_facts(out, p, err) != 0 || yaml_put_utc(out, 2, "added", p->added, err) != 0)
		return -1;
	int rc = p->valid_until != 0 ? yaml_put_utc(out, 2, "valid-until", p->valid_until, err)
								 : yaml_put_pair(out, 2, "valid-until", "", err);
	return rc != 0 || put_revoked(out, p, err) != 0 || yaml_put_digest(out, 2, "certificate", &p->certificate, err) != 0
			   ? -1
			   : registry_put_former(out, p, err);
}

int registry_doc_format(struct buf *out, const struct registry_doc *doc, struct err *err)
{
	if (buf_append_str(out, REGISTRY_KIND "\n", err) != 0 ||
		yaml_put_pair(out, 0, "domain", doc->domain.text, err) != 0 ||
		buf_printf(out, err, "serial: %llu\n", (unsigned long long)doc->serial) != 0 ||
		yaml_put_digest(out, 0, "previous", &doc->previous, err) != 0 ||
		yaml_put_utc(out, 0, "created", doc->created, err) != 0 ||
		yaml_put_utc(out, 0, "not-after", doc->not_after, err) != 0 ||
		buf_append_str(out, doc->count > 0 ? "partners:\n" : "partners: []\n", err) != 0)
		return -1;
	for (uint32_t i = 0; i < doc->count; i++)
		if (put_partner(out, &doc->partners[i], err) != 0)
			return -1;
	return 0;
}
