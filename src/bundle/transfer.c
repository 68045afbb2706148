/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/transfer.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/bundle_internal.h"
#include "media/paced.h"

#include <string.h>

/* A file is cut into pieces, each a listed member with its header and padding; behind the last of them is the tail:
 * list of digests, waybill, signatures, trailer. */

enum { JOBS_A_CORE = 4, TAIL_BLOCK = 1 << 20 };

/* --- waybill and signatures --- */

int cover_digest(struct digest *out, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
				 struct err *err)
{
	auto_hash *hash = NULL;
	const uint64_t lens[] = {len, count};
	if (hash_new(&hash, err) < 0)
		return -1;
	hash_update(hash, lens, sizeof lens);
	hash_update(hash, waybill, len);
	for (unsigned i = 0; i < count; i++) {
		const uint64_t seal_len = seals[i].len;
		hash_update(hash, seals[i].name.hex, strlen(seals[i].name.hex) + 1);
		hash_update(hash, &seal_len, sizeof seal_len);
		hash_update(hash, seals[i].bytes, seals[i].len);
	}
	hash_finish(hash, out);
	return 0;
}

static int judge_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
					   struct err *err)
{
	struct cover_judge *judge = ctx;
	if (cover_digest(&judge->digest, seals, count, waybill, len, err) < 0)
		return -1;
	if (judge->want != NULL && !digest_equal(&judge->digest, judge->want))
		return err_set(err, ERR_DAMAGED, "the waybill or its signatures are others");
	const struct bundle_judge *inside = &judge->inside;
	return inside->bytes != NULL ? inside->bytes(inside->ctx, seals, count, waybill, len, err) : 0;
}

static int judge_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	const struct bundle_judge *inside = &((struct cover_judge *)ctx)->inside;
	return inside->waybill != NULL ? inside->waybill(inside->ctx, waybill, err) : 0;
}

struct bundle_judge cover_judge_make(struct cover_judge *judge)
{
	return (struct bundle_judge){.bytes = judge_bytes, .waybill = judge_waybill, .ctx = judge};
}

/* --- pieces --- */

struct piece {
	char name[USTAR_NAME_MAX + 1];
	struct member member;
	const struct digest *want;
	struct direct_room room;
	const unsigned char *bytes; /* what was read back, within room */
	size_t len;
	bool kept;
};

static uint64_t piece_at(const struct piece *piece)
{
	return piece->member.offset - USTAR_BLOCK;
}

static size_t piece_len(const struct piece *piece)
{
	return ustar_stored(piece->member.size);
}

static uint64_t piece_count(const struct container *c)
{
	return 1 + (uint64_t)c->slots.count + c->chunks.count + c->manifest.count;
}

/* The n-th, in the order of the file. */
static void piece_describe(struct piece *piece, const struct bundle_verified *bundle, uint64_t n)
{
	const struct container *c = bundle->parts[0].container;
	if (n == 0) {
		(void)strcpy(piece->name, "valise");
		piece->member = (struct member){.offset = USTAR_BLOCK, .size = MEMBER_MAGIC_BYTES};
		piece->want = sums_magic(&bundle->sums);
	} else if ((n -= 1) < c->slots.count) {
		member_slot_name(piece->name, (uint32_t)n);
		piece->member = c->slots.items[n];
		piece->want = sums_slot(&bundle->sums, (uint32_t)n);
	} else if ((n -= c->slots.count) < c->chunks.count) {
		member_payload_name(piece->name, c->first_chunk + (uint32_t)n);
		piece->member = c->chunks.items[n];
		piece->want = sums_chunk(&bundle->sums, c->first_chunk + (uint32_t)n);
	} else {
		n -= c->chunks.count;
		member_manifest_name(piece->name, (uint32_t)n);
		piece->member = c->manifest.items[n];
		piece->want = sums_manifest(&bundle->sums, (uint32_t)n);
	}
}

