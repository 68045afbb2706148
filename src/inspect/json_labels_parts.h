/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_JSON_LABELS_PARTS_H
#define VALISE_INSPECT_JSON_LABELS_PARTS_H

#include "base/json_scan.h"
#include "inspect/inspect_internal.h"

/* What the readers of JSON labels share: the keys that matter, and what is known of the objects that are open. */

enum key {
	KEY_DOCUMENT,
	KEY_DISTRIBUTION,
	KEY_TLP,
	KEY_UPPER_TLP,
	KEY_TITLE_TLP,
	KEY_LABEL,
	KEY_OBJECTS,
	KEY_OBJECT_MARKING_REFS,
	KEY_GRANULAR_MARKINGS,
	KEY_MARKING_REF,
	KEY_TAG,
	KEY_NAME,
	KEY_LABELS,
	KEY_ID,
	KEY_DEFINITION,
	KEY_EXTENSIONS,
	KEY_TLP_2_0,
	KEY_COUNT,
	KEY_NONE = JSON_SCAN_NO_KEY,
};
extern const char *const json_label_keys[KEY_COUNT];
#define DEFINITION_PREFIX "marking-definition--"

enum {
	ID_MAX = 63,
	REFERENCES_MAX = 512,
	UNKNOWN_MAX = 256,
	DEFINITIONS_MAX = 256,
	INDEX_SIZE = 1024,
	WORDS_MAX = 3,
	WORD_MAX = 128
};

struct reference {
	char id[ID_MAX + 1];
	unsigned line; /* where it stood first */
	const char *place;
};

struct definition {
	char id[ID_MAX + 1];
	struct label_ref label;
};

/* What an object that is still open has said of itself. */
struct frame {
	uint32_t seen; /* keys: a bit each */
	char id[ID_MAX + 1];
	struct label_ref words[WORDS_MAX]; /* definition.tlp, extension, name */
	unsigned word_count;
	enum key twice; /* that an object must not say twice if it is a definition; KEY_NONE */
	unsigned twice_line, twice_column;
};

struct json_labels {
	const struct scheme_set *schemes;
	struct json_scan *scan;
	struct json_scan_events events;
	struct inspection *out;
	struct reference references[REFERENCES_MAX];
	uint32_t reference_count, unknown_count; /* unknown: to the schemes */
	uint16_t index[INDEX_SIZE];              /* of references by id: number + 1; 0 is none */
	struct definition definitions[DEFINITIONS_MAX];
	uint32_t definition_count;
	struct frame frames[JSON_SCAN_DEPTH_MAX];
};

/* --- where we are --- */

/* The key of the container that is n levels above what stands at depth. */
static inline enum key above(const struct json_labels *labels, unsigned depth, unsigned n)
{
	return depth >= n ? (enum key)json_scan_key_at(labels->scan, depth - n) : KEY_NONE;
}

static inline bool is_member(const struct json_labels *labels, unsigned depth)
{
	return depth > 0 && json_scan_is_object(labels->scan, depth - 1);
}

/* The object at depth is the file, or one of a list that the file is. */
static inline bool is_top(const struct json_labels *labels, unsigned depth)
{
	return depth == 0 || (depth == 1 && !json_scan_is_object(labels->scan, 0));
}

/* document.distribution.tlp as what the object at depth stands under. */
static inline bool is_csaf_tlp(const struct json_labels *labels, unsigned depth)
{
	return above(labels, depth, 1) == KEY_TLP && above(labels, depth, 2) == KEY_DISTRIBUTION &&
		   above(labels, depth, 3) == KEY_DOCUMENT;
}

/* --- what stands twice --- */

int json_refuse_twice(enum key key, unsigned line, unsigned column, struct err *err);
/* The event of a key. */
int json_on_key(void *ctx, unsigned depth, unsigned number, const struct json_scan_text *text, struct err *err);

#endif
