/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "format/pgp_packet.h"

#include <stdio.h>
#include <string.h>

/* Certificates, and what revokes one: only public ones, well framed, go through to gpg. */

enum { SIGNATURE_VERSION = 4, TYPE_KEY_REVOCATION = 0x20 };

/* Only what a public certificate is made of: secret keys, trust, markers, encrypted and literal data fall out here. */
static const char *check_certificate_tag(unsigned tag, bool is_first)
{
	if (is_first)
		return tag == TAG_PUBLIC_KEY ? NULL : "does not begin with a public key";
	switch (tag) {
	case TAG_SIGNATURE:
	case TAG_USER_ID:
	case TAG_PUBLIC_SUBKEY:
	case TAG_ATTRIBUTE:
		return NULL;
	case TAG_PUBLIC_KEY:
		return "has more than one public key";
	default:
		return "has a packet that does not belong into a public certificate";
	}
}

/* gpg passes over a primary key that it does not know as if nothing had been given to it. The algorithms are those that
 * can certify: RSA, DSA, ECDSA, EdDSA; which of them count is for the keyring to say. */
static const char *check_primary(struct span body)
{
	uint64_t version, created, algorithm;
	if (!pgp_take_number(&body, 1, &version) || !pgp_take_number(&body, 4, &created) ||
		!pgp_take_number(&body, 1, &algorithm))
		return "has a public key that is cut short";
	if (version != 4 && version != 5)
		return "is of a version of OpenPGP keys that valise does not know";
	static const unsigned char known[] = {1, 3, 17, 19, 22};
	if (algorithm > 0xff || memchr(known, (int)algorithm, sizeof known) == NULL)
		return "has a public key of an algorithm that valise does not know";
	return NULL;
}

static int fail_signatures(struct err *err)
{
	(void)err_set(err, ERR_CERTIFICATE, "the certificate has more than %d signatures", PGP_CERT_SIGNATURES_MAX);
	return err_hint(err,
					"its owner can give one without the signatures of others: valise card, or gpg --export-options "
					"export-minimal --export");
}

int pgp_check_certificate(const unsigned char *bytes, size_t len, struct err *err)
{
	struct span in = {bytes, len}, body;
	unsigned tag, signatures = 0;
	const char *fault = NULL;
	if (len == 0 || len > PGP_CERT_MAX)
		return err_set(err, ERR_CERTIFICATE, "the certificate has %zu bytes; 1 to %d are allowed", len, PGP_CERT_MAX);
	if (len > 5 && memcmp(bytes, "-----", 5) == 0)
		return err_set(err, ERR_CERTIFICATE, "the certificate is armored text; it must be binary");
	for (bool is_first = true; fault == NULL && in.left > 0; is_first = false) {
		fault = pgp_take_packet(&in, &tag, &body);
		if (fault == NULL)
			fault = check_certificate_tag(tag, is_first);
		if (fault == NULL && is_first)
			fault = check_primary(body);
		/* gpg looks at each, and takes milliseconds for it. */
		if (fault == NULL && tag == TAG_SIGNATURE && ++signatures > PGP_CERT_SIGNATURES_MAX)
			return fail_signatures(err);
	}
	return fault == NULL ? 0 : err_set(err, ERR_CERTIFICATE, "the certificate %s", fault);
}

/* RFC 4880, section 12.2: SHA-1 of 0x99, the length in two bytes, and the packet's body. Version 5: SHA-256, 0x9A, four
 * bytes. out: how many bytes of digest; 0 where it is neither, or no memory is left. */
static size_t digest_key(struct span body, struct digest *out)
{
	const bool is_4 = body.left > 0 && body.at[0] == 4;
	const size_t head = is_4 ? 3 : 5;
	auto_free unsigned char *hashed = malloc(body.left + head);
	if (hashed == NULL || body.left == 0 || body.left > 0xffff || (!is_4 && body.at[0] != 5))
		return 0;
	memset(hashed, 0, head);
	hashed[0] = is_4 ? 0x99 : 0x9a;
	hashed[head - 2] = (unsigned char)(body.left >> 8);
	hashed[head - 1] = (unsigned char)body.left;
	memcpy(hashed + head, body.at, body.left);
	if (!is_4)
		return hash_bytes(out, hashed, body.left + head), sizeof out->bytes;
	hash_sha1(out->bytes, hashed, body.left + head);
	return SHA1_BYTES;
}

/* The last 8 bytes, of version 4 alone. */
static bool key_id_of(struct span body, uint64_t *out)
{
	struct digest digest;
	if (digest_key(body, &digest) != SHA1_BYTES)
		return false;
	struct span id = {digest.bytes + SHA1_BYTES - 8, 8};
	return pgp_take_number(&id, 8, out);
}

bool pgp_certificate_is_of(const unsigned char *bytes, size_t len, const struct fingerprint *primary)
{
	struct span in = {bytes, len}, body;
	struct digest digest;
	char hex[FINGERPRINT_MAX + 1] = "";
	unsigned tag;
	if (pgp_take_packet(&in, &tag, &body) != NULL || tag != TAG_PUBLIC_KEY)
		return false;
	const size_t count = digest_key(body, &digest);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(hex + 2 * i, 3, "%02X", digest.bytes[i]);
	return count > 0 && strcmp(hex, primary->hex) == 0;
}

bool pgp_certificate_has_key(const unsigned char *bytes, size_t len, uint64_t key_id)
{
	struct span in = {bytes, len}, body;
	unsigned tag;
	uint64_t id;
	while (in.left > 0 && pgp_take_packet(&in, &tag, &body) == NULL)
		if ((tag == TAG_PUBLIC_KEY || tag == TAG_PUBLIC_SUBKEY) && key_id_of(body, &id) && id == key_id)
			return true;
	return false;
}

/* --- revocation certificates --- */

static const char *check_revocation(const unsigned char *bytes, size_t len)
{
	struct span in = {bytes, len}, body;
	unsigned tag;
	uint64_t version, type;
	const char *fault = pgp_take_packet(&in, &tag, &body);
	if (fault != NULL)
		return fault;
	if (tag != TAG_SIGNATURE || in.left > 0)
		return "must be one signature, and nothing else";
	if (!pgp_take_number(&body, 1, &version) || !pgp_take_number(&body, 1, &type) || version != SIGNATURE_VERSION)
		return "is a signature of another version than 4";
	return type == TYPE_KEY_REVOCATION ? NULL : "does not revoke a key";
}

bool pgp_is_revocation(const struct buf *bytes)
{
	return bytes->len <= PGP_REVOCATION_MAX && check_revocation((const unsigned char *)bytes->data, bytes->len) == NULL;
}

int pgp_add_revocation(struct buf *out, const struct buf *certificate, const struct buf *revocation, struct err *err)
{
	struct span in = {(const unsigned char *)certificate->data, certificate->len}, body;
	unsigned tag;
	const char *fault = revocation->len <= PGP_REVOCATION_MAX
							? check_revocation((const unsigned char *)revocation->data, revocation->len)
							: "is too long";
	if (fault != NULL)
		return err_set(err, ERR_CERTIFICATE, "the revocation certificate %s", fault);
	if (pgp_check_certificate(in.at, in.left, err) < 0)
		return -1;
	(void)pgp_take_packet(&in, &tag, &body); /* the primary key, as was just checked */
	size_t key_len = certificate->len - in.left;
	return buf_append(out, certificate->data, key_len, err) < 0 ||
				   buf_append(out, revocation->data, revocation->len, err) < 0
			   ? -1
			   : buf_append(out, in.at, in.left, err);
}
