/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_DIRECT_H
#define VALISE_MEDIA_DIRECT_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Reading what is on the medium, not what this machine remembers of it: past the kernel's cache (O_DIRECT), or, where
 * the file system does not know that, after asking the kernel to forget. What the medium's own controller remembers
 * nobody can see from here: for that it must have been without power. */
struct direct;

enum direct_way {
	DIRECT_PAST_CACHE,   /* O_DIRECT */
	DIRECT_CACHE_DROPPED /* the kernel was asked, and need not have obeyed */
};

/* The file that is open as fd, which was synced. in: fd is not needed later. errors: ERR_IO, ERR_MEMORY. */
int direct_open(struct direct **out, int fd, struct err *err);
void direct_close(struct direct *direct);
static inline void cleanup_direct(struct direct **d)
{
	direct_close(*d);
}
#define auto_direct AUTO(cleanup_direct) struct direct

/* How all was read so far: the weaker one, once that was needed. */
enum direct_way direct_way(const struct direct *direct);

/* Room for reads of up to len bytes. */
struct direct_room {
	unsigned char *bytes; /* owned, aligned */
	size_t len;
};
int direct_room_make(struct direct_room *out, size_t len, struct err *err);
void direct_room_clear(struct direct_room *room);
#define auto_direct_room AUTO(direct_room_clear) struct direct_room

/* out: *out within room, and how many bytes there were: fewer only at the end of the
 * file. errors: ERR_IO, ERR_CANCELLED. */
int direct_read(struct direct *direct, const struct direct_room *room, uint64_t at, size_t len,
				const unsigned char **out, size_t *out_len, struct err *err);

/* Whatever is wrong with what was good a moment ago, the medium did it: ERR_IO with what was found, and what to do; but
 * ERR_CANCELLED and ERR_MEMORY stay what they are. in: found: of reading back. -1 */
int direct_blame(const struct err *found, struct err *err);

#endif
