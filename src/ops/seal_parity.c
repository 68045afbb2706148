/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_parity.h"

#include <string.h>
#include <sys/stat.h>

void seal_parity_clear(struct seal_parity *parity)
{
	for (unsigned i = 0; i < parity->count; i++)
		output_free(parity->items[i]);
	free(parity->items);
	*parity = (struct seal_parity){.count = 0};
}

static int write_one(struct seal_parity *parity, unsigned permille, const struct output *file,
					 const struct progress *progress, struct err *err)
{
	struct stat st;
	if (fstat(output_fd(file), &st) < 0)
		return err_sys(err, "cannot look at %s", output_final_path(file));
	if (parity_beside(output_fd(file), (uint64_t)st.st_size, output_final_path(file), permille, progress,
					  &parity->items[parity->count], err) < 0)
		return -1;
	parity->count++;
	parity->bytes += parity_size((uint64_t)st.st_size, permille);
	return 0;
}

int seal_parity_write(struct seal_parity *parity, unsigned permille, const struct output *first,
					  const struct seal_volumes *volumes, const struct progress *progress, struct err *err)
{
	if (permille == 0)
		return 0;
	parity->items = calloc((size_t)volumes->count + 1, sizeof(struct output *));
	if (parity->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (write_one(parity, permille, first, progress, err) < 0)
		return -1;
	for (unsigned i = 0; i < volumes->count; i++)
		if (write_one(parity, permille, volumes->items[i], progress, err) < 0)
			return -1;
	return 0;
}

void seal_parity_commit(struct seal_parity *parity, struct notices *notices, char **first_path)
{
	*first_path = NULL;
	for (unsigned i = 0; i < parity->count; i++) {
		struct err fault = ERR_INIT;
		if (output_commit(parity->items[i], &fault) < 0)
			notice_add(notices, "a parity file is missing: %s", fault.message);
		else if (i == 0)
			*first_path = strdup(output_final_path(parity->items[i]));
	}
}
