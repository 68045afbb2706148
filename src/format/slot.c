/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a decrypted slot: six lines of fixed length. The text is secret to its last byte, so no message quotes
 * any of it and no copy is made outside secret memory. */
#include "format/slot.h"

#include <string.h>

#define SLOT_KIND "valise-key 1\n"

/* Where each line begins. */
enum {
	UUID_AT = sizeof SLOT_KIND - 1,
	SEQUENCE_AT = UUID_AT + UUID_LEN + 1,
	SEQUENCE_DIGITS = 10,
	PREVIOUS_AT = SEQUENCE_AT + SEQUENCE_DIGITS + 1,
	SECRET_ID_AT = PREVIOUS_AT + DIGEST_HEX + 1,
	SECRET_ID_HEX = 2 * SECRET_ID_BYTES,
	KEY_AT = SECRET_ID_AT + SECRET_ID_HEX + 1,
	KEY_HEX = 2 * KEY_BYTES,
};
_Static_assert(KEY_AT + KEY_HEX + 1 == SLOT_TEXT_BYTES, "the lines fill the text");

void slot_clear(struct slot *slot)
{
	secret_free(slot->key);
	*slot = (struct slot){0};
}

bool slot_needs_secret(const struct slot *slot)
{
	static const unsigned char none[SECRET_ID_BYTES];
	return memcmp(slot->secret_id, none, sizeof none) != 0;
}

static bool has_line_ends(const char *text)
{
	return text[SEQUENCE_AT - 1] == '\n' && text[PREVIOUS_AT - 1] == '\n' && text[SECRET_ID_AT - 1] == '\n' &&
		   text[KEY_AT - 1] == '\n' && text[SLOT_TEXT_BYTES - 1] == '\n';
}

static bool parse_sequence(uint64_t *out, const char *digits)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < SEQUENCE_DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(digits[i] - '0');
	}
	*out = value;
	return value >= 1 && value <= SEQUENCE_MAX;
}

/* Hex of lower case only: one key has one text. */
static bool parse_hex(unsigned char *out, size_t out_len, const char *hex)
{
	for (size_t i = 0; i < 2 * out_len; i++)
		if (hex[i] >= 'A' && hex[i] <= 'F')
			return false;
	return hex_decode(out, out_len, hex, 2 * out_len);
}

static int fail(struct err *err, const char *what)
{
	return err_set(err, ERR_SLOT, "the text inside the key slot: %s", what);
}

int slot_parse(struct slot *out, const struct secret *text, struct err *err)
{
	auto_slot slot = {0};
	*out = (struct slot){0};
	if (text->len != SLOT_TEXT_BYTES)
		return err_set(err, ERR_SLOT, "the text inside the key slot has %zu bytes, not %d", text->len, SLOT_TEXT_BYTES);
	const char *t = (const char *)text->bytes;
	if (memcmp(t, SLOT_KIND, UUID_AT) != 0)
		return fail(err, "line 1 is not \"valise-key 1\"");
	if (!has_line_ends(t))
		return fail(err, "a line has another length");
	if (!uuid_parse(&slot.bundle, t + UUID_AT, UUID_LEN))
		return fail(err, "line 2 is no bundle id");
	if (!parse_sequence(&slot.sequence, t + SEQUENCE_AT))
		return fail(err, "line 3 is no sequence");
	if (!digest_parse(&slot.previous, t + PREVIOUS_AT, DIGEST_HEX))
		return fail(err, "line 4 is no digest");
	if (!parse_hex(slot.secret_id, SECRET_ID_BYTES, t + SECRET_ID_AT))
		return fail(err, "line 5 is no secret id");
	if (secret_new(&slot.key, KEY_BYTES, err) != 0)
		return -1;
	if (!parse_hex(slot.key->bytes, KEY_BYTES, t + KEY_AT))
		return fail(err, "line 6 is no key");
	*out = slot;
	slot.key = NULL;
	return 0;
}

static void put_sequence(char *out, uint64_t sequence)
{
	for (unsigned i = SEQUENCE_DIGITS; i > 0; i--) {
		out[i - 1] = (char)('0' + sequence % 10);
		sequence /= 10;
	}
	out[SEQUENCE_DIGITS] = '\n';
}

/* hex_encode() ends its text with a zero byte; here a line ends. */
static void put_hex(char *out, const unsigned char *bytes, size_t len)
{
	hex_encode(out, bytes, len);
	out[2 * len] = '\n';
}

int slot_format(struct secret **out, const struct slot *slot, struct err *err)
{
	*out = NULL;
	if (slot->key == NULL || slot->key->len != KEY_BYTES || slot->sequence < 1 || slot->sequence > SEQUENCE_MAX)
		return err_set(err, ERR_INTERNAL, "a key slot without key or sequence");
	struct secret *text;
	if (secret_new(&text, SLOT_TEXT_BYTES, err) != 0)
		return -1;
	char *t = (char *)text->bytes;
	memcpy(t, SLOT_KIND, UUID_AT);
	memcpy(t + UUID_AT, slot->bundle.text, UUID_LEN);
	t[SEQUENCE_AT - 1] = '\n';
	put_sequence(t + SEQUENCE_AT, slot->sequence);
	put_hex(t + PREVIOUS_AT, slot->previous.bytes, DIGEST_BYTES);
	put_hex(t + SECRET_ID_AT, slot->secret_id, SECRET_ID_BYTES);
	put_hex(t + KEY_AT, slot->key->bytes, KEY_BYTES);
	*out = text;
	return 0;
}
