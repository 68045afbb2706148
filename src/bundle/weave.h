/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_WEAVE_H
#define VALISE_BUNDLE_WEAVE_H

#include "base/progress.h"
#include "bundle/erasure.h"
#include "media/paced.h"

/* Columns of bytes, of one file or of many, made into other columns by one matrix: parity of data, or what is lost of
 * what is there. On every core, in memory that does not grow with them. */

struct weave_column {
	int fd; /* borrowed */
	uint64_t start;
	uint64_t bytes; /* of a source: zeros follow; of a target: no more is written */
};

struct weave {
	const struct erasure *erasure;
	struct weave_column from[ERASURE_PIECES_MAX], to[ERASURE_PIECES_MAX];
	unsigned from_count, to_count;
	uint64_t column_bytes;
	/* Sums are made of every sum_bytes (a power of two, at least 512) of every column: of the sources first, then of
	 * the targets. NULL: none are. Called in the order of `at`. */
	uint64_t sum_bytes;
	void (*keep)(void *ctx, unsigned column, uint64_t at, uint64_t sum);
	void *ctx;
	/* Of the targets' file or files, where these are written at the pace of their medium; a window is of all together.
	 */
	struct paced_places *places;
	unsigned places_count;
	const char *what; /* for progress */
	const struct progress *progress;
};

/* errors: ERR_CHANGED where a source is shorter than it says, ERR_IO, ERR_NO_SPACE, ERR_CANCELLED. */
int weave_run(const struct weave *weave, struct err *err);

/* For those who work through columns by themselves: how wide a piece of each column a job takes, and how many jobs may
 * be under way, so that all of them stay below 24 MiB. */
struct weave_jobs {
	size_t piece; /* bytes; a power of two, at least 512 */
	unsigned count;
};
struct weave_jobs weave_jobs_for(unsigned columns);
/* Bytes of a column, zeros behind its end. errors: ERR_CHANGED, ERR_IO. */
int weave_read(const struct weave_column *column, uint64_t at, unsigned char *out, size_t len, struct err *err);

#endif
