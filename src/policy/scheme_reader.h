/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_SCHEME_READER_H
#define VALISE_POLICY_SCHEME_READER_H

#include "base/yaml.h"
#include "policy/scheme.h"

/* One scheme file on its way into a struct scheme; shared by the parts of scheme_parse(). */

/* Values of which more is to be said once the whole file is read: keys stand in any order. */
enum spot_kind {
	SPOT_LABELS, /* the list itself */
	SPOT_CEILING,
	SPOT_EXAMPLE,
	SPOT_ID, /* of a label, as the next ones */
	SPOT_RANK,
	SPOT_TEXT,
	SPOT_ALIAS,
	SPOT_TAG,
	SPOT_STIX,
	SPOT_IMPLIES,
	SPOT_LEGACY, /* the text of a word of an earlier version */
	SPOT_MEANS,
	SPOT_LEGACY_TAG,
	SPOT_LEGACY_STIX,
};

struct spot {
	enum spot_kind kind;
	uint32_t owner, item; /* which label or word of an earlier version, and which of its words */
	unsigned line, column;
};

struct scheme_reader {
	struct scheme scheme;
	char example[LABEL_ID_MAX + 1];
	bool enabled;
	struct spot *spots; /* owned; in the file's order */
	uint32_t spot_count;
	/* The list of words that is being read. */
	struct label_words *words;
	enum spot_kind words_kind;
};

/* Remember where the value read last stands. errors: ERR_MEMORY. */
int scheme_reader_spot(struct scheme_reader *reader, struct yaml *yaml, enum spot_kind kind, uint32_t owner,
					   uint32_t item, struct err *err);
/* [a-z0-9-]+ */
int scheme_read_id(struct yaml *yaml, char out[LABEL_ID_MAX + 1], struct err *err);
/* The value up next is one label, or one word of an earlier version; into is a struct scheme_reader. */
int scheme_read_label(struct yaml *yaml, void *into, struct err *err);
int scheme_read_legacy(struct yaml *yaml, void *into, struct err *err);

/* All that needs more than one value; also sets what follows from them (by_id, example).
 * errors: ERR_SCHEME with line and column, and the words to write instead; ERR_MEMORY. */
int scheme_check(struct scheme_reader *reader, struct err *err);
/* No word twice: ids, what people type, tags, ids of markings. */
int scheme_check_words(const struct scheme_reader *reader, struct err *err);
/* A failure at the spot of this kind, owner and item. Returns -1. */
[[gnu::format(printf, 6, 7)]] int scheme_fail_at(const struct scheme_reader *reader, enum spot_kind kind,
												 uint32_t owner, uint32_t item, struct err *err, const char *fmt, ...);

#endif
