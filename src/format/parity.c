/* SPDX-License-Identifier: Apache-2.0 */
/* The file:
 *
 *   header  table  column 0 … column m/2 - 1  header  column m/2 … column m - 1  table  header
 *
 * All numbers little-endian. A header is told apart from what else a block may hold by its magic and its sum, a block
 * of the table by a sum that runs over its own number and the id of this parity as well: so neither a sector that
 * strayed nor one of an older parity file passes for it. */
#include "format/parity.h"

#include "base/little.h"
#include "base/text.h"

#include <string.h>

#define MAGIC "valise-parity 1\n"

enum {
	MAGIC_BYTES = sizeof MAGIC - 1,
	FILE_BYTES_AT = 16,
	PERMILLE_AT = 24,
	SLICE_BYTES_AT = 28,
	ROWS_AT = 32,
	COLUMNS_AT = 36,
	PARITY_AT = 40,
	ZERO_AT = 44, /* to TABLE_AT */
	TABLE_AT = 48,
	TOLD_END = TABLE_AT + DIGEST_BYTES,
	SUM_AT = PARITY_BLOCK - 8,
	NUMBER_AT = SUM_AT - 8, /* in a block of the table */
	ID_BYTES = 8,           /* of the table's digest, under the sum of each of its blocks */
};
_Static_assert(MAGIC_BYTES == FILE_BYTES_AT, "the magic fills its place");
_Static_assert(PARITY_DIGESTS_A_BLOCK * 8 == NUMBER_AT, "sums fill a block up to its number");

enum {
	SLICE_MIN = 512,
	SLICE_SECTOR = 4096,   /* media lose no less than that at a time, mostly */
	SMALL_SLICES_LOG = 13, /* as many slices below SLICE_SECTOR as give a file its share of rows */
	SLICES_LOG = 18,       /* above it: the table stays below 4 MiB */
	COLUMNS_WANTED = 126,  /* data and parity; rounding up adds at most two. With more, scattered loss is mended better,
							* and  all takes as much longer: this keeps up with what packs. */
};

/* --- shape --- */

