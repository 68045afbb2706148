/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/chunk.h"

#include "base/aead.h"
#include "base/little.h"
#include "format/ustar.h"

#include <string.h>
#include <zstd.h>

/* Level 1: on reports it gives most of what the higher levels give, and keeps up with the cipher. */
enum { ZSTD_LEVEL = 1 };

struct chunk_codec {
	struct chunk_stream stream;
	struct aead *aead;
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	unsigned char *frame; /* between the two steps; chunk_member_max(chunk_bytes) */
};

int chunk_codec_new(struct chunk_codec **out, const struct chunk_stream *stream, struct err *err)
{
	*out = NULL;
	struct chunk_codec *codec = calloc(1, sizeof *codec);
	if (codec == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	codec->stream = *stream;
	if (aead_new(&codec->aead, stream->key, err) < 0) {
		chunk_codec_free(codec);
		return -1;
	}
	*out = codec;
	return 0;
}

void chunk_codec_free(struct chunk_codec *codec)
{
	if (codec == NULL)
		return;
	aead_free(codec->aead);
	(void)ZSTD_freeCCtx(codec->compressor);
	(void)ZSTD_freeDCtx(codec->decompressor);
	free(codec->frame);
	free(codec);
}

static int need_frame(struct chunk_codec *codec, struct err *err)
{
	if (codec->frame == NULL)
		codec->frame = malloc(chunk_member_max(codec->stream.chunk_bytes));
	return codec->frame != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void make_nonce(unsigned char nonce[static AEAD_NONCE], uint32_t number, bool is_last)
{
	memset(nonce, 0, AEAD_NONCE);
	little_put(nonce, number, 4);
	nonce[8] = is_last ? 1 : 0;
}

static int compress(struct chunk_codec *codec, const unsigned char *plain, size_t len, size_t *out_len, struct err *err)
{
	if (need_frame(codec, err) < 0)
		return -1;
	if (codec->compressor == NULL) {
		codec->compressor = ZSTD_createCCtx();
		if (codec->compressor == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
		(void)ZSTD_CCtx_setParameter(codec->compressor, ZSTD_c_compressionLevel, ZSTD_LEVEL);
		(void)ZSTD_CCtx_setParameter(codec->compressor, ZSTD_c_contentSizeFlag, 1);
		(void)ZSTD_CCtx_setParameter(codec->compressor, ZSTD_c_checksumFlag, 0);
		(void)ZSTD_CCtx_setParameter(codec->compressor, ZSTD_c_dictIDFlag, 0);
	}
	size_t room = chunk_member_max(codec->stream.chunk_bytes) - AEAD_TAG;
	*out_len = ZSTD_compress2(codec->compressor, codec->frame, room, plain, len);
	if (ZSTD_isError(*out_len))
		return err_set(err, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(*out_len));
	return 0;
}

int chunk_seal(struct chunk_codec *codec, uint32_t number, bool is_last, const unsigned char *plain, size_t len,
			   unsigned char *out, size_t *out_len, struct err *err)
{
	unsigned char nonce[AEAD_NONCE];
	make_nonce(nonce, number, is_last);
	if (codec->stream.compression == COMPRESSION_ZSTD) {
		if (compress(codec, plain, len, &len, err) < 0)
			return -1;
		plain = codec->frame;
	}
	*out_len = len + AEAD_TAG;
	return aead_seal(codec->aead, nonce, codec->stream.bundle.text, UUID_LEN, plain, len, out, err);
}

/* Exactly one frame, of exactly the kind that valise-format(5) allows: looked at by hand before libzstd decodes it,
 * because ZSTD_decompress() takes several frames, skippable ones, and whatever window they ask for.
 *
 * Frame header: magic (4), descriptor (1), window (0 or 1), dictionary id (0 to 4), content size (0, 1, 2, 4 or 8). */
static const char *frame_fault(const unsigned char *frame, size_t len, uint32_t chunk_bytes, uint64_t *out_size)
{
	static const unsigned char magic[4] = {0x28, 0xB5, 0x2F, 0xFD};
	if (len < 6 || memcmp(frame, magic, sizeof magic) != 0)
		return "is not a Zstandard frame";
	unsigned descriptor = frame[4];
	bool single_segment = (descriptor & 0x20) != 0;
	if ((descriptor & 0x03) != 0)
		return "wants a dictionary";
	if (!single_segment && (descriptor >> 6) == 0)
		return "does not declare its content size";
	if (!single_segment) {
		unsigned log = 10 + (frame[5] >> 3);
		uint64_t base = 1ull << log, window = base + base / 8 * (frame[5] & 7);
		if (window > chunk_bytes)
			return "wants a window larger than a chunk";
	}
	*out_size = ZSTD_getFrameContentSize(frame, len);
	if (*out_size == ZSTD_CONTENTSIZE_UNKNOWN || *out_size == ZSTD_CONTENTSIZE_ERROR)
		return "does not declare its content size";
	if (*out_size > chunk_bytes)
		return "claims more than a chunk";
	if (ZSTD_findFrameCompressedSize(frame, len) != len)
		return "is not one whole frame with nothing behind it";
	return NULL;
}

static int decompress(struct chunk_codec *codec, uint32_t number, size_t len, unsigned char *out, size_t *out_len,
					  struct err *err)
{
	uint64_t size = 0;
	const char *fault = frame_fault(codec->frame, len, codec->stream.chunk_bytes, &size);
	if (fault != NULL)
		return err_set(err, ERR_CHUNK, "chunk %u %s", (unsigned)number, fault);
	if (codec->decompressor == NULL && (codec->decompressor = ZSTD_createDCtx()) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	size_t n = ZSTD_decompressDCtx(codec->decompressor, out, codec->stream.chunk_bytes, codec->frame, len);
	if (ZSTD_isError(n) || n != size)
		return err_set(err, ERR_CHUNK, "chunk %u does not decompress", (unsigned)number);
	*out_len = n;
	return 0;
}

int chunk_open(struct chunk_codec *codec, uint32_t number, bool is_last, const unsigned char *sealed, size_t len,
			   size_t want_len, unsigned char *out, size_t *out_len, struct err *err)
{
	const bool zstd = codec->stream.compression == COMPRESSION_ZSTD;
	unsigned char nonce[AEAD_NONCE];
	make_nonce(nonce, number, is_last);
	if (len <= AEAD_TAG || len > chunk_member_max(codec->stream.chunk_bytes) ||
		(!zstd && len - AEAD_TAG > codec->stream.chunk_bytes))
		return err_set(err, ERR_CHUNK, "chunk %u has a wrong size", (unsigned)number);
	if (zstd && need_frame(codec, err) < 0)
		return -1;
	if (aead_open(codec->aead, nonce, codec->stream.bundle.text, UUID_LEN, sealed, len, zstd ? codec->frame : out,
				  err) < 0)
		return err_wrap(err, "chunk %u: ", (unsigned)number);
	*out_len = len - AEAD_TAG;
	if (zstd && decompress(codec, number, len - AEAD_TAG, out, out_len, err) < 0)
		return -1;
	if (*out_len == 0 || (want_len != 0 && *out_len != want_len))
		return err_set(err, ERR_CHUNK, "chunk %u has a wrong length", (unsigned)number);
	return 0;
}
