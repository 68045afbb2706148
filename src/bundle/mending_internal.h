/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_MENDING_INTERNAL_H
#define VALISE_BUNDLE_MENDING_INTERNAL_H

#include "bundle/mending.h"

/* For the files of this folder that mend. */

#define NOWHERE UINT64_MAX

struct mending {
	int fd, parity_fd;
	uint64_t parity_bytes; /* length of the parity file as it is */
	struct parity_shape shape;
	struct digest table;
	uint64_t *sums;       /* of data and parity, as the table tells them */
	unsigned char *known; /* whether the table's block was found */
	uint64_t *place;      /* of each slice of data: where in the file its bytes are, or NOWHERE */
	unsigned char *sound; /* of each slice of parity */
	struct mending_facts facts;
};

/* Bytes of a medium that may be failing; zeros where there are none to be had. errors: ERR_CANCELLED, ERR_IO for what
 * is no matter of places. */
int mending_read(int fd, uint64_t at, unsigned char *out, size_t len, struct err *err);

/* Holes: a file says to be as long as it likes, and a parity file as well; work is for what is there. A file system
 * that does not tell of holes has none. */
/* The next bytes from `at` on, up to behind, that are no hole: [*begin, *end). false: none. */
bool mending_next_data(int fd, uint64_t at, uint64_t behind, uint64_t *begin, uint64_t *end);
/* How many of the bytes of a file are no hole; counted until there are `enough`. */
uint64_t mending_count_data(int fd, uint64_t enough);
/* The sum of what has this sum, and zeros behind it. */
uint64_t mending_sum_zeros(uint64_t sum, uint64_t zeros);

/* Slices that are in the file from `start` on, one behind the other; what lies behind its end, or in a hole, is zeros.
 * out: found[count], their sums. */
struct mending_run {
	int fd;
	uint64_t start;
	uint32_t slice_bytes, count;
};
int mending_sum(const struct mending_run *run, uint64_t *found, const struct progress *progress, struct err *err);

/* Of slices that are not in their places: look for them elsewhere, at every byte of what is not in its place. */
int mending_seek(struct mending *mending, const struct progress *progress, struct err *err);

/* Of stripe `row`: the columns whose slices are lost, and the columns of parity that are there. */
struct mending_loss {
	unsigned lost_count, sound_count;
	unsigned char lost[PARITY_COLUMNS_MAX], sound[PARITY_COLUMNS_MAX];
};
void mending_loss_of(const struct mending *mending, uint32_t row, struct mending_loss *out);

#endif
