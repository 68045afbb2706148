/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_doc.h"

#include "base/yaml.h"
#include "format/party_fields.h"
#include "format/registry_keys.h"

#include <string.h>

/* registry.yaml as this program writes it, to the byte: what is known by its digest is read by this form. */

static int put_roles(struct buf *out, unsigned bits, struct err *err)
{
	char names[sizeof ROLE_NAMES];
	bool any = false;
	roles_format(names, sizeof names, bits);
	if (buf_append_str(out, "  roles: [", err) != 0)
		return -1;
	for (char *rest = names, *name; (name = strsep(&rest, ",")) != NULL; any = true)
		if (name[0] != '\0' && buf_printf(out, err, "%s\"%s\"", any ? ", " : "", name) != 0)
			return -1;
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
	return rc != 0 || put_revoked(out, p, err) != 0 || yaml_put_digest(out, 2, "certificate", &p->certificate, err) != 0 ||
				   registry_put_ends(out, &p->ends, err) != 0
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
		(doc->administrators_needed > 0 &&
		 buf_printf(out, err, "administrators-needed: %u\n", (unsigned)doc->administrators_needed) != 0) ||
		buf_append_str(out, doc->count > 0 ? "partners:\n" : "partners: []\n", err) != 0)
		return -1;
	for (uint32_t i = 0; i < doc->count; i++)
		if (put_partner(out, &doc->partners[i], err) != 0)
			return -1;
	return 0;
}
