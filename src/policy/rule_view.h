/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_RULE_VIEW_H
#define VALISE_POLICY_RULE_VIEW_H

#include "policy/decide.h"

/* What the rules share: one look at the manifest, taken once, so that each rule works on the few different markings and
 * labels and not on a million files. */

/* A label that some file carries. */
struct rule_label {
	struct label_ref ref;
	uint32_t marking; /* the first with it */
	bool is_top;      /* nothing of its scheme stands above it; always, where the scheme has no order */
};

struct rule_view {
	const struct policy_case *about;
	const char **paths;         /* owned, by marking: a file that carries it; NULL: none does */
	const char *unmarked;       /* a file without marking; NULL: none */
	struct label_ref *refs;     /* owned: of all markings, one after the other; label NULL where it is not known here */
	size_t *first;              /* owned, by marking: where its refs begin */
	unsigned *needs;            /* owned, by marking: of all its labels together, 1 << enum label_need */
	struct rule_label *carried; /* owned, by id: each label once */
	uint32_t carried_count;
	uint32_t *shared; /* owned, by recipient: the station's communities that all up to this one are in, as bits */
	char (*marks)[LABEL_ID_MAX + 1]; /* owned: recomputed; none where marks_err says why */
	uint32_t mark_count;
	struct err marks_err;
	char (*releasable)[3]; /* owned: likewise */
	uint32_t releasable_count;
	struct err releasable_err;
};
/* errors: ERR_MEMORY. */
int rule_view_init(struct rule_view *view, const struct policy_case *about, struct err *err);
void rule_view_clear(struct rule_view *view);
#define auto_rule_view AUTO(rule_view_clear) struct rule_view

/* Who is judged: a recipient, or with -1 this station. */
const struct policy_party *rule_party(const struct rule_view *view, int64_t who);
/* Its jurisdiction; "" where nobody said. */
const char *rule_jurisdiction(const struct policy_party *party);
/* For messages: a file that carries the marking. */
const char *rule_path(const struct rule_view *view, uint32_t marking);
/* The label of a marking that asks for this. */
const struct label *rule_label_with_need(const struct rule_view *view, uint32_t marking, enum label_need need);

/* Each rule: what it says of a recipient, or with -1 of this station and the files by themselves. why is empty before;
 * a refusal sets it, and what allows leaves its message there with the code ERR_OK. */
typedef enum policy_outcome rule_fn(const struct rule_view *view, int64_t who, struct err *why);
#define X(name, function, word, text) rule_fn function;
POLICY_RULES(X)
#undef X

/* Words put together for a message, cut where they do not fit. */
struct rule_words {
	char text[ERR_HINT_MAX];
	size_t used;
};
[[gnu::format(printf, 2, 3)]] void rule_words_add(struct rule_words *words, const char *fmt, ...);
/* With ", " before all but the first. */
void rule_words_list(struct rule_words *words, const char *word);

/* Labels of a set by their "scheme/id", sorted: thousands are looked up. */
struct label_index {
	struct label_indexed *items; /* owned */
	size_t count;
};
struct label_indexed {
	char id[LABEL_ID_MAX + 1];
	struct label_ref ref;
};
int label_index_init(struct label_index *index, const struct scheme_set *set, struct err *err);
void label_index_clear(struct label_index *index);
#define auto_label_index AUTO(label_index_clear) struct label_index
const struct label_indexed *label_index_find(const struct label_index *index, const char *id); /* NULL: none */

#endif
