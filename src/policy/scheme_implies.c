/* SPDX-License-Identifier: Apache-2.0 */
/* What labels imply, over all schemes of a set: a walk from each label along what it implies. */
#include "policy/scheme.h"
#include "policy/scheme_parse.h"

#include <stdlib.h>
#include <string.h>

enum state { NEW, OPEN, DONE };

struct step {
	struct label_ref ref;
	uint32_t next; /* which of its implied labels comes next */
};

struct walk {
	const struct scheme_set *set;
	size_t *first;        /* owned: the number of each scheme's first label */
	unsigned char *state; /* owned: of each label */
	struct step *steps;   /* owned: the labels on the way, each OPEN */
	size_t depth;
};

static void walk_clear(struct walk *walk)
{
	free(walk->first);
	free(walk->state);
	free(walk->steps);
}

static int walk_init(struct walk *walk, const struct scheme_set *set, struct err *err)
{
	size_t count = 0;
	*walk = (struct walk){.set = set, .first = calloc(set->count + 1, sizeof *walk->first)};
	for (size_t i = 0; walk->first != NULL && i < set->count; i++) {
		walk->first[i] = count;
		count += set->schemes[i].label_count;
	}
	walk->state = calloc(count + 1, sizeof *walk->state);
	walk->steps = calloc(count + 1, sizeof *walk->steps);
	if (walk->first == NULL || walk->state == NULL || walk->steps == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

static unsigned char *state_of(const struct walk *walk, struct label_ref ref)
{
	size_t scheme = (size_t)(ref.scheme - walk->set->schemes);
	return &walk->state[walk->first[scheme] + (size_t)(ref.label - ref.scheme->labels)];
}

static void enter(struct walk *walk, struct label_ref ref)
{
	*state_of(walk, ref) = OPEN;
	walk->steps[walk->depth++] = (struct step){.ref = ref};
}

static int fail_unknown(const struct walk *walk, struct label_ref from, const char *implied, struct err *err)
{
	char id[LABEL_ID_MAX + 1], scheme_id[LABEL_ID_MAX + 1];
	label_format_id(id, from);
	(void)err_set(err, ERR_SCHEME, "the label %s implies %s, which no scheme has that is enabled here", id, implied);
	(void)strcpy(scheme_id, implied);
	*strchr(scheme_id, '/') = '\0';
	for (size_t i = 0; i < walk->set->left_out_count; i++)
		if (strcmp(walk->set->left_out[i], scheme_id) == 0)
			return err_hint(err, SCHEME_HOW_TO_ACCREDIT, scheme_id);
	if (scheme_find(walk->set, scheme_id) == NULL)
		return err_hint(err, "put the file of the scheme \"%s\" into schemes/ of the station's home", scheme_id);
	return err_hint(err, "correct \"implies\" in the file of the scheme \"%s\"", from.scheme->id);
}

static int fail_circle(struct label_ref from, const char *implied, struct err *err)
{
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, from);
	(void)err_set(err, ERR_SCHEME, "the label %s implies %s, which implies %s in the end", id, implied, id);
	return err_hint(err, "take one of the two out of \"implies\" in the file of the scheme \"%s\"", from.scheme->id);
}

/* The next label that the last one on the way implies; back one step where there is none. */
static int advance(struct walk *walk, struct err *err)
{
	struct step *last = &walk->steps[walk->depth - 1];
	struct label_ref implied;
	if (last->next == last->ref.label->implies_count) {
		*state_of(walk, last->ref) = DONE;
		walk->depth--;
		return 0;
	}
	const char *id = last->ref.label->implies[last->next++];
	if (!label_find(&implied, walk->set, id))
		return fail_unknown(walk, last->ref, id, err);
	if (*state_of(walk, implied) == OPEN)
		return fail_circle(last->ref, id, err);
	if (*state_of(walk, implied) == NEW)
		enter(walk, implied);
	return 0;
}

static int walk_from(struct walk *walk, struct label_ref start, struct err *err)
{
	if (*state_of(walk, start) != NEW)
		return 0;
	enter(walk, start);
	while (walk->depth > 0)
		if (advance(walk, err) != 0)
			return -1;
	return 0;
}

int scheme_set_check(const struct scheme_set *set, struct err *err)
{
	AUTO(walk_clear) struct walk walk;
	if (walk_init(&walk, set, err) != 0)
		return -1;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->schemes[i].label_count; j++) {
			struct label_ref ref = {.scheme = &set->schemes[i], .label = &set->schemes[i].labels[j]};
			if (walk_from(&walk, ref, err) != 0)
				return -1;
		}
	return 0;
}
