/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar, with what stands before each member of 512-byte header, content, zero padding:
 *
 *   valise  keys/0000.pgp+  payload/N+  manifest/0+  SHA256SUMS  waybill.yaml  signatures/FPR.sig+  trailer  1024 zero
 * bytes
 *
 * At each place at most two names may come next: the next of this kind, or the first of the following kind. So the walk
 * never reads a name: it builds the header that would be right and compares. */
#include "bundle/container.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/io.h"

#include <stdbool.h>
#include <string.h>

/* One place in the file: the padding behind the last member and the header there, fetched in one read. */
struct walk {
	struct container *c;
	uint64_t at;      /* offset of this header */
	unsigned padding; /* of the member before */
	unsigned char block[2 * USTAR_BLOCK];
	const unsigned char *header;
};

static int out_of_form(const struct walk *walk, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	ustar_peek_name(walk->header, name);
	(void)err_set(err, ERR_CONTAINER,
				  "the header at byte %llu (it says \"%s\") is not in the form or order of a bundle",
				  (unsigned long long)walk->at, name);
	return err_hint(
		err, "the file was damaged or altered on its way, or something other than valise made it; ask for it anew");
}

static bool all_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static int truncated(const struct container *c, struct err *err)
{
	(void)err_set(err, ERR_TRUNCATED, "the file ends too early, after %llu bytes", (unsigned long long)c->bytes);
	return err_hint(err, "copy it again from where it came; part of it is missing");
}

/* Load padding and header at walk->at. */
static int walk_load(struct walk *walk, struct err *err)
{
	if (cancel_check(err) < 0)
		return -1;
	size_t want = walk->padding + USTAR_BLOCK;
	ssize_t n = io_pread_up_to(walk->c->fd, walk->block, want, walk->at - walk->padding, err);
	if (n < 0)
		return -1;
	if ((size_t)n < want)
		return truncated(walk->c, err);
	if (!all_zero(walk->block, walk->padding))
		return err_set(err, ERR_CONTAINER, "bytes that must be zero are not, before byte %llu",
					   (unsigned long long)walk->at);
	walk->header = walk->block + walk->padding;
	return 0;
}

/* If the member here has this name and fits, take it: *out is where its content is, and the walk stands behind it. */
static int walk_take(struct walk *walk, const char *name, uint64_t max, struct member *out, bool *taken,
					 struct err *err)
{
	uint64_t size = 0;
	*taken = ustar_matches(walk->header, name, max, &size);
	if (!*taken)
		return 0;
	*out = (struct member){.offset = walk->at + USTAR_BLOCK, .size = size};
	uint64_t next = walk->at + ustar_stored(size);
	if (next > walk->c->bytes)
		return truncated(walk->c, err);
	walk->at = next;
	walk->padding = ustar_padding(size);
	return 0;
}

static int walk_demand(struct walk *walk, const char *name, uint64_t min, uint64_t max, struct member *out,
					   struct err *err)
{
	bool taken = false;
	if (walk_load(walk, err) < 0 || walk_take(walk, name, max, out, &taken, err) < 0)
		return -1;
	return taken && out->size >= min ? 0 : out_of_form(walk, err);
}

static int members_add(struct members *members, struct member member, struct err *err)
{
	struct member *items = array_grow(members->items, members->count, sizeof *items, err);
	if (items == NULL)
		return -1;
	members->items = items;
	items[members->count++] = member;
	return 0;
}

struct run {
	void (*name)(char out[static USTAR_NAME_MAX + 1], uint32_t number);
	uint32_t max_count;
	uint64_t min_size, max_size;
};

static const struct run slot_run = {member_slot_name, MEMBER_SLOTS_MAX, 1, MEMBER_SLOT_MAX};
static const struct run payload_run = {member_payload_name, MEMBER_CHUNKS_MAX, CHUNK_MEMBER_MIN, CHUNK_MEMBER_MAX};
static const struct run manifest_run = {member_manifest_name, MEMBER_MANIFEST_CHUNKS_MAX, CHUNK_MEMBER_MIN,
										CHUNK_MEMBER_MAX};

