/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rule_view.h"

#include "policy/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- words --- */

void rule_words_add(struct rule_words *words, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(words->text + words->used, sizeof words->text - words->used, fmt, args);
	va_end(args);
	words->used += n > 0 ? (size_t)n : 0;
	if (words->used >= sizeof words->text)
		words->used = sizeof words->text - 1;
}

void rule_words_list(struct rule_words *words, const char *word)
{
	rule_words_add(words, "%s%s", words->used > 0 ? ", " : "", word);
}

/* --- labels by id --- */

static int compare_indexed(const void *a, const void *b)
{
	return strcmp(((const struct label_indexed *)a)->id, ((const struct label_indexed *)b)->id);
}

int label_index_init(struct label_index *index, const struct scheme_set *set, struct err *err)
{
	size_t total = 0;
	*index = (struct label_index){0};
	for (size_t i = 0; i < set->count; i++)
		total += set->schemes[i].label_count;
	index->items = calloc(total + 1, sizeof *index->items);
	if (index->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->schemes[i].label_count; j++) {
			struct label_indexed *item = &index->items[index->count++];
			item->ref = (struct label_ref){.scheme = &set->schemes[i], .label = &set->schemes[i].labels[j]};
			label_format_id(item->id, item->ref);
		}
	qsort(index->items, index->count, sizeof *index->items, compare_indexed);
	return 0;
}

void label_index_clear(struct label_index *index)
{
	free(index->items);
	*index = (struct label_index){0};
}

static int compare_id(const void *id, const void *item)
{
	return strcmp(id, ((const struct label_indexed *)item)->id);
}

const struct label_indexed *label_index_find(const struct label_index *index, const char *id)
{
	return bsearch(id, index->items, index->count, sizeof *index->items, compare_id);
}

/* --- the look --- */

static void find_paths(struct rule_view *view)
{
	const struct manifest *manifest = view->about->manifest;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER)
			continue;
		if (entry->marking >= manifest->marking_count)
			view->unmarked = entry->path;
		else if (view->paths[entry->marking] == NULL)
			view->paths[entry->marking] = entry->path;
	}
}

/* carried_at, by item of the index: the first marking with it, or UINT32_MAX. */
static void find_labels(struct rule_view *view, const struct label_index *index, uint32_t *carried_at)
{
	const struct manifest *manifest = view->about->manifest;
	size_t next = 0;
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		const struct manifest_marking *marking = &manifest->markings[i];
		view->first[i] = next;
		for (uint32_t j = 0; j < marking->count; j++, next++) {
			const struct label_indexed *found = label_index_find(index, marking->labels[j].id);
			if (found == NULL)
				continue;
			uint32_t *at = &carried_at[found - index->items];
			*at = *at == UINT32_MAX ? i : *at;
			view->refs[next] = found->ref;
			view->needs[i] |= found->ref.label->needs;
		}
	}
}

static bool is_above(struct label_ref a, struct label_ref b)
{
	return a.scheme == b.scheme && a.scheme->combine == COMBINE_MAX && a.label->rank > b.label->rank;
}

