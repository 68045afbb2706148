/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_MAGIC_H
#define VALISE_INSPECT_MAGIC_H

#include "base/cleanup.h"
#include "base/err.h"

/* libmagic, for what sniff() does not know. Slow: 4 to 10 ms to open, up to milliseconds for a text. */
struct magic_types;
/* places: paths where its database may lie, NULL behind the last; NULL: the usual ones. $MAGIC and ~/.magic are not
 * asked: a type that decides must not depend on who runs the program. errors: ERR_IO with a hint where there is none;
 * ERR_MEMORY. */
int magic_types_new(struct magic_types **out, const char *const *places, struct err *err);
void magic_types_free(struct magic_types *types);
static inline void cleanup_magic_types(struct magic_types **t)
{
	magic_types_free(*t);
}
#define auto_magic_types AUTO(cleanup_magic_types) struct magic_types

/* Borrowed until the next call; never NULL: what it does not know, or gives up on, is application/octet-stream. */
const char *magic_types_find(struct magic_types *types, const void *head, size_t len);

#endif
