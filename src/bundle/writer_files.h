/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_WRITER_FILES_H
#define VALISE_BUNDLE_WRITER_FILES_H

#include "bundle/writer.h"

/* The files that a writer fills: one, or a next one wherever a chunk would make the last one too large. What is not a
 * chunk stands in all of them. Calls come one at a time. */
struct writer_file {
	int fd;      /* borrowed */
	uint64_t at; /* where the next member begins */
	uint32_t chunks;
	struct trailer trailer;
};

struct writer_files {
	struct writer_file *items; /* owned; at least one */
	uint32_t count;
	struct writer_volumes volumes; /* max_bytes 0: one file, however large */
	struct buf front;              /* what stands before the chunks, for the files that follow */
	const char *path;              /* borrowed, for messages; may be NULL */
};

int writer_files_init(struct writer_files *files, int fd, const char *path, struct err *err);
void writer_files_clear(struct writer_files *files);

/* Names the bundle in what went wrong with writing to one of them: -1. */
int writer_files_fail(const struct writer_files *files, struct err *err);

/* A member that all files hold, in each at its place. errors: ERR_IO, ERR_NO_SPACE, ERR_CANCELLED, ERR_MEMORY. */
int writer_files_put(struct writer_files *files, const char *name, const void *bytes, size_t len, struct err *err);

/* A place for the next chunk's member of so many bytes, header and padding included. errors: those of the function that
 * gives the next file; ERR_LIMIT. */
int writer_files_place(struct writer_files *files, uint64_t stored, int *out_fd, uint64_t *out_at, struct err *err);

#endif
