/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/markup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { ENTITY_MAX = 14 };

struct reader {
	const char *p, *end;
	char *out, *room_end;
	bool cut; /* the room did not do */
	enum markup kind;
};

struct tag {
	const char *name, *end; /* end: before '>' */
	size_t name_len;
	bool closing;
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-' ||
		   c == '_';
}

static bool same(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static bool is_one_of(const char *text, size_t len, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same(text, len, words[i]))
			return true;
	return false;
}

/* Everything that is written goes through here: whatever the markup is, the room holds. */
static inline void put(struct reader *r, char c)
{
	if (r->out < r->room_end)
		*r->out++ = c;
	else
		r->cut = true;
}

static size_t count_lines(const char *from, const char *to)
{
	size_t count = 0;
	for (; from < to && (from = memchr(from, '\n', (size_t)(to - from))) != NULL; from++)
		count++;
	return count;
}

static void put_lines(struct reader *r, const char *from, const char *to)
{
	for (size_t left = count_lines(from, to); left > 0; left--)
		put(r, '\n');
}

/* To behind the next such bytes, or the end. */
static void pass(struct reader *r, const char *from, const char *bytes)
{
	const char *found = memmem(from, (size_t)(r->end - from), bytes, strlen(bytes));
	const char *to = found != NULL ? found + strlen(bytes) : r->end;
	put_lines(r, r->p, to);
	r->p = to;
}

/* --- characters --- */

static void put_utf8(struct reader *r, uint32_t c)
{
	if (c < 0x80) {
		put(r, (char)c);
		return;
	}
	if (c >= 0x10000)
		put(r, (char)(0xF0 | c >> 18));
	if (c >= 0x800)
		put(r, (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3F) : 0xE0 | c >> 12));
	put(r, (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3F) : 0xC0 | c >> 6));
	put(r, (char)(0x80 | (c & 0x3F)));
}

static uint32_t named_character(const char *name, size_t len)
{
	static const struct {
		const char *name;
		uint32_t c;
	} names[] = {{"amp", '&'},       {"lt", '<'},
				 {"gt", '>'},        {"quot", '"'},
				 {"apos", '\''},     {"colon", ':'},
				 {"plus", '+'},      {"sol", '/'},
				 {"nbsp", 0xA0},     {"shy", 0xAD},
				 {"ensp", 0x2002},   {"emsp", 0x2003},
				 {"thinsp", 0x2009}, {"Egrave", 0xC8},
				 {"egrave", 0xE8},   {"zwnj", 0x200C},
				 {"zwj", 0x200D},    {"lowbar", '_'},
				 {"hyphen", '-'},    {"Tab", '\t'},
				 {"NewLine", ' '},   {"ZeroWidthSpace", 0x200B},
				 {"NoBreak", 0x2060}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].c;
	return 0;
}

/* Digits at p: the character they stand for, 0 for none; *len how many digits. */
static uint32_t numbered_character(const char *p, const char *end, unsigned base, size_t *len)
{
	uint32_t c = 0;
	size_t n = 0;
	for (; n < 8 && p + n < end; n++) {
		const char digit = (char)(p[n] | 0x20);
		unsigned value = digit >= '0' && digit <= '9' ? (unsigned)(digit - '0') : 99;
		if (base == 16 && digit >= 'a' && digit <= 'f')
			value = (unsigned)(digit - 'a') + 10;
		if (value >= base || (p[n] < '0'))
			break;
		c = c * base + value;
	}
	*len = n;
	return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : c;
}

/* At '&'. false: it is none, and nothing was read. What stands for a form feed or NUL is none either. */
static bool put_entity(struct reader *r)
{
	const char *p = r->p + 1;
	uint32_t c = 0;
	size_t len = 0;
	if (p < r->end && *p == '#') {
		const bool hex = p + 1 < r->end && (p[1] == 'x' || p[1] == 'X');
		p += hex ? 2 : 1;
		c = numbered_character(p, r->end, hex ? 16 : 10, &len);
	} else {
		while (len < ENTITY_MAX && p + len < r->end && is_name_char(p[len]) && p[len] != ':')
			len++;
		c = p + len < r->end && p[len] == ';' ? named_character(p, len) : 0;
		if (c == 0 && len >= 4 && memcmp(p, "nbsp", 4) == 0) { /* old names need no semicolon */
			c = 0xA0;
			len = 4;
		}
	}
	if (c == 0 || c == '\f')
		return false;
	if (c == '\n')
		c = ' '; /* only the source's own count */
	p += len;
	r->p = p < r->end && *p == ';' ? p + 1 : p;
	put_utf8(r, c);
	return true;
}

