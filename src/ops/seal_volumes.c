/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_volumes.h"

#include "base/array.h"
#include "base/io.h"
#include "base/path.h"
#include "format/parity.h"
#include "format/volume_name.h"

#include <string.h>

void seal_volumes_clear(struct seal_volumes *volumes)
{
	for (unsigned i = 0; i < volumes->count; i++)
		output_free(volumes->items[i]);
	free(volumes->items);
	*volumes = (struct seal_volumes){0};
}

enum { MANY = 100 };

static int open_next(void *ctx, int *out_fd, struct err *err)
{
	struct seal_volumes *volumes = ctx;
	struct output **grown = array_grow(volumes->items, volumes->count, sizeof(struct output *), err);
	if (grown == NULL)
		return -1;
	volumes->items = grown;
	if (volumes->count == MANY)
		io_allow_files();
	if (output_open(&volumes->items[volumes->count], volumes->path, OUTPUT_FILE, err) < 0)
		return -1;
	*out_fd = output_fd(volumes->items[volumes->count++]);
	return 0;
}

static uint64_t beside(void *ctx, uint64_t bytes)
{
	const struct seal_volumes *volumes = ctx;
	return parity_size(bytes, volumes->parity_permille);
}

int seal_volumes_allow(struct seal_volumes *volumes, struct writer *writer, const struct output *first,
					   uint64_t max_bytes, const struct writer_options *options, const struct writer_bounds *bounds,
					   struct err *err)
{
	const uint64_t alone = writer_least_volume(options, bounds), least = alone + beside(volumes, alone);
	if (max_bytes < least) {
		(void)err_set(err, ERR_LIMIT, "a volume of %llu bytes is too small for one chunk of this bundle",
					  (unsigned long long)max_bytes);
		return err_hint(err, "the least --volume-size for it is %llu", (unsigned long long)least);
	}
	volumes->path = output_final_path(first);
	writer_allow_volumes(writer, &(struct writer_volumes){.max_bytes = max_bytes,
														  .behind_max = writer_behind_max(options, bounds),
														  .beside = beside,
														  .next = open_next,
														  .ctx = volumes});
	return 0;
}

static int name_one(struct output *output, const char *name, unsigned number, unsigned count, struct err *err)
{
	auto_buf text = {0};
	return volume_name_format(&text, name, number, count, err) < 0 || output_rename(output, text.data, err) < 0 ? -1
																												: 0;
}

int seal_volumes_name(struct seal_volumes *volumes, struct output *first, struct err *err)
{
	const unsigned count = volumes->count + 1;
	size_t len = 0;
	if (count == 1)
		return 0;
	auto_free char *name = strdup(path_last_component(volumes->path, &len));
	volumes->path = NULL; /* it goes with the first one's name */
	if (name == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (name_one(first, name, 1, count, err) < 0)
		return -1;
	for (unsigned i = 0; i < volumes->count; i++)
		if (name_one(volumes->items[i], name, i + 2, count, err) < 0)
			return -1;
	return 0;
}

int seal_volumes_sync(const struct seal_volumes *volumes, struct err *err)
{
	for (unsigned i = 0; i < volumes->count; i++)
		if (output_sync(volumes->items[i], err) < 0)
			return -1;
	return 0;
}

int seal_volumes_commit(struct seal_volumes *volumes, struct err *err)
{
	for (unsigned i = 0; i < volumes->count; i++)
		if (output_commit(volumes->items[i], err) < 0) {
			seal_volumes_withdraw(volumes);
			return -1;
		}
	return 0;
}

void seal_volumes_withdraw(struct seal_volumes *volumes)
{
	for (unsigned i = 0; i < volumes->count; i++)
		output_withdraw(volumes->items[i]);
}

int seal_volumes_paths(const struct seal_volumes *volumes, const struct output *first, char ***out, unsigned *out_count,
					   struct err *err)
{
	*out = calloc((size_t)volumes->count + 1, sizeof **out);
	*out_count = 0;
	if (*out == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; *out_count <= volumes->count; ++*out_count) {
		const struct output *output = *out_count == 0 ? first : volumes->items[*out_count - 1];
		(*out)[*out_count] = strdup(output_final_path(output));
		if ((*out)[*out_count] == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
	}
	return 0;
}
