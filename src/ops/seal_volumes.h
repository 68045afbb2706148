/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_VOLUMES_H
#define VALISE_OPS_SEAL_VOLUMES_H

#include "bundle/writer.h"
#include "media/output.h"

/* The files of a bundle that is sealed as volumes: temporaries until all are whole. The first is the sealing's own
 * output; these are those that follow it. */
struct seal_volumes {
	const char *path;      /* of the whole bundle, borrowed from the first output: where volumes are named after */
	struct output **items; /* owned */
	unsigned count;
	unsigned parity_permille; /* room is kept for parity files of this share; 0: none */
};
void seal_volumes_clear(struct seal_volumes *volumes);

/* Let the writer begin another file where one would be larger than max_bytes.
 * errors: ERR_LIMIT where that is too small for one chunk, telling the least size. */
int seal_volumes_allow(struct seal_volumes *volumes, struct writer *writer, const struct output *first,
					   uint64_t max_bytes, const struct writer_options *options, const struct writer_bounds *bounds,
					   struct err *err);

/* Now that their number is known: first and all others get the names of volumes; a bundle that stayed one file keeps
 * its own. errors: ERR_EXISTS. */
int seal_volumes_name(struct seal_volumes *volumes, struct output *first, struct err *err);

int seal_volumes_sync(const struct seal_volumes *volumes, struct err *err);
/* All but the first, which comes last: where that has its name the bundle is there. None of them after a failure. */
int seal_volumes_commit(struct seal_volumes *volumes, struct err *err);
void seal_volumes_withdraw(struct seal_volumes *volumes);

/* All final paths, the first one's too. out: owned array of owned paths. */
int seal_volumes_paths(const struct seal_volumes *volumes, const struct output *first, char ***out, unsigned *out_count,
					   struct err *err);

#endif