static int list_carried(struct rule_view *view, const struct label_index *index, const uint32_t *carried_at,
						struct err *err)
{
	view->carried = calloc(index->count + 1, sizeof *view->carried);
	if (view->carried == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	size_t scheme_begin = 0; /* the labels of one scheme stand together: their ids begin alike */
	for (size_t i = 0; i < index->count; i++) {
		if (carried_at[i] == UINT32_MAX)
			continue;
		struct rule_label new = {.ref = index->items[i].ref, .marking = carried_at[i], .is_top = true};
		if (view->carried_count > 0 && view->carried[view->carried_count - 1].ref.scheme != new.ref.scheme)
			scheme_begin = view->carried_count;
		for (size_t k = scheme_begin; k < view->carried_count; k++) {
			view->carried[k].is_top &= !is_above(new.ref, view->carried[k].ref);
			new.is_top &= !is_above(view->carried[k].ref, new.ref);
		}
		view->carried[view->carried_count++] = new;
	}
	return 0;
}

static int look_at_labels(struct rule_view *view, struct err *err)
{
	auto_label_index index = {0};
	if (label_index_init(&index, view->about->schemes, err) != 0)
		return -1;
	auto_free uint32_t *carried_at = malloc((index.count + 1) * sizeof *carried_at);
	if (carried_at == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	memset(carried_at, 0xff, (index.count + 1) * sizeof *carried_at);
	find_labels(view, &index, carried_at);
	return list_carried(view, &index, carried_at, err);
}

/* The station's communities as bits that somebody is in, too. */
static uint32_t shared_with(const struct communities *ours, const struct communities *theirs)
{
	uint32_t bits = 0;
	for (uint32_t i = 0; ours != NULL && theirs != NULL && i < ours->count; i++)
		for (uint32_t j = 0; j < theirs->count; j++)
			if (strcmp(ours->items[i], theirs->items[j]) == 0)
				bits |= (uint32_t)1 << i;
	return bits;
}

static void look_at_communities(struct rule_view *view)
{
	_Static_assert(COMMUNITIES_MAX <= 32, "a community is a bit");
	uint32_t common = UINT32_MAX;
	for (uint32_t i = 0; i < view->about->recipient_count; i++) {
		common &= shared_with(view->about->station.communities, view->about->recipients[i].communities);
		view->shared[i] = common;
	}
}

static int allocate(struct rule_view *view, struct err *err)
{
	const struct manifest *manifest = view->about->manifest;
	size_t labels = 0;
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		labels += manifest->markings[i].count;
	view->paths = calloc(manifest->marking_count + (size_t)1, sizeof *view->paths);
	view->first = calloc(manifest->marking_count + (size_t)1, sizeof *view->first);
	view->needs = calloc(manifest->marking_count + (size_t)1, sizeof *view->needs);
	view->refs = calloc(labels + 1, sizeof *view->refs);
	view->shared = calloc(view->about->recipient_count + (size_t)1, sizeof *view->shared);
	return view->paths != NULL && view->first != NULL && view->needs != NULL && view->refs != NULL &&
				   view->shared != NULL
			   ? 0
			   : err_set(err, ERR_MEMORY, "out of memory");
}

/* What cannot be computed is a refusal of the rule that wants it, unless memory is short. */
static int recompute(struct rule_view *view, struct err *err)
{
	const struct manifest *manifest = view->about->manifest;
	(void)policy_high_water(view->about->schemes, manifest, &view->marks, &view->mark_count, &view->marks_err);
	(void)policy_releasable(manifest, &view->releasable, &view->releasable_count, &view->releasable_err);
	return view->marks_err.code == ERR_MEMORY || view->releasable_err.code == ERR_MEMORY
			   ? err_set(err, ERR_MEMORY, "out of memory")
			   : 0;
}

int rule_view_init(struct rule_view *view, const struct policy_case *about, struct err *err)
{
	*view = (struct rule_view){.about = about};
	if (allocate(view, err) != 0)
		return -1;
	find_paths(view);
	look_at_communities(view);
	return look_at_labels(view, err) != 0 ? -1 : recompute(view, err);
}

void rule_view_clear(struct rule_view *view)
{
	free(view->paths);
	free(view->refs);
	free(view->first);
	free(view->needs);
	free(view->carried);
	free(view->shared);
	free(view->marks);
	free(view->releasable);
	*view = (struct rule_view){0};
}

/* --- parts of it --- */

const struct policy_party *rule_party(const struct rule_view *view, int64_t who)
{
	return who < 0 ? &view->about->station : &view->about->recipients[who];
}

const char *rule_jurisdiction(const struct policy_party *party)
{
	return party->party != NULL ? party->party->jurisdiction : "";
}

const char *rule_path(const struct rule_view *view, uint32_t marking)
{
	return view->paths[marking] != NULL ? view->paths[marking] : "no file";
}

const struct label *rule_label_with_need(const struct rule_view *view, uint32_t marking, enum label_need need)
{
	const uint32_t count = view->about->manifest->markings[marking].count;
	for (uint32_t i = 0; i < count; i++) {
		const struct label *label = view->refs[view->first[marking] + i].label;
		if (label != NULL && (label->needs & (1u << need)) != 0)
			return label;
	}
	return NULL;
}
