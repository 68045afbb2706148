/* SPDX-License-Identifier: Apache-2.0 */
/* file: body LF-ended, then one line
 *   signature: "<base64>"LF
 * Nothing else is taken for it: no other spacing, no other quotes, no end of line but LF, nothing behind it. */
#include "format/signed_doc.h"

#include "base/secret.h"

#include <string.h>

static const char opening[] = "signature: \"";
static const char closing[] = "\"\n";

enum {
	OPENING_LEN = sizeof opening - 1,
	CLOSING_LEN = sizeof closing - 1,
	BASE64_MAX = (SIGNED_DOC_SIGNATURE_MAX + 2) / 3 * 4,
};

static int fail_unsigned(struct err *err)
{
	return err_set(err, ERR_DOCUMENT, "its last line is not: signature: \"…\"");
}

/* Where the last line begins; len where the bytes do not end with a line end. */
static size_t last_line(const char *bytes, size_t len)
{
	if (len == 0 || bytes[len - 1] != '\n')
		return len;
	const char *before = memrchr(bytes, '\n', len - 1);
	return before != NULL ? (size_t)(before - bytes) + 1 : 0;
}

static int decode(struct signed_doc *out, const char *base64, size_t len, struct err *err)
{
	struct err inner = ERR_INIT;
	auto_free unsigned char *signature = NULL;
	size_t signature_len = 0;
	if (len > BASE64_MAX)
		return err_set(err, ERR_LIMIT, "its signature has more than %d bytes", SIGNED_DOC_SIGNATURE_MAX);
	if (base64_decode(&signature, &signature_len, base64, len, &inner) != 0)
		return inner.code == ERR_MEMORY ? err_set(err, ERR_MEMORY, "out of memory")
										: err_set(err, ERR_DOCUMENT, "its signature is not base64");
	if (signature_len == 0)
		return err_set(err, ERR_DOCUMENT, "its signature is empty");
	if (signature_len > SIGNED_DOC_SIGNATURE_MAX)
		return err_set(err, ERR_LIMIT, "its signature has more than %d bytes", SIGNED_DOC_SIGNATURE_MAX);
	memcpy(out->signature, signature, signature_len);
	out->signature_len = signature_len;
	return 0;
}

int signed_doc_split(struct signed_doc *out, const char *bytes, size_t len, struct err *err)
{
	size_t start = last_line(bytes, len), line_len = len - start;
	*out = (struct signed_doc){.body = bytes, .body_len = start};
	if (start == 0 || line_len < OPENING_LEN + CLOSING_LEN || memcmp(bytes + start, opening, OPENING_LEN) != 0 ||
		memcmp(bytes + len - CLOSING_LEN, closing, CLOSING_LEN) != 0)
		return fail_unsigned(err);
	return decode(out, bytes + start + OPENING_LEN, line_len - OPENING_LEN - CLOSING_LEN, err);
}

int signed_doc_append(struct buf *body, const unsigned char *signature, size_t len, struct err *err)
{
	auto_free char *base64 = NULL;
	if (len == 0 || len > SIGNED_DOC_SIGNATURE_MAX)
		return err_set(err, ERR_LIMIT, "a signature has 1 to %d bytes, not %zu", SIGNED_DOC_SIGNATURE_MAX, len);
	if (body->len == 0 || body->data[body->len - 1] != '\n')
		return err_set(err, ERR_DOCUMENT, "the document does not end with a line end");
	if (base64_encode(&base64, signature, len, err) != 0)
		return -1;
	return buf_printf(body, err, "%s%s%s", opening, base64, closing);
}
