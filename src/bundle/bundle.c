/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle_internal.h"

#include "base/hash.h"

#include <string.h>

enum { PAYLOAD_TAIL_MAX = 64 << 10 };

/* --- untrusted to verified --- */

/* Only the waybill tells how large a chunk may be; the container was walked with the largest limit. */
static int check_chunk_sizes(const struct members *members, const struct waybill *waybill, struct err *err)
{
	for (uint32_t i = 0; i < members->count; i++)
		if (members->items[i].size > chunk_member_max(waybill->chunk_bytes))
			return err_set(err, ERR_SUMS, "a chunk at byte %llu is larger than chunk-bytes allows",
						   (unsigned long long)members->items[i].offset);
	return 0;
}

/* What container and waybill must agree on. */
static int check_shape(const struct container *c, const struct waybill *waybill, struct err *err)
{
	if (waybill->to_count != 0 && waybill->to_count != c->slots.count)
		return err_set(err, ERR_SUMS, "there are %u slots for %u recipients", c->slots.count, waybill->to_count);
	if (c->first_chunk >= waybill->chunks || c->chunks.count > waybill->chunks - c->first_chunk)
		return err_set(err, ERR_SUMS, "there are more payload chunks than the waybill tells");
	return check_chunk_sizes(&c->chunks, waybill, err) < 0 || check_chunk_sizes(&c->manifest, waybill, err) < 0 ? -1
																												: 0;
}

/* What list and container must agree on. */
static int check_counts(const struct container *c, const struct sums_shape *shape, struct err *err)
{
	if (shape->slots != c->slots.count)
		return err_set(err, ERR_SUMS, "the list names %u slots, the file holds %u", shape->slots, c->slots.count);
	if (shape->manifest_chunks != c->manifest.count)
		return err_set(err, ERR_SUMS, "the list names %u manifest chunks, the file holds %u", shape->manifest_chunks,
					   c->manifest.count);
	return 0;
}

int part_check(const struct bundle_verified *bundle, const struct container *container, struct err *err)
{
	return check_shape(container, &bundle->waybill, err) < 0 || check_counts(container, &bundle->sums.shape, err) < 0
			   ? -1
			   : 0;
}

/* Every part holds the list; the first copy that can be read and is the signed one serves. */
static int read_signed_list(const struct bundle_verified *bundle, struct buf *text, struct err *err)
{
	struct err last = ERR_INIT;
	for (uint32_t i = 0; i < bundle->part_count && last.code != ERR_CANCELLED; i++) {
		const struct bundle_part *part = &bundle->parts[i];
		struct digest digest;
		text->len = 0;
		last = (struct err)ERR_INIT;
		if (member_read(part->fd, part->container->sums, text, &last) < 0) {
			(void)part_wrap(bundle, part, &last);
			continue;
		}
		hash_bytes(&digest, text->data, text->len);
		if (digest_equal(&digest, &bundle->waybill.sums))
			return 0;
		(void)err_set(&last, ERR_DAMAGED, "the list of digests (SHA256SUMS) is not the signed one");
		(void)err_hint(&last, "copy the bundle again from where it came");
	}
	*err = last;
	return -1;
}

static int check_sums(struct bundle_verified *bundle, struct err *err)
{
	auto_buf text = {0};
	struct digest digest;
	if (read_signed_list(bundle, &text, err) < 0)
		return -1;
	for (uint32_t i = 0; i < bundle->part_count; i++)
		if (check_shape(bundle->parts[i].container, &bundle->waybill, err) < 0)
			return part_wrap(bundle, &bundle->parts[i], err);
	if (sums_parse(&bundle->sums, text.data, text.len, bundle->parts[0].container->slots.count, bundle->waybill.chunks,
				   err) < 0)
		return -1;
	for (uint32_t i = 0; i < bundle->part_count; i++)
		if (check_counts(bundle->parts[i].container, &bundle->sums.shape, err) < 0)
			return part_wrap(bundle, &bundle->parts[i], err);
	/* The one member that nobody reads again: the container compared it with the text that it must have. */
	hash_bytes(&digest, MEMBER_MAGIC, MEMBER_MAGIC_BYTES);
	return digest_equal(&digest, sums_magic(&bundle->sums)) ? 0 : member_damaged("valise", err);
}

static int become_verified(struct bundle_untrusted *from, const struct bundle_judge *judge,
						   struct bundle_verified *bundle, struct err *err)
{
	bundle->parts = steal(&from->parts);
	bundle->part_count = from->part_count;
	from->part_count = 0;
	hash_bytes(&bundle->digest, from->waybill_bytes.data, from->waybill_bytes.len);
	bundle->waybill_bytes = from->waybill_bytes;
	from->waybill_bytes = (struct buf){0};
	return seals_judge(bundle, judge, err) < 0 || check_sums(bundle, err) < 0 ? -1 : 0;
}

