/* SPDX-License-Identifier: Apache-2.0 */
/* Scheme files: grammar in valise-labels(5).
 *
 * What decides about people's data (ids, ranks, flags) must not depend on the order of keys in the file, so the checks
 * that need several keys come when the whole file is read. */
#include "policy/scheme_parse.h"

#include "base/array.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct scheme scheme;
	struct label label;         /* the one being read */
	struct label_legacy legacy; /* likewise */
	char example[LABEL_ID_MAX + 1];
	bool enabled;
};

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

static int read_id(struct yaml *yaml, char out[LABEL_ID_MAX + 1], struct err *err)
{
	if (yaml_read_into(yaml, out, LABEL_ID_MAX + 1, 1, err) != 0)
		return -1;
	return *skip_id(out) == '\0' ? 0 : yaml_fail_value(yaml, err, "must be made of a-z, 0-9 and \"-\"");
}

/* A label's text must not be taken for another label's scheme/id. */
static int read_label_text(struct yaml *yaml, char out[SCHEME_TEXT_MAX + 1], struct err *err)
{
	if (yaml_read_plain_into(yaml, out, SCHEME_TEXT_MAX + 1, 1, err) != 0)
		return -1;
	if (label_has_id_form(out))
		return yaml_fail_value(yaml, err, "must not look like scheme/id");
	if (out[0] == ' ' || out[strlen(out) - 1] == ' ')
		return yaml_fail_value(yaml, err, "must not begin or end with a space");
	return 0;
}

static int read_colour(struct yaml *yaml, unsigned char out[3], struct err *err)
{
	char text[sizeof "#RRGGBB"];
	if (yaml_read_into(yaml, text, sizeof text, 0, err) != 0)
		return -1;
	if (text[0] != '#' || !hex_decode(out, 3, text + 1, strlen(text + 1)))
		return yaml_fail_value(yaml, err, "must be a colour like \"#FFC000\"");
	return 0;
}

/* --- one label --- */

static int label_read_id(struct yaml *yaml, void *into, struct err *err)
{
	return read_id(yaml, ((struct reader *)into)->label.id, err);
}

static int label_read_rank(struct yaml *yaml, void *into, struct err *err)
{
	uint64_t rank;
	if (yaml_read_u64(yaml, &rank, 0, RANK_MAX, err) != 0)
		return -1;
	((struct reader *)into)->label.rank = (int64_t)rank;
	return 0;
}

static int label_read_text(struct yaml *yaml, void *into, struct err *err)
{
	return read_label_text(yaml, ((struct reader *)into)->label.text, err);
}

static int label_read_rule(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->label.rule, SCHEME_NOTE_MAX + 1, 1, err);
}

static int label_read_colour(struct yaml *yaml, void *into, struct err *err)
{
	struct label *label = &((struct reader *)into)->label;
	label->has_colour = true;
	return read_colour(yaml, label->colour, err);
}

static int label_read_background(struct yaml *yaml, void *into, struct err *err)
{
	return read_colour(yaml, ((struct reader *)into)->label.background, err);
}

static const struct yaml_field label_fields[] = {
	{"id", YAML_REQUIRED, label_read_id},         {"rank", YAML_OPTIONAL, label_read_rank},
	{"text", YAML_REQUIRED, label_read_text},     {"rule", YAML_OPTIONAL, label_read_rule},
	{"colour", YAML_OPTIONAL, label_read_colour}, {"background", YAML_OPTIONAL, label_read_background},
};

/* The new label against those before it, while its line is known. */
static int check_label(struct yaml *yaml, const struct scheme *scheme, const struct label *new, struct err *err)
{
	if (scheme->label_count == LABELS_PER_SCHEME_MAX)
		return yaml_fail(yaml, err, "more than %d labels", LABELS_PER_SCHEME_MAX);
	for (size_t i = 0; i < scheme->label_count; i++) {
		const struct label *old = &scheme->labels[i];
		if (strcmp(old->id, new->id) == 0)
			return yaml_fail(yaml, err, "the label \"%s\" stands here a second time", new->id);
		if (strcmp(old->text, new->text) == 0)
			return yaml_fail(yaml, err, "the labels \"%s\" and \"%s\" have the same text", old->id, new->id);
		if (new->rank >= 0 && old->rank == new->rank)
			return yaml_fail(yaml, err, "the labels \"%s\" and \"%s\" have the same rank", old->id, new->id);
	}
	return 0;
}

