/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_BUNDLE_H
#define VALISE_BUNDLE_BUNDLE_H

#include "base/progress.h"
#include "bundle/container.h"
#include "format/manifest.h"
#include "format/slot.h"
#include "format/sums.h"
#include "format/volume_name.h"
#include "format/waybill.h"

/* Reading a bundle, in the order of trust; each stage is a type, and only the function between them makes the next:
 *
 *   bundle_untrusted  canonical container; waybill and signatures are bytes
 *   bundle_verified   signatures judged, waybill parsed, list of digests matched: members can be read, each against its
 * digest bundle_opened     the key is the one that the waybill commits to: manifest and payload can be decrypted
 *
 * The file is opened once; every content byte is read once, into the buffer that is hashed and then used. */
struct bundle_untrusted;
struct bundle_verified;
struct bundle_opened;

/* errors: those of container_open(), ERR_IO. A path that is no regular file or block device is ERR_NOT_A_BUNDLE. */
int bundle_open(struct bundle_untrusted **out, const char *path, enum container_depth depth, struct err *err);
/* The same of a file that is open already. in: fd borrowed; path for messages. */
int bundle_open_fd(struct bundle_untrusted **out, int fd, const char *path, enum container_depth depth,
				   struct err *err);

/* Which chunks of the payload the file holds, as its headers say and nobody vouches for: for a look at volumes. errors:
 * those of container_find_last_chunk(). in: one that bundle_open() or bundle_open_fd() gave. */
int bundle_find_run(const struct bundle_untrusted *bundle, uint32_t *out_first, uint32_t *out_last, struct err *err);

/* Several files of one bundle, in any order: what they hold together is read as one. Chunks may be missing, and may be
 * there more than once. The signatures of each are judged in the order of the files' first chunks until
 * some count; a file with others that holds no chunk of its own is left out by bundle_verify(), and what is different
 * in others is told by bundle_check_members(). in: paths[count], 1 to VOLUMES_MAX. errors: as bundle_open(), naming the
 * file; ERR_FOREIGN_VOLUME where one has another waybill than the first, telling whether it is named, or says to be, of
 * the same bundle; ERR_LIMIT, also where they hold more than twice as many chunks as a bundle can have. */
int bundle_open_set(struct bundle_untrusted **out, const char *const *paths, uint32_t count, enum container_depth depth,
					struct err *err);

/* The same, of files that may be open already. in: fds NULL, or fds[count] borrowed, -1: to be opened by its path;
 * paths also of these, for messages. */
int bundle_open_set_fds(struct bundle_untrusted **out, const char *const *paths, const int *fds, uint32_t count,
						enum container_depth depth, struct err *err);

/* What is told by a file that nobody has judged: only to sort files by. */
struct bundle_claim {
	struct digest waybill; /* of its bytes: files with the same belong together */
	uint32_t first_chunk;
	bool whole; /* it holds as many chunks as its list of digests has lines for, from the first on */
};
/* errors: those of bundle_open(). */
int bundle_peek(struct bundle_claim *out, const char *path, struct err *err);
/* The same of a file that is open already. out: where only the payload's headers are damaged also on failure, but for
 * whole; else zeros. */
int bundle_peek_fd(struct bundle_claim *out, int fd, const char *path, struct err *err);

struct bundle_seal { /* one signature member, in memory */
	struct fingerprint name;
	const unsigned char *bytes;
	size_t len;
};

/* Who decides about signatures; the bundle layer only keeps the order. Both must return 0 for the bundle to become
 * verified. */
struct bundle_judge {
	/* Before any byte of the waybill is parsed. */
	int (*bytes)(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
				 struct err *err);
	/* With the parsed waybill, before any digest is looked at. */
	int (*waybill)(void *ctx, const struct waybill *waybill, struct err *err);
	void *ctx;
};

/* Takes *untrusted (NULL afterwards, also on failure).
 * errors: the judge's; ERR_WAYBILL, ERR_VERSION; ERR_DAMAGED where SHA256SUMS is not the signed one; ERR_SUMS;
 * ERR_CHUNKS_MISSING is not an error here. */
