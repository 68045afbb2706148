/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_file.h"

#include "base/array.h"
#include "format/pgp.h"
#include "format/ustar.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC_NAME "valise-registry"
#define REGISTRY_NAME "registry.yaml"

/* --- reading --- */

struct reader {
	const char *bytes;
	size_t len, at;
};

static int fail_at(const struct reader *r, enum err_code code, const char *what, struct err *err)
{
	return err_set(err, code, "offset %zu: %s", r->at, what);
}

static bool is_zero(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != '\0')
			return false;
	return true;
}

/* The content behind a header that was matched. */
static int take_content(struct reader *r, uint64_t size, const char **out, struct err *err)
{
	const size_t left = r->len - r->at - USTAR_BLOCK, padding = ustar_padding(size);
	if (size > left || padding > left - size)
		return fail_at(r, ERR_TRUNCATED, "the file ends inside of a member", err);
	*out = r->bytes + r->at + USTAR_BLOCK;
	if (!is_zero(*out + size, padding))
		return fail_at(r, ERR_CONTAINER, "padding that is not zero", err);
	r->at += USTAR_BLOCK + size + padding;
	return 0;
}

static bool has_header(const struct reader *r)
{
	return r->len - r->at >= USTAR_BLOCK;
}

static int read_member(struct reader *r, const char *name, uint64_t max, const char **out, size_t *out_len,
					   struct err *err)
{
	uint64_t size;
	if (!has_header(r))
		return fail_at(r, ERR_TRUNCATED, "the file ends before its last member", err);
	if (!ustar_matches((const unsigned char *)r->bytes + r->at, name, max, &size))
		return err_set(err, ERR_CONTAINER, "offset %zu: not the member %s in its one form", r->at, name);
	*out_len = (size_t)size;
	return take_content(r, size, out, err);
}

/* A member PREFIX<FPR>SUFFIX: 1 and its part; 0 where another one, or the end, stands here. */
static int read_part(struct reader *r, const char *prefix, const char *suffix, uint64_t max, struct registry_part *out,
					 struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	const size_t prefix_len = strlen(prefix), suffix_len = strlen(suffix);
	if (!has_header(r))
		return fail_at(r, ERR_TRUNCATED, "the file ends before its last member", err);
	ustar_peek_name((const unsigned char *)r->bytes + r->at, name);
	size_t len = strlen(name);
	if (len <= prefix_len + suffix_len || memcmp(name, prefix, prefix_len) != 0 ||
		strcmp(name + len - suffix_len, suffix) != 0 ||
		!fingerprint_parse(&out->name, name + prefix_len, len - prefix_len - suffix_len))
		return 0;
	return read_member(r, name, max, &out->bytes, &out->len, err) < 0 ? -1 : 1;
}

static int check_order(const struct reader *r, const struct registry_part *parts, uint32_t count, struct err *err)
{
	if (count < 2 || strcmp(parts[count - 2].name.hex, parts[count - 1].name.hex) < 0)
		return 0;
	return fail_at(r, ERR_CONTAINER, "members are not sorted, or one stands there twice", err);
}

static int read_signatures(struct reader *r, struct registry_file *out, struct err *err)
{
	struct registry_part part;
	int rc;
	while ((rc = read_part(r, "signatures/", ".sig", MEMBER_SIGNATURE_MAX, &part, err)) == 1) {
		if (out->signature_count == REGISTRY_SIGNATURES_MAX)
			return fail_at(r, ERR_LIMIT, "more signatures than are allowed", err);
		out->signatures[out->signature_count++] = part;
		if (check_order(r, out->signatures, out->signature_count, err) < 0)
			return -1;
	}
	return rc;
}

static int read_certificates(struct reader *r, struct registry_file *out, struct err *err)
{
	struct registry_part part;
	int rc;
	while ((rc = read_part(r, "certificates/", ".pgp", PGP_CERT_MAX, &part, err)) == 1) {
		if (out->certificate_count == REGISTRY_CERTIFICATES_MAX)
			return fail_at(r, ERR_LIMIT, "more certificates than the partners of a registry may have keys", err);
		struct registry_part *grown = array_grow(out->certificates, out->certificate_count, sizeof *grown, err);
		if (grown == NULL)
			return -1;
		out->certificates = grown;
		grown[out->certificate_count++] = part;
		if (check_order(r, grown, out->certificate_count, err) < 0)
			return -1;
	}
	return rc;
}

/* A wrong file is no attack. */
static int fail_other_file(struct err *err)
{
	(void)err_set(err, ERR_DOCUMENT, "this is not an exported registry");
	return err_hint(err, "is it the right file? `valise registry export` makes such files");
}

