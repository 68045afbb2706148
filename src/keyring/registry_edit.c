/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_change.h"

#include "base/hash.h"

#include <string.h>

/* The entries of a registry that is being changed. */

struct partner *registry_edit_find(struct registry_edit *edit, const char *alias, struct err *err)
{
	const struct partner *found = registry_find_alias(&edit->fresh, alias);
	if (found != NULL)
		return &edit->fresh.doc.partners[found - edit->fresh.doc.partners];
	(void)err_set(err, ERR_PARTNER, "no partner is called \"%s\"", alias);
	return NULL;
}

/* in: fresh is moved. A new array, as others may not know how the old one grew. */
int registry_edit_insert(struct registry_edit *edit, struct partner *fresh, struct err *err)
{
	struct registry_doc *doc = &edit->fresh.doc;
	struct partner *partners = calloc((size_t)doc->count + 1, sizeof *partners);
	uint32_t at = 0;
	if (partners == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	while (at < doc->count && strcmp(doc->partners[at].alias, fresh->alias) < 0)
		at++;
	if (at > 0)
		memcpy(partners, doc->partners, at * sizeof *partners);
	if (at < doc->count)
		memcpy(partners + at + 1, doc->partners + at, (doc->count - at) * sizeof *partners);
	partners[at] = *fresh;
	*fresh = (struct partner){0};
	free(doc->partners);
	doc->partners = partners;
	doc->count++;
	return 0;
}

void registry_edit_take(struct registry_edit *edit, struct partner *partner, struct partner *out)
{
	struct registry_doc *doc = &edit->fresh.doc;
	size_t at = (size_t)(partner - doc->partners);
	*out = *partner;
	doc->count--;
	memmove(partner, partner + 1, (doc->count - at) * sizeof *partner);
}

struct key_ends key_ends_of(const struct cert *cert)
{
	return (struct key_ends){.known = true,
							 .revoked = cert->revoked || cert->disabled || cert->invalid,
							 .signs = cert_end(cert, CERT_SIGNS),
							 .encrypts = cert_end(cert, CERT_ENCRYPTS)};
}

void registry_edit_take_certificate(struct registry_edit *edit, struct partner *partner, const struct cert *cert)
{
	edit->fate = CERTIFICATE_COMES;
	edit->key = partner->fingerprint;
	hash_bytes(&partner->certificate, edit->certificate.data, edit->certificate.len);
	partner->ends = key_ends_of(cert);
}

int registry_edit_check_alias(const struct registry_edit *edit, const char *alias, struct err *err)
{
	if (!alias_is_valid(alias))
		return err_set(err, ERR_USAGE, "an alias has 1 to %d of a-z, 0-9 and -, and begins with a letter or digit",
					   ALIAS_MAX);
	if (registry_find_alias(&edit->fresh, alias) == NULL)
		return 0;
	(void)err_set(err, ERR_EXISTS, "there is a partner %s already", alias);
	return err_hint(err, "choose another name with --as ALIAS");
}
