/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/secret.h"
#include "base/words.h"
#include "base/words_list.h"

#include <ctype.h>
#include <stdlib.h>

static unsigned char sample[WORDS_BYTES_MAX];
static const size_t lengths[] = {20, 32};

/* The sample's words, one by one, to be mistyped. */
struct spoken {
	char words[WORDS_COUNT_MAX + 2][32];
	size_t count;
};

static void speak(struct spoken *out, size_t len)
{
	char text[WORDS_TEXT_MAX], *at = text;
	words_format(text, sample, len);
	*out = (struct spoken){.count = 0};
	for (char *word; (word = strsep(&at, " ")) != NULL; out->count++)
		strcpy(out->words[out->count], word);
	assert_int_equal(out->count, len + 1);
}

static void join(char out[static 1200], const struct spoken *spoken)
{
	*out = '\0';
	for (size_t i = 0; i < spoken->count; i++)
		(void)strcat(strcat(out, i > 0 ? " " : ""), spoken->words[i]);
}

/* Whether it is refused; hint[] is what is suggested. */
static bool refused(const struct spoken *spoken, char hint[static ERR_HINT_MAX])
{
	static const unsigned char zeros[WORDS_BYTES_MAX];
	struct err err = ERR_INIT;
	unsigned char bytes[WORDS_BYTES_MAX];
	char text[1200];
	size_t len;
	join(text, spoken);
	int rc = words_parse(bytes, &len, text, &err);
	memcpy(hint, err.hint, ERR_HINT_MAX);
	if (rc == 0)
		return false;
	assert_int_equal(err.code, ERR_USAGE);
	assert_memory_equal(bytes, zeros, sizeof zeros);
	return true;
}

static void test_every_byte_and_back(void **state)
{
	unsigned char bytes[WORDS_BYTES_MAX], again[WORDS_BYTES_MAX];
	char text[WORDS_TEXT_MAX];
	size_t len;
	for (size_t l = 0; l < COUNT(lengths); l++)
		for (int value = 0; value < 256; value++) {
			memset(bytes, value, sizeof bytes);
			bytes[7] = (unsigned char)(value + 1);
			words_format(text, bytes, lengths[l]);
			assert_int_equal(words_count(text), lengths[l] + 1);
			expect_ok(words_parse(again, &len, text, err));
			assert_int_equal(len, lengths[l]);
			assert_memory_equal(bytes, again, len);
		}
}

/* What is on paper must stay readable: these words were written down with the first version. */
static void test_words_stay(void **state)
{
	char text[WORDS_TEXT_MAX];
	unsigned char bytes[20];
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(13 * i);
	words_format(text, bytes, sizeof bytes);
	assert_string_equal(text,
						"album annual coffee charity engine detective glacier forgetful kayak instrument mushroom "
						"mercury perfume pedestal rugby saddlebag stallion tabletop treasure wayfarer mantle");
}

static void test_lists(void **state)
{
	for (unsigned list = 0; list < 2; list++) {
		assert_null(words_list[list][WORDS_IN_LIST]);
		for (unsigned i = 0; i < WORDS_IN_LIST; i++) {
			const char *word = words_list[list][i];
			assert_true(strlen(word) >= 4 && strlen(word) <= WORDS_WORD_MAX);
			assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"), strlen(word));
			if (strspn(word, "abcdef") == strlen(word))
				fail_msg("could be hexadecimal: %s", word);
			if (i > 0 && strcmp(words_list[list][i - 1], word) >= 0)
				fail_msg("not in order: %s", word);
			for (unsigned other = 0; list == 0 && other < WORDS_IN_LIST; other++)
				assert_string_not_equal(word, words_list[1][other]);
		}
	}
}

static void test_any_one_wrong_word_is_found(void **state)
{
	char hint[ERR_HINT_MAX];
	for (size_t l = 0; l < COUNT(lengths); l++) {
		struct spoken right;
		speak(&right, lengths[l]);
		for (size_t at = 0; at < right.count; at++)
			for (unsigned i = 0; i < WORDS_IN_LIST; i++) {
				struct spoken wrong = right;
				strcpy(wrong.words[at], words_list[at % 2][i]);
				if (strcmp(wrong.words[at], right.words[at]) != 0 && !refused(&wrong, hint))
					fail_msg("word %zu of %zu taken as %s", at, right.count, wrong.words[at]);
			}
	}
}