static int read_label(struct yaml *yaml, void *into, struct err *err)
{
	struct reader *reader = into;
	struct scheme *scheme = &reader->scheme;
	reader->label = (struct label){.rank = -1};
	if (yaml_read_map(yaml, label_fields, sizeof label_fields / sizeof *label_fields, reader, err) != 0 ||
		check_label(yaml, scheme, &reader->label, err) != 0)
		return -1;
	struct label *grown = array_grow(scheme->labels, (uint32_t)scheme->label_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	scheme->labels = grown;
	grown[scheme->label_count++] = reader->label;
	return 0;
}

/* --- one word of an earlier version --- */

static int legacy_read_text(struct yaml *yaml, void *into, struct err *err)
{
	return read_label_text(yaml, ((struct reader *)into)->legacy.text, err);
}

static int legacy_read_action(struct yaml *yaml, void *into, struct err *err)
{
	static const char *const names[] = {[LEGACY_WARN] = "warn", [LEGACY_REFUSE] = "refuse"};
	unsigned which;
	if (yaml_read_choice(yaml, names, 2, &which, err) != 0)
		return -1;
	((struct reader *)into)->legacy.action = which == LEGACY_WARN ? LEGACY_WARN : LEGACY_REFUSE;
	return 0;
}

static int legacy_read_means(struct yaml *yaml, void *into, struct err *err)
{
	return read_id(yaml, ((struct reader *)into)->legacy.means, err);
}

static int legacy_read_note(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->legacy.note, SCHEME_NOTE_MAX + 1, 1, err);
}

static const struct yaml_field legacy_fields[] = {
	{"text", YAML_REQUIRED, legacy_read_text},
	{"action", YAML_REQUIRED, legacy_read_action},
	{"means", YAML_OPTIONAL, legacy_read_means},
	{"note", YAML_OPTIONAL, legacy_read_note},
};

static int read_legacy(struct yaml *yaml, void *into, struct err *err)
{
	struct reader *reader = into;
	struct scheme *scheme = &reader->scheme;
	memset(&reader->legacy, 0, sizeof reader->legacy);
	if (yaml_read_map(yaml, legacy_fields, sizeof legacy_fields / sizeof *legacy_fields, reader, err) != 0)
		return -1;
	if (scheme->legacy_count == LEGACY_PER_SCHEME_MAX)
		return yaml_fail(yaml, err, "more than %d words of earlier versions", LEGACY_PER_SCHEME_MAX);
	if (reader->legacy.action == LEGACY_WARN && reader->legacy.means[0] == '\0')
		return yaml_fail(yaml, err, "\"%s\" needs \"means\": the label that it stands for", reader->legacy.text);
	struct label_legacy *grown = array_grow(scheme->legacy, (uint32_t)scheme->legacy_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	scheme->legacy = grown;
	grown[scheme->legacy_count++] = reader->legacy;
	return 0;
}

/* --- the file --- */

static int scheme_read_id(struct yaml *yaml, void *into, struct err *err)
{
	return read_id(yaml, ((struct reader *)into)->scheme.id, err);
}

static int scheme_read_version(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->scheme.version, SCHEME_VERSION_MAX + 1, 1, err);
}

static int scheme_read_title(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->scheme.title, SCHEME_TEXT_MAX + 1, 1, err);
}

static int scheme_read_authority(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->scheme.authority, SCHEME_TEXT_MAX + 1, 1, err);
}

static int scheme_read_reference(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct reader *)into)->scheme.reference, SCHEME_TEXT_MAX + 1, 1, err);
}

static int scheme_read_exclusive(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct reader *)into)->scheme.exclusive, err);
}

static int scheme_read_required(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct reader *)into)->scheme.required, err);
}

static int scheme_read_ceiling(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct reader *)into)->scheme.ceiling, err);
}

static int scheme_read_enabled(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct reader *)into)->enabled, err);
}

static int scheme_read_example(struct yaml *yaml, void *into, struct err *err)
{
	return read_id(yaml, ((struct reader *)into)->example, err);
}

static int scheme_read_combine(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, scheme_combine_names, COMBINE_COUNT, &which, err) != 0)
		return -1;
	((struct reader *)into)->scheme.combine = (enum combine)which;
	return 0;
}

static int scheme_read_labels(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_label, into, err);
}

static int scheme_read_legacy(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_legacy, into, err);
}