int bundle_verify(struct bundle_untrusted **untrusted, const struct bundle_judge *judge, struct bundle_verified **out,
				  struct err *err)
{
	*out = NULL;
	auto_untrusted *from = steal(untrusted);
	auto_verified *bundle = calloc(1, sizeof *bundle);
	if (bundle == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (become_verified(from, judge, bundle, err) < 0)
		return -1;
	*out = steal(&bundle);
	return 0;
}

void bundle_verified_free(struct bundle_verified *bundle)
{
	if (bundle == NULL)
		return;
	parts_free(bundle->parts, bundle->part_count);
	for (uint32_t i = 0; i < bundle->left_out_count; i++)
		free(bundle->left_out[i]);
	free(bundle->left_out);
	seals_clear(&bundle->seals);
	buf_clear(&bundle->waybill_bytes);
	waybill_clear(&bundle->waybill);
	sums_clear(&bundle->sums);
	free(bundle);
}

const struct waybill *bundle_waybill(const struct bundle_verified *bundle)
{
	return &bundle->waybill;
}

const struct buf *bundle_waybill_bytes(const struct bundle_verified *bundle)
{
	return &bundle->waybill_bytes;
}

const struct digest *bundle_digest(const struct bundle_verified *bundle)
{
	return &bundle->digest;
}

uint64_t bundle_file_bytes(const struct bundle_verified *bundle)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < bundle->part_count; i++)
		bytes += bundle->parts[i].container->bytes;
	return bytes;
}

uint32_t bundle_slot_count(const struct bundle_verified *bundle)
{
	return bundle->sums.shape.slots;
}

/* --- members, each against its digest --- */

int member_damaged(const char *name, struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, "member %s is not as it was signed", name);
	return err_hint(err, "copy the bundle again from where it came; the medium may be failing");
}

int part_wrap(const struct bundle_verified *bundle, const struct bundle_part *part, struct err *err)
{
	return bundle->part_count > 1 ? err_wrap(err, "%s: ", part->path) : -1;
}

static struct member slot_of(const struct container *container, uint32_t number)
{
	return container->slots.items[number];
}

static struct member manifest_chunk_of(const struct container *container, uint32_t number)
{
	return container->manifest.items[number];
}

int part_read(const struct bundle_verified *bundle, const struct bundle_part *part, struct member member,
			  const struct digest *want, const char *name, struct buf *out, struct err *err)
{
	struct digest digest;
	*err = (struct err)ERR_INIT;
	out->len = 0;
	if (member_read(part->fd, member, out, err) < 0)
		return part_wrap(bundle, part, err);
	hash_bytes(&digest, out->data, out->len);
	return digest_equal(&digest, want) ? 0 : member_damaged(name, err);
}

/* What every part holds; the first copy that can be read and is as signed serves. errors: the last one's. */
static int read_common(const struct bundle_verified *bundle,
					   struct member (*place)(const struct container *container, uint32_t number), uint32_t number,
					   const struct digest *want, const char *name, struct buf *out, struct err *err)
{
	struct err last = ERR_INIT;
	for (uint32_t i = 0; i < bundle->part_count && last.code != ERR_CANCELLED; i++) {
		const struct bundle_part *part = &bundle->parts[i];
		if (part_read(bundle, part, place(part->container, number), want, name, out, &last) == 0)
			return 0;
	}
	*err = last;
	return -1;
}

int bundle_read_slot(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	member_slot_name(name, number);
	return read_common(bundle, slot_of, number, sums_slot(&bundle->sums, number), name, out, err);
}

int bundle_read_manifest_chunk(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	member_manifest_name(name, number);
	return read_common(bundle, manifest_chunk_of, number, sums_manifest(&bundle->sums, number), name, out, err);
}

int bundle_find_chunk(const struct bundle_verified *bundle, uint32_t number, struct chunk_place *out, struct err *err)
{
	/* The parts are in the order of their first chunks: the nearest that begins before it comes first. */
	for (uint32_t i = bundle->part_count; i-- > 0;) {
		struct bundle_part *part = &bundle->parts[i];
		struct err own = ERR_INIT;
		if (part->container->first_chunk > number)
			continue;
		if (container_locate_chunks(part->container, number, &own) == 0) {
			*out = (struct chunk_place){.part = part, .member = container_chunk(part->container, number)};
			return 0;
		}
		if (own.code != ERR_CHUNKS_MISSING) {
			*err = own;
			return part_wrap(bundle, part, err);
		}
	}
	return err_set(err, ERR_CHUNKS_MISSING, "chunk %u of the payload is not %s", (unsigned)number,
				   bundle->part_count > 1 ? "in these files" : "in this file");
}

