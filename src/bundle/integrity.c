/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/pieces.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"

#include <string.h>

/* Every member of every part against its digest. Members of a part are numbered as in SHA256SUMS, the chunks that it
 * lacks left out. */

struct check_job {
	unsigned char *bytes; /* room for the largest member */
	uint32_t part;
	struct piece piece;
	bool intact;
};

struct check {
	const struct bundle_verified *bundle;
	struct integrity *out;
	const struct progress *progress;
};

static int check_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct check *check = ctx;
	struct check_job *item = calloc(1, sizeof *item);
	job->data = item;
	if (item == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	item->bytes = malloc(chunk_member_max(check->bundle->waybill.chunk_bytes));
	return item->bytes != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void check_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct check_job *item = job->data;
	if (item != NULL)
		free(item->bytes);
	free(item);
}

static int check_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct check *check = ctx;
	struct check_job *item = job->data;
	struct digest digest;
	const struct bundle_part *part = &check->bundle->parts[item->part];
	ssize_t n = io_pread_up_to(part->fd, item->bytes, item->piece.member.size, item->piece.member.offset, err);
	if (n < 0) {
		(void)err_wrap(err, "member %s: ", item->piece.name);
		return part_wrap(check->bundle, part, err);
	}
	hash_bytes(&digest, item->bytes, (size_t)n);
	item->intact = (uint64_t)n == item->piece.member.size && digest_equal(&digest, item->piece.want);
	return 0;
}

static void record_damage(struct integrity *out, uint32_t part, const char *member, uint64_t offset, uint64_t len)
{
	out->bad_members++;
	if (out->damage_count == DAMAGE_MAX)
		return;
	struct damage *damage = &out->damage[out->damage_count++];
	(void)snprintf(damage->member, sizeof damage->member, "%.39s", member);
	damage->part = part;
	damage->offset = offset;
	damage->len = len;
}

static void record(struct integrity *out, const struct check_job *item)
{
	out->members++;
	out->bytes += item->piece.member.size;
	if (!item->intact)
		record_damage(out, item->part, item->piece.name, item->piece.member.offset, item->piece.member.size);
}

static int check_finish(void *ctx, struct pool_job *job, struct err *err)
{
	(void)err;
	const struct check *check = ctx;
	record(check->out, job->data);
	progress_update(check->progress, "verifying", check->out->bytes, bundle_file_bytes(check->bundle));
	return 0;
}

static const struct pool_ops check_ops = {check_setup, check_teardown, check_work, check_finish};

/* --- what several parts must have in common --- */

enum { PIECE_BYTES = 256 << 10 };

static int digest_of(const struct bundle_part *part, struct member member, struct digest *out, struct err *err)
{
	auto_hash *hash = NULL;
	auto_free unsigned char *piece = malloc(PIECE_BYTES);
	if (piece == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (hash_new(&hash, err) < 0)
		return -1;
	for (uint64_t done = 0; done < member.size;) {
		const uint64_t left = member.size - done;
		const size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t n = io_pread_up_to(part->fd, piece, want, member.offset + done, err);
		if (n < 0)
			return -1;
		hash_update(hash, piece, (size_t)n);
		if ((size_t)n < want)
			break; /* it shrank: the digest is another */
		done += want;
	}
	hash_finish(hash, out);
	return 0;
}

/* The list is read from one part only; whoever holds another must have the same. */
static int check_list(struct check *check, uint32_t number, struct err *err)
{
	const struct bundle_part *part = &check->bundle->parts[number];
	const struct member member = part->container->sums;
	struct digest digest;
	if (digest_of(part, member, &digest, err) < 0)
		return part_wrap(check->bundle, part, err);
	check->out->members++;
	check->out->bytes += member.size;
	if (!digest_equal(&digest, &check->bundle->waybill.sums))
		record_damage(check->out, number, "SHA256SUMS", member.offset, member.size);
	return 0;
}

/* In no list: compared with those that were judged. */
static int check_seals(struct check *check, uint32_t number, struct err *err)
{
	const struct bundle_part *part = &check->bundle->parts[number];
	const struct trailer *found = &part->container->found;
	AUTO(seals_clear) struct seals seals = {.count = 0};
	if (seals_read(&seals, part, err) < 0)
		return -1;
	check->out->members += seals.count;
	check->out->bytes += found->trailer - found->signatures;
	if (!seals_equal(&seals, &check->bundle->seals))
		record_damage(check->out, number, "signatures", found->signatures, found->trailer - found->signatures);
	return 0;
}

static int check_common(struct check *check, struct err *err)
{
	for (uint32_t i = 0; check->bundle->part_count > 1 && i < check->bundle->part_count; i++)
		if (check_list(check, i, err) < 0 || check_seals(check, i, err) < 0)
			return -1;
	return 0;
}

/* --- the work --- */

static int check_part(struct check *check, struct pool *pool, uint32_t part, struct err *err)
{
	const struct bundle_part *file = &check->bundle->parts[part];
	const uint64_t total = piece_count(file);
	for (uint64_t n = 0; n < total; n++) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		struct check_job *item = job->data;
		item->part = part;
		piece_describe(&item->piece, check->bundle, file, n);
		pool_submit(pool, job);
	}
	return 0;
}

int bundle_check_members(const struct bundle_verified *bundle, const struct progress *progress, struct integrity *out,
						 struct err *err)
{
	struct check check = {.bundle = bundle, .out = out, .progress = progress};
	auto_pool *pool = NULL;
	*out = (struct integrity){0};
	if (bundle_missing(bundle, &out->missing, err) < 0)
		return -1;
	if (check_common(&check, err) < 0 || pool_open(&pool, &check_ops, &check, 2 * pool_threads(), err) < 0)
		return -1;
	for (uint32_t i = 0; i < bundle->part_count; i++)
		if (check_part(&check, pool, i, err) < 0)
			return -1;
	return pool_drain(pool, err);
}
