/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_KEY_INDEX_H
#define VALISE_FORMAT_KEY_INDEX_H

#include "base/cleanup.h"
#include "format/registry_doc.h"

#include <stddef.h>

/* All keys of a registry by fingerprint, former ones as well: thousands are compared in no time. */
struct indexed_key {
	const struct partner *partner; /* whose; borrowed from the registry */
	struct partner_key key;
};
struct key_index {
	struct indexed_key *items; /* owned; sorted */
	size_t count;
};

/* in: doc, borrowed for as long as the index is used. errors: ERR_MEMORY. */
int key_index_new(struct key_index *out, const struct registry_doc *doc, struct err *err);
void key_index_clear(struct key_index *index);
#define auto_key_index AUTO(key_index_clear) struct key_index

/* NULL for nobody's. Borrowed. */
const struct indexed_key *key_index_find(const struct key_index *index, const struct fingerprint *fpr);

#endif
