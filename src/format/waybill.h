/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_WAYBILL_H
#define VALISE_FORMAT_WAYBILL_H

#include "base/buf.h"
#include "base/ident.h"

#include <stdint.h>

enum compression { COMPRESSION_ZSTD, COMPRESSION_NONE };

enum {
	WAYBILL_HANDLING_MAX = 1024,
	WAYBILL_APPROVALS_MAX = 16,
	WAYBILL_LIFE_MAX_S = 366 * DAY_S,
	WAYBILL_SKEW_S = DAY_S,      /* by how much clocks across the gap may differ */
	WAYBILL_KEY_CHECK_LINE = 78, /* bytes of the last line */
};
#define WAYBILL_KIND "valise-waybill: 1"

/* The clear, signed cover document (valise-format(5), WAYBILL). */
struct waybill {
	struct uuid bundle;
	int64_t created, not_after;
	struct fingerprint from;
	struct fingerprint *to; /* owned; NULL when hidden */
	uint32_t to_count;      /* 0 when hidden */
	uint32_t approvals;
	char handling[WAYBILL_HANDLING_MAX + 1];
	enum compression compression;
	uint32_t chunk_bytes, chunks;
	uint64_t payload_bytes;
	struct digest sums, key_check;
};

void waybill_clear(struct waybill *waybill);
#define auto_waybill AUTO(waybill_clear) struct waybill

/* in: bytes[len] borrowed, 1 to MEMBER_WAYBILL_MAX, whose signature was judged good by the caller.
 * errors: ERR_WAYBILL with line and column, ERR_VERSION, ERR_MEMORY. out is empty on failure. */
int waybill_parse(struct waybill *out, const char *bytes, size_t len, struct err *err);

/* The document up to the key-check line (waybill->key_check is not looked at). errors: ERR_MEMORY, ERR_LIMIT where too
 * long. */
int waybill_format_body(struct buf *out, const struct waybill *waybill, struct err *err);
/* The last line, over a body that is complete. */
int waybill_append_key_check(struct buf *body, const struct digest *key_check, struct err *err);

/* Length of the chunk with this number: chunk_bytes, or what is left for the last. */
uint32_t waybill_chunk_length(const struct waybill *waybill, uint32_t number);

#endif
