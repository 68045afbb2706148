/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_SIGNED_DOC_H
#define VALISE_FORMAT_SIGNED_DOC_H

#include "base/buf.h"

/* A small document and the OpenPGP signature over it in one file: the body, a strict YAML document of its own kind;
 * then as last line signature: "<base64 of a binary detached signature over all bytes before this line>" So it travels
 * as one file, and what was signed is found without parsing it. */
enum { SIGNED_DOC_SIGNATURE_MAX = 2048 };

struct signed_doc { /* borrowed from the file's bytes, but the signature */
	const char *body;
	size_t body_len;
	unsigned char signature[SIGNED_DOC_SIGNATURE_MAX];
	size_t signature_len;
};

/* errors: ERR_DOCUMENT where the last line is not that, ERR_LIMIT. Nothing of the body is looked at. */
int signed_doc_split(struct signed_doc *out, const char *bytes, size_t len, struct err *err);
/* in: the body as it was signed, ended by LF. errors: ERR_DOCUMENT where it is not, ERR_LIMIT, ERR_MEMORY. */
int signed_doc_append(struct buf *body, const unsigned char *signature, size_t len, struct err *err);

#endif
