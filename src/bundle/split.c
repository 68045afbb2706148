/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/split.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/hash.h"
#include "base/io.h"
#include "bundle/bundle_internal.h"
#include "bundle/tail.h"
#include "format/parity.h"
#include "media/paced.h"

#include <string.h>

void split_plan_clear(struct split_plan *plan)
{
	free(plan->runs);
	*plan = (struct split_plan){0};
}

/* --- planning --- */

static uint64_t stored_all(const struct members *members)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < members->count; i++)
		bytes += ustar_stored(members->items[i].size);
	return bytes;
}

/* What is the same in every file: all but the payload. */
static uint64_t common_bytes(const struct bundle_verified *bundle)
{
	const struct container *c = bundle->parts[0].container;
	uint64_t bytes = ustar_stored(MEMBER_MAGIC_BYTES) + stored_all(&c->slots) + stored_all(&c->manifest) +
					 ustar_stored(c->sums.size) + ustar_stored(c->waybill.size) + ustar_stored(MEMBER_TRAILER_BYTES) +
					 USTAR_END;
	for (unsigned i = 0; i < bundle->seals.count; i++)
		bytes += ustar_stored(bundle->seals.bytes[i].len);
	return bytes;
}

static uint64_t with_parity(uint64_t bytes, unsigned permille)
{
	return bytes + parity_size(bytes, permille);
}

