/* SPDX-License-Identifier: Apache-2.0 */
/* Scheme files: grammar in valise-labels(5). Labels are read in scheme_label.c.
 *
 * What decides about people's data (ids, ranks, flags) must not depend on the order of keys in the file, so the checks
 * that need several keys come when the whole file is read: scheme_check.c. */
#include "policy/scheme_parse.h"

#include "base/array.h"
#include "policy/scheme_reader.h"

#include <stdlib.h>
#include <string.h>

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static const char *skip_id(const char *text)
{
	while (is_id_char(*text))
		text++;
	return text;
}

bool label_has_id_form(const char *text)
{
	const char *slash = skip_id(text);
	if (slash == text || *slash != '/')
		return false;
	const char *end = skip_id(slash + 1);
	return end > slash + 1 && *end == '\0';
}

int scheme_read_id(struct yaml *yaml, char out[LABEL_ID_MAX + 1], struct err *err)
{
	if (yaml_read_into(yaml, out, LABEL_ID_MAX + 1, 1, err) != 0)
		return -1;
	return *skip_id(out) == '\0' ? 0 : yaml_fail_value(yaml, err, "must be made of a-z, 0-9 and \"-\"");
}

int scheme_reader_spot(struct scheme_reader *reader, struct yaml *yaml, enum spot_kind kind, uint32_t owner,
					   uint32_t item, struct err *err)
{
	struct spot *grown = array_grow(reader->spots, reader->spot_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	reader->spots = grown;
	struct spot *spot = &grown[reader->spot_count++];
	*spot = (struct spot){.kind = kind, .owner = owner, .item = item};
	yaml_place(yaml, &spot->line, &spot->column);
	return 0;
}

/* --- the file --- */

static struct scheme *scheme_of(void *into)
{
	return &((struct scheme_reader *)into)->scheme;
}

static int read_id(struct yaml *yaml, void *into, struct err *err)
{
	return scheme_read_id(yaml, scheme_of(into)->id, err);
}

static int read_version(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, scheme_of(into)->version, SCHEME_VERSION_MAX + 1, 1, err);
}

static int read_title(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, scheme_of(into)->title, SCHEME_TEXT_MAX + 1, 1, err);
}

static int read_authority(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, scheme_of(into)->authority, SCHEME_TEXT_MAX + 1, 1, err);
}

static int read_reference(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, scheme_of(into)->reference, SCHEME_TEXT_MAX + 1, 1, err);
}

static int read_exclusive(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &scheme_of(into)->exclusive, err);
}

static int read_required(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &scheme_of(into)->required, err);
}

static int read_ceiling(struct yaml *yaml, void *into, struct err *err)
{
	if (yaml_read_bool(yaml, &scheme_of(into)->ceiling, err) != 0)
		return -1;
	return scheme_reader_spot(into, yaml, SPOT_CEILING, 0, 0, err);
}

static int read_enabled(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct scheme_reader *)into)->enabled, err);
}

static int read_example(struct yaml *yaml, void *into, struct err *err)
{
	if (scheme_read_id(yaml, ((struct scheme_reader *)into)->example, err) != 0)
		return -1;
	return scheme_reader_spot(into, yaml, SPOT_EXAMPLE, 0, 0, err);
}

static int read_combine(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, scheme_combine_names, COMBINE_COUNT, &which, err) != 0)
		return -1;
	scheme_of(into)->combine = (enum combine)which;
	return 0;
}

static int read_labels(struct yaml *yaml, void *into, struct err *err)
{
	if (yaml_read_seq(yaml, scheme_read_label, into, err) != 0)
		return -1;
	return scheme_reader_spot(into, yaml, SPOT_LABELS, 0, 0, err);
}

static int read_legacy(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, scheme_read_legacy, into, err);
}

static const struct yaml_field fields[] = {
	{"id", YAML_REQUIRED, read_id},
	{"version", YAML_REQUIRED, read_version},
	{"title", YAML_REQUIRED, read_title},
	{"authority", YAML_OPTIONAL, read_authority},
	{"reference", YAML_OPTIONAL, read_reference},
	{"exclusive", YAML_REQUIRED, read_exclusive},
	{"required", YAML_REQUIRED, read_required},
	{"ceiling", YAML_REQUIRED, read_ceiling},
	{"combine", YAML_REQUIRED, read_combine},
	{"enabled", YAML_OPTIONAL, read_enabled},
	{"example", YAML_OPTIONAL, read_example},
	{"labels", YAML_REQUIRED, read_labels},
	{"legacy", YAML_OPTIONAL, read_legacy},
};

static void clear_words(struct label_words *words)
{
	for (uint32_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
}

void scheme_clear(struct scheme *scheme)
{
	for (size_t i = 0; i < scheme->label_count; i++) {
		struct label *label = &scheme->labels[i];
		free(label->implies);
		clear_words(&label->aliases);
		clear_words(&label->tags);
		clear_words(&label->stix);
	}
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		clear_words(&scheme->legacy[i].tags);
		clear_words(&scheme->legacy[i].stix);
	}
	free(scheme->labels);
	free(scheme->by_id);
	free(scheme->legacy);
	memset(scheme, 0, sizeof *scheme);
}

static int read_file(struct scheme_reader *reader, const char *bytes, size_t len, struct err *err)
{
	auto_yaml *yaml = NULL;
	if (len > SCHEME_BYTES_MAX)
		return err_set(err, ERR_SCHEME, "longer than %d bytes", SCHEME_BYTES_MAX);
	if (yaml_open(&yaml, bytes, len, SCHEME_KIND, ERR_SCHEME, err) != 0)
		return -1;
	return yaml_read_document(yaml, fields, sizeof fields / sizeof *fields, reader, err);
}

int scheme_parse(struct scheme *out, const char *bytes, size_t len, struct err *err)
{
	memset(out, 0, sizeof *out);
	struct scheme_reader reader = {.enabled = true};
	int rc = read_file(&reader, bytes, len, err);
	if (rc == 0)
		rc = scheme_check(&reader, err);
	if (rc == 0)
		rc = scheme_compute_semantics(&reader.scheme, err);
	free(reader.spots);
	if (rc != 0) {
		scheme_clear(&reader.scheme);
		return -1;
	}
	*out = reader.scheme;
	out->restricted = !reader.enabled;
	return 0;
}
