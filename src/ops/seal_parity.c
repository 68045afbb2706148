/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_parity.h"

#include "format/parity.h"

#include <string.h>
#include <sys/stat.h>

void seal_parity_clear(struct seal_parity *parity)
{
	for (unsigned i = 0; i < parity->count; i++)
		output_free(parity->items[i]);
	free(parity->items);
	*parity = (struct seal_parity){0};
}

static int write_one(struct seal_parity *parity, const struct output *output, unsigned permille,
					 const struct progress *progress, struct pack_result *result, struct err *err)
{
	struct stat st;
	const char *path = output_final_path(output);
	if (fstat(output_fd(output), &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (parity_beside(output_fd(output), (uint64_t)st.st_size, path, permille, progress, &parity->items[parity->count],
					  err) < 0)
		return -1;
	parity->count++;
	result->parity_bytes += parity_size((uint64_t)st.st_size, permille);
	return 0;
}

int seal_parity_write(struct seal_parity *parity, const struct output *first, const struct seal_volumes *volumes,
					  unsigned permille, const struct progress *progress, struct pack_result *result, struct err *err)
{
	parity->items = calloc((size_t)volumes->count + 1, sizeof(struct output *));
	if (parity->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (write_one(parity, first, permille, progress, result, err) < 0)
		return -1;
	for (unsigned i = 0; i < volumes->count; i++)
		if (write_one(parity, volumes->items[i], permille, progress, result, err) < 0)
			return -1;
	result->parity_path = strdup(output_final_path(parity->items[0]));
	return result->parity_path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void seal_parity_commit(struct seal_parity *parity, struct pack_result *result, struct notices *notices)
{
	for (unsigned i = 0; i < parity->count; i++) {
		struct err fault = ERR_INIT;
		if (output_commit(parity->items[i], &fault) == 0)
			continue;
		notice_add(notices, "the bundle has no parity file %s: %s", output_final_path(parity->items[i]), fault.message);
		if (i == 0)
			free(steal(&result->parity_path));
	}
}
