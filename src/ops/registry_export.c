/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_export.h"

#include "keyring/registry_quorum.h"

#include <stdlib.h>

struct export
{
	struct registry_file file;
	struct buf registry, signatures, *certificates; /* owned */
};

static void export_clear(struct export *e)
{
	for (uint32_t i = 0; i < e->file.certificate_count; i++)
		buf_clear(&e->certificates[i]);
	free(e->certificates);
	free(e->file.certificates);
	buf_clear(&e->signatures);
	buf_clear(&e->registry);
}

static int gather_partner(struct export *e, const struct registry *registry, const struct partner *partner,
						  struct err *err)
{
	for (uint32_t k = 0; k < partner_key_count(partner); k++) {
		const struct partner_key key = partner_key_at(partner, k);
		struct buf *bytes = &e->certificates[e->file.certificate_count];
		struct registry_part *part = &e->file.certificates[e->file.certificate_count++];
		if (registry_key_certificate(registry, partner, key.fingerprint, bytes, err) < 0)
			return -1;
		*part = (struct registry_part){.name = *key.fingerprint, .bytes = bytes->data, .len = bytes->len};
	}
	return 0;
}

static int gather_certificates(struct export *e, const struct registry *registry, const struct registry_doc *doc,
							   struct err *err)
{
	const size_t most = doc->count * (size_t)(1 + FORMER_KEYS_MAX) + 1;
	e->certificates = calloc(most, sizeof *e->certificates);
	e->file.certificates = calloc(most, sizeof *e->file.certificates);
	if (e->certificates == NULL || e->file.certificates == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < doc->count; i++)
		if (gather_partner(e, registry, &doc->partners[i], err) < 0)
			return -1;
	qsort(e->file.certificates, e->file.certificate_count, sizeof *e->file.certificates, registry_part_compare);
	return 0;
}

int registry_export(struct buf *out, const struct registry *registry, uint32_t *out_signatures, struct err *err)
{
	AUTO(export_clear) struct export e = {0};
	const struct registry_doc *doc = registry_whole(registry, err);
	if (doc == NULL || registry_bytes(registry, &e.registry, err) < 0)
		return -1;
	e.file.registry = e.registry.data;
	e.file.registry_len = e.registry.len;
	if (registry_read_signatures(registry->station, &registry->digest, &e.file, &e.signatures, err) < 0 ||
		gather_certificates(&e, registry, doc, err) < 0)
		return -1;
	*out_signatures = e.file.signature_count;
	return registry_file_format(out, &e.file, err);
}
