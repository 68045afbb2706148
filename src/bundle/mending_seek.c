/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending_internal.h"

#include "base/cancel.h"
#include "bundle/erasure.h"

#include <errno.h>

/* Bytes were lost or put in, sectors swapped or written twice: then slices are whole, and stand elsewhere. Their sums
 * are looked for at every byte of what is not in its place, with a sum that rolls: the byte that comes in is added, the
 * one that goes out taken away, since a CRC is linear. */

enum { FILTER_LOG = 22, BUFFER_BYTES = 64 << 10, STRETCH_BYTES = 64 << 20 };
#define SEEK_BYTES_MAX (1ull << 36) /* minutes; behind that, what moved counts as lost */

struct wanted {
	uint64_t sum;
	uint32_t slice;
	uint32_t taken; /* of the first of a sum: how many of the sum have been found */
};

struct stream { /* bytes of the file, one after the other */
	uint64_t at;
	size_t next, len;
	unsigned char bytes[BUFFER_BYTES];
};

struct seeker {
	struct mending *m;
	struct wanted *wanted; /* ascending by sum; owned */
	uint32_t count;
	unsigned char *filter;              /* a bit for the lowest bits of each wanted sum; owned */
	uint64_t step[256], drop[256], all; /* a byte comes in; goes out; what the inversion at the beginning amounts to */
	uint64_t left;                      /* bytes that may yet be rolled over */
	uint64_t windows;                   /* bytes that may yet be read to begin behind what was found */
	struct stream in, out;
};

static void seeker_free(struct seeker **s)
{
	if (*s != NULL) {
		free((*s)->wanted);
		free((*s)->filter);
	}
	free(*s);
}

static int compare_sums(const void *a, const void *b)
{
	const uint64_t x = ((const struct wanted *)a)->sum, y = ((const struct wanted *)b)->sum;
	return x < y ? -1 : x > y;
}

static void make_wanted(struct seeker *s)
{
	const struct mending *m = s->m;
	for (uint32_t i = 0; i < m->shape.data_slices; i++)
		if (m->place[i] == NOWHERE && m->known[i]) {
			s->wanted[s->count++] = (struct wanted){.sum = m->sums[i], .slice = i};
			const uint64_t bit = m->sums[i] & ((1u << FILTER_LOG) - 1);
			s->filter[bit / 8] |= (unsigned char)(1u << bit % 8);
		}
	qsort(s->wanted, s->count, sizeof *s->wanted, compare_sums);
}

/* The library's sums are inverted before and behind: begun with all ones, they begin with zero. */
static void make_steps(struct seeker *s)
{
	const uint64_t shift = erasure_shift(s->m->shape.slice_bytes);
	for (unsigned i = 0; i < 256; i++) {
		const unsigned char byte = (unsigned char)i;
		s->step[i] = ~erasure_sum(UINT64_MAX, &byte, 1);
		s->drop[i] = erasure_sum_join(s->step[i], 0, shift);
	}
	s->all = erasure_sum_join(UINT64_MAX, 0, shift);
}

