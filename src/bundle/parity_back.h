/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PARITY_BACK_H
#define VALISE_BUNDLE_PARITY_BACK_H

#include "base/progress.h"
#include "media/direct.h"

/* A parity file or parity volume that was written and synced, read back from its medium in the order of the file, and
 * held against what is known of it. Parity is not signed: this proves what was written, not what it is worth. */
struct parity_back {
	struct direct *direct; /* owned */
	struct direct_room room;
	uint64_t bytes; /* of the file */
	uint64_t at;    /* what was read last: */
	const unsigned char *found;
	size_t len;
	const struct progress *progress;
};

/* in: fd borrowed; bytes: how long the file is. errors: ERR_IO, ERR_MEMORY. */
int parity_back_open(struct parity_back *out, int fd, uint64_t bytes, const struct progress *progress, struct err *err);
void parity_back_close(struct parity_back *back);

/* The bytes at `at`. in: len <= PARITY_BACK_BYTES_MAX. errors: ERR_DAMAGED where they are others, ERR_TRUNCATED,
 * ERR_IO, ERR_CANCELLED: for direct_blame(). */
enum { PARITY_BACK_BYTES_MAX = 1 << 20 };
int parity_back_check_bytes(struct parity_back *back, uint64_t at, const unsigned char *want, size_t len,
							struct err *err);
/* The sum of [at, at + len), as erasure_sum(). errors: likewise. */
int parity_back_check_sum(struct parity_back *back, uint64_t at, uint64_t len, uint64_t want, struct err *err);

#endif