static void test_any_swap_is_found(void **state)
{
	char hint[ERR_HINT_MAX];
	for (size_t l = 0; l < COUNT(lengths); l++) {
		struct spoken right;
		speak(&right, lengths[l]);
		for (size_t a = 0; a < right.count; a++)
			for (size_t b = 0; b < a; b++) {
				struct spoken wrong = right;
				strcpy(wrong.words[a], right.words[b]);
				strcpy(wrong.words[b], right.words[a]);
				if (strcmp(right.words[a], right.words[b]) != 0 && !refused(&wrong, hint))
					fail_msg("words %zu and %zu of %zu may be swapped", a, b, right.count);
			}
	}
}

static void test_left_out_or_twice(void **state)
{
	char hint[ERR_HINT_MAX];
	struct spoken right;
	speak(&right, 20);
	for (size_t at = 0; at < right.count; at++) {
		struct spoken fewer = right, more = right;
		memmove(fewer.words[at], fewer.words[at + 1], (right.count - at) * sizeof right.words[0]);
		fewer.count--;
		assert_true(refused(&fewer, hint));
		memmove(more.words[at + 1], right.words[at], (right.count - at) * sizeof right.words[0]);
		more.count++;
		assert_true(refused(&more, hint));
	}
}

static void test_typo_is_answered_with_the_nearest(void **state)
{
	char hint[ERR_HINT_MAX];
	struct spoken wrong;
	speak(&wrong, 20);
	for (unsigned i = 0; i < WORDS_IN_LIST; i++) {
		(void)snprintf(wrong.words[4], sizeof wrong.words[4], "%sx", words_list[0][i]);
		assert_true(refused(&wrong, hint));
		if (strstr(hint, words_list[0][i]) == NULL)
			fail_msg("%s: %s", wrong.words[4], hint);
	}
	strcpy(wrong.words[4], "qqqqqqqqqqqqqqqqqqqqqqqqqqqq");
	assert_true(refused(&wrong, hint));
	assert_null(strstr(hint, "did you mean"));
}

#define F40 "0123456789ABCDEF0123456789ABCDEF01234567"

static void test_fingerprint_in_words(void **state)
{
	static const char *const between[] = {" ", "-", "\n", "  \t", ", ", "\r\n"};
	struct fingerprint fpr, again;
	char words[WORDS_TEXT_MAX];
	assert_true(fingerprint_parse(&fpr, F40, 40));
	for (size_t i = 0; i < COUNT(between); i++) {
		auto_buf text = {0};
		fingerprint_format_words(words, &fpr);
		char *at = words;
		for (char *word; (word = strsep(&at, " ")) != NULL;) {
			*word = (char)toupper((unsigned char)*word);
			expect_ok(buf_printf(&text, err, "%s%s", word, between[i]));
		}
		expect_ok(fingerprint_parse_typed(&again, text.data, err));
		assert_true(fingerprint_equal(&fpr, &again));
	}
}

static void test_fingerprint_in_digits(void **state)
{
	static const char *const good[] = {
		F40,
		"0123456789abcdef0123456789abcdef01234567",
		"0x0123456789abcdef0123456789ABCDEF01234567",
		"0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567",
		"  0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567\t",
		"0123:4567:89ab:cdef:0123-4567-89ab-cdef\n0123 4567\n",
	};
	static const char *const bad[] = {
		"",
		" ",
		"0x",
		"0123",
		F40 "A",
		F40 "G",
		"89ABCDEF01234567",
		F40 F40,
		"abcdefabcdef",
		"0x" F40 "g",
		"-:",
		"\x01",
		"0123456789ABCDEF0123456789ABCDEF0123456O",
	};
	struct fingerprint f;
	for (size_t i = 0; i < COUNT(good); i++) {
		expect_ok(fingerprint_parse_typed(&f, good[i], err));
		assert_string_equal(f.hex, F40);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		expect_failure(fingerprint_parse_typed(&f, bad[i], err), ERR_USAGE, "not a fingerprint", bad[i]);
	expect_failure(fingerprint_parse_typed(&f, "hello", err), ERR_USAGE, "word 1", "hello");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	for (unsigned i = 0; i < sizeof sample; i++)
		sample[i] = (unsigned char)(37 * i * i + 11);
	return secret_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_and_back),
		cmocka_unit_test(test_words_stay),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_any_one_wrong_word_is_found),
		cmocka_unit_test(test_any_swap_is_found),
		cmocka_unit_test(test_left_out_or_twice),
		cmocka_unit_test(test_typo_is_answered_with_the_nearest),
		cmocka_unit_test(test_fingerprint_in_words),
		cmocka_unit_test(test_fingerprint_in_digits),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
