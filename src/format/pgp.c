/* SPDX-License-Identifier: Apache-2.0 */
/* Packets, as far as they must be understood to let only plain ones through to gpg (valise-format(5), SIGNATURES and
 * Slots; RFC 4880, sections 4.2, 5.1, 5.2, 5.13; the draft that brought version 2 of tag 18 and tag 20).
 *
 *   packet    = header body            definite length; nothing between packets, nothing behind the last
 *   signature = tag 2: version 4, type 0, algorithm, digest algorithm, hashed and unhashed subpackets, 2 bytes, MPIs
 *   slot      = tag 1: version 3, key id, algorithm, …; then tag 18 or 20: version, …
 *
 * Lengths are compared with what is left before anything is looked at. */
#include "format/pgp_packet.h"

#include "base/hash.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	ALGORITHM_ECDSA = 19,
	ALGORITHM_EDDSA = 22,
	SUB_CREATED = 2,
	SUB_ISSUER = 16,
	SUB_ISSUER_FINGERPRINT = 33,
	SUB_CRITICAL = 0x80,
};

bool pgp_take_number(struct span *in, unsigned count, uint64_t *out)
{
	uint64_t value = 0;
	if (in->left < count)
		return false;
	for (unsigned i = 0; i < count; i++)
		value = value << 8 | in->at[i];
	in->at += count;
	in->left -= count;
	*out = value;
	return true;
}

bool pgp_take_span(struct span *in, uint64_t len, struct span *out)
{
	if (len > in->left)
		return false;
	*out = (struct span){in->at, (size_t)len};
	in->at += len;
	in->left -= (size_t)len;
	return true;
}

/* Lengths as new packet headers and subpackets write them. two_byte_end is the first octet that is no two-byte length:
 * 224 in packets, where the next ones announce partial bodies, 255 in subpackets. */
static bool take_new_length(struct span *in, unsigned two_byte_end, uint64_t *out)
{
	uint64_t first, second;
	if (!pgp_take_number(in, 1, &first))
		return false;
	if (first < 192) {
		*out = first;
		return true;
	}
	if (first < two_byte_end) {
		if (!pgp_take_number(in, 1, &second))
			return false;
		*out = ((first - 192) << 8) + second + 192;
		return true;
	}
	return first == 255 && pgp_take_number(in, 4, out);
}

static bool take_old_length(struct span *in, unsigned kind, uint64_t *out)
{
	/* kind 3 has no length: it would run to the end of whatever comes */
	return kind < 3 && pgp_take_number(in, 1u << kind, out);
}

/* One whole packet. NULL, or what is wrong. */
const char *pgp_take_packet(struct span *in, unsigned *tag, struct span *body)
{
	uint64_t head, len;
	if (!pgp_take_number(in, 1, &head) || !(head & 0x80))
		return "is not made of OpenPGP packets";
	bool is_new = head & 0x40;
	*tag = (unsigned)(is_new ? head & 0x3f : head >> 2 & 0x0f);
	if (!(is_new ? take_new_length(in, 224, &len) : take_old_length(in, (unsigned)head & 3, &len)))
		return "has a packet without a definite length";
	if (!pgp_take_span(in, len, body))
		return "has a packet that is longer than the file";
	return NULL;
}

/* --- signatures --- */

/* The subpackets that were found, by what they hold. */
struct subpackets {
	struct span created, fingerprint, issuer;
	unsigned count;
};

static const char *take_subpackets(struct span *in, struct subpackets *out)
{
	struct span area, body;
	uint64_t len, type;
	*out = (struct subpackets){0};
	if (!pgp_take_number(in, 2, &len) || !pgp_take_span(in, len, &area))
		return "is cut short in its subpackets";
	while (area.left > 0) {
		if (!take_new_length(&area, 255, &len) || len == 0 || !pgp_take_span(&area, len, &body))
			return "has a malformed subpacket";
		(void)pgp_take_number(&body, 1, &type);
		if (type & SUB_CRITICAL)
			return "has a critical subpacket";
		out->count++;
		if (type == SUB_CREATED)
			out->created = body;
		else if (type == SUB_ISSUER_FINGERPRINT)
			out->fingerprint = body;
		else if (type == SUB_ISSUER)
			out->issuer = body;
	}
	return NULL;
}

static bool is_fingerprint(uint64_t version, size_t len)
{
	return (version == 4 && len == 20) || (version == 5 && len == 32);
}

static void set_fingerprint(struct fingerprint *out, struct span bytes)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < bytes.left; i++)
		(void)snprintf(out->hex + 2 * i, 3, "%02X", (unsigned)bytes.at[i]);
}

