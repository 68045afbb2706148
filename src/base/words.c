/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include "base/nearest.h"
#include "base/secret.h"
#include "base/words_list.h"

#include <ctype.h>
#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- the check word --- */

/* Horner's rule in GF(2^8), x = 2: what the check word must be after these bytes. */
static unsigned char check_byte(const unsigned char *bytes, size_t len)
{
	unsigned sum = 0;
	for (size_t i = 0; i < len; i++) {
		sum = (sum ^ bytes[i]) << 1;
		if (sum & 0x100)
			sum ^= 0x11d;
	}
	return (unsigned char)sum;
}

/* --- bytes to words --- */

void words_format(char out[static WORDS_TEXT_MAX], const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i <= len; i++) {
		unsigned char byte = i < len ? bytes[i] : check_byte(bytes, len);
		const char *word = words_list[i % 2][byte];
		size_t word_len = strlen(word);
		memcpy(out, word, word_len);
		out += word_len;
		*out++ = i < len ? ' ' : '\0';
	}
}

/* --- words to bytes --- */

/* The next run of letters, in lower case; one that is too long is cut, and then equals no word. false: none is left. */
static bool next_word(const char **at, char out[static WORDS_WORD_MAX + 2])
{
	size_t len = 0;
	while (**at != '\0' && !is_letter(**at))
		++*at;
	for (; is_letter(**at); ++*at)
		if (len < WORDS_WORD_MAX + 1)
			out[len++] = (char)tolower((unsigned char)**at);
	out[len] = '\0';
	return len > 0;
}

size_t words_count(const char *text)
{
	char word[WORDS_WORD_MAX + 2];
	size_t count = 0;
	while (next_word(&text, word))
		count++;
	secret_wipe(word, sizeof word);
	return count;
}

/* The word's place in a list, or -1. */
static int find_word(const char *word, unsigned list)
{
	for (int i = 0; i < WORDS_IN_LIST; i++)
		if (strcmp(words_list[list][i], word) == 0)
			return i;
	return -1;
}

static int fail_word(const char *word, size_t at, struct err *err)
{
	unsigned list = at % 2;
	if (find_word(word, 1 - list) >= 0) {
		(void)err_set(err, ERR_USAGE, "word %zu stands where a word of %s syllables belongs", at + 1,
					  list == 0 ? "two" : "three");
		return err_hint(err,
						"a word before it was left out or typed twice, or two are swapped: compare from the start");
	}
	const char *nearest = nearest_word(word, words_list[list]);
	(void)err_set(err, ERR_USAGE, "word %zu is none of the words that are used here: %s", at + 1, word);
	if (nearest != NULL)
		return err_hint(err, "did you mean %s?", nearest);
	return err_hint(err, "have it read out again, and spelt");
}

static int fail_count(size_t count, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "%zu words, and it must be 21 or 33", count);
	return err_hint(err, "the last word is a check of the others: type all of them");
}

static int parse_words(unsigned char bytes[static WORDS_COUNT_MAX], size_t *out_count, const char *text,
					   struct err *err)
{
	char word[WORDS_WORD_MAX + 2];
	size_t count = 0;
	for (; next_word(&text, word); count++) {
		int place = find_word(word, count % 2);
		if (place < 0)
			return fail_word(word, count, err);
		if (count < WORDS_COUNT_MAX)
			bytes[count] = (unsigned char)place;
	}
	secret_wipe(word, sizeof word);
	*out_count = count;
	return count == WORDS_COUNT_MIN || count == WORDS_COUNT_MAX ? 0 : fail_count(count, err);
}

int words_parse(unsigned char out[static WORDS_BYTES_MAX], size_t *out_len, const char *text, struct err *err)
{
	unsigned char bytes[WORDS_COUNT_MAX];
	size_t count = 0;
	int rc = parse_words(bytes, &count, text, err);
	if (rc == 0 && bytes[count - 1] != check_byte(bytes, count - 1)) {
		rc = err_set(err, ERR_USAGE, "the words do not fit together: one was misheard, or two are swapped");
		(void)err_hint(err, "compare them one by one, the last one too");
	}
	memset(out, 0, WORDS_BYTES_MAX);
	if (rc == 0) {
		*out_len = count - 1;
		memcpy(out, bytes, *out_len);
	}
	secret_wipe(bytes, sizeof bytes);
	return rc;
}

bool words_are_meant(const char *text)
{
	bool other = false;
	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9')
			return false;
		other |= is_letter(*text) && !isxdigit((unsigned char)*text);
	}
	return other;
}

/* --- fingerprints --- */

void fingerprint_format_words(char out[static WORDS_TEXT_MAX], const struct fingerprint *fpr)
{
	unsigned char bytes[WORDS_BYTES_MAX];
	size_t len = strlen(fpr->hex) / 2;
	(void)hex_decode(bytes, len, fpr->hex, 2 * len);
	words_format(out, bytes, len);
}

static int parse_spoken(struct fingerprint *out, const char *text, struct err *err)
{
	unsigned char bytes[WORDS_BYTES_MAX];
	char hex[FINGERPRINT_MAX + 1];
	size_t len = 0;
	if (words_parse(bytes, &len, text, err) < 0)
		return -1;
	hex_encode(hex, bytes, len);
	for (size_t i = 0; i < 2 * len; i++)
		hex[i] = (char)toupper((unsigned char)hex[i]);
	return fingerprint_parse(out, hex, 2 * len) ? 0 : err_set(err, ERR_INTERNAL, "the words make no fingerprint");
}

static bool separates(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '-' || c == ':';
}

static bool parse_digits(struct fingerprint *out, const char *text)
{
	char digits[FINGERPRINT_MAX];
	size_t len = 0;
	while (separates(*text))
		text++;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	for (; *text != '\0'; text++) {
		if (separates(*text))
			continue;
		if (len == sizeof digits)
			return false;
		digits[len++] = (char)toupper((unsigned char)*text);
	}
	return fingerprint_parse(out, digits, len);
}

int fingerprint_parse_typed(struct fingerprint *out, const char *text, struct err *err)
{
	if (words_are_meant(text))
		return parse_spoken(out, text, err);
	if (parse_digits(out, text))
		return 0;
	(void)err_set(err, ERR_USAGE, "not a fingerprint: %s", text);
	return err_hint(err,
					"it has 40 hexadecimal digits (or 64), or 21 words (or 33), all of them; spaces do not matter");
}
