/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PIECES_H
#define VALISE_BUNDLE_PIECES_H

#include "bundle/bundle_internal.h"

/* A bundle's file up to its list of digests, cut into pieces: each a listed member with its header and padding, one
 * behind the other from byte 0 on. */
struct piece {
	char name[USTAR_NAME_MAX + 1];
	struct member member;
	const struct digest *want; /* borrowed from the bundle */
};

/* Of one of the bundle's files. */
uint64_t piece_count(const struct bundle_part *part);
/* The n-th, in the order of the file. */
void piece_describe(struct piece *piece, const struct bundle_verified *bundle, const struct bundle_part *part,
					uint64_t n);
static inline uint64_t piece_at(const struct piece *piece)
{
	return piece->member.offset - USTAR_BLOCK;
}
static inline size_t piece_len(const struct piece *piece)
{
	return ustar_stored(piece->member.size);
}
/* The longest that one can be. */
size_t piece_len_max(const struct bundle_verified *bundle);
/* Header, content and padding are the only ones that they can be. */
bool piece_is_intact(const struct piece *piece, const unsigned char *bytes, size_t len);

#endif
