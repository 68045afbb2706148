/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_medium.h"

#include "bundle/transfer.h"

#include <string.h>

void seal_medium_clear(struct seal_medium *medium)
{
	medium_clear(&medium->facts);
}

int seal_medium_begin(struct seal_medium *medium, const struct output *output, uint64_t least, uint64_t largest,
					  struct err *err)
{
	const char *path = output_final_path(output);
	if (medium_look(&medium->facts, output_fd(output), err) < 0)
		return err_wrap(err, "%s: ", path);
	return medium_check_room(&medium->facts, least, largest, path, err);
}

static bool is_compressed(const char *type)
{
	static const char *const types[] = {"video/",
										"audio/mpeg",
										"audio/ogg",
										"audio/mp4",
										"image/jpeg",
										"image/png",
										"image/webp",
										"application/zip",
										"application/gzip",
										"application/x-xz",
										"application/zstd",
										"application/x-7z-compressed",
										"application/x-bzip2",
										"application/x-rar"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strncmp(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

uint64_t seal_medium_least(const struct manifest *manifest)
{
	uint64_t least = 0;
	/* A tenth of such a file may be headers, text or padding. */
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (is_compressed(manifest->entries[i].media_type))
			least += manifest->entries[i].size / 10 * 9;
	return least;
}

int seal_medium_read_back(const struct seal_medium *medium, const struct output_set *files,
						  const struct progress *progress, enum pack_read_back *out, struct err *err)
{
	*out = PACK_NOT_READ_BACK;
	if (!medium_wants_proof(&medium->facts))
		return 0;
	enum direct_way weakest = DIRECT_PAST_CACHE;
	for (unsigned i = 0; i < files->count; i++) {
		const struct output *output = files->items[i];
		struct read_back back = {
			.fd = output_fd(output), .path = output_final_path(output), .cover = &medium->cover, .progress = progress};
		if (bundle_read_back(&back, err) < 0)
			return -1;
		if (back.way != DIRECT_PAST_CACHE)
			weakest = back.way;
	}
	*out = weakest == DIRECT_PAST_CACHE ? PACK_READ_PAST_CACHE : PACK_READ_CACHE_DROPPED;
	return 0;
}
