/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LABELLING_INTERNAL_H
#define VALISE_OPS_LABELLING_INTERNAL_H

#include "base/numbering.h"
#include "ops/labelling.h"
#include "ops/rulebook.h"

/* Between preparing, deciding and explaining. Thousands of files share few sets of rules, and few decisions. */

enum { FACT_OF_DEFAULT = -1, FACT_OF_NOBODY = -2 };

/* Files of one root whose label file's same rules match. */
struct labelled_set {
	uint32_t book;
	uint32_t *rules; /* owned; in the order of the file */
	uint32_t rule_count;
	int64_t facts[FACT_COUNT]; /* number of the rule that decides, or FACT_OF_* */
	uint32_t files, first;     /* how many, and the first one's entry */
};

enum label_source { SOURCE_RULE, SOURCE_INSIDE, SOURCE_FILE_DEFAULT, SOURCE_OPTION, SOURCE_STATION };

struct decided_label {
	struct label_ref ref;
	char id[LABEL_ID_MAX + 1];
	enum label_source source;
	uint32_t which; /* number of the rule, the option, or the station's default label */
};

/* What files of one set carry that say the same inside. */
struct decision {
	uint32_t set;
	struct decided_label *labels; /* owned; sorted by id once it is complete */
	uint32_t count;
	uint64_t kept; /* schemes of which the files keep a label that --label would lower */
	uint32_t marking;
	uint32_t files, first;
};

struct labelling {
	const struct session *session;
	const struct scan *scan;
	const struct manifest *manifest;
	const struct detected *detected;
	struct rulebook *books; /* one for each root; one alone with --label-file */
	uint32_t book_count;
	struct label_ref *options, *defaults;
	const char *const *option_words;
	uint32_t option_count, default_count;
	struct numbering set_numbers; /* by book and patterns */
	struct labelled_set *sets;
	uint32_t set_count;
	uint32_t *set_of; /* for each entry; NO_SET for folders */
	unsigned char *skip;
	struct numbering decision_numbers; /* by set and what counts inside */
	struct decision *decisions;
	uint32_t decision_count;
	uint32_t *decision_of; /* for each entry, where it is a file */
};
enum { NO_SET = UINT32_MAX };

static inline const struct rulebook *book_of(const struct labelling *l, const struct decision *decision)
{
	return &l->books[l->sets[decision->set].book];
}
static inline const struct label_say *fact_say(const struct labelling *l, const struct labelled_set *set,
											   enum label_fact fact)
{
	const struct label_file *file = &l->books[set->book].file;
	const int64_t n = set->facts[fact];
	return n >= 0 ? &file->rules[n].say : n == FACT_OF_DEFAULT ? &file->otherwise : NULL;
}
static inline uint64_t bit_of(const struct labelling *l, const struct scheme *scheme)
{
	return scheme_bit(&l->session->schemes, scheme);
}
static inline bool is_file(const struct labelling *l, uint32_t entry)
{
	return l->manifest->entries[entry].type != ENTRY_FOLDER;
}

/* An entry's findings: *out the first, returns how many. None of files that are not inspected. */
uint32_t findings_of(const struct labelling *l, uint32_t entry, const struct detected_label **out);

bool decision_has(const struct decision *decision, const struct label *label);
/* The highest label of a scheme; NULL where there is none. */
const struct decided_label *decision_highest(const struct decision *decision, const struct scheme *scheme);

/* The path of an entry as its label file's patterns see it. */
const char *path_below_root(const struct labelling *l, uint32_t entry);

/* Purpose and handling of the label files, where the manifest has none yet; the records that its markings name.
 * errors: ERR_LABEL_FILE where two label files contradict each other. */
int labelling_take_texts(const struct labelling *l, struct manifest *manifest, struct err *err);
int labelling_take_records(const struct labelling *l, struct manifest *manifest, struct err *err);
/* Notices of what was decided. */
void labelling_tell(const struct labelling *l, struct notices *notices);

/* What files say inside against what they carry. errors: ERR_UNDERSTATED, ERR_MEMORY. */
int labelling_compare(const struct labelling *l, struct notices *notices, struct err *err);

#endif
