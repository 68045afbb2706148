/* SPDX-License-Identifier: Apache-2.0 */
/* The container's headers. Reading is building and comparing: nothing in a header is believed but the size, and that
 * only after the other 500 bytes have turned out to be what this size makes them. */
#include "format/ustar.h"

#include <stdio.h>
#include <string.h>

enum { SIZE_AT = 124, SIZE_DIGITS = 11, SUM_AT = 148, SUM_DIGITS = 6, NAME_BYTES = 100 };

static void put_octal(unsigned char *at, unsigned digits, uint64_t value)
{
	for (unsigned i = digits; i > 0; i--) {
		at[i - 1] = (unsigned char)('0' + (value & 7));
		value >>= 3;
	}
}

static unsigned header_sum(const unsigned char header[static USTAR_BLOCK])
{
	unsigned sum = 0;
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += header[i];
	return sum;
}

void ustar_build(unsigned char out[static USTAR_BLOCK], const char *name, uint64_t size)
{
	memset(out, 0, USTAR_BLOCK);
	memcpy(out, name, strnlen(name, USTAR_NAME_MAX));
	memcpy(out + 100, "0000444", 8); /* mode, with its zero byte */
	memcpy(out + 108, "0000000", 8); /* owner */
	memcpy(out + 116, "0000000", 8); /* group */
	put_octal(out + SIZE_AT, SIZE_DIGITS, size);
	memcpy(out + 136, "00000000000", 12); /* time */
	memset(out + SUM_AT, ' ', 8);
	out[156] = '0'; /* a regular file */
	memcpy(out + 257,
		   "ustar\0"
		   "00",
		   8);
	memcpy(out + 329, "0000000", 8); /* device numbers */
	memcpy(out + 337, "0000000", 8);
	put_octal(out + SUM_AT, SUM_DIGITS, header_sum(out));
	out[SUM_AT + SUM_DIGITS] = '\0';
}

static bool parse_octal(uint64_t *out, const unsigned char *at, unsigned digits)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < digits; i++) {
		if (at[i] < '0' || at[i] > '7')
			return false;
		value = value << 3 | (uint64_t)(at[i] - '0');
	}
	*out = value;
	return true;
}

int ustar_append(struct buf *out, const char *name, const void *bytes, size_t len, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	unsigned char header[USTAR_BLOCK];
	ustar_build(header, name, len);
	return buf_append(out, header, sizeof header, err) < 0 || buf_append(out, bytes, len, err) < 0 ||
				   buf_append(out, zeros, ustar_padding(len), err) < 0
			   ? -1
			   : 0;
}

bool ustar_matches(const unsigned char header[static USTAR_BLOCK], const char *name, uint64_t max_size,
				   uint64_t *out_size)
{
	unsigned char built[USTAR_BLOCK];
	uint64_t size;
	if (!parse_octal(&size, header + SIZE_AT, SIZE_DIGITS) || size > max_size)
		return false;
	ustar_build(built, name, size);
	if (memcmp(header, built, USTAR_BLOCK) != 0)
		return false;
	*out_size = size;
	return true;
}

void ustar_peek_name(const unsigned char header[static USTAR_BLOCK], char out[static USTAR_NAME_MAX + 1])
{
	size_t len = strnlen((const char *)header, USTAR_NAME_MAX);
	memcpy(out, header, len);
	out[len] = '\0';
}

/* prefix, the number in this many digits, suffix. By hand: a list of a million names is compared line by line. */
static void put_name(char *out, const char *prefix, unsigned digits, uint32_t number, const char *suffix)
{
	size_t prefix_len = strlen(prefix);
	memcpy(out, prefix, prefix_len);
	for (unsigned i = digits; i > 0; i--) {
		out[prefix_len + i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	memcpy(out + prefix_len + digits, suffix, strlen(suffix) + 1);
}

void member_slot_name(char out[static USTAR_NAME_MAX + 1], uint32_t number)
{
	put_name(out, "keys/", 4, number, ".pgp");
}

void member_payload_name(char out[static USTAR_NAME_MAX + 1], uint32_t number)
{
	put_name(out, "payload/", 10, number, "");
}

void member_manifest_name(char out[static USTAR_NAME_MAX + 1], uint32_t number)
{
	put_name(out, "manifest/", 10, number, "");
}

void member_signature_name(char out[static USTAR_NAME_MAX + 1], const struct fingerprint *signer)
{
	(void)snprintf(out, USTAR_NAME_MAX + 1, "signatures/%s.sig", signer->hex);
}

/* --- trailer --- */

enum { OFFSET_DIGITS = 20 };

void trailer_format(char out[static MEMBER_TRAILER_BYTES], const struct trailer *trailer)
{
	char text[MEMBER_TRAILER_BYTES + 1];
	int len = snprintf(
		text, sizeof text,
		"valise-trailer 1\nmanifest %020llu\nsums %020llu\nwaybill %020llu\nsignatures %020llu\ntrailer %020llu\n",
		(unsigned long long)trailer->manifest, (unsigned long long)trailer->sums, (unsigned long long)trailer->waybill,
		(unsigned long long)trailer->signatures, (unsigned long long)trailer->trailer);
	memset(out, '\n', MEMBER_TRAILER_BYTES);
	memcpy(out, text, (size_t)len);
}

/* The 20 digits behind word, in a text of a fixed length; on to the next line. */
static bool take_offset(const char **at, const char *word, uint64_t *out)
{
	const char *digits = *at + strlen(word);
	uint64_t value = 0;
	for (unsigned i = 0; i < OFFSET_DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(digits[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	*at = digits + OFFSET_DIGITS + 1;
	return true;
}

bool trailer_parse(struct trailer *out, const char text[static MEMBER_TRAILER_BYTES])
{
	char built[MEMBER_TRAILER_BYTES];
	struct trailer found;
	const char *at = text + strlen("valise-trailer 1\n");
	if (!take_offset(&at, "manifest ", &found.manifest) || !take_offset(&at, "sums ", &found.sums) ||
		!take_offset(&at, "waybill ", &found.waybill) || !take_offset(&at, "signatures ", &found.signatures) ||
		!take_offset(&at, "trailer ", &found.trailer))
		return false;
	/* words, line ends and filling: as in the headers, what is right is what would be written */
	trailer_format(built, &found);
	if (memcmp(built, text, MEMBER_TRAILER_BYTES) != 0)
		return false;
	*out = found;
	return true;
}
