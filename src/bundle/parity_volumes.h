/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PARITY_VOLUMES_H
#define VALISE_BUNDLE_PARITY_VOLUMES_H

#include "base/progress.h"
#include "format/parity_list.h"
#include "media/paced.h"

/* Reed-Solomon over whole volumes: of K volumes and M parity volumes any K give back the others. */

/* in: volumes[volume_count] open files; parity[parity_count] empty ones; all borrowed, together at most
 * PARITY_COLUMNS_MAX. Where they travel they were synced, and read back from the medium, at the end. errors: ERR_LIMIT,
 * ERR_CHANGED, ERR_IO, also where what is read back is not what was written, ERR_NO_SPACE, ERR_CANCELLED. */
int parity_volumes_write(const int *volumes, unsigned volume_count, const int *parity, unsigned parity_count,
						 enum paced_care care, const struct progress *progress, struct err *err);

/* What came of a set: files in any order, volumes and parity volumes, some of them damaged or foreign. */
struct parity_volumes {
	struct parity_list list;
	int volume[PARITY_COLUMNS_MAX],
		parity[PARITY_COLUMNS_MAX]; /* borrowed descriptors of those that are whole; else -1 */
	unsigned lost, sound_parity;
	uint32_t lost_at[PARITY_COLUMNS_MAX]; /* numbers, from 0 on, of the volumes that are lost or damaged */
};
/* in: files[count]. At least one must be a parity volume. Where these are of several sets, the first counts that gives
 * back what is lost, else the first that some of the volumes are of; a volume is of a set where its length and sum are.
 * Of more than a few sets the others are of no account. out: *taken[count]: whether it is of the set that counts, and
 * whole. errors: ERR_PARITY where none is a parity volume as long as it says, or they are of several sets and no volume
 * is of one; ERR_IO, ERR_CANCELLED. */
int parity_volumes_open(struct parity_volumes *out, const int *files, unsigned count, bool *taken,
						const struct progress *progress, struct err *err);
/* in: out_fds[set->lost] of empty files, for lost_at in order; where they travel the caller reads them back. errors:
 * ERR_DAMAGED where more is lost than the parity volumes that are there can give back; ERR_IO, … */
int parity_volumes_rebuild(const struct parity_volumes *set, const int *out_fds, enum paced_care care,
						   const struct progress *progress, struct err *err);

#endif
