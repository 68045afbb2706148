/* SPDX-License-Identifier: Apache-2.0 */
/* Processing records, as the manifest and label files hold them.
 *
 *   record = { "id": id, key: text, … }     keys of RECORD_FIELDS in any order, each once
 *   id     = 1*63[a-z0-9-]                  not - at its start */
#include "format/record.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

const char *const record_keys[RECORD_FIELD_COUNT] = {
#define X(name, key, presence) [RECORD_##name] = (key),
	RECORD_FIELDS(X)
#undef X
};

bool record_id_is_valid(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= RECORD_ID_MAX && id[len] == '\0' && id[0] != '-';
}

/* --- reading --- */

static int read_id(struct yaml *yaml, void *into, struct err *err)
{
	struct record *record = into;
	if (yaml_read_into(yaml, record->id, sizeof record->id, 1, err) != 0)
		return -1;
	if (!record_id_is_valid(record->id))
		return yaml_fail_value(yaml, err, "must be of a to z, 0 to 9 and -, and not begin with -");
	return 0;
}

static int read_text(struct yaml *yaml, struct record *record, enum record_field field, struct err *err)
{
	char **text = &record->texts[field];
	if (yaml_read_dup(yaml, text, 1, RECORD_TEXT_MAX, err) != 0)
		return -1;
	if (!text_is_plain(*text, strlen(*text)))
		return yaml_fail_value(yaml, err, "holds a control or invisible character");
	return 0;
}

#define X(name, key, presence)                                             \
	static int read_##name(struct yaml *yaml, void *into, struct err *err) \
	{                                                                      \
		return read_text(yaml, (struct record *)into, RECORD_##name, err); \
	}
RECORD_FIELDS(X)
#undef X

static const struct yaml_field record_fields[] = {{"id", YAML_REQUIRED, read_id},
#define X(name, key, presence) {key, presence, read_##name},
												  RECORD_FIELDS(X)
#undef X
};

int record_read(struct yaml *yaml, struct record *out, enum record_form form, struct err *err)
{
	AUTO(record_clear) struct record record = {0};
	const size_t skip = form == RECORD_WITHOUT_ID ? 1 : 0;
	*out = (struct record){0};
	if (yaml_read_map(yaml, record_fields + skip, sizeof record_fields / sizeof record_fields[0] - skip, &record,
					  err) != 0)
		return -1;
	*out = record;
	record = (struct record){0};
	return 0;
}

void record_clear(struct record *record)
{
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		free(record->texts[i]);
	*record = (struct record){0};
}

/* --- writing --- */

int record_put(struct buf *out, const struct record *record, struct err *err)
{
	if (buf_append_str(out, "{\"id\": ", err) != 0 || yaml_put_quoted(out, record->id, err) != 0)
		return -1;
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++) {
		if (record->texts[i] == NULL)
			continue;
		if (buf_printf(out, err, ", \"%s\": ", record_keys[i]) != 0 || yaml_put_quoted(out, record->texts[i], err) != 0)
			return -1;
	}
	return buf_append_str(out, "}", err);
}
