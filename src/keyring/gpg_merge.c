/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg.h"

#include <string.h>

/* A renewed certificate beside the one that is kept: gpg merges the two, and nothing that was known is lost. */

/* Whoever sends a certificate without a revocation that we know of has an old one, or took it out. */
static int check_revocations(const struct cert *kept, const struct cert *candidate, struct err *err)
{
	const char *revoked = kept->revoked && !candidate->revoked ? kept->fingerprint.hex : NULL;
	for (unsigned i = 0; revoked == NULL && i < kept->subkey_count; i++) {
		const struct cert_subkey *new = cert_find_key(candidate, &kept->subkeys[i].fingerprint);
		if (kept->subkeys[i].revoked && new != NULL && !new->revoked)
			revoked = kept->subkeys[i].fingerprint.hex;
	}
	if (revoked == NULL)
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the key %s is revoked, and the new certificate does not say so", revoked);
	return err_hint(err,
					"nobody can take a revocation back: ask the partner, by phone, where this certificate is from");
}

static int check_nothing_lost(const struct cert *kept, const struct cert *merged, struct err *err)
{
	bool lost = kept->revoked && !merged->revoked;
	for (unsigned i = 0; i < kept->subkey_count; i++) {
		const struct cert_subkey *new = cert_find_key(merged, &kept->subkeys[i].fingerprint);
		lost |= new == NULL || (kept->subkeys[i].revoked && !new->revoked);
	}
	return lost ? err_set(err, ERR_CERTIFICATE, "gpg lost a key or a revocation when it merged the certificates") : 0;
}

/* A subkey whose end has passed may go: nothing counts for it any more. */
int cert_check_successor(const struct cert *kept, const struct cert *candidate, struct err *err)
{
	const struct fingerprint *lost = NULL;
	for (unsigned i = 0; i < kept->subkey_count && lost == NULL; i++)
		if (cert_find_key(candidate, &kept->subkeys[i].fingerprint) == NULL &&
			(kept->subkeys[i].revoked || !kept->subkeys[i].expired))
			lost = &kept->subkeys[i].fingerprint;
	if (check_revocations(kept, candidate, err) < 0)
		return -1;
	if (lost == NULL)
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the new certificate lacks the key %s of the one that is held", lost->hex);
	return err_hint(err, "it is an older one, or was cut down: the administrator takes the partner's newest in with "
						 "valise partner renew");
}

static bool is_same_key(const struct cert_subkey *a, const struct cert_subkey *b)
{
	return a->created == b->created && a->expires == b->expires && a->revoked == b->revoked &&
		   a->invalid == b->invalid && a->can_sign == b->can_sign && a->can_encrypt == b->can_encrypt;
}

bool cert_is_same(const struct cert *a, const struct cert *b)
{
	if (a->expires != b->expires || a->revoked != b->revoked || a->disabled != b->disabled ||
		a->invalid != b->invalid || a->subkey_count != b->subkey_count)
		return false;
	for (unsigned i = 0; i < a->subkey_count; i++) {
		const struct cert_subkey *other = cert_find_key(b, &a->subkeys[i].fingerprint);
		if (other == NULL || !is_same_key(&a->subkeys[i], other))
			return false;
	}
	return true;
}

int gpg_merge(const struct buf *kept, const struct buf *candidate, const struct fingerprint *expected,
			  struct buf *merged, struct cert *before, struct cert *after, struct err *err)
{
	auto_gpg *gpg = NULL;
	auto_buf clean = {0};
	struct cert alone;
	if (gpg_launder(candidate->data, candidate->len, expected, &clean, &alone, err) < 0 ||
		gpg_open_throwaway(&gpg, err) < 0 || gpg_import(gpg, kept->data, kept->len, expected, err) < 0 ||
		gpg_describe(gpg, expected, before, err) < 0 || check_revocations(before, &alone, err) < 0 ||
		gpg_import(gpg, clean.data, clean.len, expected, err) < 0 || gpg_describe(gpg, expected, after, err) < 0 ||
		check_nothing_lost(before, after, err) < 0)
		return -1;
	return gpg_export(gpg, expected, merged, err);
}
