/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of JSON: string = " *( plain | UTF-8 | \ one of "\/bfnrt | \u 4 hex ) ". One that lies whole in a piece and has
 * no escape is never copied unless somebody asked for it. */
#include "base/json_bytes.h"
#include "base/json_scan_internal.h"

#include <string.h>

enum { KEY_BYTES_MAX = 63, REPLACEMENT = 0xfffd };

void json_text_set_keys(struct json_scan *scan)
{
	memset(scan->key_lengths, 0, sizeof scan->key_lengths);
	for (unsigned i = 0; scan->events->keys != NULL && i < scan->events->key_count; i++) {
		const char *key = scan->events->keys[i];
		scan->key_len[i] = (unsigned char)(strlen(key) & KEY_BYTES_MAX);
		scan->key_lengths[(unsigned char)key[0]] |= UINT64_C(1) << scan->key_len[i];
	}
}

static unsigned find_key(const struct json_scan *scan, const char *bytes, size_t len)
{
	if (len == 0 || len > KEY_BYTES_MAX || (scan->key_lengths[(unsigned char)bytes[0]] >> len & 1) == 0)
		return JSON_SCAN_NO_KEY;
	for (unsigned i = 0; i < scan->events->key_count; i++)
		if (scan->key_len[i] == len && memcmp(scan->events->keys[i], bytes, len) == 0)
			return i;
	return JSON_SCAN_NO_KEY;
}

/* --- a text is whole --- */

/* Into the scan's own memory, so that it ends with NUL. */
static void keep(struct json_scan *scan, const char *bytes, size_t len)
{
	scan->cut = len > JSON_SCAN_TEXT_MAX;
	scan->text_len = scan->cut ? JSON_SCAN_TEXT_MAX : len;
	memcpy(scan->text, bytes, scan->text_len);
}

static int tell(struct json_scan *scan, unsigned key, struct err *err)
{
	const struct json_scan_events *events = scan->events;
	scan->text[scan->text_len] = '\0';
	const struct json_scan_text text = {.bytes = scan->text, .len = scan->text_len, .cut = scan->cut};
	if (scan->text_is_key)
		return events->key != NULL ? events->key(events->ctx, scan->depth - 1, key, &text, err) : 0;
	return events->string != NULL ? events->string(events->ctx, scan->depth, key, &text, err) : 0;
}

static unsigned key_above(const struct json_scan *scan)
{
	return scan->depth > 0 ? scan->key_at[scan->depth - 1] : JSON_SCAN_NO_KEY;
}

/* The text, without quotes: in the piece, or in scan->text where it was gathered. */
static int finish(struct json_scan *scan, const char *bytes, size_t len, struct err *err)
{
	unsigned key;
	if (scan->text_is_key) {
		key = scan->cut ? JSON_SCAN_NO_KEY : find_key(scan, bytes, len);
		scan->key_at[scan->depth - 1] = (unsigned char)key;
		scan->wanted = key != JSON_SCAN_NO_KEY || scan->events->keys == NULL;
		scan->state = JSON_COLON;
	} else {
		key = key_above(scan);
		scan->state = scan->depth > 0 ? JSON_NEXT : JSON_DONE;
	}
	if (!scan->wanted)
		return 0;
	if (bytes != scan->text)
		keep(scan, bytes, len);
	return tell(scan, key, err);
}

/* --- gathering one that is not plain, or not whole in the piece --- */

static void gather(struct json_scan *scan, const char *bytes, size_t len)
{
	const size_t room = JSON_SCAN_TEXT_MAX - scan->text_len;
	if (!scan->wanted)
		return;
	if (len > room) {
		scan->cut = true;
		len = room;
	}
	memcpy(scan->text + scan->text_len, bytes, len);
	scan->text_len += len;
}

