/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_OUTPUT_SET_H
#define VALISE_MEDIA_OUTPUT_SET_H

#include "media/output.h"

/* Several files that appear together: temporaries until all of them are whole and on the medium, then all under their
 * final names, or none. Names are given one by one, the first file's last: where that is there, all are. A power cut
 * between leaves those behind some file of them; each is whole for itself, and the first is not there. Freed without
 * commit, they are removed. */
struct output_set {
	struct output **items; /* owned */
	unsigned count;
};
void output_set_clear(struct output_set *set);
#define auto_output_set AUTO(output_set_clear) struct output_set

/* One more, as by output_open() with OUTPUT_FILE: set->items[set->count - 1]. errors: likewise; ERR_IO where it
 * would not be on the medium of the others. */
int output_set_open(struct output_set *set, const char *path, struct err *err);
/* One that is open already. Takes *output (NULL afterwards), but not on failure. errors: ERR_MEMORY, ERR_IO as
 * above. */
int output_set_add(struct output_set *set, struct output **output, struct err *err);

int output_set_sync(const struct output_set *set, struct err *err);
/* After a failure none of them has its name. errors: those of output_commit(). */
int output_set_commit(const struct output_set *set, struct err *err);
/* Takes back all that were committed, where they belong to others that could not be. false: some of their names may
 * still be there. */
bool output_set_withdraw(const struct output_set *set);

/* The descriptors of the first max of them. */
void output_set_fds(const struct output_set *set, int *fds, unsigned max);
/* out: *out owned array of owned final paths, *out_count also where it failed. errors: ERR_MEMORY. */
int output_set_paths(const struct output_set *set, char ***out, unsigned *out_count, struct err *err);

#endif