/* All members of a run from number `first` on, until one does not match; at least one. */
static int walk_run(struct walk *walk, const struct run *run, uint32_t first, struct members *out, struct err *err)
{
	for (;;) {
		char name[USTAR_NAME_MAX + 1];
		struct member member;
		bool taken = false;
		if (walk_load(walk, err) < 0)
			return -1;
		if (first + out->count < run->max_count) {
			run->name(name, first + out->count);
			if (walk_take(walk, name, run->max_size, &member, &taken, err) < 0)
				return -1;
		}
		if (!taken)
			return out->count > 0 ? 0 : out_of_form(walk, err);
		if (member.size < run->min_size)
			return err_set(err, ERR_CONTAINER, "member %s is too short", name);
		if (members_add(out, member, err) < 0)
			return -1;
	}
}

static bool peek_number(const unsigned char *header, const char *prefix, uint32_t *out)
{
	char name[USTAR_NAME_MAX + 1];
	ustar_peek_name(header, name);
	size_t len = strlen(prefix);
	if (strncmp(name, prefix, len) != 0 || strlen(name) != len + 10 || strspn(name + len, "0123456789") != 10)
		return false;
	unsigned long number = strtoul(name + len, NULL, 10);
	*out = (uint32_t)number;
	return number < MEMBER_CHUNKS_MAX;
}

/* A volume's payload may start at any chunk: the first name tells, and is then compared like every other. */
static int walk_payload_start(struct walk *walk, struct err *err)
{
	if (walk_load(walk, err) < 0)
		return -1;
	if (!peek_number(walk->header, "payload/", &walk->c->first_chunk))
		return out_of_form(walk, err);
	walk->c->next_chunk_at = walk->at;
	return 0;
}

static int walk_signatures(struct walk *walk, struct err *err)
{
	struct container *c = walk->c;
	for (;;) {
		char peeked[USTAR_NAME_MAX + 1], name[USTAR_NAME_MAX + 1];
		struct fingerprint signer;
		struct member member;
		bool taken = false;
		if (walk_load(walk, err) < 0)
			return -1;
		ustar_peek_name(walk->header, peeked);
		size_t len = strlen(peeked), head = strlen("signatures/"), tail = strlen(".sig");
		if (strncmp(peeked, "signatures/", head) != 0)
			return c->signature_count > 0 ? 0 : out_of_form(walk, err);
		if (len <= head + tail || !fingerprint_parse(&signer, peeked + head, len - head - tail) ||
			c->signature_count == MEMBER_SIGNATURES_MAX)
			return out_of_form(walk, err);
		if (c->signature_count > 0 && strcmp(c->signers[c->signature_count - 1].hex, signer.hex) >= 0)
			return err_set(err, ERR_CONTAINER, "signatures are not in order at byte %llu",
						   (unsigned long long)walk->at);
		member_signature_name(name, &signer);
		if (walk_take(walk, name, MEMBER_SIGNATURE_MAX, &member, &taken, err) < 0)
			return -1;
		if (!taken || member.size == 0)
			return out_of_form(walk, err);
		c->signers[c->signature_count] = signer;
		c->signatures[c->signature_count++] = member;
	}
}

static int check_magic(const struct walk *walk, struct member member, struct err *err)
{
	char magic[MEMBER_MAGIC_BYTES] = ""; /* the file may shrink under us */
	ssize_t n = io_pread_up_to(walk->c->fd, magic, sizeof magic, member.offset, err);
	if (n < 0)
		return -1;
	if ((size_t)n == sizeof magic && memcmp(magic, MEMBER_MAGIC, sizeof magic) == 0)
		return 0;
	if (memcmp(magic, "valise ", 7) != 0)
		return err_set(err, ERR_NOT_A_BUNDLE, "this is not a bundle");
	(void)err_set(err, ERR_VERSION, "this bundle is of a version that valise %s does not know", VALISE_VERSION);
	return err_hint(err, "a newer valise is needed to read it");
}

static int not_a_bundle(struct err *err)
{
	(void)err_set(err, ERR_NOT_A_BUNDLE, "this is not a bundle");
	return err_hint(err, "bundles are files that `valise pack` makes, usually named ….valise");
}