bool bundle_next_copy(const struct bundle_verified *bundle, uint32_t number, struct chunk_place *place)
{
	for (const struct bundle_part *part = place->part; part-- > bundle->parts;) {
		const struct container *c = part->container;
		if (c->walked && c->first_chunk <= number && number - c->first_chunk < c->chunks.count) {
			*place = (struct chunk_place){.part = part, .member = container_chunk(c, number)};
			return true;
		}
	}
	return false;
}

/* --- its files --- */

uint32_t bundle_part_count(const struct bundle_verified *bundle)
{
	return bundle->part_count;
}

struct bundle_part_facts bundle_part(const struct bundle_verified *bundle, uint32_t index)
{
	const struct bundle_part *part = &bundle->parts[index];
	return (struct bundle_part_facts){.path = part->path,
									  .first_chunk = part->container->first_chunk,
									  .chunks = part->container->chunks.count,
									  .bytes = part->container->bytes};
}

uint32_t bundle_left_out_count(const struct bundle_verified *bundle)
{
	return bundle->left_out_count;
}

const char *bundle_left_out(const struct bundle_verified *bundle, uint32_t index)
{
	return bundle->left_out[index];
}

static void add_missing(struct chunk_ranges *out, uint32_t first, uint32_t behind)
{
	if (first >= behind)
		return;
	out->items[out->count++] = (struct chunk_range){.first = first, .last = behind - 1};
	out->chunks += behind - first;
}

static int locate_all(const struct bundle_verified *bundle, const struct bundle_part *part, struct err *err)
{
	struct err own = ERR_INIT;
	if (container_locate_chunks(part->container, bundle->waybill.chunks - 1, &own) == 0 ||
		own.code == ERR_CHUNKS_MISSING)
		return 0;
	*err = own;
	return part_wrap(bundle, part, err);
}

int bundle_missing(const struct bundle_verified *bundle, struct chunk_ranges *out, struct err *err)
{
	uint32_t behind = 0; /* what stands before it was seen */
	*out = (struct chunk_ranges){.count = 0};
	for (uint32_t i = 0; i < bundle->part_count; i++) {
		const struct container *c = bundle->parts[i].container;
		if (locate_all(bundle, &bundle->parts[i], err) < 0 || parts_check_chunks(bundle->parts, i + 1, err) < 0)
			return -1;
		add_missing(out, behind, c->first_chunk);
		if (c->first_chunk + c->chunks.count > behind)
			behind = c->first_chunk + c->chunks.count;
	}
	add_missing(out, behind, bundle->waybill.chunks);
	return 0;
}

/* --- verified to opened --- */

