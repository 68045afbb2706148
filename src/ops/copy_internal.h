/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_COPY_INTERNAL_H
#define VALISE_OPS_COPY_INTERNAL_H

#include "bundle/bundle.h"
#include "ops/copy.h"

#include <limits.h>

/* For the files copy*.c. */

struct copy_file {
	char source[PATH_MAX];
	char *path; /* owned: its final name */
	uint64_t bytes;
	bool is_bundle;
};

struct copy_job {
	const struct copy_request *request;
	char *folder; /* owned, absolute */
	struct copy_file *files;
	unsigned count;
	struct session session;
	bool have_session;
	bool noted; /* the failure that ends it is in the ledger */
};

/* One file, from judging to its name. out: *item filled as far as it came. */
int copy_one(struct copy_job *job, const struct copy_file *file, struct copied *item, struct err *err);

/* The files of one bundle, asked about. out: *item what is known of it. errors: as copy_one(). */
int copy_open_source(struct copy_job *job, const char *const *paths, uint32_t count, struct copied *item,
					 struct bundle_verified **out, struct err *err);
int copy_refuse_pending(const char *path, struct err *err); /* ERR_APPROVALS where it waits for approval */
/* Whatever became of it, into the ledger; of a failure, once. in: item NULL where it is not of one of them. */
void copy_note_outcome(struct copy_job *job, const struct copied *item, struct notices *notices,
					   const struct err *outcome);

/* Whether a path is named as a parity file or a parity volume. */
bool copy_is_beside(const char *path);
/* A file that is named so, and is what its name says: a plain file, not reached through a link, with a header or list,
 * as long as that tells, of the bundle beside it where there is one. out: *fd owned, also on failure where not -1; its
 * length. errors: ERR_PARITY where it is not so; ERR_IO; all begin with the path. */
int copy_open_beside(const char *path, int *fd, uint64_t *bytes, struct err *err);
/* The same, and closed again. */
int copy_look_beside(const char *path, uint64_t *bytes, struct err *err);

/* All sources are one bundle; what is made of it is other files of it, all of them or none. errors: as copy_one();
 * ERR_FOREIGN_VOLUME, ERR_CHUNKS_MISSING, ERR_LIMIT, ERR_EXISTS. */
int copy_split(struct copy_job *job, struct copy_report *report, struct err *err);

/* What has its name is what was copied, from the medium. in: fd of a file that was synced. errors: ERR_IO where not. */
int copy_read_back(struct copied *item, int fd, const char *path, const struct bundle_verified *layout,
				   const struct progress *progress, struct err *err);

/* All of a file that was synced, from the medium. out: its digest, and the way; err begins with the path. errors:
 * ERR_IO, ERR_CANCELLED, ERR_MEMORY. */
int copy_digest_back(struct copied *item, int fd, const char *path, const struct progress *progress, struct digest *out,
					 struct err *err);

/* Whether the place can be taken out at all. errors: ERR_USAGE. */
int copy_check_replug(const struct medium *medium, struct err *err);
/* errors: ERR_IO where what comes back is not what was written; ERR_CANCELLED. */
int copy_replug(struct copy_job *job, struct copy_report *out, struct err *err);

#endif
