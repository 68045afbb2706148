/* SPDX-License-Identifier: Apache-2.0 */
/* One pass from colon to colon finds the words that have one; one from line to line the others, where there are any.
 * What cannot be a label is passed over after a look at one byte. */
#include "inspect/text_labels.h"

#include "base/array.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BLANKS_MAX = 64, WORD_MAX = SCHEME_TEXT_MAX, PREFIX_MAX = 48, PARTS_MAX = 16 };

/* "TLP:AMBER" as its two sides, borrowed from the scheme. */
struct pair {
	const char *left, *right;
	size_t left_len, right_len;
	struct label_ref label;
};

struct line_word {
	char text[WORD_MAX + 1]; /* normalised as lines are */
	size_t len;
	struct label_ref label;
};

struct text_labels {
	struct pair *pairs; /* the longest right side first */
	uint32_t pair_count;
	struct line_word *lines;
	uint32_t line_count;
	bool ends_left[256];   /* bytes that a left side ends with */
	bool starts_line[256]; /* bytes that a line word begins with */
};

/* Where the reader stands: lines are counted only as far as something was found. */
struct cursor {
	struct text_place place;
	const char *counted;
	unsigned number;
	struct inspection *out;
};

/* --- letters --- */

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* Other scripts do not part words: they may stand right beside a label, without blank. */
static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (lower((unsigned char)c) >= 'a' && lower((unsigned char)c) <= 'z');
}

/* Blanks that are not ASCII, and what shows nothing: U+00A0, U+00AD, U+2000–U+200D, U+202F, U+FEFF. */
static size_t wide_blank(const char *p, size_t left)
{
	const unsigned char *u = (const unsigned char *)p;
	if (left >= 2 && u[0] == 0xC2 && (u[1] == 0xA0 || u[1] == 0xAD))
		return 2;
	if (left >= 3 && u[0] == 0xE2 && u[1] == 0x80 && ((u[2] >= 0x80 && u[2] <= 0x8D) || u[2] == 0xAF))
		return 3;
	return left >= 3 && u[0] == 0xEF && u[1] == 0xBB && u[2] == 0xBF ? 3 : 0;
}

/* What may stand between the two words and the colon: blanks, emphasis, quotation, a backslash of Markdown. */
static bool is_filler(char c)
{
	static const bool fillers[256] = {[' '] = true, ['\t'] = true, ['*'] = true,  ['_'] = true,
									  ['`'] = true, ['"'] = true,  ['\''] = true, ['\\'] = true};
	return fillers[(unsigned char)c];
}

/* One line end may stand there too: the second word may have gone to the next line, or stand in the next cell. */
static const char *skip_forward(const char *p, const char *end)
{
	int lines = 1;
	for (int i = 0; i < BLANKS_MAX && p < end; i++) {
		size_t wide = wide_blank(p, (size_t)(end - p));
		if (*p == '\n' && lines == 0)
			break;
		if (wide == 0 && !is_filler(*p) && (*p == '\0' || strchr("[(\n\r\f", *p) == NULL))
			break;
		lines -= *p == '\n';
		p += wide > 0 ? wide : 1;
	}
	return p;
}

static const char *skip_back(const char *p, const char *start)
{
	for (int i = 0; i < BLANKS_MAX && p > start; i++) {
		size_t have = (size_t)(p - start), back = 0;
		if (is_filler(p[-1]) || p[-1] == ']' || p[-1] == ')')
			back = 1;
		else if (have >= 2 && wide_blank(p - 2, 2) == 2)
			back = 2;
		else if (have >= 3 && wide_blank(p - 3, 3) == 3)
			back = 3;
		if (back == 0)
			break;
		p -= back;
	}
	return p;
}

/* --- what is found --- */

static bool is_told(const struct inspection *out, struct label_ref label)
{
	for (uint32_t i = 0; i < out->finding_count; i++)
		if (out->findings[i].label.label == label.label)
			return true;
	return false;
}

