/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_MENDING_H
#define VALISE_BUNDLE_MENDING_H

#include "base/cleanup.h"
#include "base/progress.h"
#include "format/parity.h"
#include "media/paced.h"

#include <stdbool.h>

/* A damaged file and its parity file: what is lost, whether it can be mended, and the mended bytes, written to another
 * file. Everything here is guided by what nobody signed: the outcome is to be believed only when the mended bundle
 * verifies. Both files are borrowed while it lives, read only, and may fail to be read in places: those are lost. */
struct mending;

struct mending_facts {
	struct parity_shape shape;
	uint64_t found_bytes; /* of the file, as it is now; right: shape.file_bytes */
	uint32_t bad_slices;  /* of data, not as they were in their places */
	uint32_t bad_known;   /* … of these, that is sure: the sums of the others are lost */
	uint32_t moved;       /* … of these, found elsewhere in the file */
	uint32_t lost;        /* … of these, found nowhere: parity must give them back */
	uint64_t bad_bytes;   /* at most, in bad_slices */
	uint64_t first_bad;   /* byte */
	uint32_t bad_parity;  /* slices of parity that are damaged themselves */
	uint32_t bad_blocks;  /* copies of headers and blocks of the table that are damaged */
	uint32_t bad_stripes; /* with more lost than is left of their parity: they stay lost */
	uint32_t hopeless;    /* slices of data in them */
	uint64_t parity_found_bytes;
};

/* Read both and compare. errors: ERR_PARITY where no header of the parity file can be read, ERR_MEMORY, ERR_IO,
 * ERR_CANCELLED. Damage, of any amount, is no error here. */
int mending_open(struct mending **out, int fd, int parity_fd, const struct progress *progress, struct err *err);
void mending_free(struct mending *mending);
static inline void cleanup_mending(struct mending **m)
{
	mending_free(*m);
}
#define auto_mending AUTO(cleanup_mending) struct mending

const struct mending_facts *mending_facts(const struct mending *mending);
bool mending_is_whole(const struct mending *mending);        /* the file is as it was */
bool mending_is_parity_whole(const struct mending *mending); /* the parity file is */
bool mending_is_possible(const struct mending *mending);

/* in: out_fd of an empty file, borrowed. Where it travels it was synced at the end, and left the memory; to prove that
 * the medium has it is the caller's. errors: ERR_DAMAGED where it is not possible, ERR_IO, ERR_NO_SPACE,
 * ERR_CANCELLED, ERR_CHANGED. */
int mending_write(struct mending *mending, int out_fd, enum paced_care care, const struct progress *progress,
				  struct err *err);

#endif