static int read_magic(struct reader *r, struct err *err)
{
	const char *magic;
	size_t len;
	char name[USTAR_NAME_MAX + 1];
	if (!has_header(r))
		return fail_other_file(err);
	ustar_peek_name((const unsigned char *)r->bytes, name);
	if (strcmp(name, MAGIC_NAME) != 0)
		return fail_other_file(err);
	if (read_member(r, MAGIC_NAME, USTAR_BLOCK, &magic, &len, err) < 0)
		return -1;
	if (len == sizeof REGISTRY_FILE_MAGIC - 1 && memcmp(magic, REGISTRY_FILE_MAGIC, len) == 0)
		return 0;
	(void)err_set(err, ERR_VERSION, "this exported registry is of a version that this valise does not know");
	return err_hint(err, "use a newer valise");
}

static int check_end(const struct reader *r, struct err *err)
{
	const size_t left = r->len - r->at;
	if (left < USTAR_END && is_zero(r->bytes + r->at, left))
		return fail_at(r, ERR_TRUNCATED, "the end of the file is missing", err);
	if (left != USTAR_END || !is_zero(r->bytes + r->at, left))
		return fail_at(r, ERR_CONTAINER, "neither a member that belongs here nor the end", err);
	return 0;
}

int registry_file_parse(struct registry_file *out, const struct buf *bytes, struct err *err)
{
	struct reader r = {.bytes = bytes->data, .len = bytes->len};
	AUTO(registry_file_clear) struct registry_file file = {0};
	*out = file;
	if (read_magic(&r, err) < 0 ||
		read_member(&r, REGISTRY_NAME, REGISTRY_BYTES_MAX, &file.registry, &file.registry_len, err) < 0 ||
		read_signatures(&r, &file, err) < 0 || read_certificates(&r, &file, err) < 0 || check_end(&r, err) < 0)
		return -1;
	*out = file;
	file.certificates = NULL;
	return 0;
}

void registry_file_clear(struct registry_file *file)
{
	free(file->certificates);
	*file = (struct registry_file){0};
}

int registry_part_compare(const void *a, const void *b)
{
	return strcmp(((const struct registry_part *)a)->name.hex, ((const struct registry_part *)b)->name.hex);
}

const struct registry_part *registry_file_certificate(const struct registry_file *file, const struct fingerprint *fpr)
{
	const struct registry_part wanted = {.name = *fpr};
	return file->certificate_count == 0 ? NULL
										: bsearch(&wanted, file->certificates, file->certificate_count,
												  sizeof *file->certificates, registry_part_compare);
}

/* --- writing --- */

static uint64_t member_size(size_t len)
{
	return USTAR_BLOCK + (uint64_t)len + ustar_padding(len);
}

static uint64_t parts_size(const struct registry_part *parts, uint32_t count)
{
	uint64_t size = 0;
	for (uint32_t i = 0; i < count; i++)
		size += member_size(parts[i].len);
	return size;
}

/* What is written must be readable: a file beyond the limits would be taken in by nobody. */
static int check_limits(const struct registry_file *file, struct err *err)
{
	if (file->certificate_count > REGISTRY_CERTIFICATES_MAX)
		return err_set(err, ERR_LIMIT, "the registry has more than %d certificates", REGISTRY_CERTIFICATES_MAX);
	const uint64_t size = member_size(sizeof REGISTRY_FILE_MAGIC - 1) + member_size(file->registry_len) +
						  parts_size(file->signatures, file->signature_count) +
						  parts_size(file->certificates, file->certificate_count) + USTAR_END;
	if (size <= REGISTRY_FILE_MAX)
		return 0;
	(void)err_set(err, ERR_LIMIT, "the exported registry would have %llu bytes, and no station takes more than %d",
				  (unsigned long long)size, REGISTRY_FILE_MAX);
	return err_hint(err,
					"large certificates, and keys that partners had long ago, take the room: remove what nobody needs");
}

static int put_parts(struct buf *out, const char *format, const struct registry_part *parts, uint32_t count,
					 struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	for (uint32_t i = 0; i < count; i++) {
		(void)snprintf(name, sizeof name, format, parts[i].name.hex);
		if (ustar_append(out, name, parts[i].bytes, parts[i].len, err) < 0)
			return -1;
	}
	return 0;
}

int registry_file_format(struct buf *out, const struct registry_file *file, struct err *err)
{
	static const char zeros[USTAR_END];
	return check_limits(file, err) < 0 ||
				   ustar_append(out, MAGIC_NAME, REGISTRY_FILE_MAGIC, sizeof REGISTRY_FILE_MAGIC - 1, err) < 0 ||
				   ustar_append(out, REGISTRY_NAME, file->registry, file->registry_len, err) < 0 ||
				   put_parts(out, "signatures/%s.sig", file->signatures, file->signature_count, err) < 0 ||
				   put_parts(out, "certificates/%s.pgp", file->certificates, file->certificate_count, err) < 0 ||
				   buf_append(out, zeros, sizeof zeros, err) < 0
			   ? -1
			   : 0;
}