static void gather_character(struct json_scan *scan, unsigned c)
{
	char out[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	gather(scan, out, len);
}

/* Half a pair that the other half did not follow. */
static void settle_high(struct json_scan *scan)
{
	if (scan->high != 0)
		gather_character(scan, REPLACEMENT);
	scan->high = 0;
}

static void gather_unit(struct json_scan *scan, unsigned unit)
{
	if (scan->high != 0 && unit >= 0xdc00 && unit <= 0xdfff) {
		gather_character(scan, 0x10000 + ((scan->high - 0xd800) << 10) + (unit - 0xdc00));
		scan->high = 0;
		return;
	}
	settle_high(scan);
	if (unit >= 0xd800 && unit <= 0xdbff)
		scan->high = unit;
	else
		gather_character(scan, unit >= 0xdc00 && unit <= 0xdfff ? REPLACEMENT : unit);
	scan->cut |= unit == 0;
}

static const char *continue_escape(struct json_scan *scan, const char *p, struct err *err)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	scan->state = *p == 'u' ? JSON_HEX : JSON_TEXT;
	scan->hex = 0;
	scan->hex_left = 4;
	if (*p == 'u')
		return p + 1;
	settle_high(scan);
	const char *found = memchr(from, *p, sizeof from - 1);
	if (found == NULL)
		return json_fault(scan, p, JSON_FAULT_ESCAPE, err);
	gather(scan, &to[found - from], 1);
	return p + 1;
}

static const char *continue_hex(struct json_scan *scan, const char *p, struct err *err)
{
	const char c = *p;
	unsigned digit;
	if (c >= '0' && c <= '9')
		digit = (unsigned)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		digit = (unsigned)((c | 0x20) - 'a' + 10);
	else
		return json_fault(scan, p, JSON_FAULT_HEX, err);
	scan->hex = scan->hex << 4 | digit;
	if (--scan->hex_left == 0) {
		gather_unit(scan, scan->hex);
		scan->state = JSON_TEXT;
	}
	return p + 1;
}

/* What may follow a first byte (RFC 3629, section 4): how many, and the limits of the next one. */
static bool utf8_begin(struct json_scan *scan, unsigned char lead)
{
	scan->utf8_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	scan->utf8_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	const bool good = lead >= 0xc2 && lead <= 0xf4;
	scan->utf8_left = !good ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	return good;
}

static const char *continue_utf8(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	const char *from = p;
	for (; p < end && (scan->utf8_left > 0 || (unsigned char)*p >= 0x80); p++) {
		const unsigned char c = (unsigned char)*p;
		if (scan->utf8_left == 0) {
			if (!utf8_begin(scan, c))
				return json_fault(scan, p, JSON_FAULT_UTF8, err);
			continue;
		}
		if (c < scan->utf8_low || c > scan->utf8_high)
			return json_fault(scan, p, JSON_FAULT_UTF8, err);
		scan->utf8_low = 0x80;
		scan->utf8_high = 0xbf;
		scan->utf8_left--;
	}
	gather(scan, from, (size_t)(p - from));
	scan->state = scan->utf8_left > 0 || p == end ? JSON_UTF8 : JSON_TEXT;
	return p;
}

static const char *continue_plain(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	const char *stop = json_plain_end(p, end);
	if (scan->high != 0 && *p != '\\')
		settle_high(scan);
	gather(scan, p, (size_t)(stop - p));
	if (stop == end)
		return end;
	if (*stop == '"')
		return finish(scan, scan->text, scan->text_len, err) == 0 ? stop + 1 : NULL;
	if (*stop == '\\')
		scan->state = JSON_ESCAPE;
	else if ((unsigned char)*stop >= 0x80)
		return continue_utf8(scan, stop, end, err);
	else
		return json_fault(scan, stop, JSON_FAULT_CONTROL, err);
	return stop + 1;
}

const char *json_text_continue(struct json_scan *scan, const char *p, const char *end, struct err *err)
{
	while (p != NULL && p < end) {
		switch (scan->state) {
		case JSON_TEXT:
			p = continue_plain(scan, p, end, err);
			break;
		case JSON_ESCAPE:
			p = continue_escape(scan, p, err);
			break;
		case JSON_HEX:
			p = continue_hex(scan, p, err);
			break;
		case JSON_UTF8:
			p = continue_utf8(scan, p, end, err);
			break;
		default:
			return p;
		}
	}
	return p;
}

const char *json_text_begin(struct json_scan *scan, const char *p, const char *end, bool is_key, struct err *err)
{
	const char *from = p + 1, *stop = json_plain_end(from, end);
	scan->at = p;
	scan->text_is_key = is_key;
	scan->cut = false;
	scan->wanted = is_key || scan->events->keys == NULL || key_above(scan) != JSON_SCAN_NO_KEY;
	if (stop < end && *stop == '"')
		return finish(scan, from, (size_t)(stop - from), err) == 0 ? stop + 1 : NULL;
	scan->text_len = 0;
	scan->high = 0;
	scan->utf8_left = 0;
	gather(scan, from, (size_t)(stop - from));
	scan->state = JSON_TEXT;
	return stop < end ? json_text_continue(scan, stop, end, err) : end;
}