static void tell(struct cursor *cursor, struct label_ref label, const char *at, const char *word, size_t len)
{
	char where[FINDING_WHERE_MAX], said[FINDING_SAID_MAX];
	const char mark = cursor->place.kind == PLACE_PAGE ? '\f' : '\n';
	if (is_told(cursor->out, label))
		return;
	if (cursor->place.kind == PLACE_NAME) {
		(void)snprintf(where, sizeof where, "%s", cursor->place.name);
	} else {
		for (const char *p = cursor->counted; p < at && (p = memchr(p, mark, (size_t)(at - p))) != NULL; p++)
			cursor->number++;
		cursor->counted = at > cursor->counted ? at : cursor->counted;
		(void)snprintf(where, sizeof where, "%s %u", cursor->place.kind == PLACE_PAGE ? "page" : "line",
					   cursor->number);
	}
	(void)snprintf(said, sizeof said, "%.*s", (int)(len < sizeof said ? len : sizeof said - 1), word);
	inspection_add(cursor->out, label, where, said);
}

/* --- WORD:WORD --- */

/* "+" of a label may stand as blank, "-" or "_", or among blanks; all else is compared letter by letter. */
static const char *match_right(const struct pair *pair, const char *p, const char *end)
{
	for (size_t i = 0; i < pair->right_len; i++) {
		const char want = pair->right[i];
		if (want == '+') {
			const char *from = p;
			p = skip_forward(p, end);
			if (p < end && (*p == '+' || *p == '-'))
				p = skip_forward(p + 1, end);
			if (p == from)
				return NULL;
			continue;
		}
		if (want == ':')
			p = skip_forward(p, end);
		if (p == end || lower((unsigned char)*p) != lower((unsigned char)want))
			return NULL;
		p++;
		if (want == ':')
			p = skip_forward(p, end);
	}
	return p == end || !is_word_char(*p) ? p : NULL;
}

/* start: of the text; left_end: behind the word at the left. Returns where that word begins; NULL where it is another.
 */
static const char *match_left(const struct pair *pair, const char *start, const char *left_end)
{
	if ((size_t)(left_end - start) < pair->left_len)
		return NULL;
	const char *left = left_end - pair->left_len;
	/* One letter first: "http:" ends like TLP does. */
	if (lower((unsigned char)*left) != lower((unsigned char)*pair->left) ||
		strncasecmp(left, pair->left, pair->left_len) != 0)
		return NULL;
	return left == start || !is_word_char(left[-1]) ? left : NULL;
}

static void look_around_colon(const struct text_labels *words, const char *start, const char *colon, const char *end,
							  struct cursor *cursor)
{
	const char *left_end = colon, *right = NULL;
	size_t found_len = 0;
	/* Times of day and keys of other things: most colons end here. */
	if (is_word_char(colon[-1]) && !words->ends_left[(unsigned char)colon[-1]])
		return;
	left_end = skip_back(colon, start);
	if (left_end == start || !words->ends_left[(unsigned char)left_end[-1]])
		return;
	for (uint32_t i = 0; i < words->pair_count; i++) {
		const struct pair *pair = &words->pairs[i];
		const char *left = match_left(pair, start, left_end), *behind = NULL;
		if (left == NULL || pair->right_len < found_len)
			continue;
		if (right == NULL)
			right = skip_forward(colon + 1, end);
		if ((behind = match_right(pair, right, end)) == NULL)
			continue;
		/* Shorter words are part of the longest; two schemes may share one text. */
		found_len = pair->right_len;
		tell(cursor, pair->label, left, left, (size_t)(behind - left));
	}
}

static void find_pairs(const struct text_labels *words, const char *text, size_t len, struct cursor *cursor)
{
	const char *end = text + len;
	for (const char *p = text; p < end && (p = memchr(p, ':', (size_t)(end - p))) != NULL; p++)
		if (p > text)
			look_around_colon(words, text, p, end, cursor);
}

/* --- lines --- */

static bool is_decoration(char c)
{
	return c != '\0' && strchr(" \t\r\v*_`#>~=|+-:;.,!()[]{}<\"'/\\", c) != NULL;
}

/* Dashes, bullets, quotation marks (U+2010–U+2027) and blanks. */
static size_t wide_decoration(const char *p, size_t left)
{
	const unsigned char *u = (const unsigned char *)p;
	if (left >= 3 && u[0] == 0xE2 && u[1] == 0x80 && u[2] >= 0x90 && u[2] <= 0xA7)
		return 3;
	return wide_blank(p, left);
}

static void trim(const char **from, const char **to)
{
	for (size_t wide = 1; *from < *to && wide > 0; *from += wide) {
		wide = is_decoration(**from) ? 1 : wide_decoration(*from, (size_t)(*to - *from));
	}
	for (size_t back = 1; *from < *to && back > 0; *to -= back) {
		const size_t have = (size_t)(*to - *from);
		back = is_decoration((*to)[-1])                        ? 1
			   : have >= 2 && wide_decoration(*to - 2, 2) == 2 ? 2
			   : have >= 3 && wide_decoration(*to - 3, 3) == 3 ? 3
															   : 0;
	}
}

