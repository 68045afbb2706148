/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns, component by component. Both "*" in a component and "**" between components are matched by going back to
 * the last of them only: what an earlier one could still take is no better. So no pattern takes exponential time.
 *
 *   pattern   = component *( "/" component ) [ "/" ]
 *   component = "**" | 1*( "*" | "?" | "[" [ "!" ] 1*( char [ "-" char ] ) "]" | char )  */
#include "base/glob.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* --- characters --- */

/* One character of UTF-8, at most to the end; a byte that begins none stands for itself. */
static const char *next_char(const char *at, const char *end, uint32_t *out)
{
	static const uint32_t first_bits[] = {0x7F, 0x7F, 0x1F, 0x0F, 0x07};
	const unsigned char c = (unsigned char)*at;
	size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
	if (len == 1 || len > (size_t)(end - at)) {
		*out = c;
		return at + 1;
	}
	*out = c & first_bits[len];
	for (size_t i = 1; i < len; i++)
		*out = *out << 6 | ((unsigned char)at[i] & 0x3F);
	return at + len;
}

/* in: at behind "[". Whether the character is one of these; *out_end behind "]". */
static bool bracket_takes(const char *at, const char *end, uint32_t c, const char **out_end)
{
	const bool negated = *at == '!';
	bool found = false;
	at += negated;
	while (at < end && *at != ']') {
		uint32_t low, high;
		at = next_char(at, end, &low);
		high = low;
		if (at + 1 < end && at[0] == '-' && at[1] != ']')
			at = next_char(at + 1, end, &high);
		found |= c >= low && c <= high;
	}
	*out_end = at + 1;
	return found != negated;
}

/* --- faults --- */

/* in: at behind "["; *out_end behind "]". */
static const char *bracket_fault(const char *at, const char *end, const char **out_end)
{
	const char *first = at + (at < end && *at == '!');
	if (at < end && *at == '^')
		return "has \"[^\": write \"[!\" for all but these";
	for (at = first; at < end && *at != ']';) {
		uint32_t low, high;
		if (*at == '[' && at + 1 < end && strchr(":.=", at[1]) != NULL)
			return "has a named class of characters: write the characters, as \"[a-z]\"";
		at = next_char(at, end, &low);
		if (at + 1 >= end || at[0] != '-' || at[1] == ']')
			continue;
		at = next_char(at + 1, end, &high);
		if (high < low)
			return "has a range that runs backwards";
	}
	if (at >= end)
		return "has an open bracket: \"[\" without \"]\"";
	*out_end = at + 1;
	return at > first ? NULL : "has an empty bracket";
}

static const char *component_fault(const char *at, size_t len)
{
	const char *const begin = at, *const end = at + len;
	unsigned stars = 0;
	if (len == 0)
		return "has an empty component: two \"/\" in a row";
	if (len == 2 && memcmp(at, "..", 2) == 0)
		return "leaves the folder: \"..\" is not allowed";
	if (len == 1 && *at == '.')
		return "has \".\" as a component: leave it out";
	while (at < end) {
		const char c = *at++;
		const char *fault = c == '[' ? bracket_fault(at, end, &at) : NULL;
		if (fault != NULL)
			return fault;
		stars += c == '*';
		if (c == '*' && at < end && *at == '*' && (len != 2 || at != begin + 1))
			return "has \"**\" beside other characters: it stands alone between slashes, as in \"a/**/b\"";
	}
	return stars > GLOB_STARS_MAX ? "has more than 8 asterisks between two slashes" : NULL;
}

const char *glob_fault(const char *pattern)
{
	const size_t len = strlen(pattern);
	if (len == 0)
		return "is empty";
	if (len > GLOB_BYTES_MAX)
		return "is longer than 1,024 bytes";
	if (pattern[0] == '/')
		return "leaves the folder: it begins with \"/\"";
	if (strchr(pattern, '\\') != NULL)
		return "has a backslash: folders are parted by \"/\", and \"[*]\" stands for an asterisk itself";
	if (!text_is_plain(pattern, len))
		return "has a control or invisible character";
	for (;;) {
		size_t component = strcspn(pattern, "/");
		const char *fault = component_fault(pattern, component);
		if (fault != NULL)
			return fault;
		pattern += component;
		if (pattern[0] == '\0' || pattern[1] == '\0')
			return NULL;
		pattern++;
	}
}

