/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_UNPACK_H
#define VALISE_OPS_UNPACK_H

#include "ops/feed.h"
#include "ops/receive.h"

struct unpack_request {
	const struct volume_set *files; /* the bundle's */
	const char *output;             /* DIR that will be made; NULL: the bundle's stem, else its id */
	const char *const *only;        /* paths inside; a folder stands for all below it */
	unsigned only_count;
	const struct feed *feed; /* asked for volumes that are missing; NULL: nobody is */
	bool again;
	bool repair;        /* one that is damaged is mended first, by its parity file, to a temporary file */
	bool bag;           /* as a BagIt bag; only whole */
	unsigned overrides; /* enum receive_override */
	const char *reason; /* demanded with overrides */
};

struct unpack_result {
	char *path; /* owned: the folder made */
	uint32_t files, folders;
	uint64_t bytes;
	bool attributes; /* the file system took the labels as attributes */
	struct received received;
};
void unpack_result_clear(struct unpack_result *result);

/* Whole folder or none. errors: those of receive_bundle(), payload_read_all(), ERR_EXISTS, ERR_NO_SPACE, ERR_USAGE
 * where a path of only is not inside, ERR_TYPE where a file is of a type that this station does not unpack. */
int unpack_bundle(struct session *session, const struct unpack_request *request, const struct progress *progress,
				  struct unpack_result *out, struct err *err);

#endif