static int walk_front(struct walk *walk, struct err *err)
{
	struct member magic = {0};
	bool taken = false;
	if (walk->c->bytes < USTAR_BLOCK)
		return not_a_bundle(err);
	if (walk_load(walk, err) < 0)
		return -1;
	/* Versions to come may have a longer magic: look for the name first, so that the message is the right one. */
	char name[USTAR_NAME_MAX + 1];
	ustar_peek_name(walk->header, name);
	if (strcmp(name, "valise") != 0)
		return not_a_bundle(err);
	if (walk_take(walk, "valise", 64, &magic, &taken, err) < 0)
		return -1;
	if (!taken)
		return out_of_form(walk, err);
	if (check_magic(walk, magic, err) < 0)
		return -1;
	if (magic.size != MEMBER_MAGIC_BYTES)
		return err_set(err, ERR_CONTAINER, "the first member is too long");
	return walk_run(walk, &slot_run, 0, &walk->c->slots, err);
}

static int check_trailer_text(const struct walk *walk, struct member member, struct err *err)
{
	char text[MEMBER_TRAILER_BYTES], want[MEMBER_TRAILER_BYTES];
	ssize_t n = io_pread_up_to(walk->c->fd, text, sizeof text, member.offset, err);
	if (n < 0)
		return -1;
	trailer_format(want, &walk->c->found);
	if ((size_t)n != sizeof text || memcmp(text, want, sizeof text) != 0)
		return err_set(err, ERR_CONTAINER, "the trailer does not tell where the members are");
	return 0;
}

static int check_end(const struct walk *walk, struct err *err)
{
	unsigned char end[USTAR_END];
	if (walk->c->bytes < walk->at + USTAR_END)
		return truncated(walk->c, err);
	if (walk->c->bytes > walk->at + USTAR_END)
		return err_set(err, ERR_CONTAINER, "there are bytes behind the end of the bundle");
	ssize_t n = io_pread_up_to(walk->c->fd, end, sizeof end, walk->at, err);
	if (n < 0)
		return -1;
	return (size_t)n == sizeof end && all_zero(end, sizeof end)
			   ? 0
			   : err_set(err, ERR_CONTAINER, "the end of the bundle is not two blocks of zeros");
}

/* From the first manifest header to the end of the file. */
static int walk_back(struct walk *walk, struct err *err)
{
	struct container *c = walk->c;
	struct member trailer;
	c->found.manifest = walk->at;
	if (walk_run(walk, &manifest_run, 0, &c->manifest, err) < 0)
		return -1;
	c->found.sums = walk->at;
	if (walk_demand(walk, "SHA256SUMS", 1, MEMBER_SUMS_MAX, &c->sums, err) < 0)
		return -1;
	c->found.waybill = walk->at;
	if (walk_demand(walk, "waybill.yaml", 1, MEMBER_WAYBILL_MAX, &c->waybill, err) < 0)
		return -1;
	c->found.signatures = walk->at;
	if (walk_signatures(walk, err) < 0)
		return -1;
	c->found.trailer = walk->at;
	if (walk_demand(walk, "trailer", MEMBER_TRAILER_BYTES, MEMBER_TRAILER_BYTES, &trailer, err) < 0)
		return -1;
	return check_trailer_text(walk, trailer, err) < 0 || check_end(walk, err) < 0 ? -1 : 0;
}

/* The trailer's own place is a function of the file's length. */
static int read_trailer_hint(const struct container *c, struct trailer *out, struct err *err)
{
	char text[MEMBER_TRAILER_BYTES];
	const uint64_t behind = MEMBER_TRAILER_BYTES + USTAR_END;
	if (c->bytes < behind)
		return truncated(c, err);
	ssize_t n = io_pread_up_to(c->fd, text, sizeof text, c->bytes - behind, err);
	if (n < 0)
		return -1;
	if ((size_t)n != sizeof text || !trailer_parse(out, text)) {
		(void)err_set(err, ERR_CONTAINER, "there is no trailer at the end of the file");
		return err_hint(err, "the file may be cut short; `valise verify` tells more");
	}
	return 0;
}

static int open_quick(struct walk *walk, struct err *err)
{
	struct trailer hint;
	if (read_trailer_hint(walk->c, &hint, err) < 0)
		return -1;
	if (hint.manifest % USTAR_BLOCK != 0 || hint.manifest <= walk->at || hint.manifest >= walk->c->bytes)
		return err_set(err, ERR_CONTAINER, "the trailer does not tell where the members are");
	walk->at = walk->c->payload_end = hint.manifest;
	walk->padding = 0; /* that of the last chunk is looked at when the chunk is located */
	return walk_back(walk, err);
}

static int open_walk(struct walk *walk, struct err *err)
{
	struct container *c = walk->c;
	if (walk_run(walk, &payload_run, c->first_chunk, &c->chunks, err) < 0)
		return -1;
	c->payload_end = c->next_chunk_at = walk->at;
	return walk_back(walk, err);
}

