/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5322 and MIME as far as labels need them: headers unfolded, encoded words and transfer encodings undone. Bytes of
 * character sets are left as they are: labels are ASCII in all that mail uses, but for UTF-16, which it does not. */
#include "inspect/mail.h"

#include "inspect/markup.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEADER_MAX = 4096, DEPTH_MAX = 4, PARTS_MAX = 64, BOUNDARY_MAX = 70, TYPE_MAX = 64 };

struct mail {
	const struct text_labels *labels;
	struct inspection *out;
	char *decoded, *text; /* room for all of the message each */
	size_t room;
	unsigned parts; /* looked at so far */
};

struct entity {
	char type[TYPE_MAX]; /* "text/plain"; "" where it does not say */
	char boundary[BOUNDARY_MAX + 1];
	enum { AS_IS, BASE64, QUOTED } encoding;
};

static void say_not_read(const struct mail *mail, const char *why)
{
	(void)snprintf(mail->out->not_read, sizeof mail->out->not_read, "%s", why);
}

/* --- transfer encodings: what they decode to is never longer --- */

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

static size_t decode_base64(char *out, const char *in, size_t len)
{
	size_t n = 0;
	unsigned bits = 0, held = 0;
	for (size_t i = 0; i < len; i++) {
		if (in[i] == '=')
			bits = held = 0; /* another piece may follow */
		int value = base64_value(in[i]);
		if (value < 0)
			continue; /* line ends; others are passed over as readers of mail do */
		held = (held << 6 | (unsigned)value) & 0xFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (char)(held >> bits & 0xFF);
		}
	}
	return n;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* words: encoded words of headers, where '_' is a blank. */
static size_t decode_quoted(char *out, const char *in, size_t len, bool words)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (in[i] == '=' && i + 2 < len && hex_value(in[i + 1]) >= 0 && hex_value(in[i + 2]) >= 0) {
			out[n++] = (char)(hex_value(in[i + 1]) << 4 | hex_value(in[i + 2]));
			i += 2;
		} else if (in[i] == '=' && i + 1 < len && in[i + 1] == '\n') {
			i++;
		} else if (in[i] == '=' && i + 2 < len && in[i + 1] == '\r' && in[i + 2] == '\n') {
			i += 2;
		} else {
			out[n++] = in[i] == '_' && words ? ' ' : in[i];
		}
	}
	return n;
}

/* One "=?charset?B?text?=" at p: its length, and what it says appended to out; 0 where there is none. */
static size_t decode_word(char *out, size_t *out_len, const char *p, const char *end)
{
	const char *charset_end = end - p > 2 ? memchr(p + 2, '?', (size_t)(end - p - 2)) : NULL;
	if (charset_end == NULL || end - charset_end < 3 || charset_end[2] != '?')
		return 0;
	const char kind = (char)(charset_end[1] | 0x20), *text = charset_end + 3;
	const char *close = memmem(text, (size_t)(end - text), "?=", 2);
	if (close == NULL || (kind != 'b' && kind != 'q'))
		return 0;
	const size_t len = (size_t)(close - text);
	*out_len += kind == 'b' ? decode_base64(out + *out_len, text, len) : decode_quoted(out + *out_len, text, len, true);
	return (size_t)(close + 2 - p);
}

/* in and out may not be the same; out[len]. */
static size_t decode_words(char *out, const char *in, size_t len)
{
	const char *end = in + len;
	size_t n = 0;
	bool in_words = false;
	for (const char *p = in; p < end;) {
		size_t word = end - p >= 2 && p[0] == '=' && p[1] == '?' ? decode_word(out, &n, p, end) : 0;
		if (word > 0) {
			p += word;
			in_words = true;
			continue;
		}
		/* Blanks between two encoded words mean nothing. */
		const size_t blanks = strspn(p, " \t");
		if (in_words && blanks > 0 && (size_t)(end - p) > blanks + 1 && memcmp(p + blanks, "=?", 2) == 0) {
			p += blanks;
			continue;
		}
		in_words = false;
		out[n++] = *p++;
	}
	return n;
}

/* --- headers --- */

static void take_parameter(const char *value, const char *name, char *out, size_t size)
{
	const char *p = strcasestr(value, name);
	if (p == NULL)
		return;
	p += strlen(name);
	const bool quoted = *p == '"';
	p += quoted;
	const size_t len = strcspn(p, quoted ? "\"" : "; \t");
	if (len < size)
		(void)snprintf(out, size, "%.*s", (int)len, p);
}

static void take_header(struct entity *entity, const char *name, const char *value)
{
	value += strspn(value, " \t");
	if (strcasecmp(name, "Content-Type") == 0) {
		const size_t len = strcspn(value, "; \t");
		(void)snprintf(entity->type, sizeof entity->type, "%.*s", len < TYPE_MAX ? (int)len : 0, value);
		take_parameter(value, "boundary=", entity->boundary, sizeof entity->boundary);
	} else if (strcasecmp(name, "Content-Transfer-Encoding") == 0) {
		entity->encoding = strncasecmp(value, "base64", 6) == 0              ? BASE64
						   : strncasecmp(value, "quoted-printable", 16) == 0 ? QUOTED
																			 : AS_IS;
	}
}

/* line: unfolded, NUL-terminated. */
static void look_at_header(const struct mail *mail, struct entity *entity, char *line, size_t len)
{
	char decoded[HEADER_MAX + 1], where[FINDING_WHERE_MAX];
	char *colon = memchr(line, ':', len);
	if (colon == NULL)
		return;
	(void)snprintf(where, sizeof where, "header %.*s", (int)(colon - line < 60 ? colon - line : 60), line);
	size_t decoded_len = decode_words(decoded, line, len);
	text_labels_find(mail->labels, decoded, decoded_len, (struct text_place){PLACE_NAME, where}, mail->out);
	*colon = '\0';
	take_header(entity, line, colon + 1);
	if (strcasestr(colon + 1, "utf-16") != NULL || strcasestr(colon + 1, "utf-7") != NULL)
		say_not_read(mail, "text in UTF-16 or UTF-7 is not decoded");
}

