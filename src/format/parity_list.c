/* SPDX-License-Identifier: Apache-2.0 */
/* list  column  list; all numbers little-endian. The list ends with the sum of all bytes before it. */
#include "format/parity_list.h"

#include "base/little.h"
#include "base/text.h"

#include <string.h>

#define MAGIC "valise-parity-volumes 1\n"

enum {
	MAGIC_BYTES = sizeof MAGIC - 1,
	VOLUMES_AT = 24,
	PARITY_AT = 28,
	INDEX_AT = 32,
	COLUMN_BYTES_AT = 40, /* zero before it */
	COLUMN_SUM_AT = 48,
	LISTED_AT = 64, /* zero before it */
	LISTED_BYTES = 16,
	SUM_BYTES = 8,
};
_Static_assert(MAGIC_BYTES == VOLUMES_AT, "the magic fills its place");
_Static_assert((LISTED_AT + LISTED_BYTES * PARITY_COLUMNS_MAX + SUM_BYTES + PARITY_BLOCK - 1) / PARITY_BLOCK *
					   PARITY_BLOCK ==
				   PARITY_LIST_MAX,
			   "the longest list");

size_t parity_list_size(uint32_t volumes)
{
	const size_t bytes = LISTED_AT + (size_t)LISTED_BYTES * volumes + SUM_BYTES;
	return (bytes + PARITY_BLOCK - 1) / PARITY_BLOCK * PARITY_BLOCK;
}

uint64_t parity_volume_size(uint64_t longest_volume, uint32_t volumes)
{
	return longest_volume + 2 * (uint64_t)parity_list_size(volumes);
}

void parity_list_format(unsigned char *out, const struct parity_list *list)
{
	const size_t size = parity_list_size(list->volumes);
	memset(out, 0, size);
	memcpy(out, MAGIC, MAGIC_BYTES);
	little_put(out + VOLUMES_AT, list->volumes, 4);
	little_put(out + PARITY_AT, list->parity, 4);
	little_put(out + INDEX_AT, list->index, 4);
	little_put(out + COLUMN_BYTES_AT, list->column_bytes, 8);
	little_put(out + COLUMN_SUM_AT, list->column_sum, 8);
	for (uint32_t i = 0; i < list->volumes; i++) {
		little_put(out + LISTED_AT + (size_t)LISTED_BYTES * i, list->listed[i].bytes, 8);
		little_put(out + LISTED_AT + (size_t)LISTED_BYTES * i + 8, list->listed[i].sum, 8);
	}
	little_put(out + size - SUM_BYTES, parity_crc(0, out, size - SUM_BYTES), SUM_BYTES);
}

static int check_numbers(const struct parity_list *list, struct err *err)
{
	uint64_t longest = 0;
	for (uint32_t i = 0; i < list->volumes; i++) {
		if (list->listed[i].bytes == 0 || list->listed[i].bytes > PARITY_FILE_MAX)
			return err_set(err, ERR_PARITY, "the parity volume tells sizes that cannot be");
		longest = list->listed[i].bytes > longest ? list->listed[i].bytes : longest;
	}
	return longest == list->column_bytes && list->index < list->parity
			   ? 0
			   : err_set(err, ERR_PARITY, "the parity volume tells counts that do not agree");
}

int parity_list_parse(struct parity_list *out, const unsigned char *bytes, size_t len, struct err *err)
{
	unsigned char again[PARITY_LIST_MAX];
	if (len < PARITY_BLOCK || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
		return err_set(err, ERR_PARITY, "this is not a parity volume");
	const uint64_t volumes = little_get(bytes + VOLUMES_AT, 4), parity = little_get(bytes + PARITY_AT, 4);
	if (volumes == 0 || parity == 0 || volumes + parity > PARITY_COLUMNS_MAX)
		return err_set(err, ERR_PARITY, "the parity volume tells counts that cannot be");
	*out = (struct parity_list){.volumes = (uint32_t)volumes,
								.parity = (uint32_t)parity,
								.index = (uint32_t)little_get(bytes + INDEX_AT, 4),
								.column_bytes = little_get(bytes + COLUMN_BYTES_AT, 8),
								.column_sum = little_get(bytes + COLUMN_SUM_AT, 8)};
	const size_t size = parity_list_size(out->volumes);
	if (len < size)
		return err_set(err, ERR_PARITY, "the list of the parity volume is cut short");
	for (uint32_t i = 0; i < out->volumes; i++) {
		const unsigned char *at = bytes + LISTED_AT + (size_t)LISTED_BYTES * i;
		out->listed[i] = (struct parity_listed){.bytes = little_get(at, 8), .sum = little_get(at + 8, 8)};
	}
	/* There is one way to write it: sum, zeros and all. */
	parity_list_format(again, out);
	if (memcmp(again, bytes, size) != 0)
		return err_set(err, ERR_PARITY, "the list of the parity volume is damaged");
	return check_numbers(out, err);
}

bool parity_list_same_set(const struct parity_list *a, const struct parity_list *b)
{
	return a->volumes == b->volumes && a->parity == b->parity && a->column_bytes == b->column_bytes &&
		   memcmp(a->listed, b->listed, a->volumes * sizeof *a->listed) == 0;
}

int parity_volumes_parse(unsigned *out, const char *text, struct err *err)
{
	uint64_t value = 0;
	if (!text_parse_u64(&value, text, strlen(text), PARITY_COLUMNS_MAX - 1) || value == 0)
		return err_set(err, ERR_USAGE, "--parity-volumes %s: not a number from 1 to %d", text, PARITY_COLUMNS_MAX - 1);
	*out = (unsigned)value;
	return 0;
}
