/* SPDX-License-Identifier: Apache-2.0 */
#include "media/output_set.h"

#include "base/array.h"
#include "base/io.h"

#include <string.h>

enum { MANY = 100 }; /* more than a process may have open everywhere */

void output_set_clear(struct output_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		output_free(set->items[i]);
	free(set->items);
	*set = (struct output_set){0};
}

int output_set_add(struct output_set *set, struct output **output, struct err *err)
{
	if (set->count > 0 && output_check_together(set->items[0], *output, err) < 0)
		return -1;
	struct output **grown = array_grow(set->items, set->count, sizeof(struct output *), err);
	if (grown == NULL)
		return -1;
	set->items = grown;
	set->items[set->count++] = steal(output);
	return 0;
}

int output_set_open(struct output_set *set, const char *path, struct err *err)
{
	auto_output *output = NULL;
	if (set->count == MANY)
		io_allow_files();
	return output_open(&output, path, OUTPUT_FILE, err) < 0 || output_set_add(set, &output, err) < 0 ? -1 : 0;
}

int output_set_sync(const struct output_set *set, struct err *err)
{
	for (unsigned i = 0; i < set->count; i++)
		if (output_sync(set->items[i], err) < 0)
			return -1;
	return 0;
}

int output_set_commit(const struct output_set *set, struct err *err)
{
	for (unsigned i = set->count; i > 0; i--) {
		if (output_commit(set->items[i - 1], err) == 0)
			continue;
		for (; i < set->count; i++)
			(void)output_withdraw(set->items[i]);
		return -1;
	}
	return 0;
}

bool output_set_withdraw(const struct output_set *set)
{
	bool gone = true;
	for (unsigned i = 0; i < set->count; i++)
		gone &= output_withdraw(set->items[i]);
	return gone;
}

void output_set_fds(const struct output_set *set, int *fds, unsigned max)
{
	for (unsigned i = 0; i < set->count && i < max; i++)
		fds[i] = output_fd(set->items[i]);
}

int output_set_paths(const struct output_set *set, char ***out, unsigned *out_count, struct err *err)
{
	*out_count = 0;
	*out = calloc((size_t)set->count + 1, sizeof **out);
	if (*out == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; *out_count < set->count; ++*out_count) {
		(*out)[*out_count] = strdup(output_final_path(set->items[*out_count]));
		if ((*out)[*out_count] == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
	}
	return 0;
}
