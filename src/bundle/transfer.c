/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/transfer.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"
#include "bundle/pieces.h"
#include "media/paced.h"

#include <string.h>

/* Piece by piece; behind the last of them is the tail: list of digests, waybill, signatures, trailer. */

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

/* --- every piece, in a pool --- */

struct carrying {
	const struct bundle_verified *bundle;
	struct transfer *transfer;
	struct paced paced;
};

struct carried {
	struct piece piece;
	unsigned char *bytes; /* owned */
	bool kept;
};

static int carried_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct carrying *carrying = ctx;
	struct carried *carried = calloc(1, sizeof *carried);
	job->data = carried;
	if (carried == NULL || (carried->bytes = malloc(piece_len_max(carrying->bundle))) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

static void carried_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct carried *carried = job->data;
	if (carried != NULL)
		free(carried->bytes);
	free(carried);
}

/* Where the medium cannot read what an earlier attempt wrote there, it is written anew. */
static bool is_there_already(const struct transfer *transfer, const struct carried *carried)
{
	const struct piece *piece = &carried->piece;
	struct err ignored = ERR_INIT;
	if (piece_at(piece) + piece_len(piece) > transfer->there)
		return false;
	const ssize_t n = io_pread_up_to(transfer->to, carried->bytes, piece_len(piece), piece_at(piece), &ignored);
	return n >= 0 && piece_is_intact(piece, carried->bytes, (size_t)n);
}

static int check_piece(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct carrying *carrying = ctx;
	struct carried *carried = job->data;
	const struct piece *piece = &carried->piece;
	carried->kept = is_there_already(carrying->transfer, carried);
	if (carried->kept)
		return 0;
	ssize_t n = io_pread_up_to(carrying->bundle->parts[0].fd, carried->bytes, piece_len(piece), piece_at(piece), err);
	if (n >= 0 && !piece_is_intact(piece, carried->bytes, (size_t)n))
		n = member_damaged(piece->name, err);
	return n < 0 ? err_wrap(err, "%s: ", carrying->transfer->from_path) : 0;
}

/* One behind the other, by the owner of the pool: a file system without holes, such as FAT, would fill each gap first.
 */
static int write_piece(struct carrying *carrying, const struct carried *carried, struct err *err)
{
	struct transfer *transfer = carrying->transfer;
	const uint64_t at = piece_at(&carried->piece), len = piece_len(&carried->piece);
	transfer->kept += carried->kept ? len : 0;
	if ((!carried->kept && io_pwrite_all(transfer->to, carried->bytes, len, at, err) < 0) ||
		paced_reach(&carrying->paced, at + len, err) < 0)
		return err_wrap(err, "%s: ", transfer->to_path);
	transfer->written += carried->kept ? 0 : len;
	transfer->safe = carrying->paced.done;
	progress_update(transfer->progress, "copying", at + len, carrying->bundle->parts[0].container->bytes);
	return 0;
}

static int finish_piece(void *ctx, struct pool_job *job, struct err *err)
{
	return write_piece(ctx, job->data, err);
}

static const struct pool_ops carry_ops = {carried_setup, carried_teardown, check_piece, finish_piece};

static int carry_pieces(struct carrying *carrying, struct err *err)
{
	const uint64_t total = piece_count(&carrying->bundle->parts[0]);
	auto_pool *pool = NULL;
	if (pool_open(&pool, &carry_ops, carrying, JOBS_A_CORE * pool_threads(), err) < 0)
		return -1;
	for (uint64_t n = 0; n < total; n++) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		piece_describe(&((struct carried *)job->data)->piece, carrying->bundle, &carrying->bundle->parts[0], n);
		pool_submit(pool, job);
	}
	return pool_drain(pool, err);
}

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
	struct carrying carrying = {.bundle = bundle, .transfer = transfer, .paced = paced_begin(transfer->to)};
	const uint64_t bytes = bundle->parts[0].container->bytes;
	if (transfer->there > bytes && ftruncate(transfer->to, (off_t)bytes) < 0)
		return err_sys(err, "cannot shorten what an earlier attempt left");
	if (carry_pieces(&carrying, err) < 0 || transfer_tail(bundle, transfer, err) < 0)
		return -1;
	if (paced_finish(&carrying.paced, err) < 0)
		return err_wrap(err, "%s: ", transfer->to_path);
	transfer->safe = bytes;
	return 0;
}
