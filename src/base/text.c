/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

/* What no name may hold and no terminal gets to see (valise-format(5), MANIFEST), ascending. */
static const struct {
	uint32_t first, last;
} not_plain[] = {
	{0x0000, 0x001F},   /* C0: escape sequences, line ends */
	{0x007F, 0x009F},   /* DEL, C1 */
	{0x00AD, 0x00AD},   /* soft hyphen */
	{0x034F, 0x034F},   /* grapheme joiner */
	{0x061C, 0x061C},   /* Arabic letter mark */
	{0x115F, 0x1160},   /* Hangul fillers */
	{0x17B4, 0x17B5},   /* Khmer inherent vowels */
	{0x180B, 0x180F},   /* Mongolian variation selectors */
	{0x200B, 0x200F},   /* zero width, direction marks */
	{0x2028, 0x202E},   /* line and paragraph separator, bidi embedding and override */
	{0x2060, 0x206F},   /* word joiner, invisible operators, bidi isolates, shaping controls */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xFE00, 0xFE0F},   /* variation selectors */
	{0xFEFF, 0xFEFF},   /* byte order mark */
	{0xFFA0, 0xFFA0},   /* Hangul filler, half width */
	{0xFFF9, 0xFFFB},   /* interlinear annotation */
	{0x1BCA0, 0x1BCA3}, /* shorthand format controls */
	{0x1D173, 0x1D17A}, /* musical format controls */
	{0xE0000, 0xE0FFF}, /* tags, variation selectors, unassigned and invisible */
};

static bool char_is_plain(uint32_t c)
{
	for (size_t i = 0; i < sizeof not_plain / sizeof not_plain[0] && c >= not_plain[i].first; i++)
		if (c <= not_plain[i].last)
			return false;
	return true;
}

/* How many bytes at the start are ASCII: the usual case, kept away from the library's slower walk. */
static size_t ascii_prefix(const char *text, size_t len)
{
	size_t i = 0;
	for (; i + 8 <= len; i += 8) {
		uint64_t word;
		memcpy(&word, text + i, 8);
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < len && (unsigned char)text[i] < 0x80)
		i++;
	return i;
}

static bool is_ascii(const char *text, size_t len)
{
	return ascii_prefix(text, len) == len;
}

/* One character from text[len], len > 0: how many bytes it takes, or -1 where they are not UTF-8. */
static int next_char(uint32_t *out, const char *text, size_t len)
{
	ucs4_t c = 0;
	int n = u8_mbtoucr(&c, (const uint8_t *)text, len);
	*out = c;
	return n > 0 ? n : -1;
}

bool text_is_utf8(const char *text, size_t len)
{
	size_t skip = ascii_prefix(text, len);
	return u8_check((const uint8_t *)text + skip, len - skip) == NULL;
}

bool text_is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char byte = (unsigned char)text[i];
		if (byte >= 0x20 && byte < 0x7F) {
			i++;
			continue;
		}
		uint32_t c;
		int n = next_char(&c, text + i, len - i);
		if (n < 0 || !char_is_plain(c))
			return false;
		i += (size_t)n;
	}
	return true;
}

int text_escape(struct buf *out, const char *text, size_t len, struct err *err)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		int n = next_char(&c, text + i, len - i);
		int rc;
		if (n < 0 || (c < 0x80 && !char_is_plain(c))) {
			rc = buf_printf(out, err, "\\x%02X", (unsigned)(unsigned char)text[i]);
			n = 1;
		} else if (!char_is_plain(c)) {
			rc = buf_printf(out, err, "\\u{%X}", (unsigned)c);
		} else {
			rc = buf_append(out, text + i, (size_t)n, err);
		}
		if (rc != 0)
			return -1;
		i += (size_t)n;
	}
	return 0;
}

static void fold_ascii(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
	out[len] = '\0';
}

/* out: malloc'd, NUL-terminated. */
static int casefold(char **out, const char *text, size_t len, uninorm_t form, size_t *out_len, struct err *err)
{
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_CONTENT, "a name is not UTF-8");
	uint8_t *folded = u8_casefold((const uint8_t *)text, len, NULL, form, NULL, out_len);
	char *ended = folded != NULL ? realloc(folded, *out_len + 1) : NULL;
	if (ended == NULL) {
		free(folded);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	ended[*out_len] = '\0';
	*out = ended;
	return 0;
}

int text_fold(char **out, const char *text, size_t len, struct err *err)
{
	*out = NULL;
	if (is_ascii(text, len)) {
		char *folded = malloc(len + 1);
		if (folded == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
		fold_ascii(folded, text, len);
		*out = folded;
		return 0;
	}
	return casefold(out, text, len, UNINORM_NFC, &(size_t){0}, err);
}

/* In place: what is folded only gets shorter. */
static size_t collapse_spaces(char *text, size_t len)
{
	size_t kept = 0;
	bool space = false;
	for (size_t i = 0; i < len;) {
		uint32_t c;
		const int n = next_char(&c, text + i, len - i);
		const size_t step = n > 0 ? (size_t)n : 1;
		const bool is_space = n > 0 && uc_is_property_white_space(c);
		if (!is_space && space && kept > 0)
			text[kept++] = ' ';
		if (!is_space) {
			memmove(text + kept, text + i, step);
			kept += step;
		}
		space = is_space;
		i += step;
	}
	return kept;
}

int text_fold_name(char **out, const char *text, size_t len, struct err *err)
{
	size_t folded_len;
	*out = NULL;
	if (casefold(out, text, len, UNINORM_NFKC, &folded_len, err) != 0)
		return -1;
	(*out)[collapse_spaces(*out, folded_len)] = '\0';
	return 0;
}

const char *text_name_fault(const char *text, size_t len)
{
	bool space = true;
	for (size_t i = 0; i < len;) {
		uint32_t c;
		const int n = next_char(&c, text + i, len - i);
		if (n < 0 || (c != ' ' && uc_is_property_white_space(c)))
			return "holds a space of another kind than U+0020";
		if (c == ' ' && space)
			return i == 0 ? "begins with a space" : "has two spaces in a row";
		space = c == ' ';
		i += (size_t)n;
	}
	return space && len > 0 ? "ends in a space" : NULL;
}

bool text_equal_nfc(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int differ = 1;
	if (a_len == b_len && memcmp(a, b, a_len) == 0)
		return true;
	if (!text_is_utf8(a, a_len) || !text_is_utf8(b, b_len))
		return false;
	return u8_normcmp((const uint8_t *)a, a_len, (const uint8_t *)b, b_len, UNINORM_NFC, &differ) == 0 && differ == 0;
}

size_t text_width(const char *text)
{
	int width = u8_strwidth((const uint8_t *)text, "UTF-8");
	return width > 0 ? (size_t)width : 0;
}

bool text_parse_u64(uint64_t *out, const char *text, size_t len, uint64_t max)
{
	if (len == 0 || len > 20 || (text[0] == '0' && len > 1))
		return false;
	uint64_t value = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

bool text_ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);
	return len > end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

bool text_parse_i64(int64_t *out, const char *text, size_t len, int64_t limit)
{
	bool negative = len > 0 && text[0] == '-';
	uint64_t value;
	if (!text_parse_u64(&value, text + negative, len - negative, (uint64_t)limit))
		return false;
	if (negative && value == 0) /* "-0" is a second way to write 0 */
		return false;
	*out = negative ? -(int64_t)value : (int64_t)value;
	return true;
}
