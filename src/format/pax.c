/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   headers = ustar header of type '0' or '5'
 *           | ustar header of type 'x', its records, zero padding, ustar header of type '0' or '5'
 *   records = ( length " " key "=" value LF )+     key: path, size or mtime, each at most once; length counts the whole
 * record
 *
 * (POSIX, pax Interchange Format.) A record replaces the field of the header. */
#include "format/pax.h"

#include "base/path.h"
#include "base/text.h"
#include "format/ustar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ustar fields: offset and length */
enum {
	NAME = 0,
	NAME_LEN = 100,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157,
	LINK_LEN = 100,
	MAGIC = 257,
	UNAME = 265,
	OWNER_LEN = 64,
	PREFIX = 345,
	PREFIX_LEN = 155,
	NUMBER_LEN = 8,
	LONG_NUMBER_LEN = 12,
};

struct span {
	const char *at; /* NULL: not given */
	size_t len;
};

struct facts {
	struct span path, size, mtime;
};

/* Octal digits, ended by a zero byte or space: the one form of numbers that POSIX knows. */
static bool octal(const unsigned char *field, size_t len, uint64_t *out)
{
	size_t i = 0;
	*out = 0;
	while (i < len && field[i] >= '0' && field[i] <= '7')
		*out = *out << 3 | (uint64_t)(field[i++] - '0');
	if (i == 0)
		return false;
	for (; i < len; i++)
		if (field[i] != 0 && field[i] != ' ')
			return false;
	return true;
}

