/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_WRITER_H
#define VALISE_BUNDLE_WRITER_H

#include "base/buf.h"
#include "base/secret.h"
#include "bundle/bundle.h"
#include "format/waybill.h"

#include <stdbool.h>

/* Writing a bundle from front to back. The order of calls is the order of members; a wrong order is ERR_INTERNAL.
 * Chunks are compressed, encrypted, hashed and written on every core; each core's write goes to its own place in the
 * file. */
struct writer;

struct writer_options {
	struct uuid bundle;
	enum compression compression;
	uint32_t chunk_bytes;
	bool paced;       /* written at the pace of its medium (media/paced.h) */
	const char *path; /* borrowed, for messages; NULL: they name no file */
};

/* A bundle that may become several files, each a volume of it. */
struct writer_volumes {
	uint64_t max_bytes;  /* no file is larger, with what lies beside it */
	uint64_t behind_max; /* writer_behind_max() */
	/* How much lies beside a file of so many bytes, which grows with them. NULL: nothing. */
	uint64_t (*beside)(void *ctx, uint64_t bytes);
	/* The next file, empty, borrowed until the writer is freed. From any thread, one at a time. */
	int (*next)(void *ctx, int *out_fd, struct err *err);
	void *ctx;
};
/* What is known before the payload comes: nothing of it will be more. */
struct writer_bounds {
	uint64_t payload_bytes, manifest_bytes;
	uint32_t slots;
	unsigned signatures;
};
/* At most so many bytes stand behind the payload in each file. */
uint64_t writer_behind_max(const struct writer_options *options, const struct writer_bounds *bounds);
/* The size that is enough for one chunk, whatever it holds: a volume may not be smaller. */
uint64_t writer_least_volume(const struct writer_options *options, const struct writer_bounds *bounds);

/* in: fd of an empty file, borrowed. key: the bundle key, borrowed for the call. */
int writer_new(struct writer **out, int fd, const struct writer_options *options, const struct secret *bundle_key,
			   struct err *err);
void writer_free(struct writer *writer); /* also in mid-write */
static inline void cleanup_writer(struct writer **w)
{
	writer_free(*w);
}
#define auto_writer AUTO(cleanup_writer) struct writer

/* Before the first slot. */
void writer_allow_volumes(struct writer *writer, const struct writer_volumes *volumes);

int writer_add_slot(struct writer *writer, const void *bytes, size_t len, struct err *err);

/* The payload's bytes, in any portions; then its end. At least one byte. */
int writer_payload(struct writer *writer, const void *bytes, size_t len, struct err *err);
int writer_payload_end(struct writer *writer, uint64_t *out_bytes, uint32_t *out_chunks, struct err *err);

/* The whole manifest; then SHA256SUMS is written: *out_sums is its digest. */
int writer_manifest(struct writer *writer, const void *bytes, size_t len, struct digest *out_sums, struct err *err);

int writer_key_check(const struct writer *writer, const struct buf *waybill_body, struct digest *out, struct err *err);

/* The waybill's final bytes, its signatures (sorted by signer), trailer and end. The files are complete, not yet
 * synced. out: the size of all. errors: ERR_INTERNAL where one is larger than it may be. */
int writer_finish(struct writer *writer, const struct buf *waybill, const struct bundle_seal *signatures,
				  unsigned count, uint64_t *out_file_bytes, struct err *err);

#endif
