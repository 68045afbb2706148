/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_TREE_H
#define VALISE_OPS_TREE_H

#include "base/cleanup.h"
#include "bundle/payload.h"
#include "format/station_doc.h"
#include "inspect/inspect.h"
#include "ops/index.h"

/* The folder that unpacking fills. Everything is created new, below one open folder, following no link; private to its
 * owner. */
struct tree;

/* in: fd of an empty folder, borrowed; manifest borrowed. */
int tree_new(struct tree **out, int fd, const struct manifest *manifest, struct err *err);
void tree_free(struct tree *tree);
static inline void cleanup_tree(struct tree **t)
{
	tree_free(*t);
}
#define auto_tree AUTO(cleanup_tree) struct tree

/* Each file gets its labels as attribute. marker borrowed. */
void tree_mark(struct tree *tree, struct index_marker *marker);
/* Only these types, by content: a file's beginning is held back until its type is known, and nothing of it is created
 * before. Both borrowed. The sink then fails with ERR_TYPE. errors: ERR_MEMORY. */
int tree_restrict(struct tree *tree, const struct media_types *types, struct inspector *inspector, struct err *err);
/* The refusal of a type, by name. Returns -1. */
int tree_refuse_type(const char *path, const char *type, struct err *err);

struct payload_sink tree_sink(struct tree *tree);
/* Make the folders above this entry, where only parts of a bundle are unpacked. */
int tree_make_parents(struct tree *tree, const struct manifest_entry *entry, struct err *err);
/* Folders get their times last, when nothing is put into them any more. */
int tree_finish(struct tree *tree, struct err *err);

uint32_t tree_files(const struct tree *tree);
uint32_t tree_folders(const struct tree *tree);
uint64_t tree_bytes(const struct tree *tree);

#endif
