/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/feed.h"

#include "bundle/gather.h"
#include "ops/volumes.h"

#include <string.h>

/* Where to look first: the folder of the volume with the highest chunks. */
static char *place_of(const struct bundle_verified *bundle)
{
	const char *path = bundle_part(bundle, bundle_part_count(bundle) - 1).path, *slash = strrchr(path, '/');
	return slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int take_one(struct bundle_opened *bundle, const char *path, const struct feed *feed, bool *out_taken,
					struct err *err)
{
	struct err own = ERR_INIT;
	if (bundle_add(bundle, path, &own) == 0) {
		feed->tell(feed->ctx, path);
		*out_taken = true;
		return 0;
	}
	if (own.code == ERR_CANCELLED || own.code == ERR_MEMORY) {
		*err = own;
		return -1;
	}
	feed->tell(feed->ctx, own.message);
	return 0;
}

/* All that a medium holds of this bundle. What is wrong with a file is told; the next medium may be the right one. */
static int take_all(struct bundle_opened *bundle, const char *place, const struct feed *feed, bool *out_taken,
					struct err *err)
{
	auto_volume_sets sets = {0};
	struct err own = ERR_INIT;
	*out_taken = false;
	if (volumes_find(&sets, place, &own) < 0) {
		if (own.code != ERR_CANCELLED)
			feed->tell(feed->ctx, own.message);
		return own.code == ERR_CANCELLED ? err_set(err, ERR_CANCELLED, "interrupted") : 0;
	}
	for (unsigned i = 0; i < sets.path_count; i++)
		if (take_one(bundle, sets.paths[i], feed, out_taken, err) < 0)
			return -1;
	return 0;
}

/* *out_more: there is something to ask for, and somebody who has it. */
static int feed_once(struct bundle_opened *bundle, char **place, const struct feed *feed, bool *out_more,
					 struct err *err)
{
	auto_buf missing = {0};
	auto_free char *answer = NULL;
	bool taken;
	*out_more = false;
	if (volumes_describe_missing(&missing, bundle_of(bundle), err) < 0)
		return -1;
	if (missing.len == 0)
		return 0;
	if (feed->ask(feed->ctx, missing.data, *place, &answer, err) < 0)
		return -1;
	if (answer == NULL)
		return 0;
	*out_more = true;
	if (take_all(bundle, answer, feed, &taken, err) < 0)
		return -1;
	if (taken) {
		free(*place);
		*place = steal(&answer);
	}
	return 0;
}

int feed_bundle(struct bundle_opened *bundle, int folder_fd, const struct feed *feed, const struct progress *progress,
				struct err *err)
{
	auto_free char *place = place_of(bundle_of(bundle));
	if (place == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (bool more = true; more;)
		if (bundle_settle(bundle, folder_fd, progress, err) < 0 || feed_once(bundle, &place, feed, &more, err) < 0)
			return -1;
	return 0;
}
