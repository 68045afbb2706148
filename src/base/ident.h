/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_IDENT_H
#define VALISE_BASE_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Things that can become a path, a key id or a digest have types of their own; only the parse functions make them. */

enum {
	DIGEST_BYTES = 32,
	DIGEST_HEX = 64,
	FINGERPRINT_MAX = 64,
	UUID_LEN = 36,
	UTC_TEXT = 20, /* 2026-11-23T18:12:00Z */
	DAY_S = 86400,
};

struct digest {
	unsigned char bytes[DIGEST_BYTES];
};

/* 40 or 64 upper-case hex digits, NUL-terminated; "" is "none". */
struct fingerprint {
	char hex[FINGERPRINT_MAX + 1];
};

/* Lower-case UUID version 4, NUL-terminated. */
struct uuid {
	char text[UUID_LEN + 1];
};

/* Hex. The decoders take exactly 2 * out_len digits of one case only. */
void hex_encode(char *out, const unsigned char *bytes, size_t len); /* out[2 * len + 1], lower case */
bool hex_decode(unsigned char *out, size_t out_len, const char *hex, size_t hex_len);

bool digest_parse(struct digest *out, const char *hex, size_t hex_len); /* 64 lower-case digits */
void digest_format(char out[static DIGEST_HEX + 1], const struct digest *digest);
bool digest_equal(const struct digest *a, const struct digest *b);
bool digest_is_zero(const struct digest *digest);

/* Exactly as written in documents: 40 or 64 upper-case digits. As people type it: base/words.h. */
bool fingerprint_parse(struct fingerprint *out, const char *text, size_t len);
bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);
/* "1234 5678 …" in groups of four, the way gpg shows them. */
enum { FINGERPRINT_SPACED_MAX = 2 * FINGERPRINT_MAX };
void fingerprint_format_spaced(char out[static FINGERPRINT_SPACED_MAX], const struct fingerprint *fpr);

bool uuid_parse(struct uuid *out, const char *text, size_t len);
void uuid_random(struct uuid *out);

/* UTC times are seconds since 1970. The parser takes exactly YYYY-MM-DDTHH:MM:SSZ, years 2000 to 9999. */
bool utc_parse(int64_t *out, const char *text, size_t len);
void utc_format(char out[static UTC_TEXT + 1], int64_t time);
int64_t utc_now(void);

#endif
