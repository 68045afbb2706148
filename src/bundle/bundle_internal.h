/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_BUNDLE_INTERNAL_H
#define VALISE_BUNDLE_BUNDLE_INTERNAL_H

#include "bundle/bundle.h"
#include "bundle/chunk.h"

#include <string.h>

/* For the files of this folder that read bundles: what the stages are made of. */

/* One file: the whole bundle, or a volume of it. */
struct bundle_part {
	int fd;     /* owned */
	char *path; /* owned; for messages */
	struct container *container;
};
void part_clear(struct bundle_part *part);
void parts_free(struct bundle_part *parts, uint32_t count);
/* out: *part filled, part_clear() also on failure; the bytes of its waybill. errors: as bundle_open(). */
int part_open(struct bundle_part *part, const char *path, struct buf *waybill, enum container_depth depth,
			  struct err *err);
/* How many chunks are located in all of them, with those that are there more than once. errors: ERR_LIMIT. */
int parts_check_chunks(const struct bundle_part *parts, uint32_t count, struct err *err);
/* By its waybill. */
static inline bool part_belongs(const struct buf *waybill, const struct buf *others)
{
	return waybill->len == others->len && memcmp(waybill->data, others->data, waybill->len) == 0;
}
/* ERR_FOREIGN_VOLUME for one that does not, told by what it seems to be; -1. */
int part_fail_foreign(const char *path, const char *first, const struct buf *waybill, const struct buf *others,
					  struct err *err);

struct seals {
	struct fingerprint names[MEMBER_SIGNATURES_MAX];
	struct buf bytes[MEMBER_SIGNATURES_MAX];
	unsigned count;
};
void seals_clear(struct seals *seals);
/* Those of one part. out: emptied before; seals_clear() also on failure. errors: those of member_read(). */
int seals_read(struct seals *out, const struct bundle_part *part, struct err *err);
bool seals_equal(const struct seals *a, const struct seals *b);
/* out: out[MEMBER_SIGNATURES_MAX], of which seals->count are filled; borrowed. */
void seals_list(const struct seals *seals, struct bundle_seal *out);

/* Parts are in the order of their first chunks, and have the same waybill byte for byte. */
struct bundle_untrusted {
	struct bundle_part *parts; /* owned */
	uint32_t part_count;
	struct buf waybill_bytes;
};

struct bundle_verified {
	struct bundle_part *parts; /* owned; at least one */
	uint32_t part_count;
	struct buf waybill_bytes;
	struct seals seals; /* as they were judged */
	char **left_out;    /* owned, as its paths: files that were given, and are no parts */
	uint32_t left_out_count;
	struct waybill waybill;
	struct digest digest;
	struct sums sums;
};

struct bundle_opened {
	struct bundle_verified *verified;
	struct secret *payload_key, *manifest_key;
};

/* Judge the seals of the parts, set by set, and take the first that counts; then leave out parts that have others and
 * no chunk of their own. in: bundle of which nothing but parts and waybill bytes is there. errors: the judge's of the
 * first set, with its part's path where there are several; ERR_WAYBILL, ERR_VERSION, ERR_IO. */
int seals_judge(struct bundle_verified *bundle, const struct bundle_judge *judge, struct err *err);

/* Whether a part is of the shape that waybill and list tell. errors: ERR_SUMS. */
int part_check(const struct bundle_verified *bundle, const struct container *container, struct err *err);

/* A member's content, appended. errors: ERR_TRUNCATED where the file shrank, ERR_IO. */
int member_read(int fd, struct member member, struct buf *out, struct err *err);
int member_damaged(const char *name, struct err *err); /* ERR_DAMAGED with its hint; -1 */
/* One copy of a member that several files may hold, matched with the list. out: emptied before. errors: those of
 * member_read(), ERR_DAMAGED: in place of an earlier copy's. */
int part_read(const struct bundle_verified *bundle, const struct bundle_part *part, struct member member,
			  const struct digest *want, const char *name, struct buf *out, struct err *err);
/* Where there are several files, the message says in which. -1 */
int part_wrap(const struct bundle_verified *bundle, const struct bundle_part *part, struct err *err);

/* A manifest chunk's sealed bytes, matched with the list. out: emptied before. errors: ERR_DAMAGED, ERR_IO. */
int bundle_read_manifest_chunk(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err);

struct chunk_place {
	const struct bundle_part *part;
	struct member member;
};
/* Which part holds a chunk, and where. Not from several threads at once, but after CONTAINER_WALK.
 * errors: ERR_CHUNKS_MISSING where none does; ERR_CONTAINER, ERR_IO. */
int bundle_find_chunk(const struct bundle_verified *bundle, uint32_t number, struct chunk_place *out, struct err *err);

/* The copy of a chunk that comes after *place in the order of looking; none but after CONTAINER_WALK. From any thread.
 */
bool bundle_next_copy(const struct bundle_verified *bundle, uint32_t number, struct chunk_place *place);

struct chunk_stream bundle_stream(const struct bundle_opened *bundle, const struct secret *key);

#endif
