/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_VOLUMES_H
#define VALISE_OPS_VOLUMES_H

#include "bundle/bundle.h"
#include "ops/session.h"

/* Which files belong together, and what to tell of those that do not or are missing. */

struct volume_id;

struct volume_set {     /* the files of one bundle, as they are given to bundle_open_set_fds() */
	const char **paths; /* owned; each borrowed from the sets */
	unsigned count;
	const int *fds;        /* NULL: all are opened by their paths; else borrowed, -1: that one is */
	struct volume_id *ids; /* owned; which file each is */
	struct err *fault;     /* owned: why there is nothing to open, of a folder; else NULL */
};

struct volume_sets {
	char **paths; /* owned: all files, in order */
	unsigned path_count;
	struct volume_set *items; /* owned */
	unsigned count;
	struct notices notices; /* what was left out, and why */
};
void volume_sets_clear(struct volume_sets *sets);
#define auto_volume_sets AUTO(volume_sets_clear) struct volume_sets

/* Sort files into bundles, in the order of their first files: volumes with equal waybills are one bundle; whole
 * bundles, those that wait for approval, and what cannot be read stand alone. Nothing is judged here: whoever opens a
 * set holds its files together again. in: words: files, and folders, which stand for the files in them that are named
 * *.valise and do not begin with a dot; links in them are not followed. One file under several names is taken once into
 * a set, with a notice. A folder that has none, or cannot be read, is a set with a fault, ERR_NOT_A_BUNDLE or ERR_IO.
 * errors: ERR_LIMIT, ERR_CANCELLED, ERR_MEMORY. */
int volumes_sort(struct volume_sets *out, const char *const *words, unsigned count, struct err *err);

/* The files of the one bundle that is meant: items[0]. Files are taken as they are given; of a folder what cannot be
 * read is left out with a notice. errors: as above; ERR_USAGE where a folder has several bundles, which are named;
 * ERR_NOT_A_BUNDLE, ERR_IO for a folder; the fault of the first file where none can be read. */
int volumes_one(struct volume_sets *out, const char *const *words, unsigned count, struct err *err);

/* The files that a word stands for, unsorted: out->paths. errors: as volumes_one(). */
int volumes_find(struct volume_sets *out, const char *word, struct err *err);

/* What is missing, for people: "a.2of4.valise (chunks 3 to 5)", or chunks alone where names do not tell. Nothing
 * appended where all is here. errors: those of bundle_missing(). */
int volumes_describe_missing(struct buf *out, const struct bundle_verified *bundle, struct err *err);

/* errors: ERR_CHUNKS_MISSING with the ranges, and by which names they may be found; those of bundle_missing(). */
int volumes_check_complete(const struct bundle_verified *bundle, struct err *err);

/* A notice for each file that was left out for its signatures, or holds the same as another. in: bundle opened with
 * CONTAINER_WALK. */
void volumes_tell_repeats(struct notices *notices, const struct bundle_verified *bundle);

#endif
