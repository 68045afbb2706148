/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/aead.h"
#include "base/hash.h"
#include "bundle/chunk.h"
#include "format/ustar.h"

#include <zstd.h>

static struct secret *key;
static struct chunk_stream stream;
static unsigned char plain[CHUNK_SMALL], sealed[CHUNK_SMALL + CHUNK_SMALL / 256 + 16], out[CHUNK_SMALL];

static int setup(void **state)
{
	struct err err = ERR_INIT;
	if (hash_library_init(&err) < 0 || secret_library_init(&err) < 0 || secret_random(&key, KEY_BYTES, &err) < 0)
		return -1;
	stream = (struct chunk_stream){.key = key, .compression = COMPRESSION_ZSTD, .chunk_bytes = CHUNK_SMALL};
	uuid_random(&stream.bundle);
	random_bytes(plain, sizeof plain / 2); /* the other half compresses */
	return 0;
}

static int teardown(void **state)
{
	secret_free(key);
	return 0;
}

static void every_length_comes_back(void **state)
{
	static const size_t lengths[] = {1, 2, 255, 256, 65535, 65536, 131073, CHUNK_SMALL - 1, CHUNK_SMALL};
	for (int compression = COMPRESSION_ZSTD; compression <= COMPRESSION_NONE; compression++) {
		auto_codec *codec = NULL;
		stream.compression = (enum compression)compression;
		expect_ok(chunk_codec_new(&codec, &stream, err));
		for (size_t i = 0; i < COUNT(lengths); i++) {
			size_t sealed_len = 0, len = 0;
			expect_ok(chunk_seal(codec, (uint32_t)i, i % 2 == 0, plain, lengths[i], sealed, &sealed_len, err));
			assert_true(sealed_len >= CHUNK_MEMBER_MIN && sealed_len <= chunk_member_max(CHUNK_SMALL));
			expect_ok(chunk_open(codec, (uint32_t)i, i % 2 == 0, sealed, sealed_len, lengths[i], out, &len, err));
			assert_int_equal(len, lengths[i]);
			assert_memory_equal(out, plain, len);
		}
	}
	stream.compression = COMPRESSION_ZSTD;
}

static void a_chunk_belongs_to_its_place(void **state)
{
	auto_codec *codec = NULL, *other = NULL;
	struct chunk_stream elsewhere = stream;
	size_t sealed_len = 0, len = 0;
	uuid_random(&elsewhere.bundle);
	expect_ok(chunk_codec_new(&codec, &stream, err));
	expect_ok(chunk_codec_new(&other, &elsewhere, err));
	expect_ok(chunk_seal(codec, 5, false, plain, 1000, sealed, &sealed_len, err));
	expect_failure(chunk_open(codec, 6, false, sealed, sealed_len, 1000, out, &len, err), ERR_CHUNK, "chunk 6",
				   "number");
	expect_failure(chunk_open(codec, 5, true, sealed, sealed_len, 1000, out, &len, err), ERR_CHUNK, "tag", "last flag");
	expect_failure(chunk_open(other, 5, false, sealed, sealed_len, 1000, out, &len, err), ERR_CHUNK, "tag", "bundle");
	expect_failure(chunk_open(codec, 5, false, sealed, sealed_len - 1, 1000, out, &len, err), ERR_CHUNK, "tag", "cut");
	expect_failure(chunk_open(codec, 5, false, sealed, 16, 1000, out, &len, err), ERR_CHUNK, "size", "only a tag");
	expect_failure(chunk_open(codec, 5, false, sealed, sealed_len, 999, out, &len, err), ERR_CHUNK, "length", "length");
	expect_ok(chunk_open(codec, 5, false, sealed, sealed_len, 1000, out, &len, err));
}

/* Seal any bytes as if they were the frame: what a partner with valid keys can do. */
static int open_frame(const void *frame, size_t frame_len, struct err *err)
{
	struct chunk_stream raw = stream;
	auto_codec *sealer = NULL, *opener = NULL;
	size_t sealed_len = 0, len = 0;
	raw.compression = COMPRESSION_NONE;
	if (chunk_codec_new(&sealer, &raw, err) < 0 || chunk_codec_new(&opener, &stream, err) < 0 ||
		chunk_seal(sealer, 0, true, frame, frame_len, sealed, &sealed_len, err) < 0)
		return -1;
	return chunk_open(opener, 0, true, sealed, sealed_len, 0, out, &len, err);
}

static void hostile_frames_are_refused(void **state)
{
	/* magic; descriptor; window or content size; one last raw block of 4 bytes: 3-byte header 0x21,0,0 */
	static const struct {
		const char *name;
		size_t len;
		unsigned char bytes[24];
		const char *piece;
	} cases[] = {
		{"good", 13, {0x28, 0xB5, 0x2F, 0xFD, 0x20, 4, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, NULL},
		{"magic", 13, {0x29, 0xB5, 0x2F, 0xFD, 0x20, 4, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, "not a Zstandard frame"},
		{"skippable", 12, {0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 'a', 'b', 'c', 'd'}, "not a Zstandard frame"},
		{"dictionary", 14, {0x28, 0xB5, 0x2F, 0xFD, 0x21, 9, 4, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, "dictionary"},
		{"no size", 13, {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, "content size"},
		{"wrong size", 13, {0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, "decompress"},
		{"behind", 14, {0x28, 0xB5, 0x2F, 0xFD, 0x20, 4, 0x21, 0, 0, 'a', 'b', 'c', 'd', 0}, "nothing behind"},
		{"cut", 12, {0x28, 0xB5, 0x2F, 0xFD, 0x20, 4, 0x21, 0, 0, 'a', 'b', 'c'}, "one whole frame"},
		{"bomb", 13, {0x28, 0xB5, 0x2F, 0xFD, 0xA0, 1, 0, 0x10, 0, 0x03, 0, 0x80, 'x'}, "more than a chunk"},
		{"window", 15, {0x28, 0xB5, 0x2F, 0xFD, 0x40, 0x58, 4, 0, 0x21, 0, 0, 'a', 'b', 'c', 'd'}, "window"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cases[i].piece == NULL)
			expect_ok(open_frame(cases[i].bytes, cases[i].len, err));
		else
			expect_failure(open_frame(cases[i].bytes, cases[i].len, err), ERR_CHUNK, cases[i].piece, cases[i].name);
	}
}

static void two_frames_are_refused(void **state)
{
	unsigned char frames[200];
	size_t one = ZSTD_compress(frames, sizeof frames, "abcd", 4, 1);
	memcpy(frames + one, frames, one);
	expect_ok(open_frame(frames, one, err));
	expect_failure(open_frame(frames, 2 * one, err), ERR_CHUNK, "nothing behind", "two frames");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(a_chunk_belongs_to_its_place),
		cmocka_unit_test(hostile_frames_are_refused),
		cmocka_unit_test(two_frames_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
