/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_EQUIVALENCE_DOC_H
#define VALISE_FORMAT_EQUIVALENCE_DOC_H

#include "base/buf.h"
#include "format/manifest.h"

/* equivalence.yaml: labels of one scheme that count as labels of another, each by a legal basis, for a time
 * (valise-labels(5), EQUIVALENCE). Signed (format/signed_doc.h) by an administrator. */
enum { EQUIVALENCE_BYTES_MAX = 1 << 20, EQUIVALENCES_MAX = 1000, EQUIVALENCE_BASIS_MAX = 256 };
#define EQUIVALENCE_KIND "valise-equivalence: 1"

struct equivalence {
	char from[LABEL_ID_MAX + 1], to[LABEL_ID_MAX + 1]; /* one direction only */
	char *basis;                                       /* "EU-US agreement of 2007, Art. 3" */
	int64_t since, until;                              /* until 0: no end */
};
struct equivalence_doc {
	int64_t created;
	struct equivalence *items; /* owned; sorted by from, then to; no pair twice */
	uint32_t count;
};

/* in: the body of a signed document; entries in any order. errors: ERR_DOCUMENT with line and column, ERR_VERSION,
 * ERR_MEMORY. */
int equivalence_doc_parse(struct equivalence_doc *out, const char *bytes, size_t len, struct err *err);
void equivalence_doc_clear(struct equivalence_doc *doc);
#define auto_equivalence_doc AUTO(equivalence_doc_clear) struct equivalence_doc

#endif
