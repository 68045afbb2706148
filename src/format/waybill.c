/* SPDX-License-Identifier: Apache-2.0 */
#include "format/waybill.h"

#include "base/yaml.h"
#include "format/ustar.h"

#include <stdlib.h>
#include <string.h>

static const char *const compression_names[] = {"zstd", "none"};

void waybill_clear(struct waybill *waybill)
{
	free(waybill->to);
	*waybill = (struct waybill){0};
}

/* --- reading --- */

static int read_bundle(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_uuid(yaml, &((struct waybill *)into)->bundle, err);
}

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct waybill *)into)->created, err);
}

static int read_not_after(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct waybill *)into)->not_after, err);
}

static int read_from(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct waybill *)into)->from, err);
}

static int read_one_to(struct yaml *yaml, void *into, struct err *err)
{
	struct waybill *w = into;
	struct fingerprint fpr;
	if (yaml_read_fingerprint(yaml, &fpr, err) != 0)
		return -1;
	if (w->to_count == MEMBER_SLOTS_MAX)
		return yaml_fail_value(yaml, err, "names more than %d recipients", MEMBER_SLOTS_MAX);
	for (uint32_t i = 0; i < w->to_count; i++)
		if (fingerprint_equal(&w->to[i], &fpr))
			return yaml_fail_value(yaml, err, "names one recipient twice");
	w->to[w->to_count++] = fpr;
	return 0;
}

static int read_to(struct yaml *yaml, void *into, struct err *err)
{
	struct waybill *w = into;
	w->to = calloc(MEMBER_SLOTS_MAX, sizeof *w->to);
	if (w->to == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (yaml_read_seq(yaml, read_one_to, w, err) != 0)
		return -1;
	return w->to_count > 0 ? 0 : yaml_fail_value(yaml, err, "names nobody");
}

static int read_u32(struct yaml *yaml, uint32_t *out, uint64_t min, uint64_t max, struct err *err)
{
	uint64_t value;
	if (yaml_read_u64(yaml, &value, min, max, err) != 0)
		return -1;
	*out = (uint32_t)value;
	return 0;
}

static int read_approvals(struct yaml *yaml, void *into, struct err *err)
{
	return read_u32(yaml, &((struct waybill *)into)->approvals, 1, WAYBILL_APPROVALS_MAX, err);
}

static int read_handling(struct yaml *yaml, void *into, struct err *err)
{
	struct waybill *w = into;
	return yaml_read_plain_into(yaml, w->handling, sizeof w->handling, 0, err);
}

static int read_compression(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, compression_names, 2, &which, err) != 0)
		return -1;
	((struct waybill *)into)->compression = (enum compression)which;
	return 0;
}

static int read_chunk_bytes(struct yaml *yaml, void *into, struct err *err)
{
	struct waybill *w = into;
	if (read_u32(yaml, &w->chunk_bytes, CHUNK_SMALL, CHUNK_LARGE, err) != 0)
		return -1;
	if (w->chunk_bytes != CHUNK_SMALL && w->chunk_bytes != CHUNK_LARGE)
		return yaml_fail_value(yaml, err, "must be %d or %d", CHUNK_SMALL, CHUNK_LARGE);
	return 0;
}

static int read_chunks(struct yaml *yaml, void *into, struct err *err)
{
	return read_u32(yaml, &((struct waybill *)into)->chunks, 1, MEMBER_CHUNKS_MAX, err);
}

static int read_payload_bytes(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct waybill *)into)->payload_bytes, 1, (uint64_t)MEMBER_CHUNKS_MAX * CHUNK_LARGE,
						 err);
}

static int read_sums(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_digest(yaml, &((struct waybill *)into)->sums, err);
}

static int read_key_check(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_digest(yaml, &((struct waybill *)into)->key_check, err);
}

static const struct yaml_field waybill_fields[] = {
	{"bundle", YAML_REQUIRED, read_bundle},
	{"created", YAML_REQUIRED, read_created},
	{"not-after", YAML_REQUIRED, read_not_after},
	{"from", YAML_REQUIRED, read_from},
	{"to", YAML_OPTIONAL, read_to},
	{"approvals", YAML_REQUIRED, read_approvals},
	{"handling", YAML_REQUIRED, read_handling},
	{"compression", YAML_REQUIRED, read_compression},
	{"chunk-bytes", YAML_REQUIRED, read_chunk_bytes},
	{"chunks", YAML_REQUIRED, read_chunks},
	{"payload-bytes", YAML_REQUIRED, read_payload_bytes},
	{"sums", YAML_REQUIRED, read_sums},
	{"key-check", YAML_REQUIRED, read_key_check},
};

