/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding, once for all files of a set that say the same inside. */
#include "base/array.h"
#include "ops/labelling_internal.h"
#include "policy/rules.h"

#include <string.h>

/* --- what files say inside --- */

static int by_entry(const void *key, const void *item)
{
	const uint32_t entry = *(const uint32_t *)key, other = ((const struct detected_label *)item)->entry;
	return (entry > other) - (entry < other);
}

uint32_t findings_of(const struct labelling *l, uint32_t entry, const struct detected_label **out)
{
	const struct detected *detected = l->detected;
	uint32_t count = 0;
	*out = NULL;
	if (detected == NULL || detected->count == 0 || l->skip[entry])
		return 0;
	const struct detected_label *end = detected->labels + detected->count;
	const struct detected_label *at = bsearch(&entry, detected->labels, detected->count, sizeof *detected->labels,
											  by_entry);
	if (at == NULL)
		return 0;
	while (at > detected->labels && at[-1].entry == entry)
		at--;
	while (at + count < end && at[count].entry == entry)
		count++;
	*out = at;
	return count;
}

/* --- labels, from the strongest word to the weakest --- */

bool decision_has(const struct decision *d, const struct label *label)
{
	for (uint32_t i = 0; i < d->count; i++)
		if (d->labels[i].ref.label == label)
			return true;
	return false;
}

const struct decided_label *decision_highest(const struct decision *d, const struct scheme *scheme)
{
	const struct decided_label *highest = NULL;
	for (uint32_t i = 0; i < d->count; i++)
		if (d->labels[i].ref.scheme == scheme &&
			(highest == NULL || d->labels[i].ref.label->rank > highest->ref.label->rank))
			highest = &d->labels[i];
	return highest;
}

/* Room is taken for the most that there may be, and given back when the decision is complete. */
static int add_label(struct decision *d, struct label_ref ref, enum label_source source, uint32_t which,
					 struct err *err)
{
	if (decision_has(d, ref.label))
		return 0;
	if (d->count == MANIFEST_LABELS_MAX)
		return err_set(err, ERR_LABEL, "more than %d labels", MANIFEST_LABELS_MAX);
	d->labels[d->count] = (struct decided_label){.ref = ref, .source = source, .which = which};
	label_format_id(d->labels[d->count++].id, ref);
	return 0;
}

/* Those labels of a rule or default whose scheme nobody stronger spoke of. */
static int add_said(const struct labelling *l, struct decision *d, const struct rulebook_say *say, uint32_t count,
					uint64_t spoken, struct decided_label from, struct err *err)
{
	for (uint32_t i = 0; i < count; i++)
		if (!(spoken & bit_of(l, say->labels[i].scheme)) &&
			add_label(d, say->labels[i], from.source, from.which, err) < 0)
			return -1;
	return 0;
}

static int add_from_rules(const struct labelling *l, struct decision *d, uint64_t *spoken, struct err *err)
{
	const struct labelled_set *set = &l->sets[d->set];
	const struct rulebook *book = &l->books[set->book];
	for (uint32_t i = set->rule_count; i > 0; i--) {
		const uint32_t n = set->rules[i - 1];
		const struct rulebook_say *say = &book->rules[n];
		const struct decided_label from = {.source = SOURCE_RULE, .which = n};
		if ((say->schemes & ~*spoken) != 0 &&
			add_said(l, d, say, book->file.rules[n].say.label_count, *spoken, from, err) < 0)
			return -1;
		*spoken |= say->schemes;
	}
	return 0;
}

static bool is_highest(const struct detected_label *findings, uint32_t count, struct label_ref ref)
{
	for (uint32_t i = 0; i < count; i++)
		if (findings[i].finding.label.scheme == ref.scheme && findings[i].finding.label.label->rank > ref.label->rank)
			return false;
	return true;
}

