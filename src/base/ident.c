/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ident.h"

#include "base/secret.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* 1000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what utc_format() can write in 20 characters. */
#define UTC_FIRST (-30610224000)
#define UTC_LAST 253402300799

static bool is_upper_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

void hex_encode(char *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

/* The value of a digit, or -1. ten is 'a' or 'A': the case that is allowed. */
static int hex_value(char c, char ten)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= ten && c < ten + 6)
		return c - ten + 10;
	return -1;
}

static bool hex_decode_case(unsigned char *out, size_t out_len, const char *hex, char ten)
{
	int wrong = 0;
	for (size_t i = 0; i < out_len; i++) {
		int high = hex_value(hex[2 * i], ten);
		int low = hex_value(hex[2 * i + 1], ten);
		wrong |= high | low;
		out[i] = (unsigned char)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong >= 0;
}

bool hex_decode(unsigned char *out, size_t out_len, const char *hex, size_t hex_len)
{
	if (hex_len != 2 * out_len)
		return false;
	return hex_decode_case(out, out_len, hex, 'a') || hex_decode_case(out, out_len, hex, 'A');
}

bool digest_parse(struct digest *out, const char *hex, size_t hex_len)
{
	return hex_len == DIGEST_HEX && hex_decode_case(out->bytes, DIGEST_BYTES, hex, 'a');
}

void digest_format(char out[static DIGEST_HEX + 1], const struct digest *digest)
{
	hex_encode(out, digest->bytes, DIGEST_BYTES);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

bool digest_is_zero(const struct digest *digest)
{
	static const struct digest zero;
	return digest_equal(digest, &zero);
}

bool fingerprint_parse(struct fingerprint *out, const char *text, size_t len)
{
	if (len != 40 && len != 64)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_upper_hex(text[i]))
			return false;
	memset(out, 0, sizeof *out);
	memcpy(out->hex, text, len);
	return true;
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return strcmp(a->hex, b->hex) == 0;
}

void fingerprint_format_spaced(char out[static FINGERPRINT_SPACED_MAX], const struct fingerprint *fpr)
{
	for (size_t i = 0; fpr->hex[i] != '\0'; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = ' ';
		*out++ = fpr->hex[i];
	}
	*out = '\0';
}

bool uuid_parse(struct uuid *out, const char *text, size_t len)
{
	if (len != UUID_LEN)
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : hex_value(text[i], 'a') < 0)
			return false;
	}
	/* version 4, variant 10xx */
	if (text[14] != '4' || strchr("89ab", text[19]) == NULL)
		return false;
	memcpy(out->text, text, UUID_LEN);
	out->text[UUID_LEN] = '\0';
	return true;
}

void uuid_random(struct uuid *out)
{
	unsigned char b[16];
	char hex[2 * sizeof b + 1];
	random_bytes(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hex_encode(hex, b, sizeof b);
	(void)snprintf(out->text, sizeof out->text, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
				   hex + 20);
}

/* Two or four digits at text; -1 where one is none. */
static int digits_at(const char *text, unsigned count)
{
	int value = 0;
	for (unsigned i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

bool utc_parse(int64_t *out, const char *text, size_t len)
{
	if (len != UTC_TEXT || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
		text[19] != 'Z')
		return false;
	int year = digits_at(text, 4), month = digits_at(text + 5, 2), day = digits_at(text + 8, 2);
	int hour = digits_at(text + 11, 2), minute = digits_at(text + 14, 2), second = digits_at(text + 17, 2);
	if (year < 2000 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
		minute > 59 || second < 0 || second > 59)
		return false;
	struct tm tm = {.tm_year = year - 1900,
					.tm_mon = month - 1,
					.tm_mday = day,
					.tm_hour = hour,
					.tm_min = minute,
					.tm_sec = second};
	time_t time = timegm(&tm);
	/* timegm() turns the 31st of June into the 1st of July */
	if (tm.tm_mday != day)
		return false;
	*out = time;
	return true;
}

void utc_format(char out[static UTC_TEXT + 1], int64_t time)
{
	/* beyond these no document has a date; a file's own odd time is shown as the nearest end */
	int64_t shown = time > UTC_LAST ? UTC_LAST : time < UTC_FIRST ? UTC_FIRST : time;
	time_t t = (time_t)shown;
	struct tm tm = {0};
	(void)gmtime_r(&t, &tm);
	(void)strftime(out, UTC_TEXT + 1, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int64_t utc_now(void)
{
	return (int64_t)time(NULL);
}