/* Codes of a sheet's header: "&C" for the middle, "&12" for a size. The ampersand itself is written "&amp;". */
static bool put_sheet_code(struct reader *r)
{
	if (r->kind != MARKUP_SHEET || (size_t)(r->end - r->p) < 6 || memcmp(r->p, "&amp;", 5) != 0)
		return false;
	const char *p = r->p + 5;
	if (*p >= '0' && *p <= '9')
		while (p < r->end && *p >= '0' && *p <= '9')
			p++;
	else if (strchr("LCRPNDTFAGBIUESXYKOH", *p) != NULL && *p != '\0')
		p++;
	else
		return false;
	put(r, '\f');
	r->p = p;
	return true;
}

static void put_text(struct reader *r, const char *to)
{
	const char *end = r->end;
	r->end = to;
	while (r->p < to) {
		if (*r->p == '&' && (put_sheet_code(r) || put_entity(r)))
			continue;
		put(r, *r->p++);
	}
	r->end = end;
}

/* --- tags --- */

/* The value of an attribute; false where the tag has none of that name. */
static bool find_attribute(const struct tag *tag, const char *name, const char **out, size_t *out_len)
{
	for (const char *p = tag->name + tag->name_len; p < tag->end;) {
		while (p < tag->end && !is_name_char(*p))
			p++;
		const char *from = p;
		while (p < tag->end && is_name_char(*p))
			p++;
		const size_t len = (size_t)(p - from);
		while (p < tag->end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
			p++;
		if (p == tag->end || *p != '=')
			continue;
		for (p++; p < tag->end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r');)
			p++;
		const char quote = p < tag->end && (*p == '"' || *p == '\'') ? *p++ : '\0';
		const char *value = p;
		while (p < tag->end && (quote != '\0' ? *p != quote : *p != ' ' && *p != '\t' && *p != '\n'))
			p++;
		*out = value;
		*out_len = (size_t)(p - value);
		if (same(from, len, name))
			return true;
	}
	return false;
}

/* Returns how many lines its value has: they stand in the text by now. */
static size_t put_attribute(struct reader *r, const struct tag *tag, const char *name, char behind)
{
	const char *value = NULL, *p = r->p;
	size_t len = 0;
	if (!find_attribute(tag, name, &value, &len))
		return 0;
	r->p = value;
	put_text(r, value + len);
	r->p = p;
	put(r, behind);
	return count_lines(value, value + len);
}

static const char *local_name(const struct tag *tag, size_t *len)
{
	const char *colon = memchr(tag->name, ':', tag->name_len), *local = colon != NULL ? colon + 1 : tag->name;
	*len = tag->name_len - (size_t)(local - tag->name);
	return local;
}

static bool parts_words(const struct reader *r, const struct tag *tag)
{
	static const char *const inlines[] = {"a",   "abbr", "b",    "bdi",   "bdo",  "big",    "cite",   "code",
										  "del", "dfn",  "em",   "font",  "i",    "ins",    "kbd",    "mark",
										  "q",   "s",    "samp", "small", "span", "strike", "strong", "sub",
										  "sup", "tt",   "u",    "var",   "wbr"};
	static const char *const blocks[] = {"p",  "br",  "cr",   "tab",         "tc",         "h",
										 "si", "row", "ptab", "txbxContent", "line-break", "table-cell"};
	size_t len = 0;
	const char *local = local_name(tag, &len);
	if (r->kind == MARKUP_HTML)
		return !is_one_of(tag->name, tag->name_len, inlines, sizeof inlines / sizeof inlines[0]);
	if (r->kind == MARKUP_PARAGRAPHS)
		return is_one_of(local, len, blocks, sizeof blocks / sizeof blocks[0]);
	return true;
}

/* What attributes say; returns how many lines of the tag stand in the text by now. */
static size_t put_attributes(struct reader *r, const struct tag *tag)
{
	if (tag->closing)
		return 0;
	if (r->kind == MARKUP_PROPERTIES)
		return put_attribute(r, tag, memchr(tag->name, ':', tag->name_len) != NULL ? "meta:name" : "name", ':');
	if (r->kind != MARKUP_HTML)
		return 0;
	if (same(tag->name, tag->name_len, "meta")) {
		const size_t lines = put_attribute(r, tag, "name", ':');
		return lines + put_attribute(r, tag, "content", '\f');
	}
	return same(tag->name, tag->name_len, "img") ? put_attribute(r, tag, "alt", '\f') : 0;
}

/* Behind <script> or <style>: to before its end. */
static void pass_raw(struct reader *r, const struct tag *tag)
{
	for (const char *p = r->p; (p = memchr(p, '<', (size_t)(r->end - p))) != NULL; p++)
		if ((size_t)(r->end - p) > tag->name_len + 1 && p[1] == '/' &&
			strncasecmp(p + 2, tag->name, tag->name_len) == 0) {
			put_lines(r, r->p, p);
			r->p = p;
			return;
		}
	put_lines(r, r->p, r->end);
	r->p = r->end;
}

static void put_tag(struct reader *r, const struct tag *tag)
{
	size_t len = 0;
	const char *local = local_name(tag, &len);
	const char *from = r->p;
	r->p = tag->end < r->end ? tag->end + 1 : r->end;
	if (parts_words(r, tag))
		put(r, '\f');
	else if (r->kind == MARKUP_PARAGRAPHS && (same(local, len, "s") || same(local, len, "noBreakHyphen")))
		put(r, len == 1 ? ' ' : '-');
	for (size_t told = put_attributes(r, tag), lines = count_lines(from, r->p); told < lines; told++)
		put(r, '\n');
	/* In XHTML "<script/>" is whole: what follows is read rather than not. */
	if (r->kind == MARKUP_HTML && !tag->closing && tag->end[-1] != '/' &&
		(same(tag->name, tag->name_len, "script") || same(tag->name, tag->name_len, "style")))
		pass_raw(r, tag);
}

/* The end of a tag is the first '>' outside of quotes. */
static const char *find_tag_end(const char *p, const char *end)
{
	char quote = '\0';
	for (; p < end; p++)
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if (*p == '>')
			break;
		else if ((*p == '"' || *p == '\'') && p[-1] == '=' && is_name_char(p[-2]))
			quote = *p;
	return p;
}

/* At "<!--". "<!-->" is whole, and "--!>" ends one too. */
static void pass_comment(struct reader *r)
{
	for (const char *p = r->p + 2; (p = memmem(p, (size_t)(r->end - p), "--", 2)) != NULL; p++) {
		const char *to = p + 2;
		to += to < r->end && *to == '!';
		if (to == r->end || *to != '>')
			continue;
		put_lines(r, r->p, to);
		r->p = to + 1;
		return;
	}
	put_lines(r, r->p, r->end);
	r->p = r->end;
}

/* At '<'. */
static void read_angle(struct reader *r)
{
	const size_t left = (size_t)(r->end - r->p);
	struct tag tag = {.name = r->p + 1, .closing = left > 1 && r->p[1] == '/'};
	tag.name += tag.closing;
	if (left >= 4 && memcmp(r->p, "<!--", 4) == 0) {
		pass_comment(r);
		return;
	}
	if (left >= 9 && memcmp(r->p, "<![CDATA[", 9) == 0) {
		r->p += 9;
		return;
	}
	if (left >= 2 && (r->p[1] == '!' || r->p[1] == '?')) {
		pass(r, r->p + 2, ">");
		return;
	}
	while (tag.name + tag.name_len < r->end && is_name_char(tag.name[tag.name_len]))
		tag.name_len++;
	if (tag.name_len == 0 || (*tag.name >= '0' && *tag.name <= '9') || *tag.name == '-') {
		put(r, *r->p++); /* no tag */
		return;
	}
	tag.end = find_tag_end(tag.name + tag.name_len, r->end);
	put_tag(r, &tag);
}

size_t markup_to_text(char *out, size_t room, const char *in, size_t len, enum markup kind, bool *cut)
{
	struct reader r = {.p = in, .end = in + len, .out = out, .room_end = out + room, .kind = kind};
	while (r.p < r.end && !r.cut) {
		if (*r.p == '<') {
			read_angle(&r);
			continue;
		}
		const char *next = memchr(r.p, '<', (size_t)(r.end - r.p));
		put_text(&r, next != NULL ? next : r.end);
	}
	*cut = r.cut;
	return (size_t)(r.out - out);
}
