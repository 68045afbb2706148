/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_TEXT_H
#define VALISE_BASE_TEXT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Foreign text: what may be stored, what may be shown. libunistring's door. */

bool text_is_utf8(const char *text, size_t len);

/* UTF-8 without control characters, line separators, bidi controls, zero-width or tag characters. */
bool text_is_plain(const char *text, size_t len);

bool text_ends_with(const char *text, const char *end); /* and something stands before it */

/* Append foreign text so that a terminal, a log or a page shows only what is printable: every byte or character that
 * text_is_plain() refuses becomes \xNN or \u{N}. The only escaping function of the program. */
int text_escape(struct buf *out, const char *text, size_t len, struct err *err);

/* NFC and full case folding: two names that are equal after this may collide on some file system.
 * out: malloc'd, NUL-terminated. errors: ERR_MEMORY, ERR_CONTENT where text is not UTF-8. */
int text_fold(char **out, const char *text, size_t len, struct err *err);

/* The same for the names of people, who are counted by them: NFKC, and spaces of whatever kind are one, none outside.
 */
int text_fold_name(char **out, const char *text, size_t len, struct err *err);
/* What makes a plain text a name that reads as another: a space at an end, two in a row, or another than U+0020.
 * NULL: nothing; else a clause that begins with the verb. */
const char *text_name_fault(const char *text, size_t len);

/* Equal after Unicode normalisation NFC; both valid UTF-8, else false unless the bytes are equal. */
bool text_equal_nfc(const char *a, size_t a_len, const char *b, size_t b_len);

/* Columns a terminal needs for plain UTF-8 text. */
size_t text_width(const char *text);

/* Whole decimal numbers as documents write them: digits only, no leading zero, at most max. */
bool text_parse_u64(uint64_t *out, const char *text, size_t len, uint64_t max);
bool text_parse_i64(int64_t *out, const char *text, size_t len, int64_t limit); /* also '-'; |out| <= limit */

#endif
