/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_volumes.h"

#include "base/path.h"
#include "format/parity_list.h"

#include <string.h>

void seal_volumes_clear(struct seal_volumes *volumes)
{
	output_set_clear(&volumes->files);
	free(volumes->whole);
	*volumes = (struct seal_volumes){.whole = NULL};
}

static int open_next(void *ctx, int *out_fd, struct err *err)
{
	struct seal_volumes *volumes = ctx;
	struct output_set *files = &volumes->files;
	if (volumes->parity_volumes > 0 && files->count + volumes->parity_volumes >= PARITY_COLUMNS_MAX) {
		(void)err_set(err, ERR_LIMIT, "volumes and parity volumes would be more than %d", PARITY_COLUMNS_MAX);
		return err_hint(err, "choose a larger --volume-size");
	}
	if (output_set_open(files, volumes->whole, err) < 0)
		return -1;
	*out_fd = output_fd(files->items[files->count - 1]);
	return 0;
}

/* Beside a volume its own parity file; and a parity volume is as long as the longest volume, and two lists more, the
 * length of which depends on a number that is not known yet. */
static uint64_t beside(void *ctx, uint64_t bytes)
{
	const struct seal_volumes *volumes = ctx;
	const uint64_t parity = parity_size(bytes, volumes->parity_permille),
				   lists = volumes->parity_volumes > 0 ? 2 * PARITY_LIST_MAX : 0;
	return parity > lists ? parity : lists;
}

int seal_volumes_allow(struct seal_volumes *volumes, struct writer *writer, uint64_t max_bytes,
					   const struct writer_options *options, const struct writer_bounds *bounds, struct err *err)
{
	const uint64_t alone = writer_least_volume(options, bounds), least = alone + beside(volumes, alone);
	if (max_bytes < least) {
		(void)err_set(err, ERR_LIMIT, "a volume of %llu bytes is too small for one chunk of this bundle",
					  (unsigned long long)max_bytes);
		return err_hint(err, "the least --volume-size for it is %llu", (unsigned long long)least);
	}
	writer_allow_volumes(writer, &(struct writer_volumes){.max_bytes = max_bytes,
														  .behind_max = writer_behind_max(options, bounds),
														  .beside = beside,
														  .next = open_next,
														  .ctx = volumes});
	return 0;
}

int seal_volumes_name(struct seal_volumes *volumes, struct err *err)
{
	const struct output_set *files = &volumes->files;
	size_t len = 0;
	if (files->count == 1)
		return 0;
	const char *name = path_last_component(volumes->whole, &len);
	for (unsigned i = 0; i < files->count; i++) {
		auto_buf text = {0};
		if (volume_name_format(&text, name, i + 1, files->count, err) < 0 ||
			output_rename(files->items[i], text.data, err) < 0)
			return -1;
	}
	return 0;
}
