/* SPDX-License-Identifier: Apache-2.0 */
/* No word of a scheme stands for two things. Sorted and compared with its neighbour: a scheme may have ten thousand. */
#include "policy/scheme_parse.h"
#include "policy/scheme_reader.h"

#include <stdlib.h>
#include <string.h>

/* Words of one group must differ: ids; what people type; tags; ids of markings. */
enum group { GROUP_ID, GROUP_TYPED, GROUP_TAG, GROUP_STIX, GROUP_NONE };

struct word {
	enum group group;
	const char *text;
	const struct spot *spot;
};

static struct word label_word(const struct label *label, const struct spot *spot)
{
	switch (spot->kind) {
	case SPOT_ID:
		return (struct word){GROUP_ID, label->id, spot};
	case SPOT_TEXT:
		return (struct word){GROUP_TYPED, label->text, spot};
	case SPOT_ALIAS:
		return (struct word){GROUP_TYPED, label->aliases.items[spot->item], spot};
	case SPOT_TAG:
		return (struct word){GROUP_TAG, label->tags.items[spot->item], spot};
	case SPOT_STIX:
		return (struct word){GROUP_STIX, label->stix.items[spot->item], spot};
	default:
		return (struct word){GROUP_NONE, "", spot};
	}
}

static struct word legacy_word(const struct label_legacy *legacy, const struct spot *spot)
{
	switch (spot->kind) {
	case SPOT_LEGACY_TAG:
		return (struct word){GROUP_TAG, legacy->tags.items[spot->item], spot};
	case SPOT_LEGACY_STIX:
		return (struct word){GROUP_STIX, legacy->stix.items[spot->item], spot};
	default:
		return (struct word){GROUP_TYPED, legacy->text, spot};
	}
}

static struct word word_at(const struct scheme *scheme, const struct spot *spot)
{
	if (spot->kind == SPOT_LEGACY || spot->kind == SPOT_LEGACY_TAG || spot->kind == SPOT_LEGACY_STIX)
		return legacy_word(&scheme->legacy[spot->owner], spot);
	return label_word(&scheme->labels[spot->owner], spot);
}

static int compare_texts(const struct word *a, const struct word *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->group == GROUP_TAG ? tag_compare(a->text, b->text) : strcmp(a->text, b->text);
}

/* Spots of one array: the later one stands further down in the file. */
static int compare_words(const void *left, const void *right)
{
	const struct word *a = left, *b = right;
	int order = compare_texts(a, b);
	if (order != 0)
		return order;
	return a->spot < b->spot ? -1 : a->spot > b->spot;
}

static const char *kind_name(enum spot_kind kind)
{
	switch (kind) {
	case SPOT_ALIAS:
		return "an alias";
	case SPOT_LEGACY:
		return "a word of an earlier version";
	default:
		return "the text";
	}
}

static int fail_typed(const struct scheme_reader *reader, const struct word *first, const struct word *second,
					  struct err *err)
{
	const struct spot *a = first->spot, *b = second->spot;
	if (a->kind == SPOT_LEGACY)
		(void)scheme_fail_at(reader, b->kind, b->owner, b->item, err, "\"%s\" is %s already", first->text,
							 kind_name(a->kind));
	else
		(void)scheme_fail_at(reader, b->kind, b->owner, b->item, err, "\"%s\" is %s of the label \"%s\" already",
							 first->text, kind_name(a->kind), reader->scheme.labels[a->owner].id);
	return err_hint(err, "what people type must stand for one label: change it here, or take it out");
}

static int fail_same(const struct scheme_reader *reader, const struct word *first, const struct word *second,
					 struct err *err)
{
	const struct spot *at = second->spot;
	if (first->group == GROUP_TYPED)
		return fail_typed(reader, first, second, err);
	if (first->group == GROUP_ID) {
		(void)scheme_fail_at(reader, at->kind, at->owner, at->item, err, "the label \"%s\" stands here a second time",
							 second->text);
		return err_hint(err, "give this one an id of its own, or take it out");
	}
	(void)scheme_fail_at(reader, at->kind, at->owner, at->item, err, "the %s \"%s\" stands here a second time",
						 first->group == GROUP_TAG ? "tag" : "marking", second->text);
	return err_hint(err, "leave it where it belongs, and take it out of the other place");
}

/* The pair of equal words whose second one comes first in the file; false where no two are equal. */
static bool find_same(const struct word *words, size_t count, const struct word **first, const struct word **second)
{
	*second = NULL;
	for (size_t i = 1; i < count; i++) {
		if (words[i].group == GROUP_NONE || compare_texts(&words[i - 1], &words[i]) != 0)
			continue;
		if (*second == NULL || words[i].spot < (*second)->spot) {
			*first = &words[i - 1];
			*second = &words[i];
		}
	}
	return *second != NULL;
}

int scheme_check_words(const struct scheme_reader *reader, struct err *err)
{
	const struct word *first, *second;
	auto_free struct word *words = calloc(reader->spot_count + (size_t)1, sizeof *words);
	if (words == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < reader->spot_count; i++)
		words[i] = word_at(&reader->scheme, &reader->spots[i]);
	qsort(words, reader->spot_count, sizeof *words, compare_words);
	if (find_same(words, reader->spot_count, &first, &second))
		return fail_same(reader, first, second, err);
	return 0;
}
