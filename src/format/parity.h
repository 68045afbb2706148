/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PARITY_H
#define VALISE_FORMAT_PARITY_H

#include "base/err.h"
#include "base/ident.h"
#include "format/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parity file beside a bundle, FILE.parity (valise-format(5), PARITY): where everything is in it, and its small
 * parts. Nobody signs it: what stands in it guides a repair and proves nothing. */

enum {
	PARITY_BLOCK = 512,          /* header copies and blocks of the table are this long */
	PARITY_DIGESTS_A_BLOCK = 62, /* of the table */
	PARITY_HEADERS = 3,          /* copies: front, middle, end */
	PARITY_TABLES = 2,           /* copies: front, end */
	PARITY_PERMILLE_MAX = 1000,
	PARITY_PERMILLE_USUAL = 100, /* what `pack` takes where nothing is said */
	PARITY_COLUMNS_MAX = 255,    /* data and parity together: GF(2^8) */
};
#define PARITY_FILE_MAX (1ull << 43) /* bytes: above any bundle */

/* How a file is cut, and the parity file laid out. All of it follows from the length of the file and the share. */
struct parity_shape {
	uint64_t file_bytes;
	unsigned permille;
	uint32_t slice_bytes;
	uint32_t rows;          /* slices in a column; stripe r is the r-th slice of each column */
	uint32_t columns;       /* of data: slice i is in column i / rows; those behind the end of the file are zeros */
	uint32_t parity;        /* columns of parity */
	uint32_t data_slices;   /* that begin within the file */
	uint32_t parity_slices; /* parity * rows */
	uint32_t table_blocks;  /* in one copy of the table */
	uint64_t header_at[PARITY_HEADERS], table_at[PARITY_TABLES];
	uint64_t bytes; /* of the parity file */
};

/* The length in bytes of the parity file of a file: exact. 0 where no parity is asked for (permille 0) or possible. */
uint64_t parity_size(uint64_t file_bytes, unsigned permille);

/* errors: ERR_LIMIT where file_bytes is not 1 to PARITY_FILE_MAX, or permille not 1 to PARITY_PERMILLE_MAX. */
int parity_shape_make(struct parity_shape *out, uint64_t file_bytes, unsigned permille, struct err *err);
/* Where a parity column begins in the parity file. in: column < shape->parity. */
uint64_t parity_column_at(const struct parity_shape *shape, uint32_t column);

/* CRC-64/XZ, as ISA-L's crc64_ecma_refl(): of the bytes behind those whose sum is given; 0 for none. For the small
 * parts; slices are summed by bundle/erasure.h. */
uint64_t parity_crc(uint64_t sum, const void *bytes, size_t len);

/* --- header --- */

void parity_header_format(unsigned char out[static PARITY_BLOCK], const struct parity_shape *shape,
						  const struct digest *table);
/* out: *shape made anew and held against what the header tells. table: SHA-256 of the whole table, the id of this
 * parity. errors: ERR_PARITY where it is none, damaged, or tells a shape that is not the one of its length and share.
 */
int parity_header_parse(struct parity_shape *shape, struct digest *table,
						const unsigned char bytes[static PARITY_BLOCK], struct err *err);

/* --- table: one 64-bit sum a slice, those of the data first, then those of the parity, column by column --- */

/* Sums as they stand in the file: what the table's digest is of. out: out[8 * count]. */
void parity_sums_put(unsigned char *out, const uint64_t *sums, uint32_t count);
/* How many sums block `number` holds. */
uint32_t parity_table_count(const struct parity_shape *shape, uint32_t number);
/* in: sums[parity_table_count()]. */
void parity_table_format(unsigned char out[static PARITY_BLOCK], const struct parity_shape *shape,
						 const struct digest *table, uint32_t number, const uint64_t *sums);
/* false: damaged, or of another place or parity file. */
bool parity_table_parse(uint64_t *sums, const struct parity_shape *shape, const struct digest *table, uint32_t number,
						const unsigned char bytes[static PARITY_BLOCK]);

/* "10%", "2.5%" or "none" as a share in permille; none is 0. errors: ERR_USAGE naming option. */
int parity_share_parse(unsigned *permille, const char *option, const char *text, struct err *err);

#endif
