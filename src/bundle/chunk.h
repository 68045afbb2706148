/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_CHUNK_H
#define VALISE_BUNDLE_CHUNK_H

#include "base/cleanup.h"
#include "base/secret.h"
#include "format/waybill.h"

#include <stdbool.h>
#include <stdint.h>

/* One chunk: plain bytes to one Zstandard frame to one ChaCha20-Poly1305 ciphertext, and back (valise-format(5),
 * CHUNKS). libzstd's door. A codec belongs to one thread. */
struct chunk_codec;

enum { SUBKEY_PAYLOAD = 1, SUBKEY_MANIFEST = 2, SUBKEY_KEY_CHECK = 3 }; /* of the bundle key, by secret_derive() */

struct chunk_stream {
	const struct secret *key; /* subkey of payload or manifest, borrowed while codecs live */
	struct uuid bundle;
	enum compression compression;
	uint32_t chunk_bytes;
};

int chunk_codec_new(struct chunk_codec **out, const struct chunk_stream *stream, struct err *err);
void chunk_codec_free(struct chunk_codec *codec);
static inline void cleanup_codec(struct chunk_codec **c)
{
	chunk_codec_free(*c);
}
#define auto_codec AUTO(cleanup_codec) struct chunk_codec

/* out has room for chunk_member_max(chunk_bytes). in: plain[len], 1 to chunk_bytes. */
int chunk_seal(struct chunk_codec *codec, uint32_t number, bool is_last, const unsigned char *plain, size_t len,
			   unsigned char *out, size_t *out_len, struct err *err);

/* in: sealed[len] whose digest is the signed one; want_len the length the chunk must have, 1 to chunk_bytes, or 0 where
 * it is known only to be 1 to chunk_bytes (the manifest's last). out: out[chunk_bytes], *out_len. errors: ERR_CHUNK. */
int chunk_open(struct chunk_codec *codec, uint32_t number, bool is_last, const unsigned char *sealed, size_t len,
			   size_t want_len, unsigned char *out, size_t *out_len, struct err *err);

#endif
