/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LOOK_WALK_H
#define VALISE_OPS_LOOK_WALK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* A walk through folders that strangers filled: no link is followed, nothing is opened but folders, and where it ends
 * before all was seen that is counted, never silent. */

enum {
	LOOK_DEPTH_MAX = 16,       /* folders below the one that was named */
	LOOK_ENTRIES_MAX = 200000, /* names in all */
};

/* What was not looked at, or only counted. */
struct look_tally {
	uint64_t entries;            /* seen in all */
	uint64_t other_files;        /* that are nothing of valise; counted by the visitor */
	uint64_t links, specials;    /* not followed; FIFOs, sockets, devices: not opened */
	uint64_t unreadable_files;   /* that the medium does not give; counted by the visitor */
	uint64_t too_deep;           /* folders below LOOK_DEPTH_MAX */
	uint64_t unreadable_folders; /* that may not be read, or that the medium does not give */
	uint64_t kernel_folders;     /* of /proc, /sys and the like: their files are no files */
	bool too_many;               /* more than LOOK_ENTRIES_MAX: the rest was not seen */
};
/* Whether something was not seen that might have been a bundle. */
bool look_tally_is_partial(const struct look_tally *tally);

/* One name in a folder. */
struct look_entry {
	int dir_fd;       /* of its folder; borrowed */
	const char *name; /* foreign bytes */
	const char *path; /* the place as it was named, and below it; foreign bytes */
	struct stat st;   /* of the name itself */
};

enum look_answer { LOOK_FAILED = -1, LOOK_ON = 0, LOOK_NOT_INTO = 1 };
struct look_visitor {
	/* Each name, by folder and sorted; a folder before what is in it, unless the answer is LOOK_NOT_INTO. LOOK_FAILED,
	 * with err set, ends the walk. */
	enum look_answer (*visit)(void *ctx, const struct look_entry *entry, struct err *err);
	void *ctx;
};

/* Adds to *tally. errors: ERR_IO where the folder itself cannot be opened or is none, ERR_MEMORY, ERR_CANCELLED; those
 * of the visitor. */
int look_walk(const char *place, const struct look_visitor *visitor, struct look_tally *tally, struct err *err);

#endif