bool glob_has_wildcard(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

/* --- matching --- */

/* One element of a pattern, that is no asterisk, against the character at *text; both are moved behind it. */
static bool take_one(const char **pattern, const char *pattern_end, const char **text, const char *text_end)
{
	uint32_t c, want;
	const char *after = next_char(*text, text_end, &c);
	bool fits = true;
	if (**pattern == '[') {
		fits = bracket_takes(*pattern + 1, pattern_end, c, pattern);
	} else {
		const bool any = **pattern == '?';
		*pattern = next_char(*pattern, pattern_end, &want);
		fits = any || want == c;
	}
	*text = after;
	return fits;
}

static bool component_match(const char *pattern, const char *pattern_end, const char *text, const char *text_end)
{
	const char *star = NULL, *star_text = NULL; /* behind the last asterisk, and where the text went on there */
	for (;;) {
		if (pattern < pattern_end && *pattern == '*') {
			star = ++pattern;
			star_text = text;
			continue;
		}
		if (text == text_end && pattern == pattern_end)
			return true;
		if (text < text_end && pattern < pattern_end && take_one(&pattern, pattern_end, &text, text_end))
			continue;
		if (star == NULL || star_text == text_end)
			return false;
		uint32_t taken;
		pattern = star;
		text = star_text = next_char(star_text, text_end, &taken); /* never half a character */
	}
}

static const char *component_end(const char *at)
{
	return at + strcspn(at, "/");
}

static const char *next_component(const char *at)
{
	at = component_end(at);
	return at + (*at == '/');
}

static bool is_any_folders(const char *pattern)
{
	return pattern[0] == '*' && pattern[1] == '*' && (pattern[2] == '/' || pattern[2] == '\0');
}

static bool path_match(const char *pattern, const char *path)
{
	const char *retry = NULL, *retry_path = NULL; /* behind the last "**", and where the path went on there */
	while (*path != '\0') {
		/* something is left, and the pattern takes all that is left */
		if (*pattern == '\0' && pattern[-1] == '/')
			return true;
		if (is_any_folders(pattern)) {
			pattern = next_component(pattern);
			if (*pattern == '\0')
				return true;
			retry = pattern;
			retry_path = path;
		} else if (*pattern != '\0' && component_match(pattern, component_end(pattern), path, component_end(path))) {
			pattern = next_component(pattern);
			path = next_component(path);
		} else if (retry == NULL) {
			return false;
		} else {
			path = retry_path = next_component(retry_path);
			pattern = retry;
		}
	}
	return *pattern == '\0' && pattern[-1] != '/';
}

static size_t name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash + 1 - path) : 0;
}

bool glob_match(const char *pattern, const char *path)
{
	return path_match(pattern, strchr(pattern, '/') == NULL ? path + name_of(path) : path);
}

void glob_prepare(struct glob *out, const char *pattern)
{
	*out = (struct glob){.pattern = pattern,
						 .suffix = pattern + strlen(pattern),
						 .prefix_len = strcspn(pattern, "*?["),
						 .name_only = strchr(pattern, '/') == NULL};
	while (out->suffix > pattern && strchr("*?[]/", out->suffix[-1]) == NULL) {
		out->suffix--;
		out->suffix_len++;
	}
}

bool glob_matches(const struct glob *glob, const char *path, size_t path_len, size_t name_at)
{
	const size_t from = glob->name_only ? name_at : 0, len = path_len - from;
	return len >= glob->prefix_len && len >= glob->suffix_len &&
		   memcmp(path + from, glob->pattern, glob->prefix_len) == 0 &&
		   memcmp(path + path_len - glob->suffix_len, glob->suffix, glob->suffix_len) == 0 &&
		   path_match(glob->pattern, path + from);
}