/* One blank between words, none beside a slash. Returns the length; 0 where it is empty or longer than any label. */
static size_t normalise(char out[WORD_MAX + 1], const char *from, const char *to)
{
	size_t len = 0;
	bool blank = false;
	if (to - from > 2 * WORD_MAX)
		return 0;
	for (size_t step; from < to; from += step) {
		size_t wide = wide_blank(from, (size_t)(to - from));
		step = wide > 0 ? wide : 1;
		if (wide > 0 || *from == ' ' || *from == '\t') {
			blank = len > 0;
			continue;
		}
		if (blank && *from != '/' && out[len - 1] != '/')
			out[len++] = ' ';
		blank = false;
		if (len >= WORD_MAX - 1)
			return 0;
		out[len++] = *from;
	}
	out[len] = '\0';
	return len;
}

static bool tell_exact(const struct text_labels *words, const char *text, size_t len, struct cursor *cursor,
					   const char *at)
{
	bool found = false;
	for (uint32_t i = 0; i < words->line_count; i++) {
		const struct line_word *word = &words->lines[i];
		if (word->len != len || memcmp(word->text, text, len) != 0)
			continue;
		tell(cursor, word->label, at, word->text, len);
		found = true;
	}
	return found;
}

/* Of "CUI//SP-CTI/INTEL//NOFORN": CUI; then each part alone and behind the first, as schemes write either. */
static void tell_parts(const struct text_labels *words, const char *text, struct cursor *cursor, const char *at)
{
	const char *first_end = strstr(text, "//");
	const size_t first = first_end != NULL ? (size_t)(first_end - text) : strlen(text);
	if (!tell_exact(words, text, first, cursor, at) || first_end == NULL)
		return;
	const char *part = first_end + 2;
	for (int i = 0; i < PARTS_MAX && *part != '\0'; i++) {
		char joined[2 * WORD_MAX + 4];
		const size_t len = strcspn(part, "/");
		int joined_len = snprintf(joined, sizeof joined, "%.*s//%.*s", (int)first, text, (int)len, part);
		(void)tell_exact(words, joined, (size_t)joined_len, cursor, at);
		(void)tell_exact(words, part, len, cursor, at);
		part += len + strspn(part + len, "/");
	}
}

/* Behind "Classification:" and its like; from where there is no such prefix. */
static const char *skip_prefix(const char *from, const char *to)
{
	static const char *const names[] = {"lassif", "marking", "sensitivity", "security",   "handling",
										"label",  "level",   "einstufung",  "protection", "caveat"};
	const size_t len = (size_t)(to - from) < PREFIX_MAX ? (size_t)(to - from) : PREFIX_MAX;
	const char *colon = memchr(from, ':', len);
	char prefix[PREFIX_MAX + 1];
	if (colon == NULL)
		return from;
	(void)snprintf(prefix, sizeof prefix, "%.*s", (int)(colon - from), from);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasestr(prefix, names[i]) != NULL)
			return colon + 1;
	return from;
}

static void look_at_line(const struct text_labels *words, const char *from, const char *to, struct cursor *cursor)
{
	char text[WORD_MAX + 1];
	trim(&from, &to);
	if (from == to || to - from > 2 * WORD_MAX)
		return;
	const char *rest = skip_prefix(from, to);
	if (rest != from) {
		from = rest;
		trim(&from, &to);
	}
	if (from == to || !words->starts_line[(unsigned char)*from])
		return;
	size_t len = normalise(text, from, to);
	if (len > 0 && !tell_exact(words, text, len, cursor, from))
		tell_parts(words, text, cursor, from);
}

static void find_lines(const struct text_labels *words, const char *text, size_t len, struct cursor *cursor)
{
	const char *end = text + len;
	for (const char *p = text; p < end; p++) {
		const char *from = p;
		while (p < end && *p != '\n' && *p != '\f' && *p != '\r')
			p++;
		look_at_line(words, from, p, cursor);
	}
}