int bundle_verify(struct bundle_untrusted **untrusted, const struct bundle_judge *judge, struct bundle_verified **out,
				  struct err *err);

void bundle_untrusted_free(struct bundle_untrusted *bundle);
void bundle_verified_free(struct bundle_verified *bundle);
void bundle_opened_free(struct bundle_opened *bundle);
static inline void cleanup_untrusted(struct bundle_untrusted **b)
{
	bundle_untrusted_free(*b);
}
static inline void cleanup_verified(struct bundle_verified **b)
{
	bundle_verified_free(*b);
}
static inline void cleanup_opened(struct bundle_opened **b)
{
	bundle_opened_free(*b);
}
#define auto_untrusted AUTO(cleanup_untrusted) struct bundle_untrusted
#define auto_verified AUTO(cleanup_verified) struct bundle_verified
#define auto_opened AUTO(cleanup_opened) struct bundle_opened

/* --- verified --- */

const struct waybill *bundle_waybill(const struct bundle_verified *bundle);
const struct buf *bundle_waybill_bytes(const struct bundle_verified *bundle);
const struct digest *bundle_digest(const struct bundle_verified *bundle); /* SHA-256 of waybill.yaml */
uint64_t bundle_file_bytes(const struct bundle_verified *bundle);         /* of all its files */
uint32_t bundle_slot_count(const struct bundle_verified *bundle);

/* A slot's bytes, read once and matched with the list. errors: ERR_DAMAGED, ERR_IO. */
int bundle_read_slot(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err);

/* Its files, by their first chunk. */
struct bundle_part_facts {
	const char *path; /* borrowed from the bundle */
	uint32_t first_chunk, chunks;
	uint64_t bytes;
};
uint32_t bundle_part_count(const struct bundle_verified *bundle);
/* Its chunks are counted after CONTAINER_WALK, or once bundle_missing() has looked. */
struct bundle_part_facts bundle_part(const struct bundle_verified *bundle, uint32_t index);

/* Files that were given and are not read, as their signatures are others than those that count. Borrowed. */
uint32_t bundle_left_out_count(const struct bundle_verified *bundle);
const char *bundle_left_out(const struct bundle_verified *bundle, uint32_t index);

struct chunk_range {
	uint32_t first, last;
};
struct chunk_ranges {
	struct chunk_range items[VOLUMES_MAX + 1]; /* ascending */
	uint32_t count;
	uint32_t chunks; /* in all of them */
};
/* The chunks that none of its files holds. errors: after CONTAINER_QUICK, where headers are read now, ERR_CONTAINER,
 * ERR_IO. */
int bundle_missing(const struct bundle_verified *bundle, struct chunk_ranges *out, struct err *err);

/* What a full check found. */
enum { DAMAGE_MAX = 64 };
struct damage {
	char member[40]; /* "payload/0000000017" */
	uint32_t part;
	uint64_t offset, len; /* in that part's file */
};
struct integrity {
	uint64_t members, bad_members, bytes;
	struct chunk_ranges missing;      /* not counted as bad */
	struct damage damage[DAMAGE_MAX]; /* the first ones, in order */
	unsigned damage_count;
};
/* Every member of every file against its digest, on every core; of several files also the list of digests and the
 * signatures, which must be the same in all. 0 where all was read, whatever was found. errors: ERR_IO, ERR_CANCELLED.
 */
int bundle_check_members(const struct bundle_verified *bundle, const struct progress *progress, struct integrity *out,
						 struct err *err);

/* --- opened --- */

/* Takes *verified (NULL afterwards, also on failure). in: the bundle key. errors: ERR_KEY_CHECK. */
int bundle_unlock(struct bundle_verified **verified, const struct secret *bundle_key, struct bundle_opened **out,
				  struct err *err);

const struct bundle_verified *bundle_of(const struct bundle_opened *bundle);

/* Decrypt and parse. out: also the document, the very bytes that were parsed; bytes is the caller's to clear, also on
 * failure. errors: ERR_DAMAGED, ERR_CHUNK, ERR_MANIFEST (also where it is not this bundle's), ERR_LIMIT. */
int bundle_read_manifest(const struct bundle_opened *bundle, struct manifest *out, struct buf *bytes, struct err *err);

#endif