/* Of an ordered scheme the highest that stands inside; of another all. */
static int add_from_inside(const struct labelling *l, struct decision *d, const struct detected_label *findings,
						   uint32_t count, uint64_t *spoken, struct err *err)
{
	const uint64_t wanted = book_of(l, d)->detected & ~*spoken;
	for (uint32_t i = 0; i < count; i++) {
		const struct label_ref ref = findings[i].finding.label;
		if (!(wanted & bit_of(l, ref.scheme)))
			continue;
		*spoken |= bit_of(l, ref.scheme);
		if ((ref.scheme->combine != COMBINE_MAX || is_highest(findings, count, ref)) &&
			add_label(d, ref, SOURCE_INSIDE, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int add_from_default(const struct labelling *l, struct decision *d, uint64_t *spoken, struct err *err)
{
	const struct rulebook *book = book_of(l, d);
	const struct decided_label from = {.source = SOURCE_FILE_DEFAULT};
	if (add_said(l, d, &book->otherwise, book->file.otherwise.label_count, *spoken, from, err) < 0)
		return -1;
	*spoken |= book->otherwise.schemes;
	return 0;
}

/* --- --label --- */

static void drop_scheme(struct decision *d, const struct scheme *scheme)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < d->count; i++)
		if (d->labels[i].ref.scheme != scheme)
			d->labels[kept++] = d->labels[i];
	d->count = kept;
}

/* What is missing is supplied, what is lower raised, a set added to. Nothing is lowered: what stays is told. */
static int add_option(const struct labelling *l, struct decision *d, uint32_t n, uint64_t spoken, struct err *err)
{
	const struct label_ref ref = l->options[n];
	const struct decided_label *highest = decision_highest(d, ref.scheme);
	if (decision_has(d, ref.label))
		return 0;
	if (!(spoken & bit_of(l, ref.scheme)) || ref.scheme->combine == COMBINE_UNION)
		return add_label(d, ref, SOURCE_OPTION, n, err);
	if (ref.scheme->combine == COMBINE_MAX && (highest == NULL || ref.label->rank > highest->ref.label->rank)) {
		drop_scheme(d, ref.scheme);
		return add_label(d, ref, SOURCE_OPTION, n, err);
	}
	d->kept |= bit_of(l, ref.scheme);
	return 0;
}

static int add_from_options(const struct labelling *l, struct decision *d, uint64_t *spoken, struct err *err)
{
	uint64_t here = 0;
	for (uint32_t i = 0; i < l->option_count; i++) {
		if (add_option(l, d, i, *spoken, err) < 0)
			return -1;
		here |= bit_of(l, l->options[i].scheme);
	}
	*spoken |= here;
	return 0;
}

static int add_from_station(const struct labelling *l, struct decision *d, uint64_t spoken, struct err *err)
{
	for (uint32_t i = 0; i < l->default_count; i++)
		if (!(spoken & bit_of(l, l->defaults[i].scheme)) && add_label(d, l->defaults[i], SOURCE_STATION, i, err) < 0)
			return -1;
	return 0;
}

/* --- the decision --- */

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct decided_label *)a)->id, ((const struct decided_label *)b)->id);
}

