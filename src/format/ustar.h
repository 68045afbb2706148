/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_USTAR_H
#define VALISE_FORMAT_USTAR_H

#include "base/buf.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stdint.h>

/* The one form of tar header (valise-format(5), CONTAINER): a function of name and size. */
enum { USTAR_BLOCK = 512, USTAR_END = 1024, USTAR_NAME_MAX = 99 };

void ustar_build(unsigned char out[static USTAR_BLOCK], const char *name, uint64_t size);

/* A whole member: header, content, padding. errors: ERR_MEMORY. */
int ustar_append(struct buf *out, const char *name, const void *bytes, size_t len, struct err *err);

/* Whether header is exactly the one for name and some size of at most max_size: then *out_size is that size. */
bool ustar_matches(const unsigned char header[static USTAR_BLOCK], const char *name, uint64_t max_size,
				   uint64_t *out_size);

/* The name in a header that is being refused, for the message: always terminated, at most 99 bytes, foreign text. */
void ustar_peek_name(const unsigned char header[static USTAR_BLOCK], char out[static USTAR_NAME_MAX + 1]);

/* Zero bytes behind content of this size. */
static inline unsigned ustar_padding(uint64_t size)
{
	return (unsigned)(-size % USTAR_BLOCK);
}

static inline uint64_t ustar_stored(uint64_t size)
{
	return USTAR_BLOCK + size + ustar_padding(size);
}

/* Names of members, and their limits. */
enum {
	MEMBER_MAGIC_BYTES = 9,
	MEMBER_SLOT_MAX = 4096,
	MEMBER_SLOTS_MAX = 1000,
	MEMBER_CHUNKS_MAX = 1 << 20,
	MEMBER_MANIFEST_CHUNKS_MAX = 256,
	MEMBER_SUMS_MAX = 128 << 20,
	MEMBER_WAYBILL_MAX = 64 << 10,
	MEMBER_SIGNATURE_MAX = 2048,
	MEMBER_SIGNATURES_MAX = 16,
	MEMBER_TRAILER_BYTES = 512,
	CHUNK_SMALL = 1 << 20,
	CHUNK_LARGE = 4 << 20,
	CHUNK_MEMBER_MIN = 17,
	CHUNK_MEMBER_MAX = CHUNK_LARGE + CHUNK_LARGE / 256 + 16, /* chunk_member_max() of the largest chunk */
};
#define MEMBER_MAGIC "valise 1\n"

static inline uint32_t chunk_member_max(uint32_t chunk_bytes)
{
	return chunk_bytes + chunk_bytes / 256 + 16;
}

void member_slot_name(char out[static USTAR_NAME_MAX + 1], uint32_t number);
void member_payload_name(char out[static USTAR_NAME_MAX + 1], uint32_t number);
void member_manifest_name(char out[static USTAR_NAME_MAX + 1], uint32_t number);
void member_signature_name(char out[static USTAR_NAME_MAX + 1], const struct fingerprint *signer);

/* The trailer: where the members behind the payload begin. */
struct trailer {
	uint64_t manifest, sums, waybill, signatures, trailer;
};
void trailer_format(char out[static MEMBER_TRAILER_BYTES], const struct trailer *trailer);
bool trailer_parse(struct trailer *out, const char text[static MEMBER_TRAILER_BYTES]);

#endif
