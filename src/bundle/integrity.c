/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle_internal.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/pool.h"

#include <string.h>

/* Every member against its digest. Members are numbered as in SHA256SUMS, the chunks that a volume lacks left out. */

struct check_job {
	unsigned char *bytes; /* room for the largest member */
	struct member member;
	char name[USTAR_NAME_MAX + 1];
	const struct digest *want;
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
	ssize_t n = io_pread_up_to(check->bundle->fd, item->bytes, item->member.size, item->member.offset, err);
	if (n < 0)
		return err_wrap(err, "member %s: ", item->name);
	hash_bytes(&digest, item->bytes, (size_t)n);
	item->intact = (uint64_t)n == item->member.size && digest_equal(&digest, item->want);
	return 0;
}

static const struct pool_ops check_ops = {check_setup, check_teardown, check_work};

/* The n-th member that this file holds. */
static void describe(const struct bundle_verified *bundle, uint64_t n, struct check_job *item)
{
	const struct container *c = bundle->container;
	if (n == 0) {
		(void)strcpy(item->name, "valise");
		item->member = (struct member){.offset = USTAR_BLOCK, .size = MEMBER_MAGIC_BYTES};
		item->want = sums_magic(&bundle->sums);
	} else if ((n -= 1) < c->slots.count) {
		member_slot_name(item->name, (uint32_t)n);
		item->member = c->slots.items[n];
		item->want = sums_slot(&bundle->sums, (uint32_t)n);
	} else if ((n -= c->slots.count) < c->chunks.count) {
		uint32_t number = c->first_chunk + (uint32_t)n;
		member_payload_name(item->name, number);
		item->member = c->chunks.items[n];
		item->want = sums_chunk(&bundle->sums, number);
	} else {
		n -= c->chunks.count;
		member_manifest_name(item->name, (uint32_t)n);
		item->member = c->manifest.items[n];
		item->want = sums_manifest(&bundle->sums, (uint32_t)n);
	}
}

static void record(struct integrity *out, const struct check_job *item)
{
	out->members++;
	out->bytes += item->member.size;
	if (item->intact)
		return;
	out->bad_members++;
	if (out->damage_count == DAMAGE_MAX)
		return;
	struct damage *damage = &out->damage[out->damage_count++];
	(void)snprintf(damage->member, sizeof damage->member, "%.39s", item->name);
	damage->offset = item->member.offset;
	damage->len = item->member.size;
}

static int take_one(struct check *check, struct pool *pool, bool *none_left, struct err *err)
{
	struct pool_job *job = NULL;
	if (pool_take(pool, &job, err) < 0)
		return -1;
	*none_left = job == NULL;
	if (job == NULL)
		return 0;
	record(check->out, job->data);
	progress_update(check->progress, "verifying", check->out->bytes, check->bundle->container->bytes);
	pool_release(pool, job);
	return 0;
}

static void note_missing(const struct bundle_verified *bundle, struct integrity *out)
{
	const struct container *c = bundle->container;
	uint32_t behind = c->first_chunk + c->chunks.count;
	out->missing_chunks = bundle->waybill.chunks - c->chunks.count;
	if (out->missing_chunks == 0)
		return;
	out->first_missing = c->first_chunk > 0 ? 0 : behind;
	out->last_missing = behind < bundle->waybill.chunks ? bundle->waybill.chunks - 1 : c->first_chunk - 1;
}

int bundle_check_members(const struct bundle_verified *bundle, const struct progress *progress, struct integrity *out,
						 struct err *err)
{
	const struct container *c = bundle->container;
	struct check check = {.bundle = bundle, .out = out, .progress = progress};
	uint64_t total = 1 + (uint64_t)c->slots.count + c->chunks.count + c->manifest.count;
	bool none_left = false;
	auto_pool *pool = NULL;
	*out = (struct integrity){0};
	note_missing(bundle, out);
	if (pool_open(&pool, &check_ops, &check, 2 * pool_threads(), err) < 0)
		return -1;
	for (uint64_t n = 0; n < total; n++) {
		struct pool_job *job = pool_get(pool);
		if (job == NULL) {
			if (take_one(&check, pool, &none_left, err) < 0)
				return -1;
			job = pool_get(pool);
		}
		describe(bundle, n, job->data);
		pool_submit(pool, job);
	}
	while (!none_left)
		if (take_one(&check, pool, &none_left, err) < 0)
			return -1;
	return 0;
}