/* Exactly the creation time and the issuer's fingerprint; *out_raw are its 20 or 32 bytes. */
static const char *read_hashed(struct span *in, struct pgp_signature *out, struct span *out_raw)
{
	struct subpackets subs;
	uint64_t time, version;
	const char *fault = take_subpackets(in, &subs);
	if (fault != NULL)
		return fault;
	if (subs.count != 2 || subs.created.at == NULL || subs.fingerprint.at == NULL)
		return "must have exactly creation time and issuer fingerprint as hashed subpackets";
	if (subs.created.left != 4 || !pgp_take_number(&subs.created, 4, &time))
		return "has a creation time of another length";
	if (!pgp_take_number(&subs.fingerprint, 1, &version) || !is_fingerprint(version, subs.fingerprint.left))
		return "has an issuer fingerprint of another version or length";
	out->created = (int64_t)time;
	set_fingerprint(&out->issuer, subs.fingerprint);
	*out_raw = subs.fingerprint;
	return NULL;
}

static const char *read_unhashed(struct span *in, struct span fingerprint)
{
	struct subpackets subs;
	const char *fault = take_subpackets(in, &subs);
	if (fault != NULL)
		return fault;
	if (subs.count != 1 || subs.issuer.at == NULL || subs.issuer.left != 8)
		return "must have exactly the issuer as unhashed subpacket";
	if (fingerprint.left == 20 && memcmp(fingerprint.at + 12, subs.issuer.at, 8) != 0)
		return "names two different issuers";
	return NULL;
}

/* The numbers of the signature itself, to the end of the packet. */
static const char *skip_numbers(struct span *in, unsigned algorithm)
{
	unsigned count = algorithm == PGP_ALGORITHM_RSA ? 1 : 2;
	for (unsigned i = 0; i < count; i++) {
		uint64_t bits;
		struct span number;
		if (!pgp_take_number(in, 2, &bits) || bits == 0 || !pgp_take_span(in, (bits + 7) / 8, &number))
			return "is cut short";
		/* gpg takes any count of bits that gives the right count of bytes: here there is one way to write a number. */
		if (number.at[0] >> (bits - 1) % 8 != 1)
			return "has a number with another count of bits than it says";
	}
	return in->left == 0 ? NULL : "has bytes behind its numbers";
}

static const char *read_signature(struct pgp_signature *out, struct span in)
{
	uint64_t version, type, algorithm, hash;
	struct span fingerprint, left;
	const unsigned char *begin = in.at;
	if (!pgp_take_number(&in, 1, &version) || version != 4)
		return "is not of version 4";
	if (!pgp_take_number(&in, 1, &type) || type != 0x00)
		return "is not a signature over a binary document";
	if (!pgp_take_number(&in, 1, &algorithm) ||
		(algorithm != PGP_ALGORITHM_RSA && algorithm != ALGORITHM_ECDSA && algorithm != ALGORITHM_EDDSA))
		return "is not by RSA, ECDSA or EdDSA";
	if (!pgp_take_number(&in, 1, &hash) || hash < 8 || hash > 10)
		return "is not over SHA-256, SHA-384 or SHA-512";
	const char *fault = read_hashed(&in, out, &fingerprint);
	out->hashed_len = (size_t)(in.at - begin);
	if (fault == NULL)
		fault = read_unhashed(&in, fingerprint);
	if (fault != NULL)
		return fault;
	if (!pgp_take_span(&in, sizeof out->left, &left))
		return "is cut short";
	memcpy(out->left, left.at, sizeof out->left);
	out->algorithm = (unsigned)algorithm;
	out->hash = (unsigned)hash;
	return skip_numbers(&in, out->algorithm);
}

int pgp_parse_signature(struct pgp_signature *out, const unsigned char *bytes, size_t len, struct err *err)
{
	struct span in = {bytes, len}, body = {0};
	unsigned tag = 0;
	*out = (struct pgp_signature){0};
	const char *fault = pgp_take_packet(&in, &tag, &body);
	if (fault == NULL && tag != TAG_SIGNATURE)
		fault = "is not a signature packet";
	if (fault == NULL && in.left > 0)
		fault = "has something behind its one packet";
	if (fault == NULL) {
		fault = read_signature(out, body);
		out->hashed_at = (size_t)(body.at - bytes);
	}
	return fault == NULL ? 0 : err_set(err, ERR_SIGNATURE_PACKET, "the signature %s", fault);
}

/* --- slots --- */

static bool take_mpi(struct span *in)
{
	struct span ignored;
	uint64_t bits;
	return pgp_take_number(in, 2, &bits) && bits > 0 && pgp_take_span(in, (bits + 7) / 8, &ignored);
}