/* Header, content and padding are the only ones that they can be. */
static bool piece_is_intact(const struct piece *piece, const unsigned char *bytes, size_t len)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	struct digest digest;
	if (len != piece_len(piece))
		return false;
	ustar_build(header, piece->name, piece->member.size);
	hash_bytes(&digest, bytes + USTAR_BLOCK, piece->member.size);
	return memcmp(bytes, header, USTAR_BLOCK) == 0 && digest_equal(&digest, piece->want) &&
		   memcmp(bytes + USTAR_BLOCK + piece->member.size, zeros, ustar_padding(piece->member.size)) == 0;
}

static size_t room_for_pieces(const struct bundle_verified *bundle)
{
	const size_t chunk = chunk_member_max(bundle->waybill.chunk_bytes);
	return ustar_stored(chunk > MEMBER_SLOT_MAX ? chunk : MEMBER_SLOT_MAX);
}

/* --- every piece, in a pool --- */

struct rounds {
	const struct bundle_verified *bundle; /* whose layout it is */
	struct transfer *transfer;            /* one of these two */
	struct direct *direct;
	struct paced paced;
	const struct progress *progress;
	const char *what;
};

static int piece_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct rounds *rounds = ctx;
	struct piece *piece = calloc(1, sizeof *piece);
	job->data = piece;
	if (piece == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return direct_room_make(&piece->room, room_for_pieces(rounds->bundle), err);
}

static void piece_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct piece *piece = job->data;
	if (piece != NULL)
		direct_room_clear(&piece->room);
	free(piece);
}

/* Where the medium cannot read what an earlier attempt wrote there, it is written anew. */
static bool is_there_already(const struct transfer *transfer, const struct piece *piece)
{
	struct err ignored = ERR_INIT;
	if (piece_at(piece) + piece_len(piece) > transfer->there)
		return false;
	const ssize_t n = io_pread_up_to(transfer->to, piece->room.bytes, piece_len(piece), piece_at(piece), &ignored);
	return n >= 0 && piece_is_intact(piece, piece->room.bytes, (size_t)n);
}

static int check_piece(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct rounds *rounds = ctx;
	struct piece *piece = job->data;
	piece->kept = is_there_already(rounds->transfer, piece);
	if (piece->kept)
		return 0;
	ssize_t n = io_pread_up_to(rounds->bundle->parts[0].fd, piece->room.bytes, piece_len(piece), piece_at(piece), err);
	if (n >= 0 && !piece_is_intact(piece, piece->room.bytes, (size_t)n))
		n = member_damaged(piece->name, err);
	return n < 0 ? err_wrap(err, "%s: ", rounds->transfer->from_path) : 0;
}

/* One behind the other, by the owner of the pool: a file system without holes, such as FAT, would fill each gap first.
 */
static int write_piece(struct rounds *rounds, const struct piece *piece, struct err *err)
{
	struct transfer *transfer = rounds->transfer;
	const uint64_t at = piece_at(piece), len = piece_len(piece);
	transfer->kept += piece->kept ? len : 0;
	if ((!piece->kept && io_pwrite_all(transfer->to, piece->room.bytes, len, at, err) < 0) ||
		paced_reach(&rounds->paced, at + len, err) < 0)
		return err_wrap(err, "%s: ", transfer->to_path);
	transfer->written += piece->kept ? 0 : len;
	transfer->safe = rounds->paced.done;
	return 0;
}

static int check_piece_back(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)ctx;
	(void)worker;
	const struct piece *piece = job->data;
	return piece_is_intact(piece, piece->bytes, piece->len) ? 0 : member_damaged(piece->name, err);
}

static int finish_piece(void *ctx, struct pool_job *job, struct err *err)
{
	struct rounds *rounds = ctx;
	const struct piece *piece = job->data;
	const int rc = rounds->transfer != NULL ? write_piece(rounds, piece, err) : 0;
	progress_update(rounds->progress, rounds->what, piece_at(piece) + piece_len(piece),
					rounds->bundle->parts[0].container->bytes);
	return rc;
}

static const struct pool_ops transfer_ops = {piece_setup, piece_teardown, check_piece, finish_piece};
static const struct pool_ops read_back_ops = {piece_setup, piece_teardown, check_piece_back, finish_piece};

