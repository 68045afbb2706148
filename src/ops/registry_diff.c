/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_diff.h"

#include "ops/partner_change.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp((*(const struct partner *const *)a)->fingerprint.hex,
				  (*(const struct partner *const *)b)->fingerprint.hex);
}

/* By fingerprint, so that thousands are compared in no time. */
static const struct partner **sort(const struct registry_doc *doc, struct err *err)
{
	const struct partner **sorted = calloc(doc->count + (size_t)1, sizeof *sorted);
	if (sorted == NULL) {
		(void)err_set(err, ERR_MEMORY, "out of memory");
		return NULL;
	}
	for (uint32_t i = 0; i < doc->count; i++)
		sorted[i] = &doc->partners[i];
	qsort(sorted, doc->count, sizeof *sorted, compare);
	return sorted;
}

static const struct partner *find(const struct partner **sorted, uint32_t count, const struct partner *wanted)
{
	const struct partner **found = count == 0 ? NULL : bsearch(&wanted, sorted, count, sizeof *sorted, compare);
	return found != NULL ? *found : NULL;
}

/* The entry that one is: also where it has another key by now. */
static const struct partner *find_before(const struct partner **sorted, uint32_t count, const struct partner *now)
{
	const struct partner *then = find(sorted, count, now);
	for (uint32_t i = now->former_count; i > 0 && then == NULL; i--) {
		const struct partner wanted = {.fingerprint = now->former[i - 1].fingerprint};
		then = find(sorted, count, &wanted);
	}
	return then;
}

static bool goes_on(const struct registry_doc *after, const struct partner *then)
{
	for (uint32_t i = 0; i < after->count; i++)
		if (partner_former(&after->partners[i], &then->fingerprint) != NULL)
			return true;
	return false;
}

int registry_diff(const struct registry_doc *before, const struct registry_doc *after,
				  int (*each)(void *ctx, const struct registry_difference *difference, struct err *err), void *ctx,
				  struct err *err)
{
	auto_free const struct partner **old = sort(before, err);
	auto_free const struct partner **new = old != NULL ? sort(after, err) : NULL;
	if (new == NULL)
		return -1;
	for (uint32_t i = 0; i < after->count; i++) {
		const struct partner *now = &after->partners[i], *then = find_before(old, before->count, now);
		struct registry_difference difference = {then == NULL ? PARTNER_ADDED : PARTNER_CHANGED, then, now, 0};
		difference.fields = then != NULL ? partner_differences(then, now) : 0;
		if ((then == NULL || difference.fields != 0) && each(ctx, &difference, err) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < before->count; i++) {
		const struct registry_difference difference = {PARTNER_GONE, &before->partners[i], NULL, 0};
		if (find(new, after->count, &before->partners[i]) == NULL && !goes_on(after, &before->partners[i]) &&
			each(ctx, &difference, err) < 0)
			return -1;
	}
	return 0;
}
