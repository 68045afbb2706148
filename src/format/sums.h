/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_SUMS_H
#define VALISE_FORMAT_SUMS_H

#include "base/buf.h"
#include "base/ident.h"

#include <stdint.h>

/* How many members of each kind a bundle's list names: all of the whole bundle, also in a volume. */
struct sums_shape {
	uint32_t slots, chunks, manifest_chunks;
};

/* The signed list, its digests in order of the members: magic, slots, payload chunks, manifest chunks. */
struct sums {
	struct sums_shape shape;
	struct digest *digests; /* owned; 1 + slots + chunks + manifest_chunks */
};

void sums_clear(struct sums *sums);
#define auto_sums AUTO(sums_clear) struct sums

const struct digest *sums_magic(const struct sums *sums);
const struct digest *sums_slot(const struct sums *sums, uint32_t number);
const struct digest *sums_chunk(const struct sums *sums, uint32_t number);
const struct digest *sums_manifest(const struct sums *sums, uint32_t number);

uint64_t sums_bytes(const struct sums_shape *shape); /* of the text */

/* errors: ERR_MEMORY. out: the text of SHA256SUMS, appended. */
int sums_format(struct buf *out, const struct sums *sums, struct err *err);

/* How many payload chunks a list of this length names, which nobody need have read; 0 where there is no such list. */
uint32_t sums_count_chunks(uint64_t len, uint32_t slots, uint32_t manifest_chunks);

/* in: text[len] borrowed, its digest already compared with the signed one; slots and chunks as container and waybill
 * tell. The number of manifest chunks follows from the length. out: *out filled, sums_clear(). errors: ERR_SUMS naming
 * the first line that is not as it must be; ERR_MEMORY. */
int sums_parse(struct sums *out, const char *text, size_t len, uint32_t slots, uint32_t chunks, struct err *err);

#endif
