/* SPDX-License-Identifier: Apache-2.0 */
#include "base/numbering.h"

#include "base/array.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_words(const uint32_t *words, size_t count)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (size_t i = 0; i < count; i++)
		hash = (hash ^ words[i]) * 0x100000001b3u;
	return (uint32_t)(hash ^ hash >> 32);
}

static size_t start_of(const struct numbering *n, uint32_t run)
{
	return run > 0 ? n->ends[run - 1] : 0;
}

static bool run_is(const struct numbering *n, uint32_t run, const uint32_t *words, uint32_t count)
{
	const size_t start = start_of(n, run);
	return n->ends[run] - start == count && (count == 0 || memcmp(n->words + start, words, count * sizeof *words) == 0);
}

/* The slot of the run, or the free one where it goes. */
static uint32_t *find_slot(const struct numbering *n, const uint32_t *words, uint32_t count)
{
	const uint32_t mask = n->slot_count - 1;
	uint32_t at = hash_words(words, count) & mask;
	while (n->slots[at] != 0 && !run_is(n, n->slots[at] - 1, words, count))
		at = (at + 1) & mask;
	return &n->slots[at];
}

/* At most half full. */
static int make_room(struct numbering *n, struct err *err)
{
	if (n->count < n->slot_count / 2)
		return 0;
	auto_free uint32_t *old = n->slots;
	const uint32_t room = n->slot_count > 0 ? n->slot_count * 2 : 64;
	uint32_t *slots = calloc(room, sizeof *slots);
	if (slots == NULL) {
		old = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	n->slots = slots;
	n->slot_count = room;
	for (uint32_t i = 0; i < n->count; i++)
		*find_slot(n, n->words + start_of(n, i), (uint32_t)(n->ends[i] - start_of(n, i))) = i + 1;
	return 0;
}

static int append_words(struct numbering *n, const uint32_t *words, uint32_t count, struct err *err)
{
	if (n->word_room - n->word_count < count) {
		const size_t room = 2 * (n->word_count + count) + 64;
		uint32_t *grown = reallocarray(n->words, room, sizeof *grown);
		if (grown == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
		n->words = grown;
		n->word_room = room;
	}
	if (count > 0)
		memcpy(n->words + n->word_count, words, count * sizeof *words);
	n->word_count += count;
	return 0;
}

int numbering_find(struct numbering *numbering, const uint32_t *words, uint32_t count, uint32_t *out, struct err *err)
{
	if (make_room(numbering, err) != 0)
		return -1;
	uint32_t *slot = find_slot(numbering, words, count);
	if (*slot != 0) {
		*out = *slot - 1;
		return 0;
	}
	size_t *ends = array_grow(numbering->ends, numbering->count, sizeof *ends, err);
	if (ends == NULL)
		return -1;
	numbering->ends = ends;
	if (append_words(numbering, words, count, err) != 0)
		return -1;
	ends[numbering->count] = numbering->word_count;
	*out = numbering->count++;
	*slot = numbering->count;
	return 0;
}

void numbering_clear(struct numbering *numbering)
{
	free(numbering->words);
	free(numbering->ends);
	free(numbering->slots);
	*numbering = (struct numbering){0};
}
