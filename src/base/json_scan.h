/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_SCAN_H
#define VALISE_BASE_JSON_SCAN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reader of JSON that keeps nothing (RFC 8259): any length, flat memory, near the speed of memory. What is nobody's
 * business passes by unread but checked: the grammar is checked whole, UTF-8 included. */
enum { JSON_SCAN_DEPTH_MAX = 512, JSON_SCAN_TEXT_MAX = 512 };

struct json_scan_text {
	const char *bytes; /* decoded, NUL-terminated; valid during the call */
	size_t len;
	bool cut; /* it was longer than JSON_SCAN_TEXT_MAX: compare with nothing */
};

struct json_scan_events {
	/* Each returns -1 with err set to stop, else 0; NULL is passed over. depth counts from 0 for the top value. */
	int (*begin)(void *ctx, unsigned depth, bool is_object, struct err *err);
	int (*end)(void *ctx, unsigned depth, bool is_object, struct err *err);
	int (*key)(void *ctx, unsigned depth, const struct json_scan_text *key,
			   struct err *err); /* of the object at depth */
	int (*string)(void *ctx, unsigned depth, const struct json_scan_text *value, struct err *err);
	void *ctx;
};

struct json_scan; /* opaque; one at a time for each thread, used again */
int json_scan_new(struct json_scan **out, struct err *err);
void json_scan_free(struct json_scan *scan);

/* One text after another: begin, feed its bytes in any pieces, end. errors: ERR_DOCUMENT as "line 3, column 7: …" where
 * it is no JSON, is nested deeper than JSON_SCAN_DEPTH_MAX or no UTF-8; what an event set. */
void json_scan_begin(struct json_scan *scan, const struct json_scan_events *events);
int json_scan_feed(struct json_scan *scan, const char *bytes, size_t len, struct err *err);
int json_scan_end(struct json_scan *scan, struct err *err);
void json_scan_where(const struct json_scan *scan, unsigned *out_line, unsigned *out_column); /* of what comes next */

#endif
