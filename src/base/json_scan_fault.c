/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong, where, and what to write instead. */
#include "base/json_bytes.h"
#include "base/json_scan_internal.h"

#include <string.h>

static const struct {
	const char *what, *hint;
} faults[JSON_FAULT_COUNT] = {
	[JSON_FAULT_EMPTY] = {"there is nothing in it", "write {} where nothing is to be said, or take the file out"},
	[JSON_FAULT_VALUE] = {"no value stands where one must",
						  "write a text in double quotes, a number, true, false, null, […] or {…}"},
	[JSON_FAULT_QUOTE] = {"a text does not stand in double quotes", "write \"text\" instead of 'text'"},
	[JSON_FAULT_COMMA] = {"a comma stands before the end", "delete that comma"},
	[JSON_FAULT_KEY] = {"no key stands where one must", "write a key in double quotes, or } where the object ends"},
	[JSON_FAULT_COLON] = {"no colon stands behind the key", "write \"key\": value"},
	[JSON_FAULT_NEXT] = {"neither a comma nor the right end stands behind a value",
						 "write a comma between two values, ] behind the last of […] and } behind the last of {…}"},
	[JSON_FAULT_BEHIND] = {"something stands behind the end",
						   "delete what stands there, or make a file of its own of it"},
	[JSON_FAULT_NUMBER] = {"this is not how a number is written",
						   "write it like 0, -12, 2.5 or 1e9: no plus or zero in front, digits on both sides of the "
						   "point"},
	[JSON_FAULT_WORD] = {"there is no such word", "write true, false or null in small letters, or a text in double "
												  "quotes"},
	[JSON_FAULT_CONTROL] = {"a line break or another control character stands bare in a text",
							"write \\n for a line break, \\t for a tab, \\u0000 to \\u001f for the others"},
	[JSON_FAULT_ESCAPE] = {"this character cannot stand behind a backslash",
						   "write \\\\ for the backslash itself; only \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX are "
						   "known"},
	[JSON_FAULT_HEX] = {"four hexadecimal digits must stand behind \\u", "write \\u0041 for A; zeros in front count"},
	[JSON_FAULT_UTF8] = {"these bytes are no UTF-8", "save the file as UTF-8, or write the character as \\uXXXX"},
	[JSON_FAULT_UTF16] = {"this looks like UTF-16 or UTF-32", "save the file as UTF-8"},
	[JSON_FAULT_DEPTH] = {"objects and arrays are nested deeper than 512 levels",
						  "write it flatter: at most 512 of [ and { may be open at once"},
	[JSON_FAULT_ENDS_IN_TEXT] = {"the text that begins here has no end",
								 "write the closing quote, or get the whole file once more"},
	[JSON_FAULT_ENDS] = {"the file ends too early", "write the ] and } that are missing, or get the whole file once "
													"more"},
};
_Static_assert(JSON_SCAN_DEPTH_MAX == 512, "a fault's words tell the depth");

void json_where(const struct json_scan *scan, const char *to, unsigned *out_line, unsigned *out_column)
{
	const char *newline = memrchr(scan->piece, '\n', (size_t)(to - scan->piece));
	const char *from = newline != NULL ? newline + 1 : scan->piece;
	*out_line = scan->lines + (unsigned)json_count(scan->piece, from, '\n') + 1;
	*out_column = (newline != NULL ? 0 : scan->columns) + (unsigned)json_count(from, to, 0) + 1;
}

void json_scan_where(const struct json_scan *scan, unsigned *out_line, unsigned *out_column)
{
	*out_line = scan->at_line;
	*out_column = scan->at_column;
	if (scan->at != NULL)
		json_where(scan, scan->at, out_line, out_column);
}

const char *json_fault(struct json_scan *scan, const char *at, enum json_fault fault, struct err *err)
{
	unsigned line, column;
	if (at != NULL)
		scan->at = at;
	json_scan_where(scan, &line, &column);
	if (fault == JSON_FAULT_UTF8 && scan->utf8_left > 0)
		column--; /* the character that its first byte began */
	(void)err_set(err, ERR_DOCUMENT, "line %u, column %u: %s", line, column, faults[fault].what);
	(void)err_hint(err, "%s", faults[fault].hint);
	return NULL;
}