void text_labels_find(const struct text_labels *words, const char *text, size_t len, struct text_place place,
					  struct inspection *out)
{
	struct cursor cursor = {.place = place, .counted = text, .number = 1, .out = out};
	find_pairs(words, text, len, &cursor);
	if (words->line_count == 0)
		return;
	cursor.counted = text;
	cursor.number = 1;
	find_lines(words, text, len, &cursor);
}

/* --- what to look for --- */

static bool has_pair(const struct text_labels *words, const char *text, struct label_ref label)
{
	for (uint32_t i = 0; i < words->pair_count; i++)
		if (words->pairs[i].label.label == label.label && strcasecmp(words->pairs[i].left, text) == 0)
			return true;
	return false;
}

static int add_pair(struct text_labels *words, const char *text, const char *colon, struct label_ref label,
					struct err *err)
{
	if (has_pair(words, text, label))
		return 0;
	struct pair *pairs = array_grow(words->pairs, words->pair_count, sizeof *pairs, err);
	if (pairs == NULL)
		return -1;
	words->pairs = pairs;
	const struct pair pair = {.left = text,
							  .right = colon + 1,
							  .left_len = (size_t)(colon - text),
							  .right_len = strlen(colon + 1),
							  .label = label};
	uint32_t at = words->pair_count++;
	for (; at > 0 && pairs[at - 1].right_len < pair.right_len; at--)
		pairs[at] = pairs[at - 1];
	pairs[at] = pair;
	words->ends_left[lower((unsigned char)colon[-1])] = true;
	const char last = colon[-1];
	words->ends_left[(unsigned char)(last >= 'a' && last <= 'z' ? last - 'a' + 'A' : last)] = true;
	return 0;
}

static int add_line(struct text_labels *words, const char *text, struct label_ref label, struct err *err)
{
	struct line_word word = {.label = label};
	const char *from = text, *to = text + strlen(text);
	trim(&from, &to);
	word.len = normalise(word.text, from, to);
	if (word.len == 0)
		return 0;
	struct line_word *lines = array_grow(words->lines, words->line_count, sizeof *lines, err);
	if (lines == NULL)
		return -1;
	words->lines = lines;
	words->lines[words->line_count++] = word;
	words->starts_line[(unsigned char)word.text[0]] = true;
	return 0;
}

static int add_word(struct text_labels *words, const char *text, struct label_ref label, struct err *err)
{
	const char *colon = strchr(text, ':');
	if (colon == NULL)
		return add_line(words, text, label, err);
	if (colon == text || colon[1] == '\0' || !is_word_char(colon[-1]))
		return 0;
	return add_pair(words, text, colon, label, err);
}

/* Machine tags of two plain words; those with values stand in machine-readable files. */
static int add_label(struct text_labels *words, struct label_ref label, struct err *err)
{
	if (add_word(words, label.label->text, label, err) < 0)
		return -1;
	for (uint32_t i = 0; i < label.label->aliases.count; i++)
		if (add_word(words, label.label->aliases.items[i], label, err) < 0)
			return -1;
	for (uint32_t i = 0; i < label.label->tags.count; i++) {
		const char *tag = label.label->tags.items[i];
		if (strchr(tag, ':') != NULL && strpbrk(tag, "=\"") == NULL && add_word(words, tag, label, err) < 0)
			return -1;
	}
	return 0;
}

static int add_scheme(struct text_labels *words, const struct scheme *scheme, struct err *err)
{
	for (size_t i = 0; i < scheme->label_count; i++)
		if (add_label(words, (struct label_ref){.scheme = scheme, .label = &scheme->labels[i]}, err) < 0)
			return -1;
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *legacy = &scheme->legacy[i];
		const struct label *means = scheme_find_label(scheme, legacy->means);
		const struct label_ref label = {.scheme = scheme, .label = means, .legacy = legacy};
		if (means != NULL && legacy->action == LEGACY_WARN && add_word(words, legacy->text, label, err) < 0)
			return -1;
	}
	return 0;
}

int text_labels_new(struct text_labels **out, const struct scheme_set *schemes, struct err *err)
{
	*out = NULL;
	struct text_labels *words = calloc(1, sizeof *words);
	if (words == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < schemes->count; i++)
		if (add_scheme(words, &schemes->schemes[i], err) < 0) {
			text_labels_free(words);
			return -1;
		}
	*out = words;
	return 0;
}

void text_labels_free(struct text_labels *words)
{
	if (words == NULL)
		return;
	free(words->pairs);
	free(words->lines);
	free(words);
}
