/* SPDX-License-Identifier: Apache-2.0 */
#include "media/direct.h"

#include "base/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>

/* Offset, length and memory of such a read are multiples of the medium's block, of which this is the largest in use. */
enum { DIRECT_BLOCK = 4096 };

struct direct {
	int fd; /* owned */
	bool past_cache;
};

static void forget(int fd)
{
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* The very file that is open, opened once more for another way of reading. */
static int reopen(int fd, int flags)
{
	char path[32];
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC | flags);
}

int direct_open(struct direct **out, int fd, struct err *err)
{
	*out = NULL;
	auto_direct *direct = calloc(1, sizeof *direct);
	if (direct == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	forget(fd);
	direct->fd = reopen(fd, O_DIRECT);
	direct->past_cache = direct->fd >= 0;
	if (direct->fd < 0 && errno == EINVAL)
		direct->fd = reopen(fd, 0);
	if (direct->fd < 0)
		return err_sys(err, "cannot open it for reading back");
	*out = steal(&direct);
	return 0;
}

void direct_close(struct direct *direct)
{
	if (direct == NULL)
		return;
	if (direct->fd >= 0)
		(void)close(direct->fd);
	free(direct);
}

enum direct_way direct_way(const struct direct *direct)
{
	return direct->past_cache ? DIRECT_PAST_CACHE : DIRECT_CACHE_DROPPED;
}

int direct_room_make(struct direct_room *out, size_t len, struct err *err)
{
	void *bytes = NULL;
	/* A read begins before what is wanted, and ends behind it. */
	*out = (struct direct_room){.len = len};
	if (posix_memalign(&bytes, DIRECT_BLOCK, (len / DIRECT_BLOCK + 3) * DIRECT_BLOCK) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	out->bytes = bytes;
	return 0;
}

void direct_room_clear(struct direct_room *room)
{
	free(room->bytes);
	*room = (struct direct_room){0};
}

/* Some file systems take the flag and refuse the read. */
static bool go_through_cache(struct direct *direct)
{
	const int flags = fcntl(direct->fd, F_GETFL);
	if (flags < 0 || fcntl(direct->fd, F_SETFL, flags & ~O_DIRECT) < 0)
		return false;
	forget(direct->fd);
	direct->past_cache = false;
	return true;
}

/* All of a run of whole blocks, or up to the end of the file. */
static ssize_t read_blocks(struct direct *direct, unsigned char *to, uint64_t at, size_t len, struct err *err)
{
	size_t done = 0;
	while (done < len) {
		if (cancel_check(err) < 0)
			return -1;
		ssize_t n = pread(direct->fd, to + done, len - done, (off_t)(at + done));
		if (n < 0 && (errno == EINTR || (errno == EINVAL && direct->past_cache && go_through_cache(direct))))
			continue;
		if (n < 0)
			return err_sys(err, "cannot read back");
		done += (size_t)n;
		/* What ends within a block ends the file: a read from there on would not begin at a block. */
		if (n == 0 || (direct->past_cache && done % DIRECT_BLOCK != 0))
			break;
	}
	return (ssize_t)done;
}

int direct_read(struct direct *direct, const struct direct_room *room, uint64_t at, size_t len,
				const unsigned char **out, size_t *out_len, struct err *err)
{
	if (len > room->len)
		return err_set(err, ERR_INTERNAL, "a read of %zu bytes is longer than its room", len);
	const size_t before = at % DIRECT_BLOCK;
	const size_t whole = (before + len + DIRECT_BLOCK - 1) / DIRECT_BLOCK * DIRECT_BLOCK;
	const ssize_t n = read_blocks(direct, room->bytes, at - before, whole, err);
	if (n < 0)
		return -1;
	*out = room->bytes + before;
	*out_len = (size_t)n <= before ? 0 : (size_t)n - before < len ? (size_t)n - before : len;
	return 0;
}

int direct_blame(const struct err *found, struct err *err)
{
	if (found->code == ERR_CANCELLED || found->code == ERR_MEMORY) {
		*err = *found;
		return -1;
	}
	(void)err_set(err, ERR_IO, "the medium does not give back what was written: %s", found->message);
	return err_hint(err, "it is failing or not what it says to be: use another one, and keep nothing on this one");
}
