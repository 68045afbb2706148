/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_diff.h"

#include "ops/partner_change.h"

#include <stdlib.h>
#include <string.h>

/* All keys of a registry by fingerprint, so that thousands are compared in no time. */
struct owned_key {
	const struct fingerprint *key;
	const struct partner *owner;
};
struct owned_keys {
	struct owned_key *items; /* owned */
	size_t count;
};

static void owned_keys_clear(struct owned_keys *keys)
{
	free(keys->items);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct owned_key *)a)->key->hex, ((const struct owned_key *)b)->key->hex);
}

static int list_keys(struct owned_keys *out, const struct registry_doc *doc, struct err *err)
{
	size_t most = 1;
	for (uint32_t i = 0; i < doc->count; i++)
		most += partner_key_count(&doc->partners[i]);
	out->items = calloc(most, sizeof *out->items);
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < doc->count; i++)
		for (uint32_t k = 0; k < partner_key_count(&doc->partners[i]); k++)
			out->items[out->count++] = (struct owned_key){partner_key_at(&doc->partners[i], k).fingerprint,
														  &doc->partners[i]};
	qsort(out->items, out->count, sizeof *out->items, compare);
	return 0;
}

static const struct partner *find_owner(const struct owned_keys *keys, const struct fingerprint *key)
{
	const struct owned_key wanted = {key, NULL};
	const struct owned_key *found = keys->count == 0
										? NULL
										: bsearch(&wanted, keys->items, keys->count, sizeof wanted, compare);
	return found != NULL ? found->owner : NULL;
}

/* Whose present key it was. */
static const struct partner *find_present(const struct owned_keys *keys, const struct fingerprint *key)
{
	const struct partner *owner = find_owner(keys, key);
	return owner != NULL && fingerprint_equal(&owner->fingerprint, key) ? owner : NULL;
}

/* The entry that one is: also where it has another key by now. */
static const struct partner *find_before(const struct owned_keys *keys, const struct partner *now)
{
	const struct partner *then = find_present(keys, &now->fingerprint);
	for (uint32_t i = now->former_count; i > 0 && then == NULL; i--)
		then = find_present(keys, &now->former[i - 1].fingerprint);
	return then;
}

/* A key that was somebody else's: no rotation gives that. */
static void find_moved(const struct owned_keys *keys, struct registry_difference *difference)
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
	struct owned_keys keys;
	bool *goes_on; /* for each of before: some entry is the same */
	registry_diff_fn *each;
	void *ctx;
};

static int compare_entry(struct diffing *d, const struct partner *now, struct err *err)
{
	const struct partner *then = find_before(&d->keys, now);
	struct registry_difference difference = {
		.kind = then == NULL ? PARTNER_ADDED : PARTNER_CHANGED, .before = then, .after = now};
	if (then != NULL) {
		d->goes_on[then - d->before->partners] = true;
		difference.fields = partner_differences(then, now);
	}
	find_moved(&d->keys, &difference);
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
	AUTO(owned_keys_clear) struct owned_keys keys = {0};
	auto_free bool *goes_on = calloc(before->count + (size_t)1, sizeof *goes_on);
	if (goes_on == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (list_keys(&keys, before, err) < 0)
		return -1;
	struct diffing d = {before, keys, goes_on, each, ctx};
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
