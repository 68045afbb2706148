/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/utf16.h"

#include <stdbool.h>
#include <stdint.h>

static uint32_t unit_at(const char *in, size_t at, bool big)
{
	const unsigned char *p = (const unsigned char *)in + at;
	return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* The zero of an ASCII letter stands first where the big end does. */
static bool is_big(const char *in, size_t len)
{
	if (len < 2)
		return false;
	return unit_at(in, 0, true) == 0xFEFF || (unit_at(in, 0, false) != 0xFEFF && in[0] == '\0');
}

static size_t put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	const size_t wide = c >= 0x10000;
	if (wide)
		out[0] = (char)(0xF0 | c >> 18);
	out[wide] = (char)(wide ? 0x80 | (c >> 12 & 0x3F) : 0xE0 | c >> 12);
	out[wide + 1] = (char)(0x80 | (c >> 6 & 0x3F));
	out[wide + 2] = (char)(0x80 | (c & 0x3F));
	return wide + 3;
}

size_t utf16_to_utf8(char *out, const char *in, size_t len)
{
	const bool big = is_big(in, len);
	size_t n = 0;
	for (size_t i = 0; i + 2 <= len; i += 2) {
		uint32_t c = unit_at(in, i, big);
		if (c >= 0xD800 && c < 0xDC00 && i + 4 <= len) {
			const uint32_t low = unit_at(in, i + 2, big);
			if (low >= 0xDC00 && low < 0xE000) {
				n += put(out + n, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
				i += 2;
				continue;
			}
		}
		if (i == 0 && c == 0xFEFF)
			continue;
		n += put(out + n, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
	}
	return n;
}
