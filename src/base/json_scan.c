/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar (RFC 8259): value = text | number | true | false | null | [ values ] | { "key": values }, commas between,
 * blanks anywhere between tokens, one value a file. A state says what may come next; depth and is_object[] say what is
 * open. Nothing recurses, and every token may be cut anywhere by the end of a piece. */
#include "base/json_scan.h"

#include "base/json_bytes.h"
#include "base/json_scan_internal.h"

#include <stdlib.h>
#include <string.h>

int json_scan_new(struct json_scan **out, struct err *err)
{
	*out = calloc(1, sizeof **out);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void json_scan_free(struct json_scan *scan)
{
	free(scan);
}

void json_scan_begin(struct json_scan *scan, const struct json_scan_events *events)
{
	scan->events = events;
	scan->state = JSON_START;
	scan->depth = 0;
	scan->at = NULL;
	scan->lines = scan->columns = 0;
	scan->at_line = scan->at_column = 1;
	scan->after_comma = false;
	scan->bom = scan->utf8_left = 0;
	json_text_set_keys(scan);
}

unsigned json_scan_key_at(const struct json_scan *scan, unsigned depth)
{
	return scan->key_at[depth];
}

bool json_scan_is_object(const struct json_scan *scan, unsigned depth)
{
	return scan->is_object[depth];
}

/* --- tokens that are no texts --- */

enum { NUMBER_MINUS, NUMBER_ZERO, NUMBER_INT, NUMBER_POINT, NUMBER_FRACTION, NUMBER_E, NUMBER_SIGN, NUMBER_EXPONENT };

static bool number_may_end(unsigned char state)
{
	return state == NUMBER_ZERO || state == NUMBER_INT || state == NUMBER_FRACTION || state == NUMBER_EXPONENT;
}

/* -1 where c does not belong to it. */
static int number_next(unsigned char state, char c)
{
	if (c >= '0' && c <= '9') {
		static const signed char behind_digit[] = {
			NUMBER_INT,     -1, NUMBER_INT, NUMBER_FRACTION, NUMBER_FRACTION, NUMBER_EXPONENT, NUMBER_EXPONENT,
			NUMBER_EXPONENT};
		return state == NUMBER_MINUS && c == '0' ? NUMBER_ZERO : behind_digit[state];
	}
	if (c == '.')
		return state == NUMBER_ZERO || state == NUMBER_INT ? NUMBER_POINT : -1;
	if (c == 'e' || c == 'E')
		return number_may_end(state) && state != NUMBER_EXPONENT ? NUMBER_E : -1;
	return (c == '+' || c == '-') && state == NUMBER_E ? NUMBER_SIGN : -1;
}

static enum json_state behind_value(const struct json_scan *scan)
{
	return scan->depth > 0 ? JSON_NEXT : JSON_DONE;
}

static const char *continue_number(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	for (; p < end; p++) {
		const int next = number_next(scan->number, *p);
		if (next < 0)
			break;
		scan->number = (unsigned char)next;
	}
	if (p == end)
		return p;
	if (!number_may_end(scan->number) || (*p >= '0' && *p <= '9') || memchr("+-.eE", *p, 5) != NULL)
		return json_fault(scan, p, JSON_FAULT_NUMBER, err);
	scan->state = behind_value(scan);
	return p;
}

static const char *begin_number(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	scan->number = *p == '-' ? NUMBER_MINUS : *p == '0' ? NUMBER_ZERO : NUMBER_INT;
	scan->state = JSON_NUMBER;
	return continue_number(scan, p + 1, end, err);
}

static const char *continue_word(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	for (; p < end && *scan->word != '\0'; p++, scan->word++)
		if (*p != *scan->word)
			return json_fault(scan, p, JSON_FAULT_WORD, err);
	if (*scan->word == '\0')
		scan->state = behind_value(scan);
	return p;
}

static const char *begin_word(struct json_scan *scan, const char *p, const char *word)
{
	scan->word = word;
	scan->state = JSON_WORD;
	return p + 1;
}

/* --- objects and arrays --- */

static const char *open_one(struct json_scan *scan, const char *p, bool is_object, struct err *err)
{
	const struct json_scan_events *events = scan->events;
	const unsigned depth = scan->depth;
	if (depth == JSON_SCAN_DEPTH_MAX)
		return json_fault(scan, p, JSON_FAULT_DEPTH, err);
	scan->at = p;
	scan->is_object[depth] = is_object;
	scan->key_at[depth] = is_object || depth == 0 ? JSON_SCAN_NO_KEY : scan->key_at[depth - 1];
	scan->depth = depth + 1;
	scan->state = is_object ? JSON_KEY_OR_END : JSON_VALUE_OR_END;
	if (events->begin != NULL && events->begin(events->ctx, depth, is_object, err) < 0)
		return NULL;
	return p + 1;
}

static const char *close_one(struct json_scan *scan, const char *p, struct err *err)
{
	const struct json_scan_events *events = scan->events;
	scan->at = p;
	scan->depth--;
	scan->state = behind_value(scan);
	if (events->end != NULL && events->end(events->ctx, scan->depth, scan->is_object[scan->depth], err) < 0)
		return NULL;
	return p + 1;
}

static const char *fault_of_value(struct json_scan *scan, const char *p, struct err *err)
{
	const unsigned char c = (unsigned char)*p;
	if ((c == ']' || c == '}') && scan->after_comma)
		return json_fault(scan, p, JSON_FAULT_COMMA, err);
	if (c == '\'')
		return json_fault(scan, p, JSON_FAULT_QUOTE, err);
	if (c == '+' || c == '.')
		return json_fault(scan, p, JSON_FAULT_NUMBER, err);
	if (scan->depth == 0 && (c == 0 || c >= 0xfe))
		return json_fault(scan, p, JSON_FAULT_UTF16, err);
	return json_fault(scan, p, (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? JSON_FAULT_WORD : JSON_FAULT_VALUE, err);
}

static const char *take_value(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	switch (*p) {
	case '"':
		return json_text_begin(scan, p, end, false, err);
	case '{':
		return open_one(scan, p, true, err);
	case '[':
		return open_one(scan, p, false, err);
	case 't':
		return begin_word(scan, p, "rue");
	case 'f':
		return begin_word(scan, p, "alse");
	case 'n':
		return begin_word(scan, p, "ull");
	default:
		if (*p == '-' || (*p >= '0' && *p <= '9'))
			return begin_number(scan, p, end, err);
		return fault_of_value(scan, p, err);
	}
}

static const char *take_key(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	if (*p == '"')
		return json_text_begin(scan, p, end, true, err);
	if (*p == '}')
		return json_fault(scan, p, JSON_FAULT_COMMA, err);
	return json_fault(scan, p, *p == '\'' ? JSON_FAULT_QUOTE : JSON_FAULT_KEY, err);
}

static const char *take_next(struct json_scan *scan, const char *p, struct err *err)
{
	const bool is_object = scan->is_object[scan->depth - 1];
	if (*p == ',') {
		scan->state = is_object ? JSON_KEY : JSON_VALUE;
		scan->after_comma = true;
		return p + 1;
	}
	if (*p == (is_object ? '}' : ']'))
		return close_one(scan, p, err);
	return json_fault(scan, p, JSON_FAULT_NEXT, err);
}

static const char *take_colon(struct json_scan *scan, const char *p, struct err *err)
{
	if (*p != ':')
		return json_fault(scan, p, JSON_FAULT_COLON, err);
	scan->state = JSON_VALUE;
	scan->after_comma = false;
	return p + 1;
}

/* --- the whole --- */

/* EF BB BF in front, or nothing. It is no character of the first line. */
static const char *take_start(struct json_scan *scan, const char *p, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (*p == mark[scan->bom]) {
		if (++scan->bom == 3) {
			scan->state = JSON_VALUE;
			scan->columns--; /* below zero, until the mark is counted */
		}
		return p + 1;
	}
	if (scan->bom > 0)
		return json_fault(scan, p, JSON_FAULT_UTF8, err);
	scan->state = JSON_VALUE;
	return p;
}

/* What stands between tokens; p is no blank. */
static const char *take_token(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	switch (scan->state) {
	case JSON_VALUE_OR_END:
		if (*p == ']')
			return close_one(scan, p, err);
		scan->after_comma = false;
		return take_value(scan, p, end, err);
	case JSON_VALUE:
		return take_value(scan, p, end, err);
	case JSON_KEY_OR_END:
		if (*p == '}')
			return close_one(scan, p, err);
		return take_key(scan, p, end, err);
	case JSON_KEY:
		return take_key(scan, p, end, err);
	case JSON_COLON:
		return take_colon(scan, p, err);
	case JSON_NEXT:
		return take_next(scan, p, err);
	default:
		return json_fault(scan, p, JSON_FAULT_BEHIND, err);
	}
}

static const char *take(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	if (scan->state < JSON_START) {
		if ((unsigned char)*p <= ' ')
			p = json_blank_end(p, end);
		return p < end ? take_token(scan, p, end, err) : end;
	}
	if (scan->state == JSON_START)
		return take_start(scan, p, err);
	if (scan->state == JSON_NUMBER)
		return continue_number(scan, p, end, err);
	if (scan->state == JSON_WORD)
		return continue_word(scan, p, end, err);
	return json_text_continue(scan, p, end, err);
}

static bool in_text(const struct json_scan *scan)
{
	return scan->state >= JSON_TEXT && scan->state <= JSON_UTF8;
}

/* The piece's bytes go: what json_scan_where() may be asked for is worked out while they are there. */
static void leave_piece(struct json_scan *scan, const char *end)
{
	unsigned line, column;
	if (scan->at != NULL && in_text(scan))
		json_where(scan, scan->at, &scan->at_line, &scan->at_column);
	scan->at = NULL;
	json_where(scan, end, &line, &column);
	scan->lines = line - 1;
	scan->columns = column - 1;
}

int json_scan_feed(struct json_scan *scan, const char *bytes, size_t len, struct err *err)
{
	const char *p = bytes, *end = bytes + len;
	if (len == 0)
		return 0;
	scan->piece = bytes;
	while (p != NULL && p < end)
		p = take(scan, p, end, err);
	if (p == NULL)
		return -1;
	leave_piece(scan, end);
	return 0;
}

int json_scan_end(struct json_scan *scan, struct err *err)
{
	enum json_fault fault = scan->depth > 0 ? JSON_FAULT_ENDS : JSON_FAULT_EMPTY;
	if (scan->state == JSON_NUMBER && number_may_end(scan->number))
		scan->state = behind_value(scan);
	if (scan->state == JSON_DONE)
		return 0;
	if (in_text(scan)) {
		(void)json_fault(scan, NULL, JSON_FAULT_ENDS_IN_TEXT, err);
		return -1;
	}
	if (scan->state >= JSON_NUMBER)
		fault = JSON_FAULT_ENDS;
	scan->at_line = scan->lines + 1;
	scan->at_column = scan->columns + 1;
	(void)json_fault(scan, NULL, fault, err);
	return -1;
}
