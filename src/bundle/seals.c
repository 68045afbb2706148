/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signatures? Files of one bundle have the same waybill, but anybody can lay one among them whose signatures are
 * spoilt or fewer: it must not speak for the others. */
#include "bundle/bundle_internal.h"

enum { JUDGED_MAX = 8 }; /* different sets of seals: judging takes time */

struct judging {
	struct bundle_verified *bundle;
	const struct bundle_judge *judge;
	bool have_waybill;
	struct seals tried[JUDGED_MAX];
	unsigned tried_count;
	struct err first; /* why those of the first part do not count */
};

static void judging_clear(struct judging *judging)
{
	for (unsigned i = 0; i < JUDGED_MAX; i++)
		seals_clear(&judging->tried[i]);
}

/* The order of trust: no byte of the waybill is parsed before a signature over it counts. */
static int ask(struct judging *judging, const struct seals *seals, struct err *err)
{
	struct bundle_verified *bundle = judging->bundle;
	const struct bundle_judge *judge = judging->judge;
	const struct buf *text = &bundle->waybill_bytes;
	struct bundle_seal list[MEMBER_SIGNATURES_MAX];
	seals_list(seals, list);
	if (judge->bytes(judge->ctx, list, seals->count, text->data, text->len, err) < 0)
		return -1;
	if (!judging->have_waybill && waybill_parse(&bundle->waybill, text->data, text->len, err) < 0)
		return -1;
	judging->have_waybill = true;
	return judge->waybill(judge->ctx, &bundle->waybill, err);
}

static bool was_tried(const struct judging *judging, const struct seals *seals)
{
	for (unsigned i = 0; i < judging->tried_count; i++)
		if (seals_equal(&judging->tried[i], seals))
			return true;
	return false;
}

/* What is wrong with these seals may be right with others: not with this machine, nor with the waybill. */
static bool may_go_on(enum err_code code)
{
	const int status = err_exit_status(code);
	return status == err_exit_status(ERR_UNKNOWN_SIGNER) || code == ERR_SIGNATURE_PACKET;
}

static void take(struct bundle_verified *bundle, struct seals *seals)
{
	bundle->seals = *seals;
	*seals = (struct seals){.count = 0};
}

/* *out_done: they count, or nothing else can. */
static int try_part(struct judging *judging, const struct bundle_part *part, bool *out_done, struct err *err)
{
	struct seals *seals = &judging->tried[judging->tried_count];
	struct err own = ERR_INIT;
	*out_done = true;
	if (seals_read(seals, part, err) < 0)
		return -1;
	*out_done = false;
	if (was_tried(judging, seals))
		return 0;
	if (ask(judging, seals, &own) == 0) {
		*out_done = true;
		take(judging->bundle, seals);
		return 0;
	}
	if (may_go_on(own.code)) {
		if (judging->tried_count++ == 0)
			judging->first = own;
		return 0;
	}
	*out_done = true;
	*err = own;
	return part_wrap(judging->bundle, part, err);
}

/* Where others were judged since they are asked once more: what the judge noted is then of these. */
static int fail_first(struct judging *judging, struct err *err)
{
	struct err again = ERR_INIT;
	*err = judging->first;
	if (judging->tried_count > 1)
		(void)ask(judging, &judging->tried[0], &again);
	return part_wrap(judging->bundle, &judging->bundle->parts[0], err);
}

static int judge_each(struct judging *judging, struct err *err)
{
	struct bundle_verified *bundle = judging->bundle;
	bool done = false;
	for (uint32_t i = 0; i < bundle->part_count && judging->tried_count < JUDGED_MAX && !done; i++)
		if (try_part(judging, &bundle->parts[i], &done, err) < 0)
			return -1;
	return done ? 0 : fail_first(judging, err);
}

/* --- who has others --- */

static uint64_t end_of_run(const struct container *c)
{
	return (uint64_t)c->first_chunk + c->chunks.count;
}

/* All its chunks are located, and each is in a part that is kept. */
static bool is_spare(const struct bundle_verified *bundle, const bool *other, const struct container *c)
{
	uint64_t next = c->first_chunk;
	if (c->chunks.count == 0)
		return false;
	const struct member last = c->chunks.items[c->chunks.count - 1];
	if (last.offset - USTAR_BLOCK + ustar_stored(last.size) != c->payload_end)
		return false;
	for (uint32_t i = 0; i < bundle->part_count; i++) {
		const struct container *kept = bundle->parts[i].container;
		if (!other[i] && kept->first_chunk <= next && end_of_run(kept) > next)
			next = end_of_run(kept);
	}
	return next >= end_of_run(c);
}

static void leave_out(struct bundle_verified *bundle, const bool *other)
{
	uint32_t kept = 0;
	bool spare[VOLUMES_MAX];
	for (uint32_t i = 0; i < bundle->part_count; i++)
		spare[i] = other[i] && is_spare(bundle, other, bundle->parts[i].container);
	for (uint32_t i = 0; i < bundle->part_count; i++) {
		struct bundle_part *part = &bundle->parts[i];
		if (!spare[i]) {
			bundle->parts[kept++] = *part;
			continue;
		}
		bundle->left_out[bundle->left_out_count++] = steal(&part->path);
		part_clear(part);
	}
	bundle->part_count = kept;
}

/* One that holds what no other does is kept: its chunks have their own digests, and a full check tells of its seals. */
static int compare_all(struct bundle_verified *bundle, struct err *err)
{
	bool other[VOLUMES_MAX];
	if (bundle->part_count == 1)
		return 0;
	bundle->left_out = calloc(bundle->part_count, sizeof *bundle->left_out);
	if (bundle->left_out == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < bundle->part_count; i++) {
		AUTO(seals_clear) struct seals seals = {.count = 0};
		if (seals_read(&seals, &bundle->parts[i], err) < 0)
			return -1;
		other[i] = !seals_equal(&seals, &bundle->seals);
	}
	leave_out(bundle, other);
	return 0;
}

int seals_judge(struct bundle_verified *bundle, const struct bundle_judge *judge, struct err *err)
{
	AUTO(judging_clear) struct judging judging = {.bundle = bundle, .judge = judge};
	return judge_each(&judging, err) < 0 ? -1 : compare_all(bundle, err);
}