static const struct yaml_field scheme_fields[] = {
	{"id", YAML_REQUIRED, scheme_read_id},
	{"version", YAML_REQUIRED, scheme_read_version},
	{"title", YAML_REQUIRED, scheme_read_title},
	{"authority", YAML_OPTIONAL, scheme_read_authority},
	{"reference", YAML_OPTIONAL, scheme_read_reference},
	{"exclusive", YAML_REQUIRED, scheme_read_exclusive},
	{"required", YAML_REQUIRED, scheme_read_required},
	{"ceiling", YAML_REQUIRED, scheme_read_ceiling},
	{"combine", YAML_REQUIRED, scheme_read_combine},
	{"enabled", YAML_OPTIONAL, scheme_read_enabled},
	{"example", YAML_OPTIONAL, scheme_read_example},
	{"labels", YAML_REQUIRED, scheme_read_labels},
	{"legacy", YAML_OPTIONAL, scheme_read_legacy},
};

/* --- the whole --- */

static int check_ranks(const struct scheme *scheme, struct err *err)
{
	for (size_t i = 0; i < scheme->label_count; i++) {
		const struct label *label = &scheme->labels[i];
		if (scheme->combine == COMBINE_MAX && label->rank < 0)
			return err_set(err, ERR_SCHEME, "label \"%s\" has no rank: \"combine: max\" compares ranks", label->id);
		if (scheme->combine != COMBINE_MAX && label->rank >= 0)
			return err_set(err, ERR_SCHEME, "label \"%s\" has a rank, but \"combine: %s\" compares none", label->id,
						   scheme_combine_names[scheme->combine]);
		if (strlen(scheme->id) + 1 + strlen(label->id) > LABEL_ID_MAX)
			return err_set(err, ERR_SCHEME, "%s/%s has more than %d characters", scheme->id, label->id, LABEL_ID_MAX);
	}
	return 0;
}

static int check_legacy(const struct scheme *scheme, struct err *err)
{
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *legacy = &scheme->legacy[i];
		if (legacy->means[0] != '\0' && scheme_find_label(scheme, legacy->means) == NULL)
			return err_set(err, ERR_SCHEME, "\"%s\" means \"%s\", which is no label of this scheme", legacy->text,
						   legacy->means);
		for (size_t j = 0; j < scheme->label_count; j++)
			if (strcmp(legacy->text, scheme->labels[j].text) == 0)
				return err_set(err, ERR_SCHEME, "\"%s\" is a label and a word of an earlier version at once",
							   legacy->text);
	}
	return 0;
}

static const struct label *highest_label(const struct scheme *scheme)
{
	const struct label *highest = &scheme->labels[0];
	for (size_t i = 1; i < scheme->label_count; i++)
		if (scheme->labels[i].rank > highest->rank)
			highest = &scheme->labels[i];
	return highest;
}

static int settle_example(struct scheme *scheme, const char *example, struct err *err)
{
	scheme->example = example[0] == '\0' ? highest_label(scheme) : scheme_find_label(scheme, example);
	if (scheme->example == NULL)
		return err_set(err, ERR_SCHEME, "the example \"%s\" is no label of this scheme", example);
	return 0;
}

static int check_scheme(const struct scheme *scheme, struct err *err)
{
	if (scheme->label_count == 0)
		return err_set(err, ERR_SCHEME, "\"labels\" is empty");
	/* A ceiling is a rank; who may hold which members of a set is another rule. */
	if (scheme->ceiling && scheme->combine != COMBINE_MAX)
		return err_set(err, ERR_SCHEME, "\"ceiling: true\" needs \"combine: max\"");
	return check_ranks(scheme, err) != 0 ? -1 : check_legacy(scheme, err);
}

void scheme_clear(struct scheme *scheme)
{
	free(scheme->labels);
	free(scheme->legacy);
	memset(scheme, 0, sizeof *scheme);
}

static int read_file(struct reader *reader, const char *bytes, size_t len, struct err *err)
{
	auto_yaml *yaml = NULL;
	if (len > SCHEME_BYTES_MAX)
		return err_set(err, ERR_SCHEME, "longer than %d bytes", SCHEME_BYTES_MAX);
	if (yaml_open(&yaml, bytes, len, SCHEME_KIND, ERR_SCHEME, err) != 0)
		return -1;
	return yaml_read_document(yaml, scheme_fields, sizeof scheme_fields / sizeof *scheme_fields, reader, err);
}

int scheme_parse(struct scheme *out, const char *bytes, size_t len, struct err *err)
{
	memset(out, 0, sizeof *out);
	struct reader reader = {.enabled = true};
	if (read_file(&reader, bytes, len, err) != 0 || check_scheme(&reader.scheme, err) != 0 ||
		settle_example(&reader.scheme, reader.example, err) != 0 ||
		scheme_compute_semantics(&reader.scheme, err) != 0) {
		scheme_clear(&reader.scheme);
		return -1;
	}
	*out = reader.scheme;
	out->restricted = !reader.enabled;
	return 0;
}