static bool is_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static const char *block_fault(const unsigned char *block)
{
	uint64_t checksum, sum = 0;
	if (memcmp(block + MAGIC,
			   "ustar\0"
			   "00",
			   8) != 0)
		return "no POSIX header";
	for (unsigned i = 0; i < USTAR_BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : block[i];
	return octal(block + CHECKSUM, 8, &checksum) && checksum == sum ? NULL : "a header with a wrong checksum";
}

const char *pax_header_length(const unsigned char block[static 512], size_t *out_len)
{
	uint64_t size;
	const char *fault = block_fault(block);
	*out_len = USTAR_BLOCK;
	if (fault != NULL || block[TYPE] != 'x')
		return fault;
	if (!octal(block + SIZE, LONG_NUMBER_LEN, &size) || size == 0 || ustar_stored(size) > PAX_EXTENSION_MAX)
		return "an extended header of a wrong size";
	*out_len = ustar_stored(size) + USTAR_BLOCK;
	return NULL;
}

static struct span *place_for(struct facts *facts, struct span key)
{
	if (key.len == 4 && memcmp(key.at, "path", 4) == 0)
		return &facts->path;
	if (key.len == 4 && memcmp(key.at, "size", 4) == 0)
		return &facts->size;
	if (key.len == 5 && memcmp(key.at, "mtime", 5) == 0)
		return &facts->mtime;
	return NULL;
}

/* One record at the front of text; *out_len its length. */
static const char *take_record(const char *text, size_t left, size_t *out_len, struct facts *facts)
{
	uint64_t len = 0;
	const char *space = memchr(text, ' ', left < 6 ? left : 6);
	if (space == NULL || !text_parse_u64(&len, text, (size_t)(space - text), left) ||
		len < (uint64_t)(space - text) + 4 || text[len - 1] != '\n')
		return "a malformed extended header";
	const char *key = space + 1, *end = text + len - 1, *equals = memchr(key, '=', (size_t)(end - key));
	if (equals == NULL)
		return "a malformed extended header";
	struct span *place = place_for(facts, (struct span){key, (size_t)(equals - key)});
	if (place == NULL || place->at != NULL)
		return "an extended header with more than path, size and time";
	*place = (struct span){equals + 1, (size_t)(end - equals - 1)};
	*out_len = (size_t)len;
	return NULL;
}

static const char *take_records(const unsigned char *bytes, size_t len, struct facts *facts)
{
	const char *fault = NULL;
	for (size_t taken = 0; fault == NULL && len > 0; bytes += taken, len -= taken)
		fault = take_record((const char *)bytes, len, &taken, facts);
	return fault;
}

static bool same_text(struct span text, const struct manifest_entry *want)
{
	size_t len = strlen(want->path);
	if (text.len == len + 1 && want->type == ENTRY_FOLDER && text.at[len] == '/')
		text.len = len;
	return text.len == len && memcmp(text.at, want->path, len) == 0;
}

static bool same_path(const unsigned char *header, struct span record, const struct manifest_entry *want)
{
	char joined[PREFIX_LEN + 1 + NAME_LEN + 1];
	if (record.at != NULL)
		return same_text(record, want);
	const char *name = (const char *)header + NAME, *prefix = (const char *)header + PREFIX;
	int prefix_len = (int)strnlen(prefix, PREFIX_LEN), name_len = (int)strnlen(name, NAME_LEN);
	int len = snprintf(joined, sizeof joined, "%.*s%s%.*s", prefix_len, prefix, prefix_len > 0 ? "/" : "", name_len,
					   name);
	return same_text((struct span){joined, (size_t)len}, want);
}

static bool same_size(const unsigned char *header, struct span record, const struct manifest_entry *want)
{
	uint64_t size;
	if (record.at != NULL)
		return text_parse_u64(&size, record.at, record.len, UINT64_MAX) && size == want->size;
	return octal(header + SIZE, LONG_NUMBER_LEN, &size) && size == want->size;
}

static bool same_time(const unsigned char *header, struct span record, const struct manifest_entry *want)
{
	int64_t mtime;
	uint64_t number;
	if (record.at != NULL)
		return text_parse_i64(&mtime, record.at, record.len, MANIFEST_TIME_LIMIT) && mtime == want->mtime;
	return octal(header + MTIME, LONG_NUMBER_LEN, &number) && want->mtime >= 0 && number == (uint64_t)want->mtime;
}

static bool is_unowned(const unsigned char *header)
{
	uint64_t uid, gid;
	return octal(header + UID, NUMBER_LEN, &uid) && uid == 0 && octal(header + GID, NUMBER_LEN, &gid) && gid == 0 &&
		   is_zero(header + UNAME, OWNER_LEN);
}

static const char *header_fault(const unsigned char *header, const struct facts *facts,
								const struct manifest_entry *want)
{
	const bool folder = want->type == ENTRY_FOLDER;
	uint64_t mode;
	if (header[TYPE] != (folder ? '5' : '0'))
		return "another type";
	if (!same_path(header, facts->path, want))
		return "another path";
	if (!is_zero(header + LINK, LINK_LEN))
		return "a link";
	if (!octal(header + MODE, NUMBER_LEN, &mode) || mode != (want->type == ENTRY_FILE ? 0644 : 0755))
		return "another mode";
	if (!same_size(header, facts->size, want))
		return "another size";
	if (!same_time(header, facts->mtime, want))
		return "another time";
	return is_unowned(header) ? NULL : "an owner";
}

/* Where fields end, and where common writers of pax archives stop trusting them. */
static bool may_need_extension(const struct manifest_entry *entry)
{
	size_t len = 0;
	for (; entry->path[len] != '\0'; len++)
		if ((unsigned char)entry->path[len] >= 0x80)
			return true;
	return len >= NAME_LEN || entry->mtime < 0 || entry->mtime >= INT32_MAX || entry->size >= UINT64_C(1) << 33;
}

const char *pax_header_fault(const unsigned char *bytes, size_t len, const struct manifest_entry *want)
{
	struct facts facts = {0};
	const unsigned char *header = bytes + len - USTAR_BLOCK;
	uint64_t records = 0;
	const char *fault = block_fault(header);
	if (fault == NULL && len > USTAR_BLOCK && !may_need_extension(want))
		fault = "an extended header that it does not need";
	if (fault == NULL && len > USTAR_BLOCK) {
		(void)octal(bytes + SIZE, LONG_NUMBER_LEN, &records); /* was checked by pax_header_length() */
		fault = take_records(bytes + USTAR_BLOCK, records, &facts);
		if (fault == NULL && !is_zero(bytes + USTAR_BLOCK + records, ustar_padding(records)))
			fault = "padding that is not zero";
	}
	return fault != NULL ? fault : header_fault(header, &facts, want);
}

/* --- writing --- */

static void put_octal(unsigned char *field, size_t digits, uint64_t value)
{
	for (size_t i = digits; i-- > 0; value >>= 3)
		field[i] = (unsigned char)('0' + (value & 7));
}

static void put_block(unsigned char *block, char type, const char *name, unsigned mode, uint64_t size, uint64_t mtime)
{
	uint64_t sum = 0;
	memset(block, 0, USTAR_BLOCK);
	memcpy(block + NAME, name, strnlen(name, NAME_LEN));
	put_octal(block + MODE, 7, mode);
	put_octal(block + UID, 7, 0);
	put_octal(block + GID, 7, 0);
	put_octal(block + SIZE, 11, size);
	put_octal(block + MTIME, 11, mtime);
	memset(block + CHECKSUM, ' ', 8);
	block[TYPE] = (unsigned char)type;
	memcpy(block + MAGIC,
		   "ustar\0"
		   "00",
		   8);
	for (unsigned i = 0; i < USTAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + CHECKSUM, 6, sum);
	block[CHECKSUM + 6] = 0;
}

/* A record's length counts its own digits. */
static size_t put_record(char *out, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, digits = 1;
	for (size_t limit = 10; rest + digits >= limit; limit *= 10)
		digits++;
	return (size_t)sprintf(out, "%zu %s=%s\n", rest + digits, key, value);
}

size_t pax_header_build(unsigned char out[static PAX_HEADER_MAX], const struct manifest_entry *entry)
{
	const bool folder = entry->type == ENTRY_FOLDER, extended = may_need_extension(entry);
	const unsigned mode = entry->type == ENTRY_FILE ? 0644 : 0755;
	char path[PATH_BYTES_MAX + 2], number[24];
	(void)snprintf(path, sizeof path, "%s%s", entry->path, folder ? "/" : "");
	if (!extended) {
		put_block(out, folder ? '5' : '0', path, mode, entry->size, (uint64_t)entry->mtime);
		return USTAR_BLOCK;
	}
	char *records = (char *)out + USTAR_BLOCK;
	memset(out, 0, PAX_HEADER_MAX);
	size_t len = put_record(records, "path", path);
	(void)snprintf(number, sizeof number, "%lld", (long long)entry->mtime);
	len += put_record(records + len, "mtime", number);
	(void)snprintf(number, sizeof number, "%llu", (unsigned long long)entry->size);
	len += put_record(records + len, "size", number);
	records[len] = 0;
	put_block(out, 'x', "PaxHeader", 0644, len, 0);
	/* Readers take path, time and size from the records; what the fields cannot hold stays 0 in them. */
	put_block(out + ustar_stored(len), folder ? '5' : '0', "PaxEntry", mode, entry->size >> 33 == 0 ? entry->size : 0,
			  entry->mtime >= 0 && entry->mtime >> 33 == 0 ? (uint64_t)entry->mtime : 0);
	return ustar_stored(len) + USTAR_BLOCK;
}
