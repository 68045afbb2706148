/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PAYLOAD_STREAM_H
#define VALISE_BUNDLE_PAYLOAD_STREAM_H

#include "bundle/bundle_internal.h"

/* A stretch of the archive's bytes, in order: chunks are read, held against the signed list, decrypted and decompressed
 * on every core, a few ahead of the consumer. */
struct payload_stream;

/* in: from < to <= payload_bytes. bundle is borrowed. */
int payload_stream_open(struct payload_stream **out, struct bundle_opened *bundle, uint64_t from, uint64_t to,
						struct err *err);
void payload_stream_free(struct payload_stream *stream);
static inline void cleanup_payload_stream(struct payload_stream **s)
{
	payload_stream_free(*s);
}
#define auto_payload_stream AUTO(cleanup_payload_stream) struct payload_stream

/* The next bytes, valid until the next call; *out_len 0 at the end. errors: ERR_DAMAGED, ERR_CHUNKS_MISSING, ERR_CHUNK,
 * ERR_IO. */
int payload_stream_next(struct payload_stream *stream, const unsigned char **out, size_t *out_len, struct err *err);

uint64_t payload_stream_position(const struct payload_stream *stream); /* in the archive, behind what was handed out */
uint64_t payload_stream_last_nonzero(
	const struct payload_stream *stream); /* position behind the last byte that was not zero */

#endif