/* What no single field shows. */
static int check_together(const struct waybill *w, struct err *err)
{
	if (w->not_after <= w->created)
		return err_set(err, ERR_WAYBILL, "\"not-after\" must be later than \"created\"");
	if (w->not_after - w->created > WAYBILL_LIFE_MAX_S)
		return err_set(err, ERR_WAYBILL, "\"not-after\" is more than 366 days later than \"created\"");
	uint64_t room = (uint64_t)w->chunks * w->chunk_bytes;
	if (w->payload_bytes > room || w->payload_bytes <= room - w->chunk_bytes)
		return err_set(err, ERR_WAYBILL, "\"payload-bytes\" does not fit %u chunks of %u bytes", (unsigned)w->chunks,
					   (unsigned)w->chunk_bytes);
	return 0;
}

/* The key check covers all bytes before its line, so this line has one form and one place. A line of its own that
 * begins in the first column cannot be a comment or the inside of some text. */
static int check_last_line(const struct waybill *w, const char *bytes, size_t len, struct err *err)
{
	auto_buf line = {0};
	if (waybill_append_key_check(&line, &w->key_check, err) != 0)
		return -1;
	size_t body = len > WAYBILL_KEY_CHECK_LINE ? len - WAYBILL_KEY_CHECK_LINE : 0;
	if (body == 0 || bytes[body - 1] != '\n' || memcmp(bytes + body, line.data, line.len) != 0)
		return err_set(err, ERR_WAYBILL, "\"key-check\" must be the last line, written plainly");
	return 0;
}

int waybill_parse(struct waybill *out, const char *bytes, size_t len, struct err *err)
{
	auto_waybill w = {0};
	auto_yaml *yaml = NULL;
	*out = w;
	if (len == 0 || len > MEMBER_WAYBILL_MAX)
		return err_set(err, ERR_WAYBILL, "has %zu bytes; 1 to %d are allowed", len, MEMBER_WAYBILL_MAX);
	if (yaml_open(&yaml, bytes, len, WAYBILL_KIND, ERR_WAYBILL, err) != 0 ||
		yaml_read_document(yaml, waybill_fields, sizeof waybill_fields / sizeof waybill_fields[0], &w, err) != 0 ||
		check_together(&w, err) != 0 || check_last_line(&w, bytes, len, err) != 0)
		return -1;
	*out = w;
	w.to = NULL;
	return 0;
}

/* --- writing --- */

static int put_recipients(struct buf *out, const struct waybill *w, struct err *err)
{
	if (w->to_count == 0)
		return 0;
	if (buf_append_str(out, "to: [", err) != 0)
		return -1;
	for (uint32_t i = 0; i < w->to_count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", w->to[i].hex) != 0)
			return -1;
	return buf_append_str(out, "]\n", err);
}

static int put_numbers(struct buf *out, const struct waybill *w, struct err *err)
{
	return buf_printf(out, err, "chunk-bytes: %u\nchunks: %u\npayload-bytes: %llu\n", (unsigned)w->chunk_bytes,
					  (unsigned)w->chunks, (unsigned long long)w->payload_bytes);
}

int waybill_format_body(struct buf *out, const struct waybill *w, struct err *err)
{
	size_t before = out->len;
	if (buf_append_str(out, WAYBILL_KIND "\n", err) != 0 || yaml_put_pair(out, 0, "bundle", w->bundle.text, err) != 0 ||
		yaml_put_utc(out, 0, "created", w->created, err) != 0 ||
		yaml_put_utc(out, 0, "not-after", w->not_after, err) != 0 ||
		yaml_put_pair(out, 0, "from", w->from.hex, err) != 0 || put_recipients(out, w, err) != 0 ||
		buf_printf(out, err, "approvals: %u\n", (unsigned)w->approvals) != 0 ||
		yaml_put_pair(out, 0, "handling", w->handling, err) != 0 ||
		yaml_put_pair(out, 0, "compression", compression_names[w->compression], err) != 0 ||
		put_numbers(out, w, err) != 0 || yaml_put_digest(out, 0, "sums", &w->sums, err) != 0)
		return -1;
	if (out->len - before + WAYBILL_KEY_CHECK_LINE > MEMBER_WAYBILL_MAX)
		return err_set(err, ERR_LIMIT, "the waybill would be longer than %d bytes", MEMBER_WAYBILL_MAX);
	return 0;
}

int waybill_append_key_check(struct buf *body, const struct digest *key_check, struct err *err)
{
	return yaml_put_digest(body, 0, "key-check", key_check, err);
}

uint32_t waybill_chunk_length(const struct waybill *waybill, uint32_t number)
{
	if (number + 1 < waybill->chunks)
		return waybill->chunk_bytes;
	return (uint32_t)(waybill->payload_bytes - (uint64_t)number * waybill->chunk_bytes);
}
