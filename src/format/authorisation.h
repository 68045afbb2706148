/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_AUTHORISATION_H
#define VALISE_FORMAT_AUTHORISATION_H

#include "base/buf.h"
#include "format/manifest.h"

/* The originator's word that certain bytes may go under lower labels (valise-labels(5), AUTHORISATION). Signed
 * (format/signed_doc.h) by the originator. */
enum {
	AUTHORISATION_BYTES_MAX = 1 << 20, /* its signature included */
	AUTHORISATION_FILES_MAX = 10000,
	AUTHORISATION_REASON_MAX = 1024,
	AUTHORISATION_DAYS_MAX = 366, /* from created to not-after, as a bundle's */
};
#define AUTHORISATION_KIND "valise-authorisation: 1"

struct authorisation {
	struct fingerprint by; /* the originator; also the signer */
	int64_t created, not_after;
	char reason[AUTHORISATION_REASON_MAX + 1];
	char from[MANIFEST_LABELS_MAX][LABEL_ID_MAX + 1]; /* labels that may be given up, sorted */
	uint32_t from_count;
	char to[MANIFEST_LABELS_MAX][LABEL_ID_MAX + 1]; /* the lowest that may stand instead, sorted */
	uint32_t to_count;
	struct digest *files; /* owned, sorted: of the contents */
	uint32_t file_count;
};

/* in: the body of a signed document. errors: ERR_DOCUMENT with line and column, ERR_VERSION, ERR_MEMORY. */
int authorisation_parse(struct authorisation *out, const char *bytes, size_t len, struct err *err);
/* The body, to be signed. in: as authorisation_parse() would give it. */
int authorisation_format(struct buf *out, const struct authorisation *authorisation, struct err *err);
void authorisation_clear(struct authorisation *authorisation);
#define auto_authorisation AUTO(authorisation_clear) struct authorisation

bool authorisation_names(const struct authorisation *authorisation, const struct digest *file);

/* The order that files are in, for qsort(); that of from and to is label_id_compare(). */
int authorisation_compare_files(const void *a, const void *b);

#endif
