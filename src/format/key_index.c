/* SPDX-License-Identifier: Apache-2.0 */
#include "format/key_index.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct indexed_key *)a)->key.fingerprint->hex,
				  ((const struct indexed_key *)b)->key.fingerprint->hex);
}

int key_index_new(struct key_index *out, const struct registry_doc *doc, struct err *err)
{
	size_t most = 1;
	for (uint32_t i = 0; i < doc->count; i++)
		most += partner_key_count(&doc->partners[i]);
	*out = (struct key_index){.items = calloc(most, sizeof *out->items)};
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < doc->count; i++)
		for (uint32_t k = 0; k < partner_key_count(&doc->partners[i]); k++)
			out->items[out->count++] = (struct indexed_key){&doc->partners[i], partner_key_at(&doc->partners[i], k)};
	qsort(out->items, out->count, sizeof *out->items, compare);
	return 0;
}

void key_index_clear(struct key_index *index)
{
	free(index->items);
	*index = (struct key_index){.items = NULL};
}

const struct indexed_key *key_index_find(const struct key_index *index, const struct fingerprint *fpr)
{
	const struct indexed_key wanted = {.key.fingerprint = fpr};
	return index->count > 0 ? bsearch(&wanted, index->items, index->count, sizeof wanted, compare) : NULL;
}
