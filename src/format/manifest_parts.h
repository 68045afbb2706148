/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_MANIFEST_PARTS_H
#define VALISE_FORMAT_MANIFEST_PARTS_H

#include "base/yaml.h"
#include "format/manifest.h"

/* What the files of the manifest share. */

enum { ENTRY_TYPE_COUNT = ENTRY_EXECUTABLE + 1, LABEL_ORIGIN_COUNT = LABEL_FROM_DETECTED + 1 };
extern const char *const entry_type_names[ENTRY_TYPE_COUNT];
extern const char *const label_origin_names[LABEL_ORIGIN_COUNT];

/* --- memory: given back all at once --- */

struct arena_block;
struct manifest_arena {
	struct arena_block *blocks; /* the one being filled comes first */
	bool is_exhausted;          /* memory ran out once: asked after several copies, instead of after each */
	uint64_t seed;              /* of the hashes of markings */
	uint32_t *slots;            /* their hash table: number + 1; 0 is free */
	uint32_t slot_count;        /* a power of two, or 0 */
};

/* Both return NULL where there is nothing to copy (size 0, NULL) and where memory runs out. */
void *arena_copy(struct manifest_arena *arena, const void *bytes, size_t size); /* aligned for pointers */
char *arena_dup(struct manifest_arena *arena, const char *text);
void arena_free(struct manifest_arena *arena);

/* --- reading --- */

struct manifest_reader {
	struct manifest *m;
	uint64_t files, bytes; /* as the document says; what it lists is counted in m */
	uint32_t parent;       /* index of the folder that the entry before lies in */
	bool has_schemes, has_records, has_markings;
	bool is_used[MANIFEST_MARKINGS_MAX];       /* markings that a file carries */
	bool is_record_used[MANIFEST_RECORDS_MAX]; /* records that a marking names */
};

/* The value up next; into is the reader. Records first: each marking's is looked up when it is read. */
int manifest_read_label_id(struct yaml *yaml, char out[static LABEL_ID_MAX + 1], struct err *err);
int manifest_read_releasable(struct yaml *yaml, void *into, struct err *err);
int manifest_read_records(struct yaml *yaml, void *into, struct err *err);
int manifest_read_markings(struct yaml *yaml, void *into, struct err *err);

/* --- writing --- */

/* "key: []" for an empty list, else "key:", its items following on lines of their own. */
int manifest_put_list_key(struct buf *out, const char *key, uint32_t count, struct err *err);
int manifest_put_releasable(struct buf *out, const struct manifest *m, struct err *err);
int manifest_put_records(struct buf *out, const struct manifest *m, struct err *err);
int manifest_put_markings(struct buf *out, const struct manifest *m, struct err *err);

#endif
