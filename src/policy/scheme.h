/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_SCHEME_H
#define VALISE_POLICY_SCHEME_H

#include "base/err.h"
#include "base/ident.h"
#include "format/manifest.h"
#include "format/station_doc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Classification schemes are data (manifests/schemes/, valise-labels(5)). The shipped ones are built into the program,
 * so that a station cannot lose the ranks that its policy stands on; a home's schemes/ adds others. This module knows
 * bytes, not files. */

enum {
	SCHEMES_MAX = 64,
	SCHEME_BYTES_MAX = 1 << 20,
	LABELS_PER_SCHEME_MAX = 1000,
	LEGACY_PER_SCHEME_MAX = 1000,
	SCHEME_TEXT_MAX = 128,
	SCHEME_NOTE_MAX = 512,
	RANK_MAX = 1000000,
	WORDS_PER_LABEL_MAX = 16, /* aliases, tags, and marking ids each */
	IMPLIES_MAX = 4,
};
#define SCHEME_KIND "valise-scheme: 1"

enum combine { COMBINE_MAX, COMBINE_UNION, COMBINE_INTERSECTION, COMBINE_COUNT };
extern const char *const scheme_combine_names[COMBINE_COUNT]; /* "max", … */

/* Words of one kind that a label is also known by. */
struct label_words {
	char **items; /* owned */
	uint32_t count;
};

/* What a label asks of those who may have the file, beyond a ceiling. */
enum label_audience {
	AUDIENCE_ANY,
	AUDIENCE_COMMUNITY,    /* sender and recipients share a community */
	AUDIENCE_ORGANISATION, /* all recipients are of one organisation */
	AUDIENCE_COUNT
};
extern const char *const label_audience_names[AUDIENCE_COUNT]; /* "any", "shared-community", "one-organisation" */

/* Facts that a file with this label must carry. */
enum label_need {
	NEED_REGISTRATION, /* a registration number */
	NEED_COPY,         /* a copy number */
	NEED_RECORD,       /* a processing record */
	NEED_KEY_HOLDER,   /* its record names who can re-identify */
	NEED_ARTICLE_9,    /* its record names the basis for special categories */
	NEED_ARTICLE_10,   /* its record names the basis for criminal data */
	NEED_COUNT
};
extern const char *const label_need_names[NEED_COUNT]; /* "registration", "copy", "record", "key-holder", … */

struct label {
	char id[LABEL_ID_MAX + 1];      /* "amber": [a-z0-9-]+ */
	char text[SCHEME_TEXT_MAX + 1]; /* "TLP:AMBER": exact display text */
	char rule[SCHEME_NOTE_MAX + 1]; /* in words; "" where the file has none */
	int64_t rank;                   /* -1: none */
	unsigned char colour[3], background[3];
	bool has_colour;
	/* Constraints; they decide, so they are part of the semantic digest. */
	unsigned kinds; /* 1 << enum party_kind for each kind that a recipient may be of; 0: any */
	enum label_audience audience;
	unsigned needs;                    /* 1 << enum label_need */
	char (*implies)[LABEL_ID_MAX + 1]; /* owned: "pd/pseudonymised": carries that, or a higher one, too */
	uint32_t implies_count;
	struct label_words aliases; /* exact words that are accepted and never written: "R-UE/EU-R" */
	struct label_words tags;    /* machine tags: "tlp:amber" */
	struct label_words stix;    /* ids of STIX marking definitions */
};

/* A word of an earlier version of the scheme: understood, never written. */
struct label_legacy {
	char text[SCHEME_TEXT_MAX + 1];
	char means[LABEL_ID_MAX + 1]; /* id of the label of today; "" where there is none */
	char note[SCHEME_NOTE_MAX + 1];
	enum { LEGACY_WARN, LEGACY_REFUSE } action;
	struct label_words tags, stix; /* as a label's */
};

