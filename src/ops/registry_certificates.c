/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_certificates.h"

#include "base/array.h"
#include "base/cancel.h"
#include "format/key_index.h"
#include "format/pgp.h"

#include <stdlib.h>
#include <string.h>

void certificate_changes_clear(struct certificate_changes *changes)
{
	free(changes->items);
	*changes = (struct certificate_changes){0};
}

const struct certificate_change *certificate_changes_find(const struct certificate_changes *changes,
														  const struct fingerprint *key)
{
	for (uint32_t i = 0; i < changes->count; i++)
		if (fingerprint_equal(&changes->items[i].key, key))
			return &changes->items[i];
	return NULL;
}

/* --- one that changed --- */

static void compare_subkeys(struct certificate_change *change, const struct cert *before, const struct cert *after)
{
	for (unsigned i = 1; i < after->subkey_count; i++) {
		const struct cert_subkey *now = &after->subkeys[i], *then = cert_find_key(before, &now->fingerprint);
		change->new_signing += then == NULL && now->can_sign;
		change->new_encrypting += then == NULL && now->can_encrypt;
		change->revoked += then != NULL && !then->revoked && now->revoked;
	}
}

/* What is held may have been spoiled, or come with a first registry: then its successor is what mends it. */
static int describe_held(const struct registry *held, const struct indexed_key *known, struct cert *out,
						 bool *out_usable, struct err *err)
{
	auto_buf bytes = {0}, clean = {0};
	struct err fault = ERR_INIT;
	*out_usable = registry_key_certificate(held, known->partner, known->key.fingerprint, &bytes, &fault) == 0 &&
				  gpg_launder(bytes.data, bytes.len, known->key.fingerprint, &clean, out, &fault) == 0;
	if (*out_usable || fault.code == ERR_CERTIFICATE || fault.code == ERR_FINGERPRINT || fault.code == ERR_REGISTRY)
		return 0;
	*err = fault;
	return -1;
}

static int note_change(const struct registry *held, const struct indexed_key *known, const struct cert *after,
					   struct certificate_changes *out, struct err *err)
{
	struct cert before = {0};
	bool usable;
	if (describe_held(held, known, &before, &usable, err) < 0 ||
		(usable && cert_check_successor(&before, after, err) < 0))
		return -1;
	struct certificate_change *grown = array_grow(out->items, out->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	out->items = grown;
	struct certificate_change *change = &grown[out->count++];
	*change = (struct certificate_change){.key = *known->key.fingerprint, .after = key_ends_of(after)};
	change->was_unusable = !usable;
	if (!usable)
		return 0;
	change->before = key_ends_of(&before);
	compare_subkeys(change, &before, after);
	return 0;
}

/* --- each --- */

static int check_new(const struct buf *bytes, const struct fingerprint *key, struct err *err)
{
	const unsigned char *at = (const unsigned char *)bytes->data;
	if (pgp_check_certificate(at, bytes->len, err) < 0)
		return -1;
	return pgp_certificate_is_of(at, bytes->len, key)
			   ? 0
			   : err_set(err, ERR_FINGERPRINT, "the certificate is of another key than %s", key->hex);
}

struct examining {
	const struct registry *held, *fresh;
	enum certificates_of which;
	const struct key_index *known; /* of held */
	struct certificate_changes *out;
};

static int examine(const struct examining *e, const struct indexed_key *known, const struct partner_key *key,
				   const struct buf *bytes, struct err *err)
{
	auto_buf clean = {0};
	struct cert cert;
	if (known == NULL && e->which == CERTIFICATES_OF_FIRST)
		return check_new(bytes, key->fingerprint, err);
	return cancel_check(err) < 0 || gpg_launder(bytes->data, bytes->len, key->fingerprint, &clean, &cert, err) < 0 ||
				   (known != NULL && note_change(e->held, known, &cert, e->out, err) < 0)
			   ? -1
			   : 0;
}

static int examine_key(const struct examining *e, const struct partner *partner, const struct partner_key *key,
					   struct err *err)
{
	auto_buf bytes = {0};
	const struct indexed_key *known = key_index_find(e->known, key->fingerprint);
	const bool same = known != NULL && digest_equal(known->key.certificate, key->certificate);
	if (same && e->fresh->file == NULL) /* the home's own, which is held already */
		return 0;
	if (registry_key_certificate(e->fresh, partner, key->fingerprint, &bytes, err) < 0)
		return -1;
	return same || examine(e, known, key, &bytes, err) == 0 ? 0 : err_wrap(err, "partner %s: ", partner->alias);
}

int registry_examine_certificates(const struct registry *held, const struct registry *fresh, enum certificates_of which,
								  struct certificate_changes *out, uint32_t *out_count, struct err *err)
{
	auto_key_index known = {0};
	const struct registry_doc *before = registry_whole(held, err);
	*out = (struct certificate_changes){0};
	*out_count = 0;
	if (before == NULL || key_index_new(&known, before, err) < 0)
		return -1;
	const struct examining e = {held, fresh, which, &known, out};
	for (uint32_t i = 0; i < fresh->doc.count; i++)
		for (uint32_t k = 0; k < partner_key_count(&fresh->doc.partners[i]); k++, (*out_count)++) {
			const struct partner_key key = partner_key_at(&fresh->doc.partners[i], k);
			if (examine_key(&e, &fresh->doc.partners[i], &key, err) < 0)
				return certificate_changes_clear(out), -1;
		}
	return 0;
}
