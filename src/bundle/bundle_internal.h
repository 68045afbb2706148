/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_BUNDLE_INTERNAL_H
#define VALISE_BUNDLE_BUNDLE_INTERNAL_H

#include "bundle/bundle.h"
#include "bundle/chunk.h"

/* For the files of this folder that read bundles: what the stages are made of. */

struct bundle_verified {
	int fd; /* owned */
	struct container *container;
	struct buf waybill_bytes;
	struct waybill waybill;
	struct digest digest;
	struct sums sums;
};

struct bundle_opened {
	struct bundle_verified *verified;
	struct secret *payload_key, *manifest_key;
};

/* A member's content, appended. errors: ERR_TRUNCATED where the file shrank, ERR_IO. */
int member_read(int fd, struct member member, struct buf *out, struct err *err);
/* … and held against its digest. errors: ERR_DAMAGED. */
int member_read_listed(const struct bundle_verified *bundle, struct member member, const struct digest *want,
					   const char *name, struct buf *out, struct err *err);
int member_damaged(const char *name, struct err *err); /* ERR_DAMAGED with its hint; -1 */

struct chunk_stream bundle_stream(const struct bundle_opened *bundle, const struct secret *key);

#endif
