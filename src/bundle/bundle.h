/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_BUNDLE_H
#define VALISE_BUNDLE_BUNDLE_H

#include "base/progress.h"
#include "bundle/container.h"
#include "format/manifest.h"
#include "format/slot.h"
#include "format/sums.h"
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
 * those of container_find_last_chunk(). */
int bundle_find_run(const struct bundle_untrusted *bundle, uint32_t *out_first, uint32_t *out_last, struct err *err);

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
uint64_t bundle_file_bytes(const struct bundle_verified *bundle);
uint32_t bundle_slot_count(const struct bundle_verified *bundle);

/* A slot's bytes, read once and matched with the list. errors: ERR_DAMAGED, ERR_IO. */
int bundle_read_slot(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err);

/* What a full check found. */
enum { DAMAGE_MAX = 64 };
struct damage {
	char member[40];      /* "payload/0000000017" */
	uint64_t offset, len; /* in the file */
};
struct integrity {
	uint64_t members, bad_members, bytes;
	uint32_t missing_chunks; /* a volume's; not counted as bad */
	uint32_t first_missing, last_missing;
	struct damage damage[DAMAGE_MAX]; /* the first ones, in order */
	unsigned damage_count;
};
/* Every member against its digest, on every core. 0 where all was read, whatever was found. errors: ERR_IO,
 * ERR_CANCELLED. */
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