static int decision_make(struct labelling *l, struct decision *d, const struct detected_label *findings, uint32_t count,
						 struct err *err)
{
	uint64_t spoken = 0;
	d->labels = calloc(MANIFEST_LABELS_MAX, sizeof *d->labels);
	if (d->labels == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (add_from_rules(l, d, &spoken, err) < 0 || add_from_inside(l, d, findings, count, &spoken, err) < 0 ||
		add_from_default(l, d, &spoken, err) < 0 || add_from_options(l, d, &spoken, err) < 0 ||
		add_from_station(l, d, spoken, err) < 0)
		return err_wrap(err, "%s: ", l->manifest->entries[d->first].path);
	qsort(d->labels, d->count, sizeof *d->labels, by_id);
	struct decided_label *fitted = reallocarray(d->labels, (size_t)d->count + 1, sizeof *fitted);
	if (fitted != NULL)
		d->labels = fitted;
	return 0;
}

/* Files of a set may say different things inside: only schemes that count there part them. */
static uint32_t decision_key(const struct labelling *l, uint32_t entry, const struct detected_label *findings,
							 uint32_t count, uint32_t key[static 1 + FINDINGS_MAX])
{
	const uint64_t counts = l->books[l->sets[l->set_of[entry]].book].detected;
	uint32_t len = 0;
	key[len++] = l->set_of[entry];
	for (uint32_t i = 0; i < count && len <= FINDINGS_MAX; i++) {
		const struct label_ref ref = findings[i].finding.label;
		if (counts & bit_of(l, ref.scheme))
			key[len++] = (uint32_t)(ref.scheme - l->session->schemes.schemes) * LABELS_PER_SCHEME_MAX +
						 (uint32_t)(ref.label - ref.scheme->labels);
	}
	return len;
}

/* --- the manifest --- */

static int add_marking(const struct labelling *l, struct decision *d, struct manifest *manifest, struct err *err)
{
	const struct labelled_set *set = &l->sets[d->set];
	const struct rulebook *book = &l->books[set->book];
	static const enum label_origin origins[] = {LABEL_FROM_LABEL_FILE, LABEL_FROM_DETECTED, LABEL_FROM_LABEL_FILE,
												LABEL_FROM_OPTION, LABEL_FROM_DEFAULT};
	struct manifest_label labels[MANIFEST_LABELS_MAX] = {0};
	struct manifest_marking marking = {.labels = labels, .count = d->count};
	const struct label_say *say;
	for (uint32_t i = 0; i < d->count; i++) {
		(void)strcpy(labels[i].id, d->labels[i].id);
		labels[i].origin = origins[d->labels[i].source];
	}
	if ((say = fact_say(l, set, FACT_CAVEATS)) != NULL) {
		marking.caveats = say->caveats;
		marking.caveat_count = say->caveat_count;
	}
	if ((say = fact_say(l, set, FACT_RELEASABLE)) != NULL) {
		marking.releasable = say->releasable;
		marking.releasable_count = say->releasable_count;
	}
	const int64_t originator = set->facts[FACT_ORIGINATOR];
	if (originator != FACT_OF_NOBODY)
		marking.originator = (originator >= 0 ? &book->rules[originator] : &book->otherwise)->originator;
	marking.registration = (say = fact_say(l, set, FACT_REGISTRATION)) != NULL ? say->registration : NULL;
	marking.copy = (say = fact_say(l, set, FACT_COPY)) != NULL ? say->copy : NULL;
	marking.record = (say = fact_say(l, set, FACT_RECORD)) != NULL ? say->record : NULL;
	marking.expires = (say = fact_say(l, set, FACT_EXPIRES)) != NULL ? say->expires : 0;
	if (policy_check_marking(&l->session->schemes, &marking, l->manifest->entries[d->first].path, err) < 0)
		return -1;
	return manifest_add_marking(manifest, &marking, &d->marking, err);
}

static int decide_entry(struct labelling *l, uint32_t entry, struct manifest *manifest, struct err *err)
{
	const struct detected_label *findings;
	const uint32_t count = findings_of(l, entry, &findings);
	uint32_t key[1 + FINDINGS_MAX], n;
	const uint32_t key_len = decision_key(l, entry, findings, count, key);
	if (numbering_find(&l->decision_numbers, key, key_len, &n, err) < 0)
		return -1;
	if (n == l->decision_count) {
		struct decision *decisions = array_grow(l->decisions, n, sizeof *decisions, err);
		if (decisions == NULL)
			return -1;
		l->decisions = decisions;
		decisions[n] = (struct decision){.set = l->set_of[entry], .first = entry};
		l->decision_count++;
		if (decision_make(l, &decisions[n], findings, count, err) < 0 ||
			add_marking(l, &decisions[n], manifest, err) < 0)
			return -1;
	}
	l->decisions[n].files++;
	l->decision_of[entry] = n;
	manifest->entries[entry].marking = l->decisions[n].marking;
	return 0;
}

static int list_schemes(const struct labelling *l, struct manifest *manifest, struct err *err)
{
	const struct scheme_set *schemes = &l->session->schemes;
	uint64_t used = 0;
	for (uint32_t i = 0; i < l->decision_count; i++)
		for (uint32_t j = 0; j < l->decisions[i].count; j++)
			used |= bit_of(l, l->decisions[i].labels[j].ref.scheme);
	manifest->schemes = calloc(schemes->count + 1, sizeof *manifest->schemes);
	if (manifest->schemes == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < schemes->count; i++) {
		const struct scheme *scheme = &schemes->schemes[i];
		if (!(used & bit_of(l, scheme)))
			continue;
		struct manifest_scheme *entry = &manifest->schemes[manifest->scheme_count++];
		(void)strcpy(entry->id, scheme->id);
		(void)strcpy(entry->version, scheme->version);
		entry->semantics = scheme->semantics;
	}
	return 0;
}

int labelling_decide(struct labelling *l, const struct detected *detected, struct manifest *manifest,
					 struct notices *notices, struct err *err)
{
	l->detected = detected;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		manifest->entries[i].marking = 0;
		if (is_file(l, i) && decide_entry(l, i, manifest, err) < 0)
			return -1;
	}
	if (list_schemes(l, manifest, err) < 0 || labelling_take_texts(l, manifest, err) < 0 ||
		labelling_take_records(l, manifest, err) < 0 || labelling_compare(l, notices, err) < 0)
		return -1;
	labelling_tell(l, notices);
	return policy_high_water(&l->session->schemes, manifest, &manifest->marks, &manifest->mark_count, err) < 0 ||
				   policy_releasable(manifest, &manifest->releasable, &manifest->releasable_count, err) < 0
			   ? -1
			   : 0;
}
