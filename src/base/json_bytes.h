/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_BYTES_H
#define VALISE_BASE_JSON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Runs of bytes that json_scan passes by: sixteen at a time where the processor can, eight at a time anywhere. The
 * portable forms are always here, so that a test holds them beside the others. */

static inline bool json_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool json_is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Bit 7 of each byte of x that is zero, and perhaps of bytes above such a one; 0 exactly where none is. */
static inline uint64_t json_has_zero(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

static inline const char *json_plain_end_portable(const char *p, const char *end)
{
	for (uint64_t x; end - p >= 8; p += 8) {
		memcpy(&x, p, sizeof x);
		uint64_t control = (x - 0x2020202020202020u) & ~x;
		uint64_t special = json_has_zero(x ^ 0x2222222222222222u) | json_has_zero(x ^ 0x5c5c5c5c5c5c5c5cu);
		if (((control | special | x) & 0x8080808080808080u) != 0)
			break;
	}
	while (p < end && json_is_plain(*p))
		p++;
	return p;
}

static inline const char *json_blank_end_portable(const char *p, const char *end)
{
	for (uint64_t x; end - p >= 8; p += 8) { /* most are spaces that indent */
		memcpy(&x, p, sizeof x);
		if (x != 0x2020202020202020u)
			break;
	}
	while (p < end && json_is_blank(*p))
		p++;
	return p;
}

typedef signed char json_sixteen __attribute__((vector_size(16)));

/* How many bytes are the one wanted; with wanted 0: begin a character, that is, are no byte 0x80 to 0xbf. */
static inline size_t json_count(const char *p, const char *end, char wanted)
{
	size_t count = 0;
	while (end - p >= 16) {
		json_sixteen sums = {0}, x;
		for (int i = 0; i < 127 && end - p >= 16; i++, p += 16) { /* more would not fit into a sum's byte */
			memcpy(&x, p, sizeof x);
			sums -= wanted != 0 ? x == (signed char)wanted : x > (signed char)-65;
		}
		for (int i = 0; i < 16; i++)
			count += (size_t)sums[i];
	}
	for (; p < end; p++)
		count += wanted != 0 ? *p == wanted : (signed char)*p > -65;
	return count;
}

#if defined(__SSE2__)
#include <emmintrin.h>

/* From p on: the first byte that is a quote, a backslash, a control character or no ASCII; end where there is none. */
static inline const char *json_plain_end(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const void *)p);
		__m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"')), back = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
		/* signed: a control character or a byte from 0x80 on */
		__m128i other = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
		int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, back), other));
		if (mask != 0)
			return p + __builtin_ctz((unsigned)mask);
	}
	return json_plain_end_portable(p, end);
}

/* From p on: the first byte that is no blank. */
static inline const char *json_blank_end(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const void *)p);
		__m128i space = _mm_cmpeq_epi8(x, _mm_set1_epi8(' ')), line = _mm_cmpeq_epi8(x, _mm_set1_epi8('\n'));
		__m128i tab = _mm_cmpeq_epi8(x, _mm_set1_epi8('\t')), back = _mm_cmpeq_epi8(x, _mm_set1_epi8('\r'));
		int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(space, line), _mm_or_si128(tab, back))) ^ 0xffff;
		if (mask != 0)
			return p + __builtin_ctz((unsigned)mask);
	}
	return json_blank_end_portable(p, end);
}

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

/* Four bits for each byte of a comparison: NEON has no mask of one. */
static inline uint64_t json_mask(uint8x16_t compared)
{
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(compared), 4)), 0);
}

static inline const char *json_plain_end(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		uint8x16_t x = vld1q_u8((const uint8_t *)p);
		uint8x16_t other = vcltq_s8(vreinterpretq_s8_u8(x), vdupq_n_s8(0x20));
		uint8x16_t special = vorrq_u8(vceqq_u8(x, vdupq_n_u8('"')), vceqq_u8(x, vdupq_n_u8('\\')));
		uint64_t mask = json_mask(vorrq_u8(other, special));
		if (mask != 0)
			return p + __builtin_ctzll(mask) / 4;
	}
	return json_plain_end_portable(p, end);
}

static inline const char *json_blank_end(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		uint8x16_t x = vld1q_u8((const uint8_t *)p);
		uint8x16_t one = vorrq_u8(vceqq_u8(x, vdupq_n_u8(' ')), vceqq_u8(x, vdupq_n_u8('\n')));
		uint8x16_t two = vorrq_u8(vceqq_u8(x, vdupq_n_u8('\t')), vceqq_u8(x, vdupq_n_u8('\r')));
		uint64_t mask = ~json_mask(vorrq_u8(one, two));
		if (mask != 0)
			return p + __builtin_ctzll(mask) / 4;
	}
	return json_blank_end_portable(p, end);
}

#else
static inline const char *json_plain_end(const char *p, const char *end)
{
	return json_plain_end_portable(p, end);
}

static inline const char *json_blank_end(const char *p, const char *end)
{
	return json_blank_end_portable(p, end);
}
#endif

#endif
