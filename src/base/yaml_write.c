/* SPDX-License-Identifier: Apache-2.0 */
/* Writing documents: always double-quoted, since plain style turns words into other things ("no", "12:30:00"). */
#include "base/yaml.h"

#include <stdio.h>
#include <string.h>

/* How many bytes of the UTF-8 at s[0..left) need an escape, 0 where the byte stands for itself; *out_char which
 * character. Beyond quotes and controls these are the characters that YAML does not take as they are. */
static size_t needs_escape(const unsigned char *s, size_t left, unsigned *out_char)
{
	*out_char = s[0];
	if (s[0] < 0x20 || s[0] == '"' || s[0] == '\\' || s[0] == 0x7F)
		return 1;
	if (s[0] == 0xC2 && left > 1 && s[1] < 0xA0) { /* C1 */
		*out_char = s[1];
		return 2;
	}
	if ((s[0] != 0xE2 && s[0] != 0xEF) || left < 3)
		return 0;
	*out_char = (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
	bool refused = *out_char == 0x2028 || *out_char == 0x2029 || *out_char == 0xFEFF || *out_char >= 0xFFFE;
	return refused ? 3 : 0;
}

static int put_escape(struct buf *out, unsigned c, struct err *err)
{
	switch (c) {
	case '"':
		return buf_append(out, "\\\"", 2, err);
	case '\\':
		return buf_append(out, "\\\\", 2, err);
	case '\n':
		return buf_append(out, "\\n", 2, err);
	case '\t':
		return buf_append(out, "\\t", 2, err);
	default:
		return c < 0x100 ? buf_printf(out, err, "\\x%02x", c) : buf_printf(out, err, "\\u%04x", c);
	}
}

int yaml_put_quoted(struct buf *out, const char *text, struct err *err)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text), start = 0;
	if (buf_reserve(out, len + 2, err) != 0 || buf_append(out, "\"", 1, err) != 0)
		return -1;
	for (size_t i = 0; i < len;) {
		unsigned c;
		size_t n = needs_escape(s + i, len - i, &c);
		if (n == 0) {
			i++;
			continue;
		}
		if (buf_append(out, text + start, i - start, err) != 0 || put_escape(out, c, err) != 0)
			return -1;
		i += n;
		start = i;
	}
	if (buf_append(out, text + start, len - start, err) != 0)
		return -1;
	return buf_append(out, "\"", 1, err);
}

int yaml_put_pair(struct buf *out, unsigned indent, const char *key, const char *text, struct err *err)
{
	if (buf_printf(out, err, "%*s%s: ", (int)indent, "", key) != 0 || yaml_put_quoted(out, text, err) != 0)
		return -1;
	return buf_append(out, "\n", 1, err);
}

int yaml_put_utc(struct buf *out, unsigned indent, const char *key, int64_t time, struct err *err)
{
	char text[UTC_TEXT + 1];
	utc_format(text, time);
	return yaml_put_pair(out, indent, key, text, err);
}

int yaml_put_digest(struct buf *out, unsigned indent, const char *key, const struct digest *digest, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	digest_format(hex, digest);
	return yaml_put_pair(out, indent, key, hex, err);
}
