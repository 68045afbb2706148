/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_CONTAINER_H
#define VALISE_BUNDLE_CONTAINER_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ident.h"
#include "format/ustar.h"

#include <stdint.h>

struct member {
	uint64_t offset; /* of the content */
	uint64_t size;
};

struct members {
	struct member *items; /* owned by the container */
	uint32_t count;
};

/* Where everything is in a bundle file: the one result of container_open(), not changed by its readers. It knows
 * headers, order and limits; it believes nothing else, and has read no content but magic and trailer. */
struct container {
	int fd;         /* borrowed */
	uint64_t bytes; /* length of the file */
	struct members slots, chunks, manifest;
	uint32_t first_chunk; /* number of chunks.items[0]: 0, but in a volume */
	struct member sums, waybill;
	struct member signatures[MEMBER_SIGNATURES_MAX];
	struct fingerprint signers[MEMBER_SIGNATURES_MAX]; /* the names of the signature members: claims */
	unsigned signature_count;
	struct trailer found;   /* where the members stand */
	uint64_t payload_end;   /* what follows the last chunk */
	uint64_t next_chunk_at; /* CONTAINER_QUICK: header behind the last chunk that is located */
	bool walked;            /* CONTAINER_WALK: nothing is located later */
};

enum container_depth {
	CONTAINER_WALK,  /* every header and all padding, from 0 to the end; must land on the trailer's offsets */
	CONTAINER_QUICK, /* front members, then by the trailer from the manifest to the end; payload is located when asked
						for */
};

/* in: fd of a regular file or block device, borrowed until container_close(); bytes: its length.
 * errors: ERR_NOT_A_BUNDLE, ERR_VERSION, ERR_TRUNCATED, ERR_CONTAINER naming the offset, ERR_LIMIT, ERR_IO, ERR_MEMORY.
 */
int container_open(struct container **out, int fd, uint64_t bytes, enum container_depth depth, struct err *err);
void container_close(struct container *container);
static inline void cleanup_container(struct container **c)
{
	container_close(*c);
}
#define auto_container AUTO(cleanup_container) struct container

/* Make sure that the chunks up to number (of the whole bundle) are located. Does nothing after CONTAINER_WALK.
 * errors: ERR_CHUNKS_MISSING where the run ends before it, ERR_CONTAINER, ERR_IO. */
int container_locate_chunks(struct container *container, uint32_t number, struct err *err);
/* The number of the last chunk that this file holds, without walking through the payload: its header is looked for from
 * the payload's end. So it is believed as the trailer is: whoever reads the chunks learns what is true.
 * errors: ERR_CONTAINER where there is none, ERR_IO, ERR_MEMORY. */
int container_find_last_chunk(const struct container *container, uint32_t *out, struct err *err);
/* in: number of a located chunk, counted in the whole bundle. */
static inline struct member container_chunk(const struct container *container, uint32_t number)
{
	return container->chunks.items[number - container->first_chunk];
}

#endif
