/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/signed.h"

#include "base/ident.h"
#include "format/pgp.h"

#include <string.h>

/* --- whose key is it ---
 * The packet names the key that signed, which may be a subkey; partners are known by their primary one. */

enum { KEY_ID_DIGITS = 16 };

/* The id of a key: the end of a fingerprint of version 4, the beginning of a longer one. */
static uint64_t key_id(const struct fingerprint *fpr)
{
	size_t len = strlen(fpr->hex);
	uint64_t id = 0;
	const char *at = len > 40 ? fpr->hex : fpr->hex + len - KEY_ID_DIGITS;
	for (unsigned i = 0; i < KEY_ID_DIGITS; i++)
		id = id << 4 | (uint64_t)(at[i] <= '9' ? at[i] - '0' : at[i] - 'A' + 10);
	return id;
}

static bool has_key(const struct buf *certificate, uint64_t id)
{
	return pgp_certificate_has_key((const unsigned char *)certificate->data, certificate->len, id);
}

/* This station's key that signed, or whose subkey did; former ones as well. */
static bool find_own(const struct registry *registry, const struct fingerprint *issuer, struct fingerprint *out)
{
	const struct station *station = registry->station;
	const struct station_doc *doc = &station->doc;
	const uint64_t id = key_id(issuer);
	if (!station_can_sign(station))
		return false;
	bool found = station_doc_has_key(doc, issuer);
	*out = found ? *issuer : doc->fingerprint;
	for (uint32_t left = doc->former_count + 1; !found && left > 0; left--) {
		auto_buf certificate = {0};
		struct err ignored = ERR_INIT;
		*out = left <= doc->former_count ? doc->former[left - 1].fingerprint : doc->fingerprint;
		found = station_key_certificate(station, out, &certificate, &ignored) == 0 && has_key(&certificate, id);
	}
	return found;
}

static int find_key_by_subkey(const struct registry *registry, const struct partner *partner, uint64_t id,
							  struct fingerprint *out, struct err *err)
{
	for (uint32_t i = 0; out->hex[0] == '\0' && i < partner_key_count(partner); i++) {
		auto_buf certificate = {0};
		const struct fingerprint *fpr = partner_key_at(partner, i).fingerprint;
		if (registry_key_certificate(registry, partner, fpr, &certificate, err) < 0)
			return -1;
		if (has_key(&certificate, id))
			*out = *fpr;
	}
	return 0;
}

/* Only the certificates of those who could count are looked into, and only where no partner's primary key signed. */
static int find_by_subkey(const struct registry *registry, unsigned roles, uint64_t id, struct fingerprint *out,
						  struct err *err)
{
	const struct registry_doc *doc = registry_whole(registry, err);
	if (doc == NULL)
		return -1;
	for (uint32_t i = 0; out->hex[0] == '\0' && i < doc->count; i++)
		if ((doc->partners[i].roles & roles) && find_key_by_subkey(registry, &doc->partners[i], id, out, err) < 0)
			return -1;
	return 0;
}

/* *out "" where it is nobody's. What is found here is a claim: gpg decides whether that key signed. */
static int find_signer(const struct registry *registry, const struct fingerprint *issuer, unsigned roles,
					   struct fingerprint *out, struct err *err)
{
	if (find_own(registry, issuer, out))
		return 0;
	const bool is_primary = registry_find(registry, issuer) != NULL;
	*out = is_primary ? *issuer : (struct fingerprint){.hex = ""};
	return is_primary ? 0 : find_by_subkey(registry, roles, key_id(issuer), out, err);
}

/* --- does it count --- */

static int fail_unknown(const char *what, const struct fingerprint *issuer, struct err *err)
{
	(void)err_set(err, ERR_UNKNOWN_SIGNER, "%s: nobody in the registry who may signed this; it names the key %s", what,
				  issuer->hex);
	return err_hint(err, "ask whoever it is said to be from for a card, and add it: valise partner add CARD --as ALIAS "
						 "--fingerprint FPR");
}

static int fail_standing(const char *what, const struct signer *signer, unsigned roles, struct err *err)
{
	char names[sizeof ROLE_NAMES], text[ERR_MESSAGE_MAX / 2];
	roles_format(names, sizeof names, roles);
	switch (signer->standing) {
	case SIGNER_BAD:
		(void)err_set(err, ERR_BAD_SIGNATURE, "%s: the signature of %s does not match it", what, signer->name);
		return err_hint(err, "it was altered after it was signed: ask %s for it anew", signer->name);
	case SIGNER_ROLE:
		(void)err_set(err, ERR_UNFIT_SIGNER, "%s: %s signed it, who lacks the role that this needs: %s", what,
					  signer->name, names);
		return err_hint(err, "if it may, an administrator gives it the role in the registry");
	default:
		signer_end_format(text, sizeof text, signer);
		(void)err_set(err, ERR_UNFIT_SIGNER, "%s: %s", what, text);
		return err_hint(err, "check this machine's clock; else have it signed anew with a key that is in force");
	}
}

int signed_doc_verify(const struct registry *registry, const struct signed_doc *doc, unsigned roles, int64_t now,
					  const char *what, struct signer *out, struct err *err)
{
	const struct trust_anchor anchor = {.registry = registry};
	struct trust_signature signature = {.bytes = doc->signature, .len = doc->signature_len};
	struct pgp_signature parsed;
	*out = (struct signer){.standing = SIGNER_UNKNOWN};
	if (pgp_parse_signature(&parsed, signature.bytes, signature.len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (find_signer(registry, &parsed.issuer, roles, &signature.name, err) < 0)
		return -1;
	if (signature.name.hex[0] == '\0')
		return fail_unknown(what, &parsed.issuer, err);
	if (trust_judge_signature(&anchor, &signature, roles, doc->body, doc->body_len, now, out, err) < 0)
		return err_wrap(err, "%s: ", what);
	return out->standing == SIGNER_COUNTS ? 0 : fail_standing(what, out, roles, err);
}

int signed_doc_check_time(const struct signer *signer, int64_t created, int64_t not_after, int64_t now,
						  const char *what, struct err *err)
{
	char signed_at[UTC_TEXT + 1];
	if (signer_is_inside(signer, created, not_after, now))
		return 0;
	utc_format(signed_at, signer->created);
	(void)err_set(err, ERR_SIGNATURE_TIME, "%s: %s signed it at %s, outside the time that it allows", what,
				  signer->name, signed_at);
	return err_hint(err, "check this machine's clock; if it is right, have it signed anew");
}

int station_sign(const struct station *station, const struct gpg_passphrase *passphrase, const struct fingerprint *key,
				 const void *bytes, size_t len, struct buf *out, struct err *err)
{
	auto_gpg *gpg = NULL;
	return gpg_open_station(&gpg, station->gnupg, passphrase, err) < 0 ? -1 : gpg_sign(gpg, key, bytes, len, out, err);
}

int signed_doc_sign(const struct station *station, const struct gpg_passphrase *passphrase, struct buf *body,
					struct err *err)
{
	auto_buf signature = {0};
	if (station_sign(station, passphrase, &station->doc.fingerprint, body->data, body->len, &signature, err) < 0)
		return -1;
	return signed_doc_append(body, (const unsigned char *)signature.data, signature.len, err);
}