static int add_run(struct split_plan *plan, uint32_t first, uint64_t bytes, struct err *err)
{
	if (plan->count == VOLUMES_MAX) {
		(void)err_set(err, ERR_LIMIT, "that would be more than %d volumes", VOLUMES_MAX);
		return err_hint(err, "choose a larger --volume-size");
	}
	struct split_run *grown = array_grow(plan->runs, plan->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	plan->runs = grown;
	plan->runs[plan->count++] = (struct split_run){.first = first, .bytes = bytes};
	return 0;
}

static int fail_small(uint64_t max_bytes, uint64_t least, struct err *err)
{
	(void)err_set(err, ERR_LIMIT, "a volume of %llu bytes is too small: not one chunk of this bundle fits into it",
				  (unsigned long long)max_bytes);
	return err_hint(err, "the least size that would do is %llu bytes", (unsigned long long)least);
}

static int deal_out(struct split_plan *plan, const struct bundle_verified *bundle, uint64_t max_bytes,
					unsigned parity_permille, struct err *err)
{
	const uint64_t common = common_bytes(bundle);
	uint64_t least = 0;
	for (uint32_t i = 0; i < bundle->waybill.chunks; i++) {
		struct chunk_place place;
		if (bundle_find_chunk(bundle, i, &place, err) < 0)
			return -1;
		const uint64_t stored = ustar_stored(place.member.size), alone = with_parity(common + stored, parity_permille);
		struct split_run *run = plan->count > 0 ? &plan->runs[plan->count - 1] : NULL;
		least = alone > least ? alone : least;
		if (run == NULL || (max_bytes > 0 && with_parity(run->bytes + stored, parity_permille) > max_bytes)) {
			if (add_run(plan, i, common, err) < 0)
				return -1;
			run = &plan->runs[plan->count - 1];
		}
		run->bytes += stored;
		run->count++;
	}
	return max_bytes == 0 || least <= max_bytes ? 0 : fail_small(max_bytes, least, err);
}

int split_plan_make(struct split_plan *out, const struct bundle_verified *bundle, uint64_t max_bytes,
					unsigned parity_permille, struct err *err)
{
	*out = (struct split_plan){0};
	if (deal_out(out, bundle, max_bytes, parity_permille, err) == 0)
		return 0;
	split_plan_clear(out);
	return -1;
}

/* --- writing --- */

struct split {
	const struct bundle_verified *bundle;
	const struct split_run *run;
	const struct progress *progress;
	int fd;
	uint64_t at;
	struct paced paced;
	struct buf content, member; /* what was read; what is written */
};

static void split_clear(struct split *split)
{
	buf_clear(&split->content);
	buf_clear(&split->member);
}

static int put_member(struct split *split, const char *name, const struct buf *content, struct err *err)
{
	split->member.len = 0;
	if (ustar_append(&split->member, name, content->data, content->len, err) < 0 ||
		io_pwrite_all(split->fd, split->member.data, split->member.len, split->at, err) < 0)
		return -1;
	split->at += split->member.len;
	if (paced_reach(&split->paced, split->at, err) < 0)
		return -1;
	progress_update(split->progress, "writing", split->at, split->run->bytes);
	return cancel_check(err);
}

static int put_front(struct split *split, struct err *err)
{
	char name[USTAR_NAME_MAX + 1];
	split->content.len = 0;
	if (buf_append(&split->content, MEMBER_MAGIC, MEMBER_MAGIC_BYTES, err) < 0 ||
		put_member(split, "valise", &split->content, err) < 0)
		return -1;
	for (uint32_t i = 0; i < split->bundle->sums.shape.slots; i++) {
		member_slot_name(name, i);
		if (bundle_read_slot(split->bundle, i, &split->content, err) < 0 ||
			put_member(split, name, &split->content, err) < 0)
			return -1;
	}
	return 0;
}

static bool part_holds(const struct bundle_part *part, uint32_t chunk)
{
	const struct container *c = part->container;
	return chunk >= c->first_chunk && chunk - c->first_chunk < c->chunks.count;
}

static int put_chunk(struct split *split, uint32_t number, struct err *err)
{
	const struct bundle_verified *bundle = split->bundle;
	char name[USTAR_NAME_MAX + 1];
	struct err last = ERR_INIT;
	member_payload_name(name, number);
	for (uint32_t i = 0; i < bundle->part_count && last.code != ERR_CANCELLED; i++) {
		const struct bundle_part *part = &bundle->parts[i];
		if (!part_holds(part, number))
			continue;
		if (part_read(bundle, part, container_chunk(part->container, number), sums_chunk(&bundle->sums, number), name,
					  &split->content, &last) == 0)
			return put_member(split, name, &split->content, err);
	}
	*err = last;
	return -1;
}

static int put_list(struct split *split, struct err *err)
{
	/* What was parsed is rebuilt: the one text that it can have been. */
	split->content.len = 0;
	return sums_format(&split->content, &split->bundle->sums, err) < 0 ||
				   put_member(split, "SHA256SUMS", &split->content, err) < 0
			   ? -1
			   : 0;
}

static int put_back(struct split *split, struct err *err)
{
	const struct bundle_verified *bundle = split->bundle;
	struct trailer places = {.manifest = split->at};
	char name[USTAR_NAME_MAX + 1];
	for (uint32_t i = 0; i < bundle->sums.shape.manifest_chunks; i++) {
		member_manifest_name(name, i);
		if (bundle_read_manifest_chunk(bundle, i, &split->content, err) < 0 ||
			put_member(split, name, &split->content, err) < 0)
			return -1;
	}
	places.sums = split->at;
	if (put_list(split, err) < 0)
		return -1;
	places.waybill = split->at;
	if (put_member(split, "waybill.yaml", &bundle->waybill_bytes, err) < 0)
		return -1;
	places.signatures = split->at;
	struct bundle_seal seals[MEMBER_SIGNATURES_MAX];
	seals_list(&bundle->seals, seals);
	split->content.len = 0;
	if (tail_format(&split->content, &places, seals, bundle->seals.count, err) < 0 ||
		io_pwrite_all(split->fd, split->content.data, split->content.len, split->at, err) < 0)
		return -1;
	split->at += split->content.len;
	return 0;
}

int split_write(const struct bundle_verified *bundle, const struct split_run *run, int fd,
				const struct progress *progress, struct err *err)
{
	AUTO(split_clear)
	struct split split = {.bundle = bundle, .run = run, .progress = progress, .fd = fd, .paced = paced_begin(fd)};
	if (put_front(&split, err) < 0)
		return -1;
	for (uint32_t i = 0; i < run->count; i++)
		if (put_chunk(&split, run->first + i, err) < 0)
			return -1;
	if (put_back(&split, err) < 0 || paced_finish(&split.paced, err) < 0)
		return -1;
	/* Sizes were planned by the first file, whose cover need not be the good copy that was taken. */
	return split.at == run->bytes ? 0
								  : err_set(err, ERR_DAMAGED, "the files of this bundle have covers of other sizes");
}
