/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PARITY_LIST_H
#define VALISE_FORMAT_PARITY_LIST_H

#include "format/parity.h"

/* A parity volume, STEM.p1of2.valise-parity (valise-format(5), PARITY VOLUMES): one column of parity over whole
 * volumes, between two copies of a list that tells which volumes these are. Unsigned, as a parity file is. */

struct parity_listed {
	uint64_t bytes; /* length of the volume */
	uint64_t sum;   /* of the whole of it */
};

struct parity_list {
	uint32_t volumes, parity;
	uint64_t column_bytes; /* the longest volume */
	struct parity_listed listed[PARITY_COLUMNS_MAX];
	/* of this parity volume alone: */
	uint32_t index;
	uint64_t column_sum;
};

enum { PARITY_LIST_MAX = 4608 }; /* bytes */

/* How many parity volumes, as typed: 1 to PARITY_COLUMNS_MAX - 1. errors: ERR_USAGE. */
int parity_volumes_parse(unsigned *out, const char *text, struct err *err);

/* Bytes of one copy of the list, and of the whole parity volume. */
size_t parity_list_size(uint32_t volumes);
uint64_t parity_volume_size(uint64_t longest_volume, uint32_t volumes);

/* out: out[parity_list_size(list->volumes)]. */
void parity_list_format(unsigned char *out, const struct parity_list *list);
/* in: bytes[len], a list from its first byte on, with or without what follows it. errors: ERR_PARITY where it is none,
 * or damaged, or its numbers are beyond what can be. */
int parity_list_parse(struct parity_list *out, const unsigned char *bytes, size_t len, struct err *err);
/* Whether both are of one set, but for which of its parity volumes they are. */
bool parity_list_same_set(const struct parity_list *a, const struct parity_list *b);

#endif
