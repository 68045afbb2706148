/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle_internal.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

struct bundle_untrusted {
	int fd;
	struct container *container;
	struct buf waybill_bytes;
	struct buf seal_bytes[MEMBER_SIGNATURES_MAX];
};

enum { PAYLOAD_TAIL_MAX = 64 << 10 };

/* --- opening --- */

static int length_of(int fd, const char *path, uint64_t *out, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (S_ISREG(st.st_mode)) {
		*out = (uint64_t)st.st_size;
		return 0;
	}
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, out) == 0)
		return 0;
	(void)err_set(err, ERR_NOT_A_BUNDLE, "%s is not a file", path);
	return err_hint(err, "give the path of a bundle, a file that `valise pack` made");
}

int member_read(int fd, struct member member, struct buf *out, struct err *err)
{
	if (buf_reserve(out, member.size, err) < 0)
		return -1;
	ssize_t n = io_pread_up_to(fd, out->data + out->len, member.size, member.offset, err);
	if (n < 0)
		return -1;
	if ((uint64_t)n != member.size)
		return err_set(err, ERR_TRUNCATED, "the file became shorter while it was read");
	out->len += member.size;
	out->data[out->len] = '\0';
	return 0;
}

static int read_cover(struct bundle_untrusted *bundle, struct err *err)
{
	const struct container *c = bundle->container;
	if (member_read(bundle->fd, c->waybill, &bundle->waybill_bytes, err) < 0)
		return -1;
	for (unsigned i = 0; i < c->signature_count; i++)
		if (member_read(bundle->fd, c->signatures[i], &bundle->seal_bytes[i], err) < 0)
			return -1;
	return 0;
}

