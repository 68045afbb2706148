/* SPDX-License-Identifier: Apache-2.0 */
/* Markings and records in memory. A marking is looked up once a file, so ten thousand of them stand in a hash table. */
#include "base/array.h"
#include "base/cleanup.h"
#include "format/manifest_parts.h"

#include <stdlib.h>
#include <string.h>

#define FNV_PRIME 0x100000001b3u

enum { SLOTS_MIN = 64 };

/* --- hashes: FNV-1a, from a start that nobody outside knows --- */

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	for (unsigned i = 0; i < 64; i += 8)
		hash = (hash ^ (number >> i & 0xff)) * FNV_PRIME;
	return hash;
}

/* Its NUL takes part, so that texts that follow one another do not run into each other. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	if (text == NULL)
		return hash * FNV_PRIME;
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
	return (hash ^ 0xff) * FNV_PRIME;
}

static uint64_t hash_lists(uint64_t hash, const struct manifest_marking *marking)
{
	hash = hash_number(hash, marking->count);
	for (uint32_t i = 0; i < marking->count; i++)
		hash = hash_text(hash_number(hash, marking->labels[i].origin), marking->labels[i].id);
	hash = hash_number(hash, marking->handle_as_count);
	for (uint32_t i = 0; i < marking->handle_as_count; i++)
		hash = hash_text(hash, marking->handle_as[i]);
	hash = hash_number(hash, marking->releasable_count);
	for (uint32_t i = 0; i < marking->releasable_count; i++)
		hash = hash_text(hash, marking->releasable[i]);
	hash = hash_number(hash, marking->caveat_count);
	for (uint32_t i = 0; i < marking->caveat_count; i++)
		hash = hash_text(hash, marking->caveats[i]);
	return hash;
}

static uint64_t hash_marking(uint64_t seed, const struct manifest_marking *marking)
{
	uint64_t hash = hash_text(hash_lists(seed, marking), marking->originator.hex);
	hash = hash_text(hash_text(hash, marking->registration), marking->copy);
	return hash_number(hash_text(hash, marking->record), (uint64_t)marking->expires);
}

/* --- equality --- */

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool has_same_lists(const struct manifest_marking *a, const struct manifest_marking *b)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->labels[i].origin != b->labels[i].origin || strcmp(a->labels[i].id, b->labels[i].id) != 0)
			return false;
	for (uint32_t i = 0; i < a->handle_as_count; i++)
		if (strcmp(a->handle_as[i], b->handle_as[i]) != 0)
			return false;
	for (uint32_t i = 0; i < a->releasable_count; i++)
		if (strcmp(a->releasable[i], b->releasable[i]) != 0)
			return false;
	for (uint32_t i = 0; i < a->caveat_count; i++)
		if (strcmp(a->caveats[i], b->caveats[i]) != 0)
			return false;
	return true;
}

static bool is_same_marking(const struct manifest_marking *a, const struct manifest_marking *b)
{
	if (a->hash != b->hash || a->count != b->count || a->handle_as_count != b->handle_as_count ||
		a->releasable_count != b->releasable_count || a->caveat_count != b->caveat_count || a->expires != b->expires)
		return false;
	return strcmp(a->originator.hex, b->originator.hex) == 0 && is_same_text(a->registration, b->registration) &&
		   is_same_text(a->copy, b->copy) && is_same_text(a->record, b->record) && has_same_lists(a, b);
}

/* --- the table --- */

/* The low bits of a hash come from the low bits of the text alone: the high ones are folded in. */
static uint32_t first_slot(const struct manifest_arena *arena, uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32) & (arena->slot_count - 1);
}

/* The slot that holds an equal marking, or the free one where it belongs. */
static uint32_t *find_slot(const struct manifest *m, const struct manifest_marking *marking)
{
	const struct manifest_arena *arena = m->arena;
	uint32_t at = first_slot(arena, marking->hash);
	while (arena->slots[at] != 0 && !is_same_marking(&m->markings[arena->slots[at] - 1], marking))
		at = (at + 1) & (arena->slot_count - 1);
	return &arena->slots[at];
}

static void fill_slots(const struct manifest *m)
{
	for (uint32_t i = 0; i < m->marking_count; i++) {
		uint32_t at = first_slot(m->arena, m->markings[i].hash);
		while (m->arena->slots[at] != 0)
			at = (at + 1) & (m->arena->slot_count - 1);
		m->arena->slots[at] = i + 1;
	}
}

