/* SPDX-License-Identifier: Apache-2.0 */
/* SHA256SUMS = *( 64 hex, two spaces, name, LF ), the names being those that the bundle must have, in their order.
 * It is never parsed as text, so nothing that sha256sum understands besides (escapes, binary marks, comments) exists.
 */
#include "format/sums.h"

#include "format/ustar.h"

#include <stdlib.h>
#include <string.h>

enum {
	BEHIND_DIGEST = 3, /* two spaces, LF */
	MAGIC_LINE = DIGEST_HEX + BEHIND_DIGEST + 6,
	SLOT_LINE = DIGEST_HEX + BEHIND_DIGEST + 13,
	CHUNK_LINE = DIGEST_HEX + BEHIND_DIGEST + 18,
	MANIFEST_LINE = DIGEST_HEX + BEHIND_DIGEST + 19,
};

void sums_clear(struct sums *sums)
{
	free(sums->digests);
	*sums = (struct sums){0};
}

static size_t line_count(const struct sums_shape *shape)
{
	return (size_t)1 + shape->slots + shape->chunks + shape->manifest_chunks;
}

const struct digest *sums_magic(const struct sums *sums)
{
	return &sums->digests[0];
}

const struct digest *sums_slot(const struct sums *sums, uint32_t number)
{
	return &sums->digests[(size_t)1 + number];
}

const struct digest *sums_chunk(const struct sums *sums, uint32_t number)
{
	return &sums->digests[(size_t)1 + sums->shape.slots + number];
}

const struct digest *sums_manifest(const struct sums *sums, uint32_t number)
{
	return &sums->digests[(size_t)1 + sums->shape.slots + sums->shape.chunks + number];
}

/* The name on the line with this number, counted from 0. */
static void line_name(char out[static USTAR_NAME_MAX + 1], const struct sums_shape *shape, size_t line)
{
	if (line == 0)
		memcpy(out, "valise", sizeof "valise");
	else if (line - 1 < shape->slots)
		member_slot_name(out, (uint32_t)(line - 1));
	else if (line - 1 - shape->slots < shape->chunks)
		member_payload_name(out, (uint32_t)(line - 1 - shape->slots));
	else
		member_manifest_name(out, (uint32_t)(line - 1 - shape->slots - shape->chunks));
}

/* The line as it must be, for this digest. Returns its length. */
static size_t build_line(char *out, const struct sums_shape *shape, size_t line, const struct digest *digest)
{
	char name[USTAR_NAME_MAX + 1];
	line_name(name, shape, line);
	size_t name_len = strlen(name);
	digest_format(out, digest);
	memcpy(out + DIGEST_HEX, "  ", 2);
	memcpy(out + DIGEST_HEX + 2, name, name_len);
	out[DIGEST_HEX + 2 + name_len] = '\n';
	return DIGEST_HEX + BEHIND_DIGEST + name_len;
}

enum { LINE_ROOM = DIGEST_HEX + BEHIND_DIGEST + USTAR_NAME_MAX + 1 };

int sums_format(struct buf *out, const struct sums *sums, struct err *err)
{
	size_t lines = line_count(&sums->shape);
	char text[LINE_ROOM];
	if (buf_reserve(out, lines * MANIFEST_LINE, err) != 0)
		return -1;
	for (size_t i = 0; i < lines; i++) {
		size_t len = build_line(text, &sums->shape, i, &sums->digests[i]);
		if (buf_append(out, text, len, err) != 0)
			return -1;
	}
	return 0;
}

/* How many manifest chunks a list of this length names. */
static int find_shape(struct sums_shape *out, size_t len, uint32_t slots, uint32_t chunks, struct err *err)
{
	size_t fixed = MAGIC_LINE + (size_t)SLOT_LINE * slots + (size_t)CHUNK_LINE * chunks;
	size_t left = len >= fixed ? len - fixed : 0;
	if (left == 0 || left % MANIFEST_LINE != 0 || left / MANIFEST_LINE > MEMBER_MANIFEST_CHUNKS_MAX)
		return err_set(err, ERR_SUMS, "SHA256SUMS has %zu bytes, which no list of %u slots and %u chunks can have", len,
					   (unsigned)slots, (unsigned)chunks);
	*out = (struct sums_shape){.slots = slots, .chunks = chunks, .manifest_chunks = (uint32_t)(left / MANIFEST_LINE)};
	return 0;
}

uint64_t sums_bytes(const struct sums_shape *shape)
{
	return MAGIC_LINE + (uint64_t)SLOT_LINE * shape->slots + (uint64_t)CHUNK_LINE * shape->chunks +
		   (uint64_t)MANIFEST_LINE * shape->manifest_chunks;
}

uint32_t sums_count_chunks(uint64_t len, uint32_t slots, uint32_t manifest_chunks)
{
	uint64_t fixed = MAGIC_LINE + (uint64_t)SLOT_LINE * slots + (uint64_t)MANIFEST_LINE * manifest_chunks;
	uint64_t left = len > fixed ? len - fixed : 0;
	return left % CHUNK_LINE == 0 && left / CHUNK_LINE <= MEMBER_CHUNKS_MAX ? (uint32_t)(left / CHUNK_LINE) : 0;
}

static int fail_line(const struct sums_shape *shape, size_t line, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	line_name(name, shape, line);
	return err_set(err, ERR_SUMS, "SHA256SUMS, line %zu: must be 64 lower-case digits, two spaces and %s", line + 1,
				   name);
}

static int parse_lines(struct sums *sums, const char *text, struct err *err)
{
	size_t lines = line_count(&sums->shape);
	char must[LINE_ROOM];
	for (size_t i = 0; i < lines; i++) {
		/* the length was checked: as long as every line before was right, a digest is there */
		if (!digest_parse(&sums->digests[i], text, DIGEST_HEX))
			return fail_line(&sums->shape, i, err);
		size_t len = build_line(must, &sums->shape, i, &sums->digests[i]);
		if (memcmp(must, text, len) != 0)
			return fail_line(&sums->shape, i, err);
		text += len;
	}
	return 0;
}

int sums_parse(struct sums *out, const char *text, size_t len, uint32_t slots, uint32_t chunks, struct err *err)
{
	auto_sums sums = {0};
	*out = sums;
	if (find_shape(&sums.shape, len, slots, chunks, err) != 0)
		return -1;
	sums.digests = calloc(line_count(&sums.shape), sizeof *sums.digests);
	if (sums.digests == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (parse_lines(&sums, text, err) != 0)
		return -1;
	*out = sums;
	sums = (struct sums){0};
	return 0;
}
