/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_TAXONOMY_H
#define VALISE_POLICY_TAXONOMY_H

#include "policy/scheme.h"

/* A MISP taxonomy (machinetag.json) as a scheme file. A taxonomy says which labels there are; it does not say which is
 * higher: the order of its files is no order, and its numerical_value means something else in each. So whoever imports
 * it says the order, in a rank overlay, or that there is none. */
enum { TAXONOMY_BYTES_MAX = 4 << 20, OVERLAY_BYTES_MAX = 1 << 20, TAXONOMY_TAGS_MAX = LABELS_PER_SCHEME_MAX };
#define OVERLAY_KIND "valise-ranks: 1"

struct taxonomy_tag {
	char *tag;  /* "tlp:amber+strict", "cssa:origin=\"manual\"" */
	char *rule; /* what it means in words; NULL where it says nothing, or more than a scheme holds */
	char id[LABEL_ID_MAX + 1];
	unsigned char colour[3];
	bool has_colour;
};

struct taxonomy {
	char id[LABEL_ID_MAX + 1]; /* from the namespace */
	char *title;
	char version[SCHEME_VERSION_MAX + 1];
	struct taxonomy_tag *tags; /* owned, in the file's order */
	uint32_t count;
	uint32_t rules_left_out; /* descriptions that were too long */
};
void taxonomy_clear(struct taxonomy *taxonomy);
#define auto_taxonomy AUTO(taxonomy_clear) struct taxonomy

/* in: id: what the scheme is to be called, NULL: by the namespace. errors: ERR_DOCUMENT: no JSON (line and column), no
 * taxonomy (naming what is missing), a tag twice, more than TAXONOMY_TAGS_MAX tags; ERR_USAGE where id is none. */
int taxonomy_parse(struct taxonomy *out, const char *bytes, size_t len, const char *id, struct err *err);

/* The scheme file. overlay: bytes of the rank overlay; NULL: a set without order, combined by union.
 * errors: ERR_SCHEME where the overlay leaves a label without rank, names one that is not there, or is malformed (line
 * and column); ERR_VERSION; ERR_MEMORY. */
int taxonomy_format_scheme(struct buf *out, const struct taxonomy *taxonomy, const struct buf *overlay,
						   struct err *err);

/* An overlay to be filled in: all labels, no ranks. */
int taxonomy_format_overlay(struct buf *out, const struct taxonomy *taxonomy, struct err *err);

#endif
