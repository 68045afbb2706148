/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_diff.h"

#include "format/key_index.h"
#include "ops/partner_change.h"

#include <stdlib.h>

static const struct partner *find_owner(const struct key_index *keys, const struct fingerprint *key)
{
	const struct indexed_key *found = key_index_find(keys, key);
	return found != NULL ? found->partner : NULL;
}

/* Whose present key it was. */
static const struct partner *find_present(const struct key_index *keys, const struct fingerprint *key)
{
	const struct partner *owner = find_owner(keys, key);
	return owner != NULL && fingerprint_equal(&owner->fingerprint, key) ? owner : NULL;
}

/* The entry that one is: also where it has another key by now. */
static const struct partner *find_before(const struct key_index *keys, const struct partner *now)
{
	const struct partner *then = find_present(keys, &now->fingerprint);
	for (uint32_t i = now->former_count; i > 0 && then == NULL; i--)
		then = find_present(keys, &now->former[i - 1].fingerprint);
	return then;
}

/* A key that was somebody else's: no rotation gives that. */
static void find_moved(const struct key_index *keys, struct registry_difference *difference)
{
	for (uint32_t k = 0; k < partner_key_count(difference->after); k++) {
		const struct fingerprint *key = partner_key_at(difference->after, k).fingerprint;
		const struct partner *owner = find_owner(keys, key);
		if (owner == NULL || owner == difference->before)
			continue;
		difference->moved = key;
		difference->moved_from = owner;
		return;
	}
}

struct diffing {
	const struct registry_doc *before;
	const struct key_index *keys; /* of before */
	bool *goes_on;                /* for each of before: some entry is the same */
	registry_diff_fn *each;
	void *ctx;
};

static int compare_entry(struct diffing *d, const struct partner *now, struct err *err)
{
	const struct partner *then = find_before(d->keys, now);
	struct registry_difference difference = {
		.kind = then == NULL ? PARTNER_ADDED : PARTNER_CHANGED, .before = then, .after = now};
	if (then != NULL) {
		d->goes_on[then - d->before->partners] = true;
		difference.fields = partner_differences(then, now);
	}
	find_moved(d->keys, &difference);
	return then == NULL || difference.fields != 0 ? d->each(d->ctx, &difference, err) : 0;
}

static int compare_all(struct diffing *d, const struct registry_doc *after, struct err *err)
{
	for (uint32_t i = 0; i < after->count; i++)
		if (compare_entry(d, &after->partners[i], err) < 0)
			return -1;
	for (uint32_t i = 0; i < d->before->count; i++) {
		const struct registry_difference gone = {.kind = PARTNER_GONE, .before = &d->before->partners[i]};
		if (!d->goes_on[i] && d->each(d->ctx, &gone, err) < 0)
			return -1;
	}
	return 0;
}

int registry_diff(const struct registry_doc *before, const struct registry_doc *after, registry_diff_fn *each,
				  void *ctx, struct err *err)
{
	auto_key_index keys = {0};
	auto_free bool *goes_on = calloc(before->count + (size_t)1, sizeof *goes_on);
	if (goes_on == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (key_index_new(&keys, before, err) < 0)
		return -1;
	struct diffing d = {before, &keys, goes_on, each, ctx};
	return compare_all(&d, after, err);
}

static int refuse_moved(void *ctx, const struct registry_difference *d, struct err *err)
{
	(void)ctx;
	if (d->moved == NULL || fingerprint_equal(d->moved, &d->after->fingerprint))
		return 0;
	(void)err_set(err, ERR_REGISTRY, "the key %s of partner %s would become a former key of partner %s", d->moved->hex,
				  d->moved_from->alias, d->after->alias);
	return err_hint(err, "no rotation does that: ask the administrators; where registries between were left out, take "
						 "them in first");
}

int registry_check_moves(const struct registry_doc *before, const struct registry_doc *after, struct err *err)
{
	return registry_diff(before, after, refuse_moved, NULL, err);
}
