/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_parity.h"

#include "bundle/parity_volumes.h"

#include <string.h>
#include <sys/stat.h>

void seal_parity_clear(struct seal_parity *parity)
{
	output_set_clear(&parity->beside);
	output_set_clear(&parity->volumes);
}

/* --- beside each file --- */

static int write_one(struct seal_parity *parity, const struct output *output, const struct progress *progress,
					 struct pack_result *result, struct err *err)
{
	struct stat st;
	auto_output *made = NULL;
	const char *path = output_final_path(output);
	if (fstat(output_fd(output), &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (parity_beside(output_fd(output), (uint64_t)st.st_size, path, parity->permille, CARE_STAYS, progress, &made,
					  err) < 0 ||
		output_check_together(output, made, err) < 0 || output_set_add(&parity->beside, &made, err) < 0)
		return -1;
	result->parity_bytes += parity_size((uint64_t)st.st_size, parity->permille);
	return 0;
}

static int write_beside(struct seal_parity *parity, const struct output_set *files, const struct progress *progress,
						struct pack_result *result, struct err *err)
{
	for (unsigned i = 0; i < files->count; i++)
		if (write_one(parity, files->items[i], progress, result, err) < 0)
			return -1;
	result->parity_path = strdup(output_final_path(parity->beside.items[0]));
	return result->parity_path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* The bundle goes without, where it may. */
static int forgo(struct seal_parity *parity, struct pack_result *result, struct notices *notices, struct err *err)
{
	/* What the medium does not give back, or a bundle that cannot be read, is no matter of parity alone. */
	if (parity->must || (err->code != ERR_NO_SPACE && err->code != ERR_EXISTS && err->code != ERR_LIMIT))
		return -1;
	notice_add(notices, "the bundle has no parity file: %s; valise repair --parity makes one later", err->message);
	*err = (struct err)ERR_INIT;
	output_set_clear(&parity->beside);
	free(steal(&result->parity_path));
	result->parity_bytes = 0;
	return 0;
}

/* --- parity volumes --- */

static int write_volumes(struct seal_parity *parity, const struct seal_volumes *volumes,
						 const struct progress *progress, struct pack_result *result, struct err *err)
{
	int fds[PARITY_COLUMNS_MAX] = {0};
	uint64_t bytes = 0;
	output_set_fds(&volumes->files, fds, PARITY_COLUMNS_MAX);
	return parity_volumes_make(fds, volumes->files.count, volumes->whole, parity->volume_count, &parity->volumes,
							   &bytes, progress, err) < 0 ||
				   output_check_together(volumes->files.items[0], parity->volumes.items[0], err) < 0 ||
				   output_set_sync(&parity->volumes, err) < 0
			   ? -1
			   : output_set_paths(&parity->volumes, &result->parity_volumes, &result->parity_volume_count, err);
}

/* --- all --- */

int seal_parity_write(struct seal_parity *parity, const struct seal_volumes *volumes, const struct progress *progress,
					  struct pack_result *result, struct notices *notices, struct err *err)
{
	if (parity->permille > 0 && write_beside(parity, &volumes->files, progress, result, err) < 0 &&
		forgo(parity, result, notices, err) < 0)
		return -1;
	return parity->volume_count > 0 ? write_volumes(parity, volumes, progress, result, err) : 0;
}

int seal_parity_commit(struct seal_parity *parity, struct pack_result *result, struct notices *notices, struct err *err)
{
	if (output_set_commit(&parity->volumes, err) < 0)
		return -1;
	if (output_set_commit(&parity->beside, err) == 0 || forgo(parity, result, notices, err) == 0)
		return 0;
	output_set_withdraw(&parity->volumes);
	return -1;
}
