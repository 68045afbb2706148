/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_STATION_DOC_H
#define VALISE_FORMAT_STATION_DOC_H

#include "base/buf.h"
#include "format/registry_doc.h"

enum {
	STATION_BYTES_MAX = 256 << 10,
	LIFE_DAYS_DEFAULT = 90,
	ACCREDITATION_REFERENCE_MAX = 256,
	ALLOWED_TYPES_MAX = 64,
	APPROVAL_RULES_MAX = 32,
	APPROVAL_PEOPLE_MAX = 16,
};
#define STATION_KIND "valise-station: 1"
#define STATION_MAX_BYTES_DEFAULT ((uint64_t)1 << 40)

/* Schemes that are shipped disabled, and by what paper this station may use each. */
struct accreditation {
	char scheme[LABEL_ID_MAX + 1];
	char reference[ACCREDITATION_REFERENCE_MAX + 1];
};
struct accreditations {
	struct accreditation items[MANIFEST_SCHEMES_MAX];
	uint32_t count;
};

/* How many people must sign what carries a label: "tlp/red", or "pdcat/art9-" followed by an asterisk for all labels
 * that begin so. */
struct approval_rule {
	char label[LABEL_ID_MAX + 1];
	uint32_t people;
};
struct approval_rules {
	struct approval_rule items[APPROVAL_RULES_MAX];
	uint32_t count;
};

/* Media types, as "text/plain" or "image/" followed by an asterisk for all below it. */
struct media_types {
	char items[ALLOWED_TYPES_MAX][MANIFEST_MEDIA_TYPE_MAX + 1];
	uint32_t count; /* 0: any type */
};

/* A key that this station had before: it opens what was sent to it, and its signatures count until then. */
struct station_former {
	struct fingerprint fingerprint;
	int64_t until;
};

/* station.yaml: written with comments by init, then edited by people (valise-station(5), STATION). */
struct station_doc {
	struct party party;
	struct fingerprint fingerprint; /* "" for a verify-only station */
	struct ceilings ceilings;
	struct ceilings default_labels; /* same shape: "scheme/id" words that a person wrote down */
	uint32_t expires_days;          /* default life of a bundle, 1 to 366 */
	/* Limits on what unpack will write; a partner's bundle beyond them is refused before its payload. */
	uint64_t max_files, max_bytes;
	struct accreditations accreditations;
	struct approval_rules approvals;
	struct communities communities;
	struct media_types pack_types, unpack_types;   /* what may be packed, what may be unpacked */
	struct station_former former[FORMER_KEYS_MAX]; /* the oldest first */
	uint32_t former_count;
};

/* NULL where it is none of this station's former keys. */
const struct station_former *station_doc_former(const struct station_doc *doc, const struct fingerprint *fpr);
/* Its key, or one that it had. */
bool station_doc_has_key(const struct station_doc *doc, const struct fingerprint *fpr);

bool media_types_allow(const struct media_types *types, const char *type);

/* errors: ERR_STATION with line and column, ERR_VERSION, ERR_MEMORY. */
int station_doc_parse(struct station_doc *out, const char *bytes, size_t len, struct err *err);
/* The same file with another key in it, and the one that it names now as former: all that people wrote stays as it is.
 * in: bytes that station_doc_parse() took, with a NUL behind the last, as in a struct buf. errors: ERR_STATION where
 * the line of the key is not found as init wrote it, ERR_LIMIT where there are FORMER_KEYS_MAX former ones. */
int station_doc_turn(struct buf *out, const char *bytes, size_t len, const struct fingerprint *to, int64_t until,
					 struct err *err);
/* The commented file that init writes; parses back to doc. */
int station_doc_format(struct buf *out, const struct station_doc *doc, struct err *err);

#endif
