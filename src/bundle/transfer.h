/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_TRANSFER_H
#define VALISE_BUNDLE_TRANSFER_H

#include "bundle/bundle.h"
#include "media/direct.h"

/* A bundle's file, byte for byte, onto another medium, and the proof that it is there. */

/* What the signed list does not speak of: the waybill and its signatures. A judge that remembers them, or that knows
 * them again. */
struct cover_judge {
	struct digest digest;
	const struct digest *want;  /* NULL: to be remembered in digest */
	struct bundle_judge inside; /* asked where its functions are there */
};
struct bundle_judge cover_judge_make(struct cover_judge *judge);
/* Of what is in memory. errors: ERR_MEMORY. */
int cover_digest(struct digest *out, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
				 struct err *err);

struct transfer {
	int to;                          /* borrowed, open for reading and writing */
	const char *from_path, *to_path; /* for messages */
	uint64_t there; /* so many bytes `to` holds already, of an attempt before: members that are good stay */
	const struct progress *progress;
	/* out, also on failure: */
	uint64_t kept;    /* bytes that need not be written */
	uint64_t written; /* bytes that were */
	uint64_t safe;    /* bytes from the front that the medium said to have */
};
/* Each member is read once, and written after it matched the signed list; on every core, at the pace of the medium. At
 * the end `to` has the length of the file, and was synced. in: a bundle of CONTAINER_WALK.
 * errors: ERR_DAMAGED naming the member, ERR_IO, ERR_NO_SPACE, ERR_CANCELLED, ERR_MEMORY. */
int bundle_transfer(const struct bundle_verified *bundle, struct transfer *transfer, struct err *err);

struct read_back {
	int fd;                               /* borrowed, open for reading; it was synced */
	const char *path;                     /* for messages */
	const struct bundle_verified *layout; /* of the same file elsewhere; NULL: its headers are walked through first */
	const struct digest *cover;           /* of its waybill and signatures, as they were judged */
	const struct progress *progress;
	enum direct_way way; /* out */
};
/* Every byte of the file, past the cache: its waybill and signatures are those, the list is the signed one, each member
 * matches it, and all else is as the format has it. errors: ERR_IO where it is not, or cannot be read;
 * ERR_CANCELLED, ERR_MEMORY. */
int bundle_read_back(struct read_back *back, struct err *err);

#endif
