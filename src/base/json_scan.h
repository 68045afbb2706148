/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_SCAN_H
#define VALISE_BASE_JSON_SCAN_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reader of JSON that keeps nothing (RFC 8259): any length, flat memory, near the speed of memory. What is nobody's
 * business passes by unread but checked: the grammar is checked whole, UTF-8 included. A byte order mark in front is
 * passed over; half a surrogate pair in an escape reads as U+FFFD, since the grammar allows it. */
enum { JSON_SCAN_DEPTH_MAX = 512, JSON_SCAN_TEXT_MAX = 512, JSON_SCAN_KEYS_MAX = 64, JSON_SCAN_NO_KEY = 255 };

struct json_scan_text {
	const char *bytes; /* decoded, NUL-terminated; valid during the call */
	size_t len;
	bool cut; /* it was longer than JSON_SCAN_TEXT_MAX, or holds U+0000: compare with nothing */
};

struct json_scan_events {
	/* The names that matter: only of these keys, and of the texts below them (their own, or in arrays of theirs), is
	 * anything told. NULL: of all, and key is JSON_SCAN_NO_KEY. */
	const char *const *keys;
	unsigned key_count; /* at most JSON_SCAN_KEYS_MAX, each of 1 to 63 bytes */
	/* Each returns -1 with err set to stop, else 0; NULL is passed over. depth counts from 0 for the top value. */
	int (*begin)(void *ctx, unsigned depth, bool is_object, struct err *err);
	int (*end)(void *ctx, unsigned depth, bool is_object, struct err *err);
	/* Of the object at depth; key: its number in keys. */
	int (*key)(void *ctx, unsigned depth, unsigned key, const struct json_scan_text *text, struct err *err);
	/* key: the one that it stands below, as json_scan_key_at(depth - 1) tells. */
	int (*string)(void *ctx, unsigned depth, unsigned key, const struct json_scan_text *value, struct err *err);
	void *ctx;
};

struct json_scan; /* opaque; one at a time for each thread, used again */
int json_scan_new(struct json_scan **out, struct err *err);
void json_scan_free(struct json_scan *scan);

static inline void cleanup_json_scan(struct json_scan **s)
{
	json_scan_free(*s);
}
#define auto_json_scan AUTO(cleanup_json_scan) struct json_scan

/* One text after another: begin, feed its bytes in any pieces, end. errors: ERR_DOCUMENT as "line 3, column 7: …", with
 * what to write instead as the hint, where it is no JSON, is nested deeper than JSON_SCAN_DEPTH_MAX or no UTF-8; what
 * an event set. notes: after a failure nothing but begin and free. */
void json_scan_begin(struct json_scan *scan, const struct json_scan_events *events); /* events borrowed until end */
int json_scan_feed(struct json_scan *scan, const char *bytes, size_t len, struct err *err);
int json_scan_end(struct json_scan *scan, struct err *err);

/* From 1; columns are characters. During an event: where the key, text, brace or bracket stands. */
void json_scan_where(const struct json_scan *scan, unsigned *out_line, unsigned *out_column);
/* What is open, for depths below that of the event: the number of the key under which reading goes on. An array has
 * that of the object it stands in, through arrays of arrays too; JSON_SCAN_NO_KEY where the key does not matter. */
unsigned json_scan_key_at(const struct json_scan *scan, unsigned depth);
bool json_scan_is_object(const struct json_scan *scan, unsigned depth);

#endif
