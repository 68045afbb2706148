/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_ERASURE_H
#define VALISE_BUNDLE_ERASURE_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Reed-Solomon over GF(2^8) with a Cauchy matrix: of `data` pieces and `parity` pieces any `data` suffice to get the
 * others back. ISA-L's door (its "rs" matrix has sets of losses that cannot be solved; a Cauchy matrix has none).
 *
 * Parity piece i is the sum over all data pieces j of piece j times the inverse of (data + i) XOR j; the field's
 * polynomial is 0x11D. */

enum { ERASURE_PIECES_MAX = 255 };

/* A set of sums to be made of pieces of equal length: parity of data, or what is lost of what is there. Not changed by
 * its use: threads may share it. */
struct erasure;

/* in: data >= 1, parity >= 1, data + parity <= ERASURE_PIECES_MAX; else ERR_INTERNAL. */
int erasure_encoder_new(struct erasure **out, unsigned data, unsigned parity, struct err *err);

/* To get lost pieces of data back. in: lost[lost_count] and parity[lost_count]: numbers of data pieces that are lost,
 * and of as many parity pieces that are there; ascending, 1 to `parity` many. The sources of erasure_run() are then the
 * data pieces in order, with the parity pieces, in order, in the places of the lost ones. */
struct erasure_loss {
	unsigned data, count;
	unsigned char lost[ERASURE_PIECES_MAX], parity[ERASURE_PIECES_MAX];
};
int erasure_decoder_new(struct erasure **out, const struct erasure_loss *loss, struct err *err);
void erasure_free(struct erasure *erasure);
static inline void cleanup_erasure(struct erasure **e)
{
	erasure_free(*e);
}
#define auto_erasure AUTO(cleanup_erasure) struct erasure

/* in: from[data] of len bytes each. out: to[parity or lost count] of len bytes each. */
void erasure_run(const struct erasure *erasure, size_t len, unsigned char *const *from, unsigned char *const *to);

/* CRC-64/XZ, as parity_crc(), by the processor's own instructions. */
uint64_t erasure_sum(uint64_t sum, const void *bytes, size_t len);
/* The sum of two runs, one behind the other, of their sums; shift: erasure_shift() of the length of the second, which
 * takes some twenty times as long as the joining. */
uint64_t erasure_sum_join(uint64_t first, uint64_t second, uint64_t shift);
uint64_t erasure_shift(uint64_t len);

#endif