int container_open(struct container **out, int fd, uint64_t bytes, enum container_depth depth, struct err *err)
{
	*out = NULL;
	auto_container *c = calloc(1, sizeof *c);
	if (c == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	c->fd = fd;
	c->bytes = bytes;
	c->walked = depth == CONTAINER_WALK;
	struct walk walk = {.c = c};
	if (walk_front(&walk, err) < 0 || walk_payload_start(&walk, err) < 0 ||
		(depth == CONTAINER_QUICK ? open_quick(&walk, err) : open_walk(&walk, err)) < 0)
		return -1;
	*out = steal(&c);
	return 0;
}

void container_close(struct container *container)
{
	if (container == NULL)
		return;
	free(container->slots.items);
	free(container->chunks.items);
	free(container->manifest.items);
	free(container);
}

int container_locate_chunks(struct container *c, uint32_t number, struct err *err)
{
	struct walk walk = {.c = c, .at = c->next_chunk_at};
	if (c->chunks.count > 0)
		walk.padding = ustar_padding(c->chunks.items[c->chunks.count - 1].size);
	while (number >= c->first_chunk && number - c->first_chunk >= c->chunks.count && walk.at < c->payload_end) {
		char name[USTAR_NAME_MAX + 1];
		struct member member;
		member_payload_name(name, c->first_chunk + c->chunks.count);
		if (walk_demand(&walk, name, CHUNK_MEMBER_MIN, payload_run.max_size, &member, err) < 0)
			return -1;
		if (walk.at > c->payload_end)
			return err_set(err, ERR_CONTAINER, "member %s runs into what follows it", name);
		if (members_add(&c->chunks, member, err) < 0)
			return -1;
		c->next_chunk_at = walk.at;
	}
	if (number < c->first_chunk || number - c->first_chunk >= c->chunks.count)
		return err_set(err, ERR_CHUNKS_MISSING, "chunk %u of the payload is not in this file", (unsigned)number);
	return 0;
}

/* --- the last chunk --- */

enum { BACK_WINDOW = 64 << 10 };

/* Whether the last chunk's header stands here: one whose content ends where the payload does. */
static bool is_last_header(const struct container *c, const unsigned char *header, uint64_t at, uint32_t *out)
{
	char name[USTAR_NAME_MAX + 1];
	uint64_t size = 0;
	if (!peek_number(header, "payload/", out))
		return false;
	member_payload_name(name, *out);
	return ustar_matches(header, name, payload_run.max_size, &size) && size >= CHUNK_MEMBER_MIN &&
		   at + ustar_stored(size) == c->payload_end && *out >= c->first_chunk;
}

/* Window by window, from the end. */
static int look_back(const struct container *c, unsigned char *window, uint64_t lowest, uint32_t *out, struct err *err)
{
	for (uint64_t end = c->payload_end; end > lowest;) {
		const uint64_t at = end - lowest > BACK_WINDOW ? end - BACK_WINDOW : lowest;
		const size_t len = (size_t)(end - at);
		ssize_t n = io_pread_up_to(c->fd, window, len, at, err);
		if (n < 0)
			return -1;
		if ((size_t)n < len)
			return truncated(c, err);
		for (size_t block = len; block >= USTAR_BLOCK; block -= USTAR_BLOCK)
			if (is_last_header(c, window + block - USTAR_BLOCK, at + block - USTAR_BLOCK, out))
				return 0;
		end = at;
	}
	return err_set(err, ERR_CONTAINER, "no chunk of the payload ends where the payload does, at byte %llu",
				   (unsigned long long)c->payload_end);
}

int container_find_last_chunk(const struct container *c, uint32_t *out, struct err *err)
{
	const uint64_t longest = ustar_stored(payload_run.max_size);
	const uint64_t first = c->chunks.count > 0 ? c->chunks.items[0].offset - USTAR_BLOCK : c->next_chunk_at;
	if (c->next_chunk_at == c->payload_end && c->chunks.count > 0) {
		*out = c->first_chunk + c->chunks.count - 1;
		return 0;
	}
	auto_free unsigned char *window = malloc(BACK_WINDOW);
	if (window == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return look_back(c, window, c->payload_end - first > longest ? c->payload_end - longest : first, out, err);
}
