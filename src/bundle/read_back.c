/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/transfer.h"

#include "base/pool.h"
#include "bundle/pieces.h"
#include "bundle/tail.h"

#include <string.h>

/* Past the cache nobody reads ahead: each read waits for the medium, so it is a stretch of several pieces at once. The
 * owner of the pool does nothing but read, one stretch behind the other, so that the medium is busy all the time;
 * workers take digests of what was read before. */

enum { STRETCH_BYTES = 4 << 20, STRETCH_PIECES = 64, JOBS_MAX = 8, TAIL_BLOCK = 1 << 20 };

struct stretch {
	struct piece pieces[STRETCH_PIECES];
	unsigned count;
	uint64_t at;
	size_t len; /* of all of them */
	struct direct_room room;
	const unsigned char *bytes; /* in room */
	size_t found;               /* how many of len */
};

struct reading {
	const struct bundle_verified *layout; /* whose layout it is */
	struct direct *direct;
	const struct progress *progress;
};

static int stretch_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct reading *reading = ctx;
	const size_t longest = piece_len_max(reading->layout);
	struct stretch *stretch = calloc(1, sizeof *stretch);
	job->data = stretch;
	if (stretch == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return direct_room_make(&stretch->room, longest > STRETCH_BYTES ? longest : STRETCH_BYTES, err);
}

static void stretch_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct stretch *stretch = job->data;
	if (stretch != NULL)
		direct_room_clear(&stretch->room);
	free(stretch);
}

static int check_stretch(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	(void)ctx;
	const struct stretch *stretch = job->data;
	for (unsigned i = 0; i < stretch->count; i++) {
		const struct piece *piece = &stretch->pieces[i];
		const size_t at = (size_t)(piece_at(piece) - stretch->at), len = piece_len(piece);
		if (at + len > stretch->found || !piece_is_intact(piece, stretch->bytes + at, len))
			return member_damaged(piece->name, err);
	}
	return 0;
}

static int finish_stretch(void *ctx, struct pool_job *job, struct err *err)
{
	(void)err;
	const struct reading *reading = ctx;
	const struct stretch *stretch = job->data;
	progress_update(reading->progress, "reading back", stretch->at + stretch->len,
					reading->layout->parts[0].container->bytes);
	return 0;
}

static const struct pool_ops read_back_ops = {stretch_setup, stretch_teardown, check_stretch, finish_stretch};

/* The pieces from the n-th on, as many as are read at once. */
static void describe_stretch(struct stretch *stretch, const struct bundle_verified *layout, uint64_t n)
{
	const uint64_t total = piece_count(&layout->parts[0]);
	piece_describe(&stretch->pieces[0], layout, &layout->parts[0], n);
	stretch->at = piece_at(&stretch->pieces[0]);
	stretch->count = 0;
	stretch->len = 0;
	for (; n < total && stretch->count < STRETCH_PIECES; n++) {
		struct piece *piece = &stretch->pieces[stretch->count];
		piece_describe(piece, layout, &layout->parts[0], n);
		if (stretch->count > 0 && stretch->len + piece_len(piece) > STRETCH_BYTES)
			return;
		stretch->count++;
		stretch->len += piece_len(piece);
	}
}

static int read_stretch(const struct reading *reading, struct stretch *stretch, struct err *err)
{
	if (direct_read(reading->direct, &stretch->room, stretch->at, stretch->len, &stretch->bytes, &stretch->found, err) <
		0)
		return err_wrap(err, "member %s: ", stretch->pieces[0].name);
	return 0;
}

static int check_pieces(struct reading *reading, struct err *err)
{
	const uint64_t total = piece_count(&reading->layout->parts[0]);
	const unsigned jobs = 2 * pool_threads();
	struct err fault = ERR_INIT;
	auto_pool *pool = NULL;
	if (pool_open(&pool, &read_back_ops, reading, jobs < JOBS_MAX ? jobs : JOBS_MAX, err) < 0)
		return -1;
	for (uint64_t n = 0; n < total;) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		struct stretch *stretch = job->data;
		describe_stretch(stretch, reading->layout, n);
		if (read_stretch(reading, stretch, &fault) < 0) {
			/* What was read before may be wrong: that comes first. */
			if (pool_drain(pool, err) == 0)
				*err = fault;
			return -1;
		}
		n += stretch->count;
		pool_submit(pool, job);
	}
	return pool_drain(pool, err);
}

/* --- the end of the file --- */

