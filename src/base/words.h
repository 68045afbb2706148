/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_WORDS_H
#define VALISE_BASE_WORDS_H

#include "base/err.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes as words, to be read out on the phone and typed from what was heard, or carried on paper.
 *
 * One byte is one word: of two syllables at even places, of three at odd ones. A listener hears at once that a word was
 * left out, said twice or swapped with its neighbour, and so does the parser. Longer lists need fewer words (11 bits
 * each), but 2048 words cannot be kept as far apart in sound as 256, and there the rhythm is missing. The idea of two
 * lists is that of the word list of PGP (Juola and Zimmermann, 1996); the words are our own, see words_list.c.
 *
 * The last word is a check over all: the words are a code word of c[0] x^n + ... + c[n] = 0 in GF(2^8) with x = 2, the
 * polynomial 0x11d. As all weights differ, any one wrong word and any two that are swapped, whichever, are always
 * found; of other mistakes, 255 in 256. */

enum {
	WORDS_BYTES_MAX = 32, /* the lengths are 20 and 32 bytes */
	WORDS_COUNT_MIN = 21,
	WORDS_COUNT_MAX = 33,
	WORDS_WORD_MAX = 10, /* letters of the longest word */
	WORDS_TEXT_MAX = WORDS_COUNT_MAX * (WORDS_WORD_MAX + 1),
};

/* Lower case, with one space between and NUL behind. in: bytes[len], 20 or 32. For a secret let out be secret memory.
 */
void words_format(char out[static WORDS_TEXT_MAX], const unsigned char *bytes, size_t len);

/* As people type them: any case; whatever is no letter separates.
 * out: *out_len is 20 or 32, by the number of words; on failure out is wiped
 * errors: ERR_USAGE saying which word is wrong, with the nearest one as hint. Names the one word that is in no list, so
 *         even of a secret never more than a misspelt word gets into a message. */
int words_parse(unsigned char out[static WORDS_BYTES_MAX], size_t *out_len, const char *text, struct err *err);

/* How many words text has: to ask on where more must come. */
size_t words_count(const char *text);
/* Words, or digits? Where there is a decimal digit, or nothing but hexadecimal ones, it is digits. */
bool words_are_meant(const char *text);

/* --- fingerprints --- */

/* in: a fingerprint that is not "" */
void fingerprint_format_words(char out[static WORDS_TEXT_MAX], const struct fingerprint *fpr);

/* As people type a fingerprint: as words, or as 40 or 64 digits of any case, a leading 0x, spaces, hyphens, colons and
 * line ends allowed. errors: ERR_USAGE, with a hint. */
int fingerprint_parse_typed(struct fingerprint *out, const char *text, struct err *err);

#endif
