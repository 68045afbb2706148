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
	struct media_types pack_types, unpack_types; /* what may be packed, what may be unpacked */
};

bool media_types_allow(const struct media_types *types, const char *type);

/* errors: ERR_STATION with line and column, ERR_VERSION, ERR_MEMORY. */
int station_doc_parse(struct station_doc *out, const char *bytes, size_t len, struct err *err);
/* The commented file that init writes; parses back to doc. */
int station_doc_format(struct buf *out, const struct station_doc *doc, struct err *err);

#endif