static uint32_t slice_for(uint64_t file_bytes)
{
	uint32_t slice = SLICE_MIN;
	while (file_bytes > (uint64_t)slice << (slice < SLICE_SECTOR ? SMALL_SLICES_LOG : SLICES_LOG))
		slice *= 2;
	return slice;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* So many slices can a lost run of the share touch, wherever it begins. */
static uint64_t slices_of_run(uint64_t file_bytes, unsigned permille, uint32_t slice)
{
	uint64_t run = file_bytes * permille / 1000;
	return run == 0 ? 1 : divide_up(run - 1, slice) + 1;
}

static void lay_out(struct parity_shape *s)
{
	const uint64_t column = (uint64_t)s->rows * s->slice_bytes, table = (uint64_t)s->table_blocks * PARITY_BLOCK;
	s->header_at[0] = 0;
	s->table_at[0] = PARITY_BLOCK;
	s->header_at[1] = PARITY_BLOCK + table + s->parity / 2 * column;
	s->table_at[1] = 2 * PARITY_BLOCK + table + s->parity * column;
	s->header_at[2] = s->table_at[1] + table;
	s->bytes = s->header_at[2] + PARITY_BLOCK;
}

int parity_shape_make(struct parity_shape *out, uint64_t file_bytes, unsigned permille, struct err *err)
{
	if (file_bytes == 0 || file_bytes > PARITY_FILE_MAX || permille == 0 || permille > PARITY_PERMILLE_MAX)
		return err_set(err, ERR_LIMIT, "no parity of %u in 1000 can be made of %llu bytes", permille,
					   (unsigned long long)file_bytes);
	const uint32_t slice = slice_for(file_bytes);
	const uint64_t slices = divide_up(file_bytes, slice);
	const uint64_t rows = divide_up(slices, COLUMNS_WANTED * 1000u / (1000u + permille));
	const uint64_t parity = divide_up(slices_of_run(file_bytes, permille, slice), rows);
	*out = (struct parity_shape){.file_bytes = file_bytes,
								 .permille = permille,
								 .slice_bytes = slice,
								 .rows = (uint32_t)rows,
								 .columns = (uint32_t)divide_up(slices, rows),
								 .parity = (uint32_t)parity,
								 .data_slices = (uint32_t)slices,
								 .parity_slices = (uint32_t)(parity * rows)};
	if (out->columns + parity > PARITY_COLUMNS_MAX)
		return err_set(err, ERR_INTERNAL, "parity of %u and %u columns", out->columns, out->parity);
	out->table_blocks = (uint32_t)divide_up((uint64_t)out->data_slices + out->parity_slices, PARITY_DIGESTS_A_BLOCK);
	lay_out(out);
	return 0;
}

uint64_t parity_size(uint64_t file_bytes, unsigned permille)
{
	struct parity_shape shape;
	struct err ignored = ERR_INIT;
	return permille != 0 && parity_shape_make(&shape, file_bytes, permille, &ignored) == 0 ? shape.bytes : 0;
}

uint64_t parity_column_at(const struct parity_shape *shape, uint32_t column)
{
	const uint64_t at = shape->table_at[0] + (uint64_t)shape->table_blocks * PARITY_BLOCK +
						(uint64_t)column * shape->rows * shape->slice_bytes;
	return column < shape->parity / 2 ? at : at + PARITY_BLOCK;
}

/* --- sums --- */

uint64_t parity_crc(uint64_t sum, const void *bytes, size_t len)
{
	/* Of the reflected polynomial 0xC96C5795D7870F42, for four bits at a time. */
	static const uint64_t table[16] = {
		0x0000000000000000, 0x7d9ba13851336649, 0xfb374270a266cc92, 0x86ace348f355aadb,
		0x64b62bcaebc387a1, 0x192d8af2baf0e1e8, 0x9f8169ba49a54b33, 0xe21ac88218962d7a,
		0xc96c5795d7870f42, 0xb4f7f6ad86b4690b, 0x325b15e575e1c3d0, 0x4fc0b4dd24d2a599,
		0xadda7c5f3c4488e3, 0xd041dd676d77eeaa, 0x56ed3e2f9e224471, 0x2b769f17cf112238,
	};
	const unsigned char *at = bytes;
	sum = ~sum;
	for (size_t i = 0; i < len; i++) {
		sum ^= at[i];
		sum = sum >> 4 ^ table[sum & 15];
		sum = sum >> 4 ^ table[sum & 15];
	}
	return ~sum;
}

void parity_sums_put(unsigned char *out, const uint64_t *sums, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		little_put(out + (size_t)8 * i, sums[i], 8);
}

/* --- header --- */

void parity_header_format(unsigned char out[static PARITY_BLOCK], const struct parity_shape *shape,
						  const struct digest *table)
{
	memset(out, 0, PARITY_BLOCK);
	memcpy(out, MAGIC, MAGIC_BYTES);
	little_put(out + FILE_BYTES_AT, shape->file_bytes, 8);
	little_put(out + PERMILLE_AT, shape->permille, 4);
	little_put(out + SLICE_BYTES_AT, shape->slice_bytes, 4);
	little_put(out + ROWS_AT, shape->rows, 4);
	little_put(out + COLUMNS_AT, shape->columns, 4);
	little_put(out + PARITY_AT, shape->parity, 4);
	memcpy(out + TABLE_AT, table->bytes, DIGEST_BYTES);
	little_put(out + SUM_AT, parity_crc(0, out, SUM_AT), 8);
}

static bool all_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Numbers that anybody may have written: only the two that all follows from are used, and the others must follow. */
int parity_header_parse(struct parity_shape *shape, struct digest *table,
						const unsigned char bytes[static PARITY_BLOCK], struct err *err)
{
	struct err why = ERR_INIT;
	if (memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
		return err_set(err, ERR_PARITY, "this is not a parity file");
	if (little_get(bytes + SUM_AT, 8) != parity_crc(0, bytes, SUM_AT))
		return err_set(err, ERR_PARITY, "the header of the parity file is damaged");
	if (parity_shape_make(shape, little_get(bytes + FILE_BYTES_AT, 8), (unsigned)little_get(bytes + PERMILLE_AT, 4),
						  &why) < 0)
		return err_set(err, ERR_PARITY, "the parity file tells sizes that cannot be");
	if (little_get(bytes + SLICE_BYTES_AT, 4) != shape->slice_bytes || little_get(bytes + ROWS_AT, 4) != shape->rows ||
		little_get(bytes + COLUMNS_AT, 4) != shape->columns || little_get(bytes + PARITY_AT, 4) != shape->parity ||
		!all_zero(bytes + ZERO_AT, TABLE_AT - ZERO_AT) || !all_zero(bytes + TOLD_END, SUM_AT - TOLD_END))
		return err_set(err, ERR_PARITY, "the parity file tells counts that do not follow from its sizes");
	memcpy(table->bytes, bytes + TABLE_AT, DIGEST_BYTES);
	return 0;
}

/* --- table --- */

uint32_t parity_table_count(const struct parity_shape *shape, uint32_t number)
{
	const uint32_t all = shape->data_slices + shape->parity_slices, before = number * PARITY_DIGESTS_A_BLOCK;
	return all - before < PARITY_DIGESTS_A_BLOCK ? all - before : PARITY_DIGESTS_A_BLOCK;
}

static uint64_t table_sum(const unsigned char *block, const struct digest *table)
{
	return parity_crc(parity_crc(0, table->bytes, ID_BYTES), block, SUM_AT);
}

void parity_table_format(unsigned char out[static PARITY_BLOCK], const struct parity_shape *shape,
						 const struct digest *table, uint32_t number, const uint64_t *sums)
{
	memset(out, 0, PARITY_BLOCK);
	parity_sums_put(out, sums, parity_table_count(shape, number));
	little_put(out + NUMBER_AT, number, 8);
	little_put(out + SUM_AT, table_sum(out, table), 8);
}

bool parity_table_parse(uint64_t *sums, const struct parity_shape *shape, const struct digest *table, uint32_t number,
						const unsigned char bytes[static PARITY_BLOCK])
{
	if (little_get(bytes + SUM_AT, 8) != table_sum(bytes, table) || little_get(bytes + NUMBER_AT, 8) != number)
		return false;
	for (uint32_t i = 0; i < parity_table_count(shape, number); i++)
		sums[i] = little_get(bytes + (size_t)8 * i, 8);
	return true;
}

/* --- the share, as people type it --- */

int parity_share_parse(unsigned *permille, const char *option, const char *text, struct err *err)
{
	const size_t len = strlen(text), digits = strspn(text, "0123456789");
	uint64_t whole = 0, tenth = 0;
	if (strcmp(text, "none") == 0) {
		*permille = 0;
		return 0;
	}
	const bool decimal = len == digits + 3 && text[digits] == '.';
	if (text_parse_u64(&whole, text, digits, 100) && len > 0 && text[len - 1] == '%' &&
		(len == digits + 1 || (decimal && text_parse_u64(&tenth, text + digits + 1, 1, 9))) &&
		whole * 10 + tenth >= 1 && whole * 10 + tenth <= PARITY_PERMILLE_MAX) {
		*permille = (unsigned)(whole * 10 + tenth);
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "%s %s: not a share from 0.1%% to 100%%, nor none", option, text);
	return err_hint(err, "type for example %s 10%%: a lost run of up to a tenth of the bundle is mended", option);
}
