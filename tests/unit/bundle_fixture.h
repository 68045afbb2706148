/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_BUNDLE_FIXTURE_H
#define VALISE_TESTS_BUNDLE_FIXTURE_H

#include "unit.h"

#include "base/hash.h"
#include "base/secret.h"
#include "bundle/archive_out.h"
#include "bundle/payload.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

/* A bundle of one folder and two files, the second of three chunks, written and read back without any keyring: the
 * judge is the test's. */
enum { BIG_BYTES = 2 * CHUNK_SMALL + 12345 };

struct fixture {
	char path[32];
	struct secret *key;
	struct manifest manifest;
	unsigned char *big;
	uint64_t file_bytes;
};

static const struct fingerprint sender = {"0123456789ABCDEF0123456789ABCDEF01234567"};

static inline void add(struct manifest *manifest, enum entry_type type, const char *path, const void *bytes, size_t len)
{
	struct manifest_entry entry = {
		.path = (char *)path, .media_type = (char *)"", .mtime = 1764000000, .size = len, .type = type};
	if (type != ENTRY_FOLDER)
		hash_bytes(&entry.sha256, bytes, len);
	expect_ok(manifest_add_entry(manifest, &entry, err));
}

static inline void write_archive(struct fixture *f, struct writer *writer)
{
	struct archive_out archive = {.writer = writer};
	const void *contents[] = {NULL, f->big, "small\n"};
	for (uint32_t i = 0; i < f->manifest.entry_count; i++) {
		struct manifest_entry *entry = &f->manifest.entries[i];
		expect_ok(archive_out_begin(&archive, entry, err));
		expect_ok(archive_out_bytes(&archive, contents[i], entry->size, err));
		expect_ok(archive_out_end(&archive, err));
	}
	expect_ok(archive_out_close(&archive, NULL, err));
}

/* volumes: NULL for one file. */
static inline void write_bundle(struct fixture *f, int fd, const struct writer_volumes *volumes)
{
	auto_writer *writer = NULL;
	auto_buf body = {0}, text = {0};
	struct fingerprint to = sender;
	struct waybill waybill = {.created = 1764000000,
							  .not_after = 1764000000 + DAY_S,
							  .from = sender,
							  .to = &to,
							  .to_count = 1,
							  .approvals = 1,
							  .chunk_bytes = CHUNK_SMALL,
							  .bundle = f->manifest.bundle};
	struct writer_options options = {
		.bundle = f->manifest.bundle, .compression = COMPRESSION_ZSTD, .chunk_bytes = CHUNK_SMALL};
	expect_ok(writer_new(&writer, fd, &options, f->key, err));
	if (volumes != NULL)
		writer_allow_volumes(writer, volumes);
	expect_ok(writer_add_slot(writer, "slot", 4, err));
	write_archive(f, writer);
	expect_ok(writer_payload_end(writer, &waybill.payload_bytes, &waybill.chunks, err));
	assert_int_equal(waybill.chunks, 3);
	expect_ok(manifest_format(&text, &f->manifest, err));
	expect_ok(writer_manifest(writer, text.data, text.len, &waybill.sums, err));
	expect_ok(waybill_format_body(&body, &waybill, err));
	expect_ok(writer_key_check(writer, &body, &waybill.key_check, err));
	expect_ok(waybill_append_key_check(&body, &waybill.key_check, err));
	struct bundle_seal signature = {.name = sender, .bytes = (const unsigned char *)"signature", .len = 9};
	expect_ok(writer_finish(writer, &body, &signature, 1, &f->file_bytes, err));
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	if (f == NULL || setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return -1;
	expect_ok(hash_library_init(err));
	expect_ok(secret_library_init(err));
	f->big = malloc(BIG_BYTES);
	random_bytes(f->big, BIG_BYTES);
	expect_ok(secret_random(&f->key, KEY_BYTES, err));
	expect_ok(manifest_init(&f->manifest, err));
	uuid_random(&f->manifest.bundle);
	(void)strcpy(f->manifest.tool, "test");
	struct manifest_label label = {.id = "tlp/amber", .origin = LABEL_FROM_OPTION};
	uint32_t marking = 0;
	expect_ok(
		manifest_add_marking(&f->manifest, &(struct manifest_marking){.labels = &label, .count = 1}, &marking, err));
	add(&f->manifest, ENTRY_FOLDER, "r", NULL, 0);
	add(&f->manifest, ENTRY_EXECUTABLE, "r/big", f->big, BIG_BYTES);
	add(&f->manifest, ENTRY_FILE, "r/small-\xc3\xa9", "small\n", 6);
	(void)strcpy(f->path, "/tmp/valise-test-XXXXXX");
	auto_fd int fd = mkstemp(f->path);
	write_bundle(f, fd, NULL);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	(void)unlink(f->path);
	manifest_clear(&f->manifest);
	secret_free(f->key);
	free(f->big);
	free(f);
	return 0;
}

/* --- the stages --- */

struct fake_judge {
	bool refuse_bytes, refuse_waybill;
	int calls;
};

static inline int judge_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill,
							  size_t len, struct err *err)
{
	struct fake_judge *judge = ctx;
	assert_int_equal(judge->calls++, 0);
	assert_int_equal(count, 1);
	assert_string_equal(seals[0].name.hex, sender.hex);
	assert_memory_equal(seals[0].bytes, "signature", 9);
	assert_true(len > 0 && memcmp(waybill, "valise-waybill: 1\n", 18) == 0);
	return judge->refuse_bytes ? err_set(err, ERR_UNKNOWN_SIGNER, "no") : 0;
}

static inline int judge_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	struct fake_judge *judge = ctx;
	assert_int_equal(judge->calls++, 1);
	assert_string_equal(waybill->from.hex, sender.hex);
	return judge->refuse_waybill ? err_set(err, ERR_APPROVALS, "no") : 0;
}

static inline int verify(const char *path, enum container_depth depth, struct fake_judge *fake,
						 struct bundle_verified **out, struct err *err)
{
	auto_untrusted *untrusted = NULL;
	struct bundle_judge judge = {judge_bytes, judge_waybill, fake};
	return bundle_open(&untrusted, path, depth, err) < 0 ? -1 : bundle_verify(&untrusted, &judge, out, err);
}

static inline struct bundle_opened *opened(struct fixture *f, enum container_depth depth)
{
	struct fake_judge fake = {0};
	struct bundle_verified *verified = NULL;
	struct bundle_opened *bundle = NULL;
	expect_ok(verify(f->path, depth, &fake, &verified, err));
	expect_ok(bundle_unlock(&verified, f->key, &bundle, err));
	return bundle;
}

struct collected {
	const struct fixture *f;
	unsigned begun, ended;
	uint64_t bytes;
};

static inline int on_begin(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	((struct collected *)ctx)->begun++;
	return 0;
}

static inline int on_bytes(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct collected *c = ctx;
	if (c->bytes < BIG_BYTES)
		assert_memory_equal(bytes, c->f->big + c->bytes, len);
	else
		assert_memory_equal(bytes, "small\n", len);
	c->bytes += len;
	return 0;
}

static inline int on_end(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	((struct collected *)ctx)->ended++;
	return 0;
}

#endif
