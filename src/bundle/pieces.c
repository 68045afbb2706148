/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/pieces.h"

#include "base/hash.h"

#include <string.h>

uint64_t piece_count(const struct bundle_part *part)
{
	const struct container *c = part->container;
	return 1 + (uint64_t)c->slots.count + c->chunks.count + c->manifest.count;
}

void piece_describe(struct piece *piece, const struct bundle_verified *bundle, const struct bundle_part *part,
					uint64_t n)
{
	const struct container *c = part->container;
	if (n == 0) {
		(void)strcpy(piece->name, "valise");
		piece->member = (struct member){.offset = USTAR_BLOCK, .size = MEMBER_MAGIC_BYTES};
		piece->want = sums_magic(&bundle->sums);
	} else if ((n -= 1) < c->slots.count) {
		member_slot_name(piece->name, (uint32_t)n);
		piece->member = c->slots.items[n];
		piece->want = sums_slot(&bundle->sums, (uint32_t)n);
	} else if ((n -= c->slots.count) < c->chunks.count) {
		member_payload_name(piece->name, c->first_chunk + (uint32_t)n);
		piece->member = c->chunks.items[n];
		piece->want = sums_chunk(&bundle->sums, c->first_chunk + (uint32_t)n);
	} else {
		n -= c->chunks.count;
		member_manifest_name(piece->name, (uint32_t)n);
		piece->member = c->manifest.items[n];
		piece->want = sums_manifest(&bundle->sums, (uint32_t)n);
	}
}

bool piece_is_intact(const struct piece *piece, const unsigned char *bytes, size_t len)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	struct digest digest;
	if (len != piece_len(piece))
		return false;
	ustar_build(header, piece->name, piece->member.size);
	hash_bytes(&digest, bytes + USTAR_BLOCK, piece->member.size);
	return memcmp(bytes, header, USTAR_BLOCK) == 0 && digest_equal(&digest, piece->want) &&
		   memcmp(bytes + USTAR_BLOCK + piece->member.size, zeros, ustar_padding(piece->member.size)) == 0;
}

size_t piece_len_max(const struct bundle_verified *bundle)
{
	const size_t chunk = chunk_member_max(bundle->waybill.chunk_bytes);
	return ustar_stored(chunk > MEMBER_SLOT_MAX ? chunk : MEMBER_SLOT_MAX);
}
