/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are of one bundle, and what of it they make: by the bytes of the waybill and the numbers of the chunks,
 * never by a name. Why volumes.c does not serve for this is told there. */
#include "ops/look_internal.h"

#include <string.h>

/* --- order --- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Bundles before all else; of them what tells its digest before what does not; then those of one bundle side by side,
 * by their chunks. */
static int by_bundle(const void *left, const void *right)
{
	const struct look_file *a = left, *b = right;
	int order = compare_numbers(a->kind, b->kind);
	if (order == 0)
		order = compare_numbers(b->has_digest, a->has_digest);
	if (order == 0 && a->has_digest)
		order = memcmp(a->digest.bytes, b->digest.bytes, sizeof a->digest.bytes);
	if (order == 0 && a->has_digest)
		order = compare_numbers(b->has_run, a->has_run);
	if (order == 0 && a->has_digest)
		order = compare_numbers(a->first_chunk, b->first_chunk);
	if (order == 0 && a->has_digest)
		order = compare_numbers(a->last_chunk, b->last_chunk);
	return order != 0 ? order : strcmp(a->path, b->path);
}

static bool is_of_one(const struct look_file *a, const struct look_file *b)
{
	return a->has_digest && b->has_digest && digest_equal(&a->digest, &b->digest);
}

/* --- what they make --- */

const struct look_file *look_speaker(const struct look *look, const struct look_set *set)
{
	const struct look_file *files = &look->files[set->first];
	for (uint32_t i = 0; i < set->count; i++)
		if (files[i].has_waybill && files[i].waybill.to != NULL)
			return &files[i];
	return files;
}

bool look_next_missing(const struct look *look, const struct look_set *set, uint32_t from, uint32_t *out_first,
					   uint32_t *out_last)
{
	const uint32_t chunks = look_speaker(look, set)->waybill.chunks;
	const struct look_file *file = &look->files[set->first], *end = file + set->count;
	uint32_t next = from;
	for (; file < end && next < chunks; file++) {
		if (!file->has_run || file->last_chunk < next)
			continue;
		if (file->first_chunk > next)
			break;
		next = file->last_chunk + 1;
	}
	if (next >= chunks)
		return false;
	*out_first = next;
	*out_last = file < end && file->first_chunk < chunks ? file->first_chunk - 1 : chunks - 1;
	return true;
}

static void count_missing(const struct look *look, struct look_set *set)
{
	uint32_t first = 0, last = 0, missing = 0;
	const uint32_t chunks = look_speaker(look, set)->waybill.chunks;
	for (uint32_t from = 0; look_next_missing(look, set, from, &first, &last); from = last + 1) {
		set->missing_runs++;
		missing += last - first + 1;
	}
	set->chunks = chunks - missing;
}

static bool is_same_run(const struct look_file *a, const struct look_file *b)
{
	return a->first_chunk == b->first_chunk && a->last_chunk == b->last_chunk;
}

static void sum_up(const struct look *look, struct look_set *set)
{
	const struct look_file *files = &look->files[set->first];
	for (uint32_t i = 0; i < set->count; i++) {
		set->bytes += files[i].bytes;
		set->state = files[i].state > set->state ? files[i].state : set->state;
		set->pieces += files[i].has_run && (i == 0 || !is_same_run(&files[i - 1], &files[i]));
	}
	if (look_speaker(look, set)->has_waybill)
		count_missing(look, set);
}

/* What this station's own record says of it. */
static int recall(struct look *look, struct look_set *set, struct err *err)
{
	const struct look_file *speaker = look_speaker(look, set);
	const struct waybill *waybill = &speaker->waybill;
	struct ledger_verdict known;
	static const struct digest none;
	if (!look->have_session || !speaker->has_waybill)
		return 0;
	for (uint32_t i = 0; i < waybill->to_count; i++)
		set->for_us |= station_doc_has_key(&look->session.station.doc, &waybill->to[i]);
	if (ledger_find_received(look->session.ledger, &waybill->from, &speaker->digest, &set->received, &set->sequence,
							 err) < 0 ||
		ledger_judge_incoming(look->session.ledger, &waybill->from, &waybill->bundle, &speaker->digest, 0, &none,
							  &known, err) < 0)
		return -1;
	set->equivocation = known.known == LEDGER_EQUIVOCATION;
	return 0;
}

static int make_set(struct look *look, uint32_t first, uint32_t count, struct err *err)
{
	struct look_set *set = &look->sets[look->set_count++];
	*set = (struct look_set){.first = first, .count = count};
	sum_up(look, set);
	return recall(look, set, err);
}

/* --- sets beside one another --- */

struct placed {
	const char *path;
	const struct waybill *waybill; /* NULL: not known */
	struct look_set set;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct placed *)a)->path, ((const struct placed *)b)->path);
}

/* What no waybill tells of comes last. */
static int by_id(const void *left, const void *right)
{
	const struct waybill *a = ((const struct placed *)left)->waybill, *b = ((const struct placed *)right)->waybill;
	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	int order = strcmp(a->bundle.text, b->bundle.text);
	return order != 0 ? order : strcmp(a->from.hex, b->from.hex);
}

/* Two bundles that one sender gave the same id: no volume of one serves the other, and one of them is not what it
 * seems. */
static void find_equivocation(struct placed *placed, uint32_t count)
{
	if (count > 0)
		qsort(placed, count, sizeof *placed, by_id);
	for (uint32_t i = 1; i < count && placed[i].waybill != NULL; i++)
		if (by_id(&placed[i - 1], &placed[i]) == 0)
			placed[i - 1].set.equivocation = placed[i].set.equivocation = true;
}

/* In the order in which they lie on the medium. */
static int compare_sets(struct look *look, struct err *err)
{
	auto_free struct placed *placed = calloc(look->set_count + 1, sizeof *placed);
	if (placed == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < look->set_count; i++) {
		const struct look_file *speaker = look_speaker(look, &look->sets[i]);
		placed[i] = (struct placed){.path = look->files[look->sets[i].first].path,
									.waybill = speaker->has_waybill ? &speaker->waybill : NULL,
									.set = look->sets[i]};
	}
	find_equivocation(placed, look->set_count);
	qsort(placed, look->set_count, sizeof *placed, by_path);
	for (uint32_t i = 0; i < look->set_count; i++)
		look->sets[i] = placed[i].set;
	return 0;
}

int look_make_sets(struct look *look, struct err *err)
{
	if (look->file_count > 0)
		qsort(look->files, look->file_count, sizeof *look->files, by_bundle);
	while (look->bundle_files < look->file_count && look->files[look->bundle_files].kind == LOOK_BUNDLE)
		look->bundle_files++;
	look->sets = calloc(look->bundle_files + 1, sizeof *look->sets);
	if (look->sets == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t first = 0, next; first < look->bundle_files; first = next) {
		for (next = first + 1; next < look->bundle_files && is_of_one(&look->files[first], &look->files[next]);)
			next++;
		if (make_set(look, first, next - first, err) < 0)
			return -1;
	}
	return compare_sets(look, err);
}