/* By the owner of the pool, one behind the other: so the medium is never waiting for a digest. */
static int fetch_piece(const struct rounds *rounds, struct piece *piece, struct err *err)
{
	if (direct_read(rounds->direct, &piece->room, piece_at(piece), piece_len(piece), &piece->bytes, &piece->len, err) <
		0)
		return err_wrap(err, "member %s: ", piece->name);
	return 0;
}

static int go_round(struct rounds *rounds, const struct pool_ops *ops, struct err *err)
{
	const uint64_t total = piece_count(rounds->bundle->parts[0].container);
	auto_pool *pool = NULL;
	if (pool_open(&pool, ops, rounds, JOBS_A_CORE * pool_threads(), err) < 0)
		return -1;
	for (uint64_t n = 0; n < total; n++) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		piece_describe(job->data, rounds->bundle, n);
		if (rounds->direct != NULL && fetch_piece(rounds, job->data, err) < 0)
			return -1;
		pool_submit(pool, job);
	}
	return pool_drain(pool, err);
}

/* --- there --- */

/* What it holds is proven when it is read back. */
static int transfer_tail(const struct bundle_verified *bundle, const struct transfer *transfer, struct err *err)
{
	const struct container *c = bundle->parts[0].container;
	auto_free unsigned char *block = malloc(TAIL_BLOCK);
	if (block == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint64_t at = c->found.sums; at < c->bytes;) {
		const size_t want = c->bytes - at < TAIL_BLOCK ? (size_t)(c->bytes - at) : TAIL_BLOCK;
		ssize_t n = io_pread_up_to(bundle->parts[0].fd, block, want, at, err);
		if (n >= 0 && (size_t)n != want)
			n = err_set(err, ERR_TRUNCATED, "the file became shorter while it was read");
		if (n < 0)
			return err_wrap(err, "%s: ", transfer->from_path);
		if (io_pwrite_all(transfer->to, block, want, at, err) < 0)
			return err_wrap(err, "%s: ", transfer->to_path);
		at += want;
	}
	return 0;
}

int bundle_transfer(const struct bundle_verified *bundle, struct transfer *transfer, struct err *err)
{
	struct rounds rounds = {.bundle = bundle,
							.transfer = transfer,
							.paced = paced_begin(transfer->to),
							.progress = transfer->progress,
							.what = "copying"};
	const uint64_t bytes = bundle->parts[0].container->bytes;
	if (transfer->there > bytes && ftruncate(transfer->to, (off_t)bytes) < 0)
		return err_sys(err, "cannot shorten what an earlier attempt left");
	if (go_round(&rounds, &transfer_ops, err) < 0 || transfer_tail(bundle, transfer, err) < 0)
		return -1;
	if (paced_finish(&rounds.paced, err) < 0)
		return err_wrap(err, "%s: ", transfer->to_path);
	transfer->safe = bytes;
	return 0;
}

/* --- and back --- */

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
	struct rounds rounds = {.bundle = back->layout != NULL ? back->layout : copy,
							.direct = direct,
							.progress = back->progress,
							.what = "reading back"};
	return go_round(&rounds, &read_back_ops, err);
}

/* Whatever is wrong with what was good a moment ago, the medium did it. */
static int blame_medium(const struct read_back *back, const struct err *found, struct err *err)
{
	if (found->code == ERR_CANCELLED || found->code == ERR_MEMORY) {
		*err = *found;
		return -1;
	}
	(void)err_set(err, ERR_IO, "%s: the medium does not give back what was written: %s", back->path, found->message);
	return err_hint(err, "it is failing or not what it says to be: use another one, and keep nothing on this one");
}

int bundle_read_back(struct read_back *back, struct err *err)
{
	struct err found = ERR_INIT;
	auto_direct *direct = NULL;
	if (direct_open(&direct, back->fd, err) < 0)
		return err_wrap(err, "%s: ", back->path);
	const int rc = look_at_all(back, direct, &found);
	back->way = direct_way(direct);
	return rc == 0 ? 0 : blame_medium(back, &found, err);
}