/* Reads the headers; returns where the body begins. */
static const char *read_headers(const struct mail *mail, struct entity *entity, const char *p, const char *end)
{
	char line[HEADER_MAX + 1];
	size_t len = 0;
	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p)), *next = line_end != NULL ? line_end + 1 : end;
		const char *to = line_end != NULL ? line_end : end;
		to -= to > p && to[-1] == '\r';
		if (len > 0 && (to == p || (*p != ' ' && *p != '\t'))) {
			line[len] = '\0';
			look_at_header(mail, entity, line, len);
			len = 0;
		}
		if (to == p)
			return next;
		if ((size_t)(to - p) > HEADER_MAX - len)
			say_not_read(mail, "a header is longer than is looked at");
		const size_t take = (size_t)(to - p) < HEADER_MAX - len ? (size_t)(to - p) : HEADER_MAX - len;
		memcpy(line + len, p, take);
		len += take;
		p = next;
	}
	line[len] = '\0';
	if (len > 0)
		look_at_header(mail, entity, line, len);
	return end;
}

/* --- bodies --- */

static void look_at_text(const struct mail *mail, const struct entity *entity, const char *p, size_t len)
{
	const bool html = strcasecmp(entity->type, "text/html") == 0;
	const struct text_place place = {PLACE_NAME, "body"};
	bool cut = false;
	if (entity->encoding != AS_IS) {
		len = entity->encoding == BASE64 ? decode_base64(mail->decoded, p, len)
										 : decode_quoted(mail->decoded, p, len, false);
		p = mail->decoded;
	}
	if (html) {
		len = markup_to_text(mail->text, mail->room, p, len, MARKUP_HTML, &cut);
		p = mail->text;
	}
	if (cut)
		say_not_read(mail, "its text is longer than is looked at");
	text_labels_find(mail->labels, p, len < INSPECT_HEAD_BYTES ? len : INSPECT_HEAD_BYTES, place, mail->out);
}

/* The next line that begins with "--boundary"; end where there is none. */
static const char *find_boundary(const char *p, const char *end, const char *boundary)
{
	char mark[BOUNDARY_MAX + 3];
	const size_t len = (size_t)snprintf(mark, sizeof mark, "--%s", boundary);
	for (const char *from = p; (p = memmem(p, (size_t)(end - p), mark, len)) != NULL; p++)
		if (p == from || p[-1] == '\n')
			return p;
	return end;
}

static void look_at_entity(struct mail *mail, const char *p, const char *end, unsigned depth);

static void look_at_parts(struct mail *mail, const struct entity *entity, const char *p, const char *end,
						  unsigned depth)
{
	p = find_boundary(p, end, entity->boundary);
	while (p < end && mail->parts < PARTS_MAX) {
		p += strlen(entity->boundary) + 2;
		if (end - p >= 2 && memcmp(p, "--", 2) == 0)
			return;
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		p = line_end != NULL ? line_end + 1 : end;
		const char *next = find_boundary(p, end, entity->boundary);
		look_at_entity(mail, p, next, depth);
		p = next;
	}
	if (p < end)
		say_not_read(mail, "it has more parts than are looked at");
}

static void look_at_body(struct mail *mail, const struct entity *entity, const char *p, const char *end, unsigned depth)
{
	const bool enclosed = strcasecmp(entity->type, "message/rfc822") == 0;
	if (strncasecmp(entity->type, "multipart/", 10) == 0 && entity->boundary[0] != '\0')
		look_at_parts(mail, entity, p, end, depth + 1);
	else if (enclosed && entity->encoding == AS_IS)
		look_at_entity(mail, p, end, depth + 1);
	else if (entity->type[0] == '\0' || strncasecmp(entity->type, "text/", 5) == 0)
		look_at_text(mail, entity, p, (size_t)(end - p));
	else
		say_not_read(mail, "its attachments are not looked into");
}

static void look_at_entity(struct mail *mail, const char *p, const char *end, unsigned depth)
{
	struct entity entity = {0};
	if (depth > DEPTH_MAX || mail->parts == PARTS_MAX) {
		say_not_read(mail, "it has more parts than are looked at");
		return;
	}
	mail->parts++;
	p = read_headers(mail, &entity, p, end);
	look_at_body(mail, &entity, p, end, depth);
}

int mail_labels(const struct text_labels *labels, const char *bytes, size_t len, struct inspection *out,
				struct err *err)
{
	auto_free char *decoded = malloc(len + 1), *text = malloc(len + 1);
	struct mail mail = {.labels = labels, .out = out, .decoded = decoded, .text = text, .room = len};
	const char *end = bytes + len;
	if (decoded == NULL || text == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	/* A mailbox: its first line, and the second message, are none of this one. */
	if (len > 5 && memcmp(bytes, "From ", 5) == 0) {
		const char *line_end = memchr(bytes, '\n', len);
		bytes = line_end != NULL ? line_end + 1 : end;
		const char *second = memmem(bytes, (size_t)(end - bytes), "\nFrom ", 6);
		if (second != NULL) {
			end = second + 1;
			(void)snprintf(out->not_read, sizeof out->not_read, "only the first message of the mailbox is looked at");
		}
	}
	look_at_entity(&mail, bytes, end, 0);
	return 0;
}
