/* SPDX-License-Identifier: Apache-2.0 */
/* High-water marks: what the whole bundle counts as, from what its files carry. */
#include "policy/rule_view.h"
#include "policy/rules.h"

#include <stdlib.h>
#include <string.h>

/* How many markings carry each label of each scheme: row[i][j] for label j of scheme i of the set. */
struct tally {
	const struct scheme_set *set;
	struct label_index index;
	uint32_t *cells;
	uint32_t **row;
	uint32_t markings;
};

static void tally_clear(struct tally *tally)
{
	label_index_clear(&tally->index);
	free(tally->cells);
	free(tally->row);
}

static int tally_init(struct tally *tally, const struct scheme_set *set, struct err *err)
{
	tally->set = set;
	if (label_index_init(&tally->index, set, err) != 0)
		return -1;
	tally->cells = calloc(tally->index.count + 1, sizeof *tally->cells);
	tally->row = calloc(set->count + 1, sizeof *tally->row);
	if (tally->cells == NULL || tally->row == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	uint32_t *next = tally->cells;
	for (size_t i = 0; i < set->count; i++) {
		tally->row[i] = next;
		next += set->schemes[i].label_count;
	}
	return 0;
}

static int tally_marking(struct tally *tally, const struct manifest_marking *marking, struct err *err)
{
	for (uint32_t i = 0; i < marking->count; i++) {
		if (i > 0 && strcmp(marking->labels[i].id, marking->labels[i - 1].id) == 0)
			continue;
		const struct label_indexed *found = label_index_find(&tally->index, marking->labels[i].id);
		if (found == NULL)
			return err_set(err, ERR_LABEL, "there is no label \"%s\" here", marking->labels[i].id);
		const struct label_ref ref = found->ref;
		if (ref.scheme->combine == COMBINE_MAX && ref.label->rank < 0)
			return err_set(err, ERR_LABEL, "\"%s\" has no rank and cannot be compared", marking->labels[i].id);
		tally->row[ref.scheme - tally->set->schemes][ref.label - ref.scheme->labels]++;
	}
	tally->markings++;
	return 0;
}

/* The marks of one scheme, marked in row: cells that are no mark become 0. */
static void keep_highest(const struct scheme *scheme, uint32_t *row)
{
	size_t highest = scheme->label_count;
	for (size_t j = 0; j < scheme->label_count; j++)
		if (row[j] > 0 && (highest == scheme->label_count || scheme->labels[j].rank > scheme->labels[highest].rank))
			highest = j;
	for (size_t j = 0; j < scheme->label_count; j++)
		row[j] = j == highest;
}

/* What every file allows. A file without any label of the scheme allows nothing: absence never means all. */
static int keep_common(const struct scheme *scheme, uint32_t *row, uint32_t markings, struct err *err)
{
	bool used = false, common = false;
	for (size_t j = 0; j < scheme->label_count; j++) {
		used |= row[j] > 0;
		row[j] = row[j] == markings;
		common |= row[j] > 0 && markings > 0;
	}
	if (used && !common)
		return err_set(err, ERR_LABEL, "no label of %s (%s) is on all files: together they may go to nobody",
					   scheme->title, scheme->id);
	return 0;
}

static int keep_marks(struct tally *tally, struct err *err)
{
	if (tally->markings == 0)
		return 0;
	for (size_t i = 0; i < tally->set->count; i++) {
		const struct scheme *scheme = &tally->set->schemes[i];
		if (scheme->combine == COMBINE_MAX)
			keep_highest(scheme, tally->row[i]);
		else if (scheme->combine == COMBINE_INTERSECTION &&
				 keep_common(scheme, tally->row[i], tally->markings, err) != 0)
			return -1;
	}
	return 0;
}

static int list_marks(const struct tally *tally, char (**out)[LABEL_ID_MAX + 1], uint32_t *out_count, struct err *err)
{
	uint32_t count = 0;
	for (size_t i = 0; i < tally->set->count; i++)
		for (size_t j = 0; j < tally->set->schemes[i].label_count; j++)
			count += tally->row[i][j] > 0;
	char(*marks)[LABEL_ID_MAX + 1] = calloc(count + (size_t)1, sizeof *marks);
	if (marks == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	count = 0;
	for (size_t i = 0; i < tally->set->count; i++) {
		const struct scheme *scheme = &tally->set->schemes[i];
		for (size_t j = 0; j < scheme->label_count; j++)
			if (tally->row[i][j] > 0)
				label_format_id(marks[count++], (struct label_ref){.scheme = scheme, .label = &scheme->labels[j]});
	}
	qsort(marks, count, sizeof *marks, label_id_compare);
	*out = marks;
	*out_count = count;
	return 0;
}

int policy_high_water(const struct scheme_set *set, const struct manifest *manifest, char (**out)[LABEL_ID_MAX + 1],
					  uint32_t *out_count, struct err *err)
{
	AUTO(tally_clear) struct tally tally = {0};
	*out = NULL;
	*out_count = 0;
	if (tally_init(&tally, set, err) != 0)
		return -1;
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		if (tally_marking(&tally, &manifest->markings[i], err) != 0)
			return -1;
	if (keep_marks(&tally, err) != 0)
		return -1;
	return list_marks(&tally, out, out_count, err);
}
