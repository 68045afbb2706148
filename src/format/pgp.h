/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PGP_H
#define VALISE_FORMAT_PGP_H

#include "base/buf.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Our own look at OpenPGP packets before gpg sees them: gpg accepts far more than valise-format(5) allows. Pure
 * functions. */

struct pgp_signature {
	int64_t created;
	struct fingerprint issuer; /* of the key that signed: maybe a subkey. A claim until verified. */
	unsigned algorithm;        /* 1, 19, 22 */
	unsigned hash;             /* 8, 9, 10 */
	size_t hashed_at,
		hashed_len;        /* what the digest covers besides the data: version to the end of the hashed subpackets */
	unsigned char left[2]; /* claimed to be the digest's first bytes */
};

/* in: the whole member. errors: ERR_SIGNATURE_PACKET saying which rule is broken. */
int pgp_parse_signature(struct pgp_signature *out, const unsigned char *bytes, size_t len, struct err *err);

enum { PGP_ALGORITHM_RSA = 1, PGP_ALGORITHM_ECDH = 18 }; /* the two that wrap keys */

struct pgp_slot {
	uint64_t key_id; /* big-endian number of the 8 bytes; 0 when hidden */
	unsigned algorithm;
	unsigned sealed_tag, sealed_version;
	size_t sealed_len; /* body of the encrypted-data packet */
};

/* in: the whole member. errors: ERR_SLOT saying which rule is broken. */
int pgp_parse_slot(struct pgp_slot *out, const unsigned char *bytes, size_t len, struct err *err);

/* Write a key id into a slot in memory, for gpg to try just this key. errors: as pgp_parse_slot(). */
int pgp_name_slot_key(unsigned char *bytes, size_t len, uint64_t key_id, struct err *err);

/* What a parsed slot must be in its bundle: it names a key unless recipients are hidden, and has just the length of one
 * literal packet of text_len bytes (192 to 8,383): nothing else fits, compressed, signed or beside it. gpg would let
 * that through. errors: ERR_SLOT. */
enum pgp_key_id { PGP_KEY_ID_SHOWN, PGP_KEY_ID_HIDDEN };
int pgp_check_slot(const struct pgp_slot *slot, enum pgp_key_id key_id, size_t text_len, struct err *err);

/* A partner's certificate before it is imported: binary, well-framed packets; exactly one public key (tag 6) and it
 * comes first, of a version and algorithm that gpg knows; no secret-key, trust, marker or symmetric packets; at most
 * PGP_CERT_MAX bytes and PGP_CERT_SIGNATURES_MAX signatures. errors: ERR_CERTIFICATE saying which rule is broken. */
enum { PGP_CERT_MAX = 512 << 10, PGP_CERT_SIGNATURES_MAX = 256 };
int pgp_check_certificate(const unsigned char *bytes, size_t len, struct err *err);

/* Whether a certificate holds a key or subkey (version 4) of this id. in: a certificate that was checked before. */
bool pgp_certificate_has_key(const unsigned char *bytes, size_t len, uint64_t key_id);

/* Whether its primary key is this one: its own bytes tell, gpg is not asked. in: likewise. */
bool pgp_certificate_is_of(const unsigned char *bytes, size_t len, const struct fingerprint *primary);

/* A revocation certificate is one signature packet of class 0x20. out: certificate with it behind its primary key,
 * where gpg looks at it; whether it holds only gpg can tell. errors: ERR_CERTIFICATE. */
enum { PGP_REVOCATION_MAX = 8 << 10 };
int pgp_add_revocation(struct buf *out, const struct buf *certificate, const struct buf *revocation, struct err *err);
/* Whether it is framed as one. */
bool pgp_is_revocation(const struct buf *bytes);

#endif