/* in: fd, taken in any case. */
static int open_taken(struct bundle_untrusted **out, int fd, const char *path, enum container_depth depth,
					  struct err *err)
{
	auto_untrusted *bundle = calloc(1, sizeof *bundle);
	uint64_t bytes = 0;
	if (bundle == NULL) {
		(void)close(fd);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	bundle->fd = fd;
	if (length_of(bundle->fd, path, &bytes, err) < 0)
		return -1;
	(void)posix_fadvise(bundle->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (container_open(&bundle->container, bundle->fd, bytes, depth, err) < 0 || read_cover(bundle, err) < 0)
		return err_wrap(err, "%s: ", path);
	*out = steal(&bundle);
	return 0;
}

int bundle_open(struct bundle_untrusted **out, const char *path, enum container_depth depth, struct err *err)
{
	*out = NULL;
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 ? open_taken(out, fd, path, depth, err) : err_sys(err, "cannot open %s", path);
}

int bundle_open_fd(struct bundle_untrusted **out, int fd, const char *path, enum container_depth depth, struct err *err)
{
	*out = NULL;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return own >= 0 ? open_taken(out, own, path, depth, err) : err_sys(err, "cannot open %s", path);
}

int bundle_find_run(const struct bundle_untrusted *bundle, uint32_t *out_first, uint32_t *out_last, struct err *err)
{
	*out_first = bundle->container->first_chunk;
	return container_find_last_chunk(bundle->container, out_last, err);
}

void bundle_untrusted_free(struct bundle_untrusted *bundle)
{
	if (bundle == NULL)
		return;
	container_close(bundle->container);
	if (bundle->fd >= 0)
		(void)close(bundle->fd);
	buf_clear(&bundle->waybill_bytes);
	for (unsigned i = 0; i < MEMBER_SIGNATURES_MAX; i++)
		buf_clear(&bundle->seal_bytes[i]);
	free(bundle);
}

/* --- untrusted to verified --- */

static int ask_judge_of_bytes(const struct bundle_untrusted *bundle, const struct bundle_judge *judge, struct err *err)
{
	struct bundle_seal seals[MEMBER_SIGNATURES_MAX];
	const struct container *c = bundle->container;
	for (unsigned i = 0; i < c->signature_count; i++)
		seals[i] = (struct bundle_seal){.name = c->signers[i],
										.bytes = (const unsigned char *)bundle->seal_bytes[i].data,
										.len = bundle->seal_bytes[i].len};
	return judge->bytes(judge->ctx, seals, c->signature_count, bundle->waybill_bytes.data, bundle->waybill_bytes.len,
						err);
}

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
static int check_shape(const struct bundle_verified *bundle, struct err *err)
{
	const struct container *c = bundle->container;
	const struct waybill *waybill = &bundle->waybill;
	if (waybill->to_count != 0 && waybill->to_count != c->slots.count)
		return err_set(err, ERR_SUMS, "there are %u slots for %u recipients", c->slots.count, waybill->to_count);
	if (c->first_chunk >= waybill->chunks || c->chunks.count > waybill->chunks - c->first_chunk)
		return err_set(err, ERR_SUMS, "there are more payload chunks than the waybill tells");
	return check_chunk_sizes(&c->chunks, waybill, err) < 0 || check_chunk_sizes(&c->manifest, waybill, err) < 0 ? -1
																												: 0;
}

static int check_sums(struct bundle_verified *bundle, struct err *err)
{
	const struct container *c = bundle->container;
	auto_buf text = {0};
	struct digest digest;
	if (member_read(bundle->fd, c->sums, &text, err) < 0)
		return -1;
	hash_bytes(&digest, text.data, text.len);
	if (!digest_equal(&digest, &bundle->waybill.sums)) {
		(void)err_set(err, ERR_DAMAGED, "the list of digests (SHA256SUMS) is not the signed one");
		return err_hint(err, "copy the bundle again from where it came");
	}
	if (check_shape(bundle, err) < 0 ||
		sums_parse(&bundle->sums, text.data, text.len, c->slots.count, bundle->waybill.chunks, err) < 0)
		return -1;
	if (bundle->sums.shape.manifest_chunks != c->manifest.count)
		return err_set(err, ERR_SUMS, "the list names %u manifest chunks, the file holds %u",
					   bundle->sums.shape.manifest_chunks, c->manifest.count);
	/* The one member that nobody reads again: the container compared it with the text that it must have. */
	hash_bytes(&digest, MEMBER_MAGIC, MEMBER_MAGIC_BYTES);
	return digest_equal(&digest, sums_magic(&bundle->sums)) ? 0 : member_damaged("valise", err);
}

static int become_verified(struct bundle_untrusted *from, const struct bundle_judge *judge,
						   struct bundle_verified *bundle, struct err *err)
{
	bundle->fd = steal_fd(&from->fd);
	bundle->container = steal(&from->container);
	hash_bytes(&bundle->digest, from->waybill_bytes.data, from->waybill_bytes.len);
	bundle->waybill_bytes = from->waybill_bytes;
	from->waybill_bytes = (struct buf){0};
	if (waybill_parse(&bundle->waybill, bundle->waybill_bytes.data, bundle->waybill_bytes.len, err) < 0)
		return -1;
	return judge->waybill(judge->ctx, &bundle->waybill, err) < 0 || check_sums(bundle, err) < 0 ? -1 : 0;
}

int bundle_verify(struct bundle_untrusted **untrusted, const struct bundle_judge *judge, struct bundle_verified **out,
				  struct err *err)
{
	*out = NULL;
	auto_untrusted *from = steal(untrusted);
	auto_verified *bundle = calloc(1, sizeof *bundle);
	if (bundle == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	bundle->fd = -1;
	if (ask_judge_of_bytes(from, judge, err) < 0 || become_verified(from, judge, bundle, err) < 0)
		return -1;
	*out = steal(&bundle);
	return 0;
}

void bundle_verified_free(struct bundle_verified *bundle)
{
	if (bundle == NULL)
		return;
	container_close(bundle->container);
	if (bundle->fd >= 0)
		(void)close(bundle->fd);
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
	return bundle->container->bytes;
}

uint32_t bundle_slot_count(const struct bundle_verified *bundle)
{
	return bundle->container->slots.count;
}

/* --- members, each against its digest --- */

int member_read_listed(const struct bundle_verified *bundle, struct member member, const struct digest *want,
					   const char *name, struct buf *out, struct err *err)
{
	struct digest digest;
	if (member_read(bundle->fd, member, out, err) < 0)
		return -1;
	hash_bytes(&digest, out->data, out->len);
	return digest_equal(&digest, want) ? 0 : member_damaged(name, err);
}

int member_damaged(const char *name, struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, "member %s is not as it was signed", name);
	return err_hint(err, "copy the bundle again from where it came; the medium may be failing");
}

int bundle_read_slot(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	member_slot_name(name, number);
	return member_read_listed(bundle, bundle->container->slots.items[number], sums_slot(&bundle->sums, number), name,
							  out, err);
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
	char name[USTAR_NAME_MAX + 1];
	const bool last = number + 1 == v->container->manifest.count;
	const uint32_t chunk_bytes = v->waybill.chunk_bytes;
	size_t len = 0;
	member_manifest_name(name, number);
	sealed->len = 0;
	if (member_read_listed(v, v->container->manifest.items[number], sums_manifest(&v->sums, number), name, sealed,
						   err) < 0)
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
	for (uint32_t i = 0; i < v->container->manifest.count; i++)
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
	if (out->recipient_count != 0 && out->recipient_count != v->container->slots.count)
		return err_set(err, ERR_MANIFEST, "the manifest names %u recipients, and there are %u slots",
					   (unsigned)out->recipient_count, (unsigned)v->container->slots.count);
	return check_layout(out, v->waybill.payload_bytes, err);
}
