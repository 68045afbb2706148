/* SPDX-License-Identifier: Apache-2.0 */
/*   armor   = text, begin, header lines, empty line, base64 lines, [ "=" checksum ], end, text without another begin
 *   begin   = [ ":" ] "-----BEGIN PGP PUBLIC KEY BLOCK-----" */
#include "format/armor.h"

#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, CRC_START = 0xB704CE, CRC_POLYNOMIAL = 0x1864CFB, CRC_MASK = 0xFFFFFF, CRC_BYTES = 3 };
static const char any_begin[] = "-----BEGIN PGP ";
static const char begin[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
static const char end[] = "-----END PGP PUBLIC KEY BLOCK-----";

/* The lines that are left. */
struct lines {
	const char *at;
	size_t left;
};

/* One line without its end and without white space at its end. */
static bool take_line(struct lines *lines, const char **line, size_t *len)
{
	if (lines->left == 0)
		return false;
	const char *stop = memchr(lines->at, '\n', lines->left);
	size_t whole = stop != NULL ? (size_t)(stop - lines->at) + 1 : lines->left;
	*line = lines->at;
	*len = whole;
	while (*len > 0 && strchr("\r\n\t ", (*line)[*len - 1]) != NULL && (*line)[*len - 1] != '\0')
		(*len)--;
	lines->at += whole;
	lines->left -= whole;
	return true;
}

static bool begins_with(const char *line, size_t len, const char *what)
{
	return len >= strlen(what) && memcmp(line, what, strlen(what)) == 0;
}

static bool is_line(const char *line, size_t len, const char *what)
{
	return len == strlen(what) && memcmp(line, what, len) == 0;
}

static void skip_colon(const char **line, size_t *len)
{
	if (*len > 0 && **line == ':') {
		(*line)++;
		(*len)--;
	}
}

/* To behind the next line that begins a block of any kind; false where there is none. */
static bool find_begin(struct lines *lines, const char **line, size_t *len)
{
	while (take_line(lines, line, len)) {
		skip_colon(line, len);
		if (begins_with(*line, *len, any_begin))
			return true;
	}
	return false;
}

static uint32_t checksum(const unsigned char *bytes, size_t len)
{
	uint32_t crc = CRC_START;
	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)bytes[i] << 16;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 & 0x1000000 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1;
	}
	return crc & CRC_MASK;
}

static bool checksum_holds(const struct buf *content, const char *line, size_t len)
{
	auto_free unsigned char *sum = NULL;
	size_t sum_len = 0;
	struct err ignored = ERR_INIT;
	if (base64_decode(&sum, &sum_len, line, len, &ignored) < 0 || sum_len != CRC_BYTES)
		return false;
	uint32_t told = (uint32_t)sum[0] << 16 | (uint32_t)sum[1] << 8 | sum[2];
	return told == checksum((const unsigned char *)content->data, content->len);
}

static int fail(struct err *err, const char *why)
{
	return err_set(err, ERR_CERTIFICATE, "the armored text %s", why);
}

static int decode(struct buf *out, const struct buf *text, struct err *err)
{
	auto_free unsigned char *bytes = NULL;
	size_t len = 0;
	if (text->len == 0 || base64_decode(&bytes, &len, text->data, text->len, err) < 0)
		return err->code == ERR_MEMORY ? -1 : (*err = (struct err)ERR_INIT, fail(err, "is not base64"));
	return buf_append(out, bytes, len, err);
}

static int skip_headers(struct lines *lines, struct err *err)
{
	const char *line;
	size_t len;
	while (take_line(lines, &line, &len))
		if (len == 0)
			return 0;
	return fail(err, "ends in its header");
}

static int read_content(struct buf *out, struct lines *lines, struct err *err)
{
	auto_buf text = {0};
	const char *line, *sum = NULL;
	size_t len, sum_len = 0;
	for (;;) {
		if (!take_line(lines, &line, &len))
			return fail(err, "has no end");
		if (is_line(line, len, end))
			break;
		if (sum != NULL || len == 0 || len > LINE_MAX_BYTES)
			return fail(err, "has a line that does not belong there");
		if (line[0] == '=') {
			sum = line + 1;
			sum_len = len - 1;
		} else if (buf_append(&text, line, len, err) < 0) {
			return -1;
		}
	}
	if (decode(out, &text, err) < 0)
		return -1;
	return sum == NULL || checksum_holds(out, sum, sum_len) ? 0 : fail(err, "has a wrong checksum");
}

int armor_open(struct buf *out, const struct buf *bytes, struct err *err)
{
	struct lines lines = {bytes->data, bytes->len};
	const char *line;
	size_t len;
	/* Packets begin with a byte that is no text. */
	if (bytes->len == 0 || (unsigned char)bytes->data[0] >= 0x80 || !find_begin(&lines, &line, &len))
		return buf_append(out, bytes->data, bytes->len, err);
	if (!is_line(line, len, begin))
		return fail(err, begins_with(line, len, "-----BEGIN PGP PRIVATE KEY") ? "holds a secret key"
																			  : "is no public key block");
	if (skip_headers(&lines, err) < 0 || read_content(out, &lines, err) < 0)
		return -1;
	return find_begin(&lines, &line, &len) ? fail(err, "has more than one block") : 0;
}