static int seeker_new(struct seeker **out, struct mending *m, struct err *err)
{
	AUTO(seeker_free) struct seeker *s = calloc(1, sizeof *s);
	if (s == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	s->m = m;
	/* By what is there, not by how long the file says to be; twice, as islands in holes are approached through these.
	 */
	s->windows = 2 * mending_count_data(m->fd, UINT64_MAX) + STRETCH_BYTES;
	s->left = s->windows < SEEK_BYTES_MAX ? s->windows : SEEK_BYTES_MAX;
	s->wanted = calloc(m->facts.bad_slices, sizeof *s->wanted);
	s->filter = calloc(1u << (FILTER_LOG - 3), 1);
	if (s->wanted == NULL || s->filter == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	make_wanted(s);
	make_steps(s);
	*out = steal(&s);
	return 0;
}

/* The first wanted one of this sum, of which not all are found; NULL for none. */
static struct wanted *find(const struct seeker *s, uint64_t sum)
{
	const uint64_t bit = sum & ((1u << FILTER_LOG) - 1);
	if ((s->filter[bit / 8] >> bit % 8 & 1) == 0)
		return NULL;
	uint32_t low = 0, high = s->count;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (s->wanted[middle].sum < sum)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == s->count || s->wanted[low].sum != sum)
		return NULL;
	const uint32_t next = low + s->wanted[low].taken;
	return next < s->count && s->wanted[next].sum == sum ? &s->wanted[low] : NULL;
}

/* One place gives one slice back: of those that are equal, the next. Else a small file of one slice, and a list that
 * tells of nothing but this one, would make a large one. */
static void take(const struct seeker *s, struct wanted *first, uint64_t at)
{
	s->m->place[first[first->taken++].slice] = at;
}

/* --- rolling --- */

static int refill(const struct seeker *s, struct stream *stream, struct err *err)
{
	if (cancel_check(err) < 0 || mending_read(s->m->fd, stream->at, stream->bytes, BUFFER_BYTES, err) < 0)
		return -1;
	stream->at += BUFFER_BYTES;
	stream->next = 0;
	stream->len = BUFFER_BYTES;
	return 0;
}

/* Both streams to the window at `at`. out: its sum, begun with zero. */
static int begin_window(struct seeker *s, uint64_t at, uint64_t *out, struct err *err)
{
	uint64_t sum = UINT64_MAX;
	uint32_t left = s->m->shape.slice_bytes;
	s->in.at = s->out.at = at;
	s->in.next = s->in.len = s->out.next = s->out.len = 0;
	while (left > 0) {
		if (refill(s, &s->in, err) < 0)
			return -1;
		s->in.next = left < BUFFER_BYTES ? left : BUFFER_BYTES;
		sum = erasure_sum(sum, s->in.bytes, s->in.next);
		left -= (uint32_t)s->in.next;
	}
	*out = ~sum;
	return 0;
}

/* From the window at *at on, to the first that is wanted, or to behind. out: *found, or NULL. */
static int roll(struct seeker *s, uint64_t *at, uint64_t behind, struct wanted **found, struct err *err)
{
	uint64_t sum = 0;
	if (begin_window(s, *at, &sum, err) < 0)
		return -1;
	while ((*found = find(s, ~(sum ^ s->all))) == NULL && ++*at < behind) {
		if ((s->in.next == s->in.len && refill(s, &s->in, err) < 0) ||
			(s->out.next == s->out.len && refill(s, &s->out, err) < 0))
			return -1;
		sum = s->step[(sum ^ s->in.bytes[s->in.next++]) & 0xff] ^ sum >> 8 ^ s->drop[s->out.bytes[s->out.next++]];
	}
	return 0;
}

/* A hole holds nothing that is looked for; what begins in it ends at most a slice behind it. */
static uint64_t pass_hole(const struct seeker *s, uint64_t at, uint64_t behind)
{
	const uint32_t slice = s->m->shape.slice_bytes;
	const off_t data = lseek(s->m->fd, (off_t)at, SEEK_DATA);
	if (data < 0)
		return errno == ENXIO ? behind : at;
	return (uint64_t)data > at + slice ? (uint64_t)data - slice : at;
}

static int seek_between(struct seeker *s, uint64_t at, uint64_t behind, const struct progress *progress,
						struct err *err)
{
	const uint32_t slice = s->m->shape.slice_bytes;
	while (at < behind && s->left > 0 && s->windows > 0) {
		struct wanted *found = NULL;
		at = pass_hole(s, at, behind);
		const uint64_t begin = at, most = at + (s->left < STRETCH_BYTES ? s->left : STRETCH_BYTES);
		if (at < behind && roll(s, &at, behind < most ? behind : most, &found, err) < 0)
			return -1;
		s->left -= at - begin;
		if (found != NULL) {
			take(s, found, at);
			at += slice;
			s->windows -= s->windows < slice ? s->windows : slice;
		}
		progress_update(progress, "looking for what moved", at, s->m->facts.found_bytes);
	}
	return 0;
}

/* From the first byte behind a sound slice to the next sound one. */
static uint32_t end_of_gap(const unsigned char *sound, uint32_t from, uint32_t count)
{
	while (from < count && !sound[from])
		from++;
	return from;
}

static int seek_gaps(struct seeker *s, const unsigned char *sound, const struct progress *progress, struct err *err)
{
	const struct parity_shape *shape = &s->m->shape;
	/* What is longer than it can have become by accident is not looked through. */
	const uint64_t most = 2 * shape->file_bytes + (1 << 20);
	const uint64_t end = s->m->facts.found_bytes < most ? s->m->facts.found_bytes : most;
	for (uint32_t i = 0; i <= shape->data_slices; i++) {
		const uint32_t gap_end = end_of_gap(sound, i, shape->data_slices);
		const uint64_t at = (uint64_t)i * shape->slice_bytes;
		const uint64_t to = gap_end < shape->data_slices ? (uint64_t)gap_end * shape->slice_bytes : end;
		if (at < to && at < end && seek_between(s, at, to < end ? to : end, progress, err) < 0)
			return -1;
		i = gap_end;
	}
	return 0;
}

int mending_seek(struct mending *m, const struct progress *progress, struct err *err)
{
	AUTO(seeker_free) struct seeker *s = NULL;
	auto_free unsigned char *sound = malloc(m->shape.data_slices);
	if (sound == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < m->shape.data_slices; i++)
		sound[i] = m->place[i] != NOWHERE;
	if (seeker_new(&s, m, err) < 0)
		return -1;
	return s->count > 0 ? seek_gaps(s, sound, progress, err) : 0;
}