/* What was judged a moment ago: list, waybill, signatures and trailer, in the one form that they can have. */
static int format_tail(const struct bundle_verified *copy, struct buf *out, struct err *err)
{
	struct bundle_seal seals[MEMBER_SIGNATURES_MAX];
	const struct buf *waybill = &copy->waybill_bytes;
	auto_buf list = {0};
	seals_list(&copy->seals, seals);
	return sums_format(&list, &copy->sums, err) < 0 || ustar_append(out, "SHA256SUMS", list.data, list.len, err) < 0 ||
				   ustar_append(out, "waybill.yaml", waybill->data, waybill->len, err) < 0 ||
				   tail_format(out, &copy->parts[0].container->found, seals, copy->seals.count, err) < 0
			   ? -1
			   : 0;
}

/* The file from `at` on, as much as may be at once. Never only a few bytes at its end: drivers were seen that give less
 * than there is to a read that begins within the last cluster. */
static int fetch_end(struct direct *direct, const struct direct_room *room, uint64_t at, uint64_t end,
					 const unsigned char **out, size_t *out_len, struct err *err)
{
	const uint64_t last = end > TAIL_BLOCK ? end - TAIL_BLOCK : 0, from = at < last ? at : last;
	const size_t len = end - from < TAIL_BLOCK ? (size_t)(end - from) : TAIL_BLOCK;
	if (direct_read(direct, room, from, len, out, out_len, err) < 0)
		return -1;
	if (*out_len != len)
		return err_set(err, ERR_TRUNCATED, "it ends at byte %llu", (unsigned long long)(from + *out_len));
	*out += at - from;
	*out_len -= (size_t)(at - from);
	return 0;
}

/* It was judged as the file system gave it, from memory perhaps: the medium must have the very same. */
static int check_tail_back(const struct bundle_verified *copy, struct direct *direct, struct err *err)
{
	const struct container *c = copy->parts[0].container;
	const uint64_t sums = c->found.sums;
	auto_buf want = {0};
	auto_direct_room room = {0};
	if (format_tail(copy, &want, err) < 0 || direct_room_make(&room, TAIL_BLOCK, err) < 0)
		return -1;
	if (want.len != c->bytes - sums)
		return err_set(err, ERR_CONTAINER, "the end is not as long as it must be");
	for (size_t at = 0, len = 0; at < want.len; at += len) {
		const unsigned char *found = NULL;
		if (fetch_end(direct, &room, sums + at, c->bytes, &found, &len, err) < 0)
			return -1;
		if (memcmp(found, want.data + at, len) != 0)
			return err_set(err, ERR_DAMAGED, "list, waybill or signatures are others from byte %llu on",
						   (unsigned long long)(sums + at));
	}
	return 0;
}

/* --- all of it --- */

static int open_copy(struct read_back *back, struct bundle_verified **out, struct err *err)
{
	auto_untrusted *untrusted = NULL;
	struct cover_judge judge = {.want = back->cover};
	struct bundle_judge stages = cover_judge_make(&judge);
	const enum container_depth depth = back->layout != NULL ? CONTAINER_QUICK : CONTAINER_WALK;
	if (bundle_open_fd(&untrusted, back->fd, "the copy", depth, err) < 0 ||
		bundle_verify(&untrusted, &stages, out, err) < 0)
		return -1;
	if (back->layout != NULL && bundle_file_bytes(*out) != bundle_file_bytes(back->layout))
		return err_set(err, ERR_TRUNCATED, "it has another length");
	return 0;
}

static int look_at_all(struct read_back *back, struct direct *direct, struct err *err)
{
	auto_verified *copy = NULL;
	if (open_copy(back, &copy, err) < 0)
		return -1;
	struct reading reading = {
		.layout = back->layout != NULL ? back->layout : copy, .direct = direct, .progress = back->progress};
	return check_pieces(&reading, err) < 0 || check_tail_back(copy, direct, err) < 0 ? -1 : 0;
}

int bundle_read_back(struct read_back *back, struct err *err)
{
	struct err found = ERR_INIT;
	auto_direct *direct = NULL;
	if (direct_open(&direct, back->fd, err) < 0)
		return err_wrap(err, "%s: ", back->path);
	const int rc = look_at_all(back, direct, &found);
	back->way = direct_way(direct);
	if (rc == 0)
		return 0;
	(void)direct_blame(&found, err);
	return err_wrap(err, "%s: ", back->path);
}