/* RSA: one number. ECDH: a point, and the wrapped key behind a byte that tells its length. Nothing behind. */
static bool ends_with_key(struct span *in, uint64_t algorithm)
{
	struct span ignored;
	uint64_t len;
	if (!take_mpi(in))
		return false;
	if (algorithm == PGP_ALGORITHM_ECDH &&
		(!pgp_take_number(in, 1, &len) || len == 0 || !pgp_take_span(in, len, &ignored)))
		return false;
	return in->left == 0;
}

static const char *read_pkesk(struct pgp_slot *out, struct span in)
{
	uint64_t version, algorithm;
	if (!pgp_take_number(&in, 1, &version) || version != 3)
		return "has a first packet that is not of version 3";
	if (!pgp_take_number(&in, 8, &out->key_id) || !pgp_take_number(&in, 1, &algorithm))
		return "is cut short in its first packet";
	if (algorithm != PGP_ALGORITHM_RSA && algorithm != PGP_ALGORITHM_ECDH)
		return "is not encrypted by RSA or ECDH";
	out->algorithm = (unsigned)algorithm;
	return ends_with_key(&in, algorithm) ? NULL : "has a first packet with more or less than an encrypted key";
}

static const char *read_encrypted(struct pgp_slot *out, unsigned tag, struct span in)
{
	uint64_t version;
	out->sealed_tag = tag;
	out->sealed_len = in.left;
	if (tag != TAG_SEIPD && tag != TAG_AEAD)
		return "has a second packet that is not integrity-protected data";
	if (!pgp_take_number(&in, 1, &version) || version < 1 || version > (tag == TAG_SEIPD ? 2u : 1u))
		return "has a second packet of an unknown version";
	out->sealed_version = (unsigned)version;
	return in.left > 0 ? NULL : "is cut short in its second packet";
}

static const char *read_slot(struct pgp_slot *out, struct span in)
{
	unsigned tag;
	struct span body;
	const char *fault = pgp_take_packet(&in, &tag, &body);
	if (fault == NULL && tag != TAG_PKESK)
		fault = "does not begin with a session key for a public key";
	if (fault == NULL)
		fault = read_pkesk(out, body);
	if (fault == NULL && in.left == 0)
		fault = "has no second packet";
	if (fault == NULL)
		fault = pgp_take_packet(&in, &tag, &body);
	if (fault == NULL)
		fault = read_encrypted(out, tag, body);
	if (fault == NULL && in.left > 0)
		fault = "has more than two packets";
	return fault;
}

int pgp_parse_slot(struct pgp_slot *out, const unsigned char *bytes, size_t len, struct err *err)
{
	*out = (struct pgp_slot){0};
	const char *fault = read_slot(out, (struct span){bytes, len});
	return fault == NULL ? 0 : err_set(err, ERR_SLOT, "the key slot %s", fault);
}

int pgp_name_slot_key(unsigned char *bytes, size_t len, uint64_t key_id, struct err *err)
{
	struct pgp_slot slot;
	struct span in = {bytes, len}, body;
	unsigned tag;
	if (pgp_parse_slot(&slot, bytes, len, err) < 0)
		return -1;
	(void)pgp_take_packet(&in, &tag, &body);
	unsigned char *at = bytes + (body.at - bytes) + 1; /* behind the version */
	for (unsigned i = 0; i < 8; i++)
		at[i] = (unsigned char)(key_id >> (8 * (7 - i)));
	return 0;
}

/* Literal packet: tag and length in 3 bytes, format, no name, date. Around it, for tag 18 version 1: version, 18 bytes
 * of prefix, 22 of digest packet; version 2: 4 bytes, salt of 32, two authentication tags; tag 20: 4 bytes, nonce of 15
 * (OCB) or 16 (EAX), two authentication tags. */
static bool has_length_of(const struct pgp_slot *slot, size_t text_len)
{
	const size_t literal = 3 + 1 + 1 + 4 + text_len;
	if (slot->sealed_tag == TAG_AEAD)
		return slot->sealed_len == 4 + 15 + literal + 32 || slot->sealed_len == 4 + 16 + literal + 32;
	return slot->sealed_len == (slot->sealed_version == 1 ? 1 + 18 + literal + 22 : 4 + 32 + literal + 32);
}

int pgp_check_slot(const struct pgp_slot *slot, enum pgp_key_id key_id, size_t text_len, struct err *err)
{
	if ((slot->key_id == 0) != (key_id == PGP_KEY_ID_HIDDEN))
		return err_set(err, ERR_SLOT,
					   key_id == PGP_KEY_ID_HIDDEN ? "the key slot names a key though recipients are hidden"
												   : "the key slot does not name its key");
	if (!has_length_of(slot, text_len))
		return err_set(err, ERR_SLOT, "the key slot has not the length of a key slot: it holds something else");
	return 0;
}
