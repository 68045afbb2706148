/* SPDX-License-Identifier: Apache-2.0 */
#include "format/rotation.h"

#include "base/secret.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

void rotation_clear(struct rotation *rotation)
{
	free(rotation->card);
	*rotation = (struct rotation){0};
}

static int read_from(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct rotation *)into)->from, err);
}

static int read_to(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct rotation *)into)->to, err);
}

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct rotation *)into)->created, err);
}

static int read_not_after(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct rotation *)into)->not_after, err);
}

static int read_card(struct yaml *yaml, void *into, struct err *err)
{
	struct rotation *rotation = into;
	struct err inner = ERR_INIT;
	const char *text;
	size_t len;
	unsigned char *card = NULL;
	if (yaml_read_text(yaml, &text, &len, 4, ROTATION_BYTES_MAX, err) != 0)
		return -1;
	if (base64_decode(&card, &rotation->card_len, text, len, &inner) != 0)
		return inner.code == ERR_MEMORY ? err_set(err, ERR_MEMORY, "out of memory")
										: yaml_fail_value(yaml, err, "must be base64 without spaces");
	rotation->card = (char *)card;
	return rotation->card_len > 0 && rotation->card_len <= CARD_BYTES_MAX
			   ? 0
			   : yaml_fail_value(yaml, err, "has %zu bytes; 1 to %d are allowed", rotation->card_len, CARD_BYTES_MAX);
}

static const struct yaml_field rotation_fields[] = {
	{"from", YAML_REQUIRED, read_from},       {"to", YAML_REQUIRED, read_to},
	{"created", YAML_REQUIRED, read_created}, {"not-after", YAML_REQUIRED, read_not_after},
	{"card", YAML_REQUIRED, read_card},
};

static int check(const struct rotation *rotation, struct err *err)
{
	if (fingerprint_equal(&rotation->from, &rotation->to))
		return err_set(err, ERR_DOCUMENT, "\"from\" and \"to\" are the same key");
	if (rotation->not_after <= rotation->created)
		return err_set(err, ERR_DOCUMENT, "\"not-after\" must be later than \"created\"");
	if (rotation->not_after - rotation->created > ROTATION_DAYS_MAX * (int64_t)DAY_S)
		return err_set(err, ERR_DOCUMENT, "\"not-after\" is more than %d days behind \"created\"", ROTATION_DAYS_MAX);
	return 0;
}

int rotation_parse(struct rotation *out, const char *bytes, size_t len, struct err *err)
{
	auto_rotation rotation = {.card = NULL};
	auto_yaml *yaml = NULL;
	*out = rotation;
	if (len == 0 || len > ROTATION_BYTES_MAX)
		return err_set(err, ERR_DOCUMENT, "a rotation has 1 to %d bytes, not %zu", ROTATION_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, ROTATION_KIND, ERR_DOCUMENT, err) != 0 ||
		yaml_read_document(yaml, rotation_fields, sizeof rotation_fields / sizeof rotation_fields[0], &rotation, err) !=
			0 ||
		check(&rotation, err) != 0)
		return -1;
	*out = rotation;
	rotation.card = NULL;
	return 0;
}

int rotation_format(struct buf *out, const struct rotation *rotation, struct err *err)
{
	auto_free char *base64 = NULL;
	if (check(rotation, err) != 0 || base64_encode(&base64, rotation->card, rotation->card_len, err) != 0)
		return -1;
	if (buf_append_str(out, ROTATION_KIND "\n", err) != 0 ||
		yaml_put_pair(out, 0, "from", rotation->from.hex, err) != 0 ||
		yaml_put_pair(out, 0, "to", rotation->to.hex, err) != 0 ||
		yaml_put_utc(out, 0, "created", rotation->created, err) != 0 ||
		yaml_put_utc(out, 0, "not-after", rotation->not_after, err) != 0)
		return -1;
	return yaml_put_pair(out, 0, "card", base64, err);
}
