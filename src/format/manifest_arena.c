/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest's memory: blocks that are filled one after the other and freed together. A million texts, each with a
 * malloc of its own, would take twice the room. */
#include "format/manifest_parts.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 64 << 10 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char bytes[]; /* aligned as the pointer above */
};

static struct arena_block *add_block(struct manifest_arena *arena, size_t at_least)
{
	size_t size = at_least > ARENA_BLOCK ? at_least : ARENA_BLOCK;
	struct arena_block *block = malloc(sizeof *block + size);
	if (block == NULL) {
		arena->is_exhausted = true;
		return NULL;
	}
	*block = (struct arena_block){.next = arena->blocks, .size = size};
	arena->blocks = block;
	return block;
}

/* align: a power of two. */
static void *copy_aligned(struct manifest_arena *arena, const void *bytes, size_t size, size_t align)
{
	struct arena_block *block = arena->blocks;
	size_t at = block != NULL ? (block->used + align - 1) & ~(align - 1) : 0;
	if (block == NULL || at > block->size || block->size - at < size) {
		block = add_block(arena, size);
		at = 0;
	}
	if (block == NULL)
		return NULL;
	memcpy(block->bytes + at, bytes, size);
	block->used = at + size;
	return block->bytes + at;
}

void *arena_copy(struct manifest_arena *arena, const void *bytes, size_t size)
{
	return size > 0 ? copy_aligned(arena, bytes, size, _Alignof(void *)) : NULL;
}

char *arena_dup(struct manifest_arena *arena, const char *text)
{
	return text != NULL ? copy_aligned(arena, text, strlen(text) + 1, 1) : NULL;
}

void arena_free(struct manifest_arena *arena)
{
	if (arena == NULL)
		return;
	for (struct arena_block *b = arena->blocks, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(arena->slots);
	free(arena);
}