struct scheme {
	char id[LABEL_ID_MAX + 1];
	char version[SCHEME_VERSION_MAX + 1];
	char title[SCHEME_TEXT_MAX + 1];
	char authority[SCHEME_TEXT_MAX + 1], reference[SCHEME_TEXT_MAX + 1]; /* "" where the file has none */
	enum combine combine;
	bool exclusive, required, ceiling;
	struct label *labels; /* owned, in the file's order */
	size_t label_count;
	uint32_t *by_id;             /* owned: where the labels stand in labels, sorted by their ids */
	struct label_legacy *legacy; /* owned */
	size_t legacy_count;
	const struct label *example; /* which one hints show as the word to type; the highest where the file names none */
	struct digest semantics;
	bool restricted;                                     /* the file says "enabled: false" */
	char accreditation[ACCREDITATION_REFERENCE_MAX + 1]; /* what a restricted one is enabled by; "" else */
};

struct scheme_set {
	struct scheme *schemes; /* owned, sorted by id */
	size_t count;
	/* Ids of those that say "enabled: false" and are not accredited. Nobody else may take such an id: a file of that
	 * name would go around the accreditation. */
	char (*left_out)[LABEL_ID_MAX + 1]; /* owned */
	size_t left_out_count;
};

/* A label of a set. Borrowed pointers, valid until the set is added to or cleared; both NULL is "none". */
struct label_ref {
	const struct scheme *scheme;
	const struct label *label;
	const struct label_legacy *legacy; /* the earlier word that it was given by; NULL else */
};

/* All shipped schemes that are enabled: those that say "enabled: false" need an accreditation of the station (NULL:
 * none). out: scheme_set_clear(), empty on failure. errors: ERR_SCHEME (a bug; or an accredited scheme implies one that
 * is not), ERR_MEMORY. */
int scheme_set_load_shipped(struct scheme_set *out, const struct accreditations *accredited, struct err *err);
/* Add one file's bytes. A file that says "enabled: false" is checked, and left out where it is not accredited. The set
 * is as before on failure. errors: ERR_SCHEME with line and column; also where the id is there already; ERR_VERSION,
 * ERR_MEMORY. */
int scheme_set_add(struct scheme_set *set, const char *bytes, size_t len, const struct accreditations *accredited,
				   struct err *err);
/* What can be said only where all schemes are there: what a label implies is a label of the set, and none implies
 * itself through others. errors: ERR_SCHEME naming scheme and label, ERR_MEMORY. */
int scheme_set_check(const struct scheme_set *set, struct err *err);
void scheme_set_clear(struct scheme_set *set);
#define auto_schemes AUTO(scheme_set_clear) struct scheme_set

const struct scheme *scheme_find(const struct scheme_set *set, const char *id);
const struct label *scheme_find_label(const struct scheme *scheme, const char *id);

/* "TLP:CLEAR, TLP:GREEN, …" for messages; what does not fit becomes "…". out[size], size at least 8. */
void scheme_list_labels(char *out, size_t size, const struct scheme *scheme);

/* LABEL as people write it: the exact text or an alias of a label, or scheme/id; or a word of an earlier version that
 * the scheme accepts with a warning (out->legacy tells; the caller warns). Other case or spacing is refused with the
 * correction; a text that two schemes share needs the second form. errors: ERR_LABEL with a hint that holds the words
 * to type. */
int label_resolve(struct label_ref *out, const struct scheme_set *set, const char *text, struct err *err);
/* Whether a "scheme/id" is of this scheme; neither need be known here. */
bool label_is_of(const char *id, const char *scheme_id);
/* scheme/id as documents write it; false where there is none. */
bool label_find(struct label_ref *out, const struct scheme_set *set, const char *id);
/* What a file says inside. A machine tag ("tlp:amber", case does not count) or the id of a STIX marking definition; the
 * words of earlier versions too. false where no enabled scheme knows it, or refuses it (legacy). */
bool label_find_tag(struct label_ref *out, const struct scheme_set *set, const char *tag);
bool label_find_stix(struct label_ref *out, const struct scheme_set *set, const char *id);
void label_format_id(char out[static LABEL_ID_MAX + 1], struct label_ref ref); /* "tlp/amber" */
/* What a person types for it: its text, or scheme/id where two schemes share the text. */
void label_format_typed(char out[static SCHEME_TEXT_MAX + 1], const struct scheme_set *set, struct label_ref ref);

#endif
