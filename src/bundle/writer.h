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
	bool paced; /* written at the pace of its medium (media/paced.h) */
};

/* in: fd of an empty file, borrowed. key: the bundle key, borrowed for the call. */
int writer_new(struct writer **out, int fd, const struct writer_options *options, const struct secret *bundle_key,
			   struct err *err);
void writer_free(struct writer *writer); /* also in mid-write */
static inline void cleanup_writer(struct writer **w)
{
	writer_free(*w);
}
#define auto_writer AUTO(cleanup_writer) struct writer

int writer_add_slot(struct writer *writer, const void *bytes, size_t len, struct err *err);

/* The payload's bytes, in any portions; then its end. At least one byte. */
int writer_payload(struct writer *writer, const void *bytes, size_t len, struct err *err);
int writer_payload_end(struct writer *writer, uint64_t *out_bytes, uint32_t *out_chunks, struct err *err);

/* The whole manifest; then SHA256SUMS is written: *out_sums is its digest. */
int writer_manifest(struct writer *writer, const void *bytes, size_t len, struct digest *out_sums, struct err *err);

int writer_key_check(const struct writer *writer, const struct buf *waybill_body, struct digest *out, struct err *err);

/* The waybill's final bytes, its signatures (sorted by signer), trailer and end. The file is complete, not yet synced.
 */
int writer_finish(struct writer *writer, const struct buf *waybill, const struct bundle_seal *signatures,
				  unsigned count, uint64_t *out_file_bytes, struct err *err);

#endif
