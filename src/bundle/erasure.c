/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/erasure.h"

#include <isa-l/crc64.h>
#include <isa-l/erasure_code.h>
#include <string.h>

struct erasure {
	int from, to;
	unsigned char *tables; /* owned: 32 bytes for each pair */
};

enum { TABLE_BYTES = 32, RUN_MAX = 1 << 30 };

/* What parity piece p takes of data piece d. */
static unsigned char factor(unsigned data, unsigned p, unsigned d)
{
	return gf_inv((unsigned char)((data + p) ^ d));
}

/* in: rows[to * from], taken over into tables. */
static int make(struct erasure **out, unsigned from, unsigned to, unsigned char *rows, struct err *err)
{
	auto_erasure *made = calloc(1, sizeof *made);
	if (made == NULL || (made->tables = malloc((size_t)TABLE_BYTES * from * to)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	made->from = (int)from;
	made->to = (int)to;
	ec_init_tables((int)from, (int)to, rows, made->tables);
	*out = steal(&made);
	return 0;
}

int erasure_encoder_new(struct erasure **out, unsigned data, unsigned parity, struct err *err)
{
	*out = NULL;
	if (data == 0 || parity == 0 || data + parity > ERASURE_PIECES_MAX)
		return err_set(err, ERR_INTERNAL, "parity of %u and %u pieces", data, parity);
	auto_free unsigned char *rows = malloc((size_t)data * parity);
	if (rows == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned p = 0; p < parity; p++)
		for (unsigned d = 0; d < data; d++)
			rows[(size_t)p * data + d] = factor(data, p, d);
	return make(out, data, parity, rows, err);
}

/* For each lost piece, what it takes of a data piece that is there: the inverse of the small matrix, times that piece's
 * factors in the chosen parity. */
static unsigned char taken_of(const struct erasure_loss *loss, const unsigned char *inverse, unsigned row, unsigned d)
{
	unsigned char sum = 0;
	for (unsigned i = 0; i < loss->count; i++)
		sum ^= gf_mul(inverse[row * loss->count + i], factor(loss->data, loss->parity[i], d));
	return sum;
}

static void fill_rows(const struct erasure_loss *loss, const unsigned char *inverse, unsigned char *rows)
{
	for (unsigned row = 0; row < loss->count; row++)
		for (unsigned d = 0, hole = 0; d < loss->data; d++) {
			const int is_hole = hole < loss->count && loss->lost[hole] == d;
			rows[(size_t)row * loss->data + d] = is_hole ? inverse[row * loss->count + hole]
														 : taken_of(loss, inverse, row, d);
			hole += (unsigned)is_hole;
		}
}

int erasure_decoder_new(struct erasure **out, const struct erasure_loss *loss, struct err *err)
{
	const unsigned n = loss->count;
	*out = NULL;
	if (n == 0 || n > loss->data || loss->data >= ERASURE_PIECES_MAX)
		return err_set(err, ERR_INTERNAL, "%u of %u pieces lost", n, loss->data);
	auto_free unsigned char *small = malloc((size_t)n * n), *inverse = malloc((size_t)n * n);
	auto_free unsigned char *rows = malloc((size_t)n * loss->data);
	if (small == NULL || inverse == NULL || rows == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned p = 0; p < n; p++)
		for (unsigned d = 0; d < n; d++)
			small[p * n + d] = factor(loss->data, loss->parity[p], loss->lost[d]);
	if (gf_invert_matrix(small, inverse, (int)n) != 0)
		return err_set(err, ERR_INTERNAL, "a Cauchy matrix without an inverse");
	fill_rows(loss, inverse, rows);
	return make(out, loss->data, n, rows, err);
}

void erasure_free(struct erasure *erasure)
{
	if (erasure == NULL)
		return;
	free(erasure->tables);
	free(erasure);
}

void erasure_run(const struct erasure *erasure, size_t len, unsigned char *const *from, unsigned char *const *to)
{
	/* ISA-L does not write through them, but does not say so. */
	ec_encode_data((int)len, erasure->from, erasure->to, erasure->tables, (unsigned char **)from, (unsigned char **)to);
}

/* --- sums --- */

uint64_t erasure_sum(uint64_t sum, const void *bytes, size_t len)
{
	return crc64_ecma_refl(sum, bytes, len);
}

/* Polynomials over GF(2), bits reflected: the highest bit is the coefficient of 1. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
	uint64_t product = 0;
	for (uint64_t bit = 1ull << 63; bit != 0; bit >>= 1) {
		if ((a & bit) != 0)
			product ^= b;
		b = (b >> 1) ^ ((b & 1) != 0 ? 0xC96C5795D7870F42ull : 0);
	}
	return product;
}

/* x to the power of the bits of so many bytes. */
uint64_t erasure_shift(uint64_t len)
{
	uint64_t power = 1ull << 63, square = 1ull << 55; /* x^0; x^8 */
	for (; len != 0; len >>= 1) {
		if ((len & 1) != 0)
			power = multiply(power, square);
		square = multiply(square, square);
	}
	return power;
}

/* The inversions before and behind cancel each other: the sum of the whole is the first, moved over the second's
 * length, and the second. */
uint64_t erasure_sum_join(uint64_t first, uint64_t second, uint64_t shift)
{
	return multiply(first, shift) ^ second;
}