int bundle_unlock(struct bundle_verified **verified, const struct secret *bundle_key, struct bundle_opened **out,
				  struct err *err)
{
	*out = NULL;
	auto_verified *from = steal(verified);
	auto_opened *bundle = calloc(1, sizeof *bundle);
	auto_secret *check_key = NULL;
	struct digest check;
	if (bundle == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (secret_derive(&check_key, bundle_key, SUBKEY_KEY_CHECK, err) < 0)
		return -1;
	keyed_hash(&check, check_key, from->waybill_bytes.data, from->waybill_bytes.len - WAYBILL_KEY_CHECK_LINE);
	if (!secret_equal_bytes(check.bytes, from->waybill.key_check.bytes, DIGEST_BYTES)) {
		(void)err_set(err, ERR_KEY_CHECK, "whoever wrote the waybill did not know this bundle's key");
		return err_hint(err, "do not use this bundle, and tell its sender: somebody may have put his own name on it");
	}
	if (secret_derive(&bundle->payload_key, bundle_key, SUBKEY_PAYLOAD, err) < 0 ||
		secret_derive(&bundle->manifest_key, bundle_key, SUBKEY_MANIFEST, err) < 0)
		return -1;
	bundle->verified = steal(&from);
	*out = steal(&bundle);
	return 0;
}

void bundle_opened_free(struct bundle_opened *bundle)
{
	if (bundle == NULL)
		return;
	secret_free(bundle->payload_key);
	secret_free(bundle->manifest_key);
	bundle_verified_free(bundle->verified);
	free(bundle);
}

const struct bundle_verified *bundle_of(const struct bundle_opened *bundle)
{
	return bundle->verified;
}

struct chunk_stream bundle_stream(const struct bundle_opened *bundle, const struct secret *key)
{
	const struct waybill *waybill = &bundle->verified->waybill;
	return (struct chunk_stream){.key = key,
								 .bundle = waybill->bundle,
								 .compression = waybill->compression,
								 .chunk_bytes = waybill->chunk_bytes};
}

static int open_manifest_chunk(const struct bundle_verified *v, struct chunk_codec *codec, uint32_t number,
							   struct buf *sealed, struct buf *out, struct err *err)
{
	const bool last = number + 1 == v->sums.shape.manifest_chunks;
	const uint32_t chunk_bytes = v->waybill.chunk_bytes;
	size_t len = 0;
	if (bundle_read_manifest_chunk(v, number, sealed, err) < 0)
		return -1;
	if (out->len + chunk_bytes > MANIFEST_BYTES_MAX + (uint64_t)CHUNK_LARGE)
		return err_set(err, ERR_MANIFEST, "the manifest is too long");
	if (buf_reserve(out, chunk_bytes, err) < 0 ||
		chunk_open(codec, number, last, (unsigned char *)sealed->data, sealed->len, last ? 0 : chunk_bytes,
				   (unsigned char *)out->data + out->len, &len, err) < 0)
		return err_wrap(err, "manifest: ");
	out->len += len;
	return 0;
}

/* Each entry's place in the archive: one header at least, its content, and nothing outside. So no sum of sizes can lie.
 * What its headers hold is looked at when the archive is read (format/pax.h). */
static int check_layout(const struct manifest *manifest, uint64_t payload_bytes, struct err *err)
{
	uint64_t behind = 0;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->offset % USTAR_BLOCK != 0 || (i == 0 ? entry->offset != 0 : entry->offset < behind) ||
			entry->offset > payload_bytes || payload_bytes - entry->offset < USTAR_BLOCK ||
			entry->size > payload_bytes - entry->offset - USTAR_BLOCK)
			return err_set(err, ERR_MANIFEST, "the manifest places %s where it cannot be", entry->path);
		behind = entry->offset + ustar_stored(entry->size);
	}
	/* Padding grows an archive by less than an eighth; headers that the offsets do not show are few. A partner must not
	 * make hours of work out of zeros. */
	if (behind < payload_bytes && payload_bytes - behind > payload_bytes / 8 + PAYLOAD_TAIL_MAX)
		return err_set(err, ERR_MANIFEST, "the archive has %llu bytes behind its last entry",
					   (unsigned long long)(payload_bytes - behind));
	return 0;
}

static int decrypt_manifest(const struct bundle_opened *bundle, struct buf *text, struct err *err)
{
	const struct bundle_verified *v = bundle->verified;
	struct chunk_stream stream = bundle_stream(bundle, bundle->manifest_key);
	auto_codec *codec = NULL;
	auto_buf sealed = {0};
	if (chunk_codec_new(&codec, &stream, err) < 0)
		return -1;
	for (uint32_t i = 0; i < v->sums.shape.manifest_chunks; i++)
		if (open_manifest_chunk(v, codec, i, &sealed, text, err) < 0)
			return -1;
	return text->len <= MANIFEST_BYTES_MAX ? 0 : err_set(err, ERR_MANIFEST, "the manifest is too long");
}

int bundle_read_manifest(const struct bundle_opened *bundle, struct manifest *out, struct buf *bytes, struct err *err)
{
	const struct bundle_verified *v = bundle->verified;
	if (decrypt_manifest(bundle, bytes, err) < 0 || manifest_parse(out, bytes->data, bytes->len, err) < 0)
		return -1;
	if (strcmp(out->bundle.text, v->waybill.bundle.text) != 0)
		return err_set(err, ERR_MANIFEST, "the manifest belongs to another bundle, %s", out->bundle.text);
	if (strcmp(out->handling, v->waybill.handling) != 0)
		return err_set(err, ERR_MANIFEST, "handling differs between waybill and manifest");
	if ((out->recipient_count == 0) != (v->waybill.to_count != 0))
		return err_set(err, ERR_MANIFEST,
					   "the recipients stand in the waybill or in the manifest, not in both or neither");
	if (out->recipient_count != 0 && out->recipient_count != v->sums.shape.slots)
		return err_set(err, ERR_MANIFEST, "the manifest names %u recipients, and there are %u slots",
					   (unsigned)out->recipient_count, (unsigned)v->sums.shape.slots);
	return check_layout(out, v->waybill.payload_bytes, err);
}
