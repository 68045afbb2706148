/* SPDX-License-Identifier: Apache-2.0 */
#include "format/card.h"

#include "base/secret.h"
#include "base/text.h"
#include "base/yaml.h"
#include "format/party_fields.h"
#include "format/pgp.h"

#include <stdlib.h>
#include <string.h>

const char *const party_kind_names[PARTY_KIND_COUNT] = {"person", "organisation", "role", "station"};

bool jurisdiction_is_valid(const char *code)
{
	return code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z' && code[2] == '\0';
}

int party_read_name(struct yaml *yaml, char out[static PARTY_NAME_MAX + 1], struct err *err)
{
	if (yaml_read_plain_into(yaml, out, PARTY_NAME_MAX + 1, 1, err) != 0)
		return -1;
	const char *fault = text_name_fault(out, strlen(out));
	return fault == NULL ? 0 : yaml_fail_value(yaml, err, "%s: it would read as another name", fault);
}

int party_read_kind(struct yaml *yaml, enum party_kind *out, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, party_kind_names, PARTY_KIND_COUNT, &which, err) != 0)
		return -1;
	*out = (enum party_kind)which;
	return 0;
}

int party_read_jurisdiction(struct yaml *yaml, char out[static 3], struct err *err)
{
	const char *text;
	size_t len;
	if (yaml_read_text(yaml, &text, &len, 0, SIZE_MAX, err) != 0)
		return -1;
	if (len > 0 && !jurisdiction_is_valid(text))
		return yaml_fail_value(yaml, err, "must be two upper-case letters, or \"\" where there is none");
	memcpy(out, text, len + 1);
	return 0;
}

int party_put(struct buf *out, unsigned indent, const struct party *party, struct err *err)
{
	if (yaml_put_pair(out, indent, "name", party->name, err) != 0 ||
		yaml_put_pair(out, indent, "organisation", party->organisation, err) != 0 ||
		yaml_put_pair(out, indent, "kind", party_kind_names[party->kind], err) != 0)
		return -1;
	return yaml_put_pair(out, indent, "jurisdiction", party->jurisdiction, err);
}

void card_clear(struct card *card)
{
	free(card->certificate);
	*card = (struct card){0};
}

static int read_name(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct card *)into)->party.name, err);
}

static int read_organisation(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct card *)into)->party.organisation, err);
}

static int read_kind(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_kind(yaml, &((struct card *)into)->party.kind, err);
}

static int read_jurisdiction(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_jurisdiction(yaml, ((struct card *)into)->party.jurisdiction, err);
}

static int read_fingerprint(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct card *)into)->fingerprint, err);
}

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct card *)into)->created, err);
}

static int read_certificate(struct yaml *yaml, void *into, struct err *err)
{
	struct card *card = into;
	const char *text;
	size_t len;
	struct err inner = ERR_INIT;
	if (yaml_read_text(yaml, &text, &len, 4, CARD_BYTES_MAX, err) != 0)
		return -1;
	if (base64_decode(&card->certificate, &card->certificate_len, text, len, &inner) != 0)
		return inner.code == ERR_MEMORY ? err_set(err, ERR_MEMORY, "out of memory")
										: yaml_fail_value(yaml, err, "must be base64 without spaces");
	if (card->certificate_len == 0 || card->certificate_len > PGP_CERT_MAX)
		return yaml_fail_value(yaml, err, "has %zu bytes; 1 to %d are allowed", card->certificate_len, PGP_CERT_MAX);
	return 0;
}

static const struct yaml_field card_fields[] = {
	{"name", YAML_REQUIRED, read_name},
	{"organisation", YAML_REQUIRED, read_organisation},
	{"kind", YAML_REQUIRED, read_kind},
	{"jurisdiction", YAML_REQUIRED, read_jurisdiction},
	{"fingerprint", YAML_REQUIRED, read_fingerprint},
	{"created", YAML_REQUIRED, read_created},
	{"certificate", YAML_REQUIRED, read_certificate},
};

/* A wrong file is no attack: where not even its beginning is a card's. */
static int fail_other_file(const char *bytes, size_t len, struct err *err)
{
	static const char name[] = "valise-card:";
	if (err->code == ERR_DOCUMENT && (len < sizeof name - 1 || memcmp(bytes, name, sizeof name - 1) != 0))
		(void)err_hint(err, "is it the right file? A card is what `valise card` writes");
	return -1;
}

int card_parse(struct card *out, const char *bytes, size_t len, struct err *err)
{
	auto_card card = {0};
	auto_yaml *yaml = NULL;
	*out = card;
	if (len == 0 || len > CARD_BYTES_MAX) {
		(void)err_set(err, ERR_DOCUMENT, "a card has 1 to %d bytes, not %zu", CARD_BYTES_MAX, len);
		return fail_other_file(bytes, len, err);
	}
	if (yaml_open(&yaml, bytes, len, CARD_KIND, ERR_DOCUMENT, err) != 0 ||
		yaml_read_document(yaml, card_fields, sizeof card_fields / sizeof card_fields[0], &card, err) != 0)
		return fail_other_file(bytes, len, err);
	*out = card;
	card.certificate = NULL;
	return 0;
}

int card_format(struct buf *out, const struct card *card, struct err *err)
{
	auto_free char *base64 = NULL;
	if (base64_encode(&base64, card->certificate, card->certificate_len, err) != 0)
		return -1;
	if (buf_append_str(out, CARD_KIND "\n", err) != 0 || party_put(out, 0, &card->party, err) != 0 ||
		yaml_put_pair(out, 0, "fingerprint", card->fingerprint.hex, err) != 0 ||
		yaml_put_utc(out, 0, "created", card->created, err) != 0)
		return -1;
	return yaml_put_pair(out, 0, "certificate", base64, err);
}
