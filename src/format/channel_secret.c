/* SPDX-License-Identifier: Apache-2.0 */
/*   id    = first 8 bytes of BLAKE2b-256(key: "valise-1 secret id", secret)
 *   check = first 8 bytes of BLAKE2b-256(key: secret, "valise-1 secret check" fpr fpr), the fingerprints sorted
 *   mask  = BLAKE2b-256(key: secret, "valise-1 secret" bundle recipient)
 *
 * The two that are keyed with the secret cannot be taken for each other: a bundle id does not begin with a space. */
#include "format/channel_secret.h"

#include "base/text.h"

#include <string.h>

#define SECRET_KIND "valise-secret 1\n"

enum {
	KIND_LEN = sizeof SECRET_KIND - 1,
	ID_HEX = 2 * SECRET_ID_BYTES,
	SECRET_HEX = 2 * CHANNEL_SECRET_BYTES,
	MESSAGE_MAX = 64 + 2 * FINGERPRINT_MAX,
};

static void hash_words(struct digest *out, const struct secret *secret, const char *prefix, const char *first,
					   const char *second)
{
	char message[MESSAGE_MAX];
	int len = snprintf(message, sizeof message, "%s%s%s", prefix, first, second);
	keyed_hash(out, secret, message, (size_t)len);
}

void channel_secret_id(unsigned char out[static SECRET_ID_BYTES], const struct secret *secret)
{
	static unsigned char text[] = "valise-1 secret id";
	const struct secret key = {.bytes = text, .len = sizeof text - 1};
	struct digest digest;
	keyed_hash(&digest, &key, secret->bytes, secret->len);
	memcpy(out, digest.bytes, SECRET_ID_BYTES);
}

void channel_secret_check(char out[static CHANNEL_CHECK_MAX], const struct secret *secret, const struct fingerprint *a,
						  const struct fingerprint *b)
{
	struct digest digest;
	const bool in_order = strcmp(a->hex, b->hex) < 0;
	hash_words(&digest, secret, "valise-1 secret check", in_order ? a->hex : b->hex, in_order ? b->hex : a->hex);
	const unsigned char *d = digest.bytes;
	(void)snprintf(out, CHANNEL_CHECK_MAX, "%02x%02x %02x%02x %02x%02x %02x%02x", d[0], d[1], d[2], d[3], d[4], d[5],
				   d[6], d[7]);
}

int channel_secret_mix(struct secret **out, const struct secret *key, const struct secret *secret,
					   const struct uuid *bundle, const struct fingerprint *recipient, struct err *err)
{
	struct digest mask;
	*out = NULL;
	if (key->len != KEY_BYTES || secret->len != CHANNEL_SECRET_BYTES)
		return err_set(err, ERR_INTERNAL, "a key or secret of another length");
	if (secret_new(out, KEY_BYTES, err) < 0)
		return -1;
	hash_words(&mask, secret, "valise-1 secret", bundle->text, recipient->hex);
	for (size_t i = 0; i < KEY_BYTES; i++)
		(*out)->bytes[i] = key->bytes[i] ^ mask.bytes[i];
	secret_wipe(&mask, sizeof mask);
	return 0;
}

/* --- what a station keeps --- */

size_t channel_secret_text_len(const struct fingerprint *partner)
{
	return KIND_LEN + strlen(partner->hex) + 1 + ID_HEX + 1 + SECRET_HEX + 1;
}

/* All but the secret itself, which is the last line. */
static size_t format_head(char *out, const struct fingerprint *partner, const unsigned char id[static SECRET_ID_BYTES])
{
	char hex[ID_HEX + 1];
	hex_encode(hex, id, SECRET_ID_BYTES);
	return (size_t)sprintf(out, SECRET_KIND "%s\n%s\n", partner->hex, hex);
}

int channel_secret_format(struct secret **out, const struct secret *secret, const struct fingerprint *partner,
						  struct err *err)
{
	unsigned char id[SECRET_ID_BYTES];
	char hex[SECRET_HEX + 1];
	if (secret_new(out, channel_secret_text_len(partner) + 1, err) < 0)
		return -1;
	channel_secret_id(id, secret);
	char *text = (char *)(*out)->bytes;
	size_t head = format_head(text, partner, id);
	hex_encode(hex, secret->bytes, CHANNEL_SECRET_BYTES);
	memcpy(text + head, hex, SECRET_HEX);
	text[head + SECRET_HEX] = '\n';
	secret_wipe(hex, sizeof hex);
	(*out)->len--; /* the end that sprintf needed room for */
	return 0;
}

int channel_secret_parse(struct secret **out, const struct secret *text, const struct fingerprint *partner,
						 const unsigned char id[static SECRET_ID_BYTES], struct err *err)
{
	char head[MESSAGE_MAX];
	unsigned char found[SECRET_ID_BYTES];
	auto_secret *secret = NULL;
	*out = NULL;
	const size_t head_len = format_head(head, partner, id);
	const char *hex = (const char *)text->bytes + head_len;
	if (secret_new(&secret, CHANNEL_SECRET_BYTES, err) < 0)
		return -1;
	if (text->len != channel_secret_text_len(partner) || memcmp(text->bytes, head, head_len) != 0 ||
		hex[SECRET_HEX] != '\n' || !hex_decode(secret->bytes, CHANNEL_SECRET_BYTES, hex, SECRET_HEX))
		return err_set(err, ERR_STATION, "what is kept as a pre-shared secret is none, or that of another partner");
	channel_secret_id(found, secret);
	if (memcmp(found, id, SECRET_ID_BYTES) != 0)
		return err_set(err, ERR_STATION, "a pre-shared secret does not have the id that it is kept under");
	*out = steal(&secret);
	return 0;
}
