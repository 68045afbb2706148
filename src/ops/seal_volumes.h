/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_VOLUMES_H
#define VALISE_OPS_SEAL_VOLUMES_H

#include "bundle/writer.h"
#include "media/output_set.h"

/* The files of a bundle that is sealed: one, or several volumes, temporaries until all are whole. */
struct seal_volumes {
	struct output_set files; /* the first is opened by the sealing, the others by the writer */
	char *whole; /* owned: path of the whole bundle, which volumes are named after; NULL before it is known */
	/* Room is kept in each for what lies beside it: */
	unsigned parity_permille; /* parity files of this share; 0: none */
	unsigned parity_volumes;  /* so many parity volumes, none of them larger than was said either */
};
void seal_volumes_clear(struct seal_volumes *volumes);

/* Let the writer begin another file where one would be larger than max_bytes, with what lies beside it.
 * errors: ERR_LIMIT where that is too small for one chunk, telling the least size. */
int seal_volumes_allow(struct seal_volumes *volumes, struct writer *writer, uint64_t max_bytes,
					   const struct writer_options *options, const struct writer_bounds *bounds, struct err *err);

/* Now that their number is known, all get the names of volumes; a bundle that stayed one file keeps its own.
 * errors: ERR_EXISTS. */
int seal_volumes_name(struct seal_volumes *volumes, struct err *err);

#endif
