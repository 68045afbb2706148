/* SPDX-License-Identifier: Apache-2.0 */
/* Three lines of fixed length. As in a slot, no message quotes any of it. */
#include "format/sidecar.h"

#include <string.h>

#define SIDECAR_KIND "valise-approve 1\n"

enum {
	BUNDLE_AT = sizeof SIDECAR_KIND - 1,
	KEY_AT = BUNDLE_AT + DIGEST_HEX + 1,
	KEY_HEX = 2 * KEY_BYTES,
};
_Static_assert(KEY_AT + KEY_HEX + 1 == SIDECAR_TEXT_BYTES, "the lines fill the text");

int sidecar_format(struct secret **out, const struct digest *bundle, const struct secret *key, struct err *err)
{
	*out = NULL;
	if (key == NULL || key->len != KEY_BYTES)
		return err_set(err, ERR_INTERNAL, "an approver's message without a key");
	if (secret_new(out, SIDECAR_TEXT_BYTES, err) < 0)
		return -1;
	char *text = (char *)(*out)->bytes;
	/* hex_encode() ends its text with a zero byte; here a line ends. */
	memcpy(text, SIDECAR_KIND, BUNDLE_AT);
	hex_encode(text + BUNDLE_AT, bundle->bytes, DIGEST_BYTES);
	text[KEY_AT - 1] = '\n';
	hex_encode(text + KEY_AT, key->bytes, KEY_BYTES);
	text[SIDECAR_TEXT_BYTES - 1] = '\n';
	return 0;
}

int sidecar_parse(const struct secret *text, struct digest *bundle, struct secret **key, struct err *err)
{
	auto_secret *read = NULL;
	*key = NULL;
	const char *t = (const char *)text->bytes;
	if (text->len != SIDECAR_TEXT_BYTES || memcmp(t, SIDECAR_KIND, BUNDLE_AT) != 0 || t[KEY_AT - 1] != '\n' ||
		t[SIDECAR_TEXT_BYTES - 1] != '\n' || !digest_parse(bundle, t + BUNDLE_AT, DIGEST_HEX))
		return err_set(err, ERR_SLOT, "the message for this approver is not one of valise");
	if (secret_new(&read, KEY_BYTES, err) < 0)
		return -1;
	if (!hex_decode(read->bytes, KEY_BYTES, t + KEY_AT, KEY_HEX))
		return err_set(err, ERR_SLOT, "the message for this approver holds no key");
	*key = steal(&read);
	return 0;
}
