/* SPDX-License-Identifier: Apache-2.0 */
/* What files say inside, against what they carry: more inside than outside is the mistake to stop. */
#include "base/array.h"
#include "ops/labelling_internal.h"

#include <string.h>

enum { PAIRS_TOLD_MAX = 20 };

/* One label inside and a higher one outside: how many files, and the first. */
struct less {
	struct label_ref inside, outside;
	uint32_t files, first;
};

struct comparing {
	const struct labelling *l;
	struct numbering numbers; /* by pair of labels */
	struct less *less;
	uint32_t less_count;
	const struct detected_label *worst; /* the first that says more inside */
	uint32_t understated;               /* files */
};

static void comparing_clear(struct comparing *c)
{
	numbering_clear(&c->numbers);
	free(c->less);
}

static int note_less(struct comparing *c, struct label_ref inside, struct label_ref outside, uint32_t entry,
					 struct err *err)
{
	const uint32_t key[] = {(uint32_t)(inside.scheme - c->l->session->schemes.schemes),
							(uint32_t)(inside.label - inside.scheme->labels),
							(uint32_t)(outside.label - outside.scheme->labels)};
	uint32_t n;
	if (numbering_find(&c->numbers, key, 3, &n, err) < 0)
		return -1;
	if (n == c->less_count) {
		struct less *grown = array_grow(c->less, n, sizeof *grown, err);
		if (grown == NULL)
			return -1;
		c->less = grown;
		grown[c->less_count++] = (struct less){.inside = inside, .outside = outside, .first = entry};
	}
	c->less[n].files++;
	return 0;
}

/* *out_more: the file says more inside than it carries. */
static int compare_finding(struct comparing *c, const struct decision *d, const struct detected_label *found,
						   bool *out_more, struct err *err)
{
	const struct label_ref inside = found->finding.label;
	const struct decided_label *outside = decision_highest(d, inside.scheme);
	*out_more = false;
	if (decision_has(d, inside.label))
		return 0;
	if (outside != NULL && inside.scheme->combine == COMBINE_MAX && outside->ref.label->rank > inside.label->rank)
		return note_less(c, inside, outside->ref, found->entry, err);
	*out_more = true;
	return 0;
}

static int compare_entry(struct comparing *c, uint32_t entry, struct err *err)
{
	const struct detected_label *findings;
	const uint32_t count = findings_of(c->l, entry, &findings);
	const struct decision *d = &c->l->decisions[c->l->decision_of[entry]];
	bool any = false;
	for (uint32_t i = 0; i < count; i++) {
		bool more;
		if (compare_finding(c, d, &findings[i], &more, err) < 0)
			return -1;
		if (more && c->worst == NULL)
			c->worst = &findings[i];
		any |= more;
	}
	c->understated += any;
	return 0;
}

/* --- telling --- */

/* A path as the pattern of a rule: what would be a wildcard is any character. */
static void as_pattern(char *out, size_t size, const char *path)
{
	(void)snprintf(out, size, "%s", path);
	for (char *c = strpbrk(out, "*?[\\\""); c != NULL; c = strpbrk(c + 1, "*?[\\\""))
		*c = '?';
}

static int refuse_understated(const struct comparing *c, struct err *err)
{
	const struct labelling *l = c->l;
	const struct detected_label *worst = c->worst;
	const struct decision *d = &l->decisions[l->decision_of[worst->entry]];
	const struct label_ref inside = worst->finding.label;
	const struct decided_label *outside = decision_highest(d, inside.scheme);
	const struct rulebook *book = book_of(l, d);
	char typed[SCHEME_TEXT_MAX + 1], more[48] = "", pattern[256];
	if (c->understated > 1)
		(void)snprintf(more, sizeof more, "; %u more file%s of this kind", c->understated - 1,
					   c->understated > 2 ? "s are" : " is");
	(void)err_set(err, ERR_UNDERSTATED, "%s: says %s inside (%s) and %s%s%s", l->manifest->entries[worst->entry].path,
				  inside.label->text, worst->finding.where, outside != NULL ? "is labelled " : "carries no such label",
				  outside != NULL ? outside->ref.label->text : "", more);
	label_format_typed(typed, &l->session->schemes, inside);
	as_pattern(pattern, sizeof pattern, path_below_root(l, worst->entry));
	if (book->name == NULL)
		return err_hint(err,
						"give --label %s, or label it below rules: in a .valise-labels.yaml: - {match: \"%s\", labels: "
						"[\"%s\"]}",
						typed, pattern, typed);
	return err_hint(err, "below rules: at the end of %s add: - {match: \"%s\", labels: [\"%s\"]}%s%s%s", book->name,
					pattern, typed, outside != NULL && outside->source == SOURCE_RULE ? "" : "; or detected: [\"",
					outside != NULL && outside->source == SOURCE_RULE ? "" : inside.scheme->id,
					outside != NULL && outside->source == SOURCE_RULE ? "" : "\"], so that what stands inside counts");
}

static void tell_less(const struct comparing *c, struct notices *notices)
{
	for (uint32_t i = 0; i < c->less_count && i < PAIRS_TOLD_MAX; i++) {
		const struct less *less = &c->less[i];
		const char *path = c->l->manifest->entries[less->first].path;
		if (less->files == 1)
			notice_add(notices, "%s says %s inside and is labelled higher, %s", path, less->inside.label->text,
					   less->outside.label->text);
		else
			notice_add(notices, "%u files say %s inside and are labelled higher, %s (the first is %s)", less->files,
					   less->inside.label->text, less->outside.label->text, path);
	}
	if (c->less_count > PAIRS_TOLD_MAX)
		notice_add(notices, "and %u more pairs of labels where less stands inside", c->less_count - PAIRS_TOLD_MAX);
}

int labelling_compare(const struct labelling *l, struct notices *notices, struct err *err)
{
	AUTO(comparing_clear) struct comparing c = {.l = l};
	for (uint32_t i = 0; l->detected != NULL && i < l->detected->count; i++) {
		const uint32_t entry = l->detected->labels[i].entry;
		if ((i == 0 || l->detected->labels[i - 1].entry != entry) && is_file(l, entry) &&
			compare_entry(&c, entry, err) < 0)
			return -1;
	}
	tell_less(&c, notices);
	return c.worst != NULL ? refuse_understated(&c, err) : 0;
}
