/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_SCAN_INTERNAL_H
#define VALISE_BASE_JSON_SCAN_INTERNAL_H

#include "base/json_scan.h"

/* Between the grammar (json_scan.c), its texts (json_scan_text.c) and its faults (json_scan_fault.c). */

enum json_state {
	/* between tokens, where blanks may stand */
	JSON_VALUE,
	JSON_VALUE_OR_END, /* behind [ */
	JSON_KEY,
	JSON_KEY_OR_END, /* behind { */
	JSON_COLON,
	JSON_NEXT, /* behind a value: a comma or the end */
	JSON_DONE,
	/* inside a token, which may go on in the next piece */
	JSON_START, /* a byte order mark, or none */
	JSON_TEXT,
	JSON_ESCAPE,
	JSON_HEX,
	JSON_UTF8,
	JSON_NUMBER,
	JSON_WORD,
};

enum json_fault {
	JSON_FAULT_EMPTY,
	JSON_FAULT_VALUE,
	JSON_FAULT_QUOTE,
	JSON_FAULT_COMMA,
	JSON_FAULT_KEY,
	JSON_FAULT_COLON,
	JSON_FAULT_NEXT,
	JSON_FAULT_BEHIND,
	JSON_FAULT_NUMBER,
	JSON_FAULT_WORD,
	JSON_FAULT_CONTROL,
	JSON_FAULT_ESCAPE,
	JSON_FAULT_HEX,
	JSON_FAULT_UTF8,
	JSON_FAULT_UTF16,
	JSON_FAULT_DEPTH,
	JSON_FAULT_ENDS_IN_TEXT,
	JSON_FAULT_ENDS,
	JSON_FAULT_COUNT
};

struct json_scan {
	const struct json_scan_events *events;
	enum json_state state;
	unsigned depth; /* of what is open: 0 is nothing */
	/* where: the piece that is being fed, and what stood before it */
	const char *piece, *at; /* at: what is told by json_scan_where(); NULL: at_line and at_column say it */
	unsigned lines, columns, at_line, at_column;
	/* of a text */
	bool text_is_key, wanted, cut;
	size_t text_len;
	unsigned hex, hex_left, high; /* high: the first half of a surrogate pair, waiting; else 0 */
	unsigned char utf8_left, utf8_low, utf8_high;
	/* of a number or a word */
	unsigned char number;
	const char *word; /* what must still come */
	bool after_comma; /* the state is what follows a comma */
	unsigned char bom;
	/* of each open object or array */
	bool is_object[JSON_SCAN_DEPTH_MAX];
	unsigned char key_at[JSON_SCAN_DEPTH_MAX];
	unsigned char key_len[JSON_SCAN_KEYS_MAX];
	uint64_t key_lengths[256]; /* by a key's first byte: a bit for each length that keys[] has */
	char text[JSON_SCAN_TEXT_MAX + 1];
};

/* Take up a text at its quote, or go on inside one: how far it got, NULL where it failed. */
const char *json_text_begin(struct json_scan *scan, const char *p, const char *end, bool is_key, struct err *err);
const char *json_text_continue(struct json_scan *scan, const char *p, const char *end, struct err *err);

/* Fill key_len and key_lengths. */
void json_text_set_keys(struct json_scan *scan);

/* at: where in the piece; NULL: the place that is set already. Returns NULL. */
const char *json_fault(struct json_scan *scan, const char *at, enum json_fault fault, struct err *err);

/* Count lines and columns up to a place in the piece. */
void json_where(const struct json_scan *scan, const char *to, unsigned *out_line, unsigned *out_column);

#endif