/* Half of the slots stay free, so that a search ends soon. */
static int reserve_slot(const struct manifest *m, struct err *err)
{
	struct manifest_arena *arena = m->arena;
	if (m->marking_count < arena->slot_count / 2)
		return 0;
	uint32_t count = arena->slot_count > 0 ? arena->slot_count * 2 : SLOTS_MIN;
	uint32_t *slots = calloc(count, sizeof *slots);
	if (slots == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	free(arena->slots);
	arena->slots = slots;
	arena->slot_count = count;
	fill_slots(m);
	return 0;
}

/* --- adding --- */

static int copy_marking(struct manifest_marking *out, struct manifest_arena *arena, const struct manifest_marking *from,
						struct err *err)
{
	struct manifest_marking copy = *from;
	copy.labels = arena_copy(arena, from->labels, from->count * sizeof *from->labels);
	copy.handle_as = arena_copy(arena, from->handle_as, from->handle_as_count * sizeof *from->handle_as);
	copy.releasable = arena_copy(arena, from->releasable, from->releasable_count * sizeof *from->releasable);
	copy.caveats = arena_copy(arena, from->caveats, from->caveat_count * sizeof *from->caveats);
	for (uint32_t i = 0; copy.caveats != NULL && i < copy.caveat_count; i++)
		copy.caveats[i] = arena_dup(arena, from->caveats[i]);
	copy.registration = arena_dup(arena, from->registration);
	copy.copy = arena_dup(arena, from->copy);
	copy.record = arena_dup(arena, from->record);
	if (arena->is_exhausted)
		return err_set(err, ERR_MEMORY, "out of memory");
	*out = copy;
	return 0;
}

static int append_marking(struct manifest *m, const struct manifest_marking *marking, uint32_t *slot, struct err *err)
{
	if (m->marking_count == MANIFEST_MARKINGS_MAX) {
		(void)err_set(err, ERR_LIMIT, "more than %d different sets of labels and facts", MANIFEST_MARKINGS_MAX);
		return err_hint(err, "pack in parts, or give more files the same labels, numbers and caveats");
	}
	struct manifest_marking *markings = array_grow(m->markings, m->marking_count, sizeof *markings, err);
	if (markings == NULL)
		return -1;
	m->markings = markings;
	if (copy_marking(&markings[m->marking_count], m->arena, marking, err) != 0)
		return -1;
	*slot = ++m->marking_count;
	return 0;
}

static char *text_or_none(char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

int manifest_add_marking(struct manifest *manifest, const struct manifest_marking *marking, uint32_t *out,
						 struct err *err)
{
	struct manifest_marking wanted = *marking;
	/* "" is written like NULL: two markings that differ in this alone would be one twice for a reader */
	wanted.registration = text_or_none(wanted.registration);
	wanted.copy = text_or_none(wanted.copy);
	wanted.record = text_or_none(wanted.record);
	wanted.hash = hash_marking(manifest->arena->seed, &wanted);
	if (reserve_slot(manifest, err) != 0)
		return -1;
	uint32_t *slot = find_slot(manifest, &wanted);
	if (*slot == 0 && append_marking(manifest, &wanted, slot, err) != 0)
		return -1;
	*out = *slot - 1;
	return 0;
}

int manifest_drop_unused_markings(struct manifest *manifest, struct err *err)
{
	uint32_t kept = 0;
	auto_free uint32_t *numbers = calloc(manifest->marking_count + (size_t)1, sizeof *numbers); /* new number + 1 */
	if (numbers == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER)
			numbers[manifest->entries[i].marking] = 1;
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		if (numbers[i] == 0)
			continue;
		manifest->markings[kept] = manifest->markings[i];
		numbers[i] = ++kept;
	}
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER)
			manifest->entries[i].marking = numbers[manifest->entries[i].marking] - 1;
	manifest->marking_count = kept;
	if (manifest->arena->slot_count > 0)
		memset(manifest->arena->slots, 0, manifest->arena->slot_count * sizeof *manifest->arena->slots);
	fill_slots(manifest);
	return 0;
}

int manifest_add_record(struct manifest *manifest, const struct record *record, struct err *err)
{
	if (manifest->record_count == MANIFEST_RECORDS_MAX) {
		(void)err_set(err, ERR_LIMIT, "more than %d processing records", MANIFEST_RECORDS_MAX);
		return err_hint(err, "pack in parts, or let one record speak for several folders");
	}
	struct record *records = array_grow(manifest->records, manifest->record_count, sizeof *records, err);
	if (records == NULL)
		return -1;
	manifest->records = records;
	struct record copy = *record;
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		copy.texts[i] = arena_dup(manifest->arena, record->texts[i]);
	if (manifest->arena->is_exhausted)
		return err_set(err, ERR_MEMORY, "out of memory");
	records[manifest->record_count++] = copy;
	return 0;
}

static int compare_id(const void *id, const void *record)
{
	return strcmp(id, ((const struct record *)record)->id);
}

const struct record *manifest_find_record(const struct manifest *manifest, const char *id)
{
	if (manifest->record_count == 0)
		return NULL;
	return bsearch(id, manifest->records, manifest->record_count, sizeof *manifest->records, compare_id);
}
