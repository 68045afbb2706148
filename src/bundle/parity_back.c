/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/parity_back.h"

#include "bundle/erasure.h"

#include <string.h>

int parity_back_open(struct parity_back *out, int fd, uint64_t bytes, const struct progress *progress, struct err *err)
{
	*out = (struct parity_back){.bytes = bytes, .progress = progress};
	return direct_open(&out->direct, fd, err) < 0 || direct_room_make(&out->room, PARITY_BACK_BYTES_MAX, err) < 0 ? -1
																												  : 0;
}

void parity_back_close(struct parity_back *back)
{
	direct_close(back->direct);
	direct_room_clear(&back->room);
	*back = (struct parity_back){.direct = NULL};
}

/* As much as may be at once; the last time up to the end, also where that was read: drivers were seen that give less
 * than there is to a read that begins within the last cluster. */
static int fetch_more(struct parity_back *b, uint64_t at, struct err *err)
{
	const uint64_t last = b->bytes > PARITY_BACK_BYTES_MAX ? b->bytes - PARITY_BACK_BYTES_MAX : 0;
	b->at = at < last ? at : last;
	const uint64_t left = b->bytes - b->at;
	if (direct_read(b->direct, &b->room, b->at, left < PARITY_BACK_BYTES_MAX ? (size_t)left : PARITY_BACK_BYTES_MAX,
					&b->found, &b->len, err) < 0)
		return -1;
	progress_update(b->progress, "reading back", b->at + b->len, b->bytes);
	return 0;
}

static int fetch(struct parity_back *b, uint64_t at, size_t len, const unsigned char **out, struct err *err)
{
	if ((at < b->at || at + len > b->at + b->len) && fetch_more(b, at, err) < 0)
		return -1;
	*out = b->found + (at - b->at);
	return at + len <= b->at + b->len
			   ? 0
			   : err_set(err, ERR_TRUNCATED, "it ends at byte %llu", (unsigned long long)(b->at + b->len));
}

int parity_back_check_bytes(struct parity_back *back, uint64_t at, const unsigned char *want, size_t len,
							struct err *err)
{
	const unsigned char *found = NULL;
	if (fetch(back, at, len, &found, err) < 0)
		return -1;
	return memcmp(found, want, len) == 0
			   ? 0
			   : err_set(err, ERR_DAMAGED, "other bytes from byte %llu on", (unsigned long long)at);
}

int parity_back_check_sum(struct parity_back *back, uint64_t at, uint64_t len, uint64_t want, struct err *err)
{
	uint64_t sum = 0;
	for (const uint64_t end = at + len; at < end;) {
		const unsigned char *found = NULL;
		const size_t part = end - at < PARITY_BACK_BYTES_MAX ? (size_t)(end - at) : PARITY_BACK_BYTES_MAX;
		if (fetch(back, at, part, &found, err) < 0)
			return -1;
		sum = erasure_sum(sum, found, part);
		at += part;
	}
	return sum == want ? 0 : err_set(err, ERR_DAMAGED, "other bytes before byte %llu", (unsigned long long)at);
}
