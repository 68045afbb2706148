/* SPDX-License-Identifier: Apache-2.0 */
/* One label of a scheme file, and one word of an earlier version. What is read stands in the scheme from the first key
 * on, so that there is one place that frees it. */
#include "base/array.h"
#include "base/ident.h"
#include "policy/scheme_parse.h"
#include "policy/scheme_reader.h"

#include <stdlib.h>
#include <string.h>

#define STIX_TYPE "marking-definition--"

static struct label *label_of(void *into)
{
	struct scheme *scheme = &((struct scheme_reader *)into)->scheme;
	return &scheme->labels[scheme->label_count - 1];
}

static struct label_legacy *legacy_of(void *into)
{
	struct scheme *scheme = &((struct scheme_reader *)into)->scheme;
	return &scheme->legacy[scheme->legacy_count - 1];
}

static int spot_label(void *into, struct yaml *yaml, enum spot_kind kind, uint32_t item, struct err *err)
{
	struct scheme_reader *reader = into;
	return scheme_reader_spot(reader, yaml, kind, (uint32_t)reader->scheme.label_count - 1, item, err);
}

static int spot_legacy(void *into, struct yaml *yaml, enum spot_kind kind, struct err *err)
{
	struct scheme_reader *reader = into;
	return scheme_reader_spot(reader, yaml, kind, (uint32_t)reader->scheme.legacy_count - 1, 0, err);
}

/* --- words --- */

/* What people type must not be taken for some label's scheme/id. */
static int read_typed(struct yaml *yaml, char out[SCHEME_TEXT_MAX + 1], struct err *err)
{
	if (yaml_read_plain_into(yaml, out, SCHEME_TEXT_MAX + 1, 1, err) != 0)
		return -1;
	if (label_has_id_form(out)) {
		(void)yaml_fail_value(yaml, err, "must not look like scheme/id");
		return err_hint(err, "use a capital letter or another sign than \"/\" in \"%s\"", out);
	}
	if (out[0] == ' ' || out[strlen(out) - 1] == ' ')
		return yaml_fail_value(yaml, err, "must not begin or end with a space");
	return 0;
}

static bool is_stix_id(const char *text)
{
	static const char form[] = STIX_TYPE "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (strlen(text) != sizeof form - 1 || strncmp(text, STIX_TYPE, sizeof STIX_TYPE - 1) != 0)
		return false;
	for (size_t i = sizeof STIX_TYPE - 1; form[i] != '\0'; i++)
		if (form[i] == 'x' ? strchr("0123456789abcdef", text[i]) == NULL : text[i] != form[i])
			return false;
	return true;
}

static int read_stix_id(struct yaml *yaml, char out[SCHEME_TEXT_MAX + 1], struct err *err)
{
	if (yaml_read_plain_into(yaml, out, SCHEME_TEXT_MAX + 1, 1, err) != 0)
		return -1;
	if (is_stix_id(out))
		return 0;
	(void)yaml_fail_value(yaml, err, "must list ids of STIX marking definitions");
	return err_hint(err, "write \"" STIX_TYPE "\" and a UUID in lower case");
}

static int read_word(struct yaml *yaml, void *into, struct err *err)
{
	struct scheme_reader *reader = into;
	struct label_words *words = reader->words;
	const bool legacy = reader->words_kind == SPOT_LEGACY_TAG || reader->words_kind == SPOT_LEGACY_STIX;
	const bool stix = reader->words_kind == SPOT_STIX || reader->words_kind == SPOT_LEGACY_STIX;
	char text[SCHEME_TEXT_MAX + 1];
	if ((stix ? read_stix_id : read_typed)(yaml, text, err) != 0)
		return -1;
	if (words->count == WORDS_PER_LABEL_MAX)
		return yaml_fail_value(yaml, err, "has more than %d items", WORDS_PER_LABEL_MAX);
	char **grown = array_grow(words->items, words->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	words->items = grown;
	if ((grown[words->count] = strdup(text)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const size_t owners = legacy ? reader->scheme.legacy_count : reader->scheme.label_count;
	return scheme_reader_spot(reader, yaml, reader->words_kind, (uint32_t)owners - 1, words->count++, err);
}

static int refuse_empty(struct yaml *yaml, struct err *err)
{
	(void)yaml_fail_value(yaml, err, "is an empty list");
	return err_hint(err, "name at least one, or leave the key out");
}

static int read_words(struct yaml *yaml, struct scheme_reader *reader, struct label_words *words, enum spot_kind kind,
					  struct err *err)
{
	reader->words = words;
	reader->words_kind = kind;
	if (yaml_read_seq(yaml, read_word, reader, err) != 0)
		return -1;
	return words->count > 0 ? 0 : refuse_empty(yaml, err);
}

/* One word of names[count] that is not in *bits yet. */
static int read_bit(struct yaml *yaml, const char *const names[], unsigned count, unsigned *bits, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, names, count, &which, err) != 0)
		return -1;
	if (*bits >> which & 1) {
		(void)yaml_fail_value(yaml, err, "names \"%s\" twice", names[which]);
		return err_hint(err, "write it once");
	}
	*bits |= 1U << which;
	return 0;
}

/* --- one label --- */

static int label_id(struct yaml *yaml, void *into, struct err *err)
{
	if (scheme_read_id(yaml, label_of(into)->id, err) != 0)
		return -1;
	return spot_label(into, yaml, SPOT_ID, 0, err);
}

static int label_rank(struct yaml *yaml, void *into, struct err *err)
{
	uint64_t rank;
	if (yaml_read_u64(yaml, &rank, 0, RANK_MAX, err) != 0)
		return -1;
	label_of(into)->rank = (int64_t)rank;
	return spot_label(into, yaml, SPOT_RANK, 0, err);
}

static int label_text(struct yaml *yaml, void *into, struct err *err)
{
	if (read_typed(yaml, label_of(into)->text, err) != 0)
		return -1;
	return spot_label(into, yaml, SPOT_TEXT, 0, err);
}

static int label_rule(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, label_of(into)->rule, SCHEME_NOTE_MAX + 1, 1, err);
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

static int label_colour(struct yaml *yaml, void *into, struct err *err)
{
	label_of(into)->has_colour = true;
	return read_colour(yaml, label_of(into)->colour, err);
}

static int label_background(struct yaml *yaml, void *into, struct err *err)
{
	return read_colour(yaml, label_of(into)->background, err);
}

static int read_kind(struct yaml *yaml, void *into, struct err *err)
{
	return read_bit(yaml, party_kind_names, PARTY_KIND_COUNT, &label_of(into)->kinds, err);
}

static int label_kinds(struct yaml *yaml, void *into, struct err *err)
{
	if (yaml_read_seq(yaml, read_kind, into, err) != 0)
		return -1;
	return label_of(into)->kinds != 0 ? 0 : refuse_empty(yaml, err);
}

/* "any" is what holds without the key: it has no word, so that nobody who reads the file takes it for a rule. */
static int label_recipients(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, label_audience_names + 1, AUDIENCE_COUNT - 1, &which, err) != 0)
		return -1;
	label_of(into)->audience = (enum label_audience)(which + 1);
	return 0;
}

static int read_need(struct yaml *yaml, void *into, struct err *err)
{
	return read_bit(yaml, label_need_names, NEED_COUNT, &label_of(into)->needs, err);
}

static int label_needs(struct yaml *yaml, void *into, struct err *err)
{
	if (yaml_read_seq(yaml, read_need, into, err) != 0)
		return -1;
	return label_of(into)->needs != 0 ? 0 : refuse_empty(yaml, err);
}

static bool implies_already(const struct label *label, const char *id)
{
	for (uint32_t i = 0; i < label->implies_count; i++)
		if (strcmp(label->implies[i], id) == 0)
			return true;
	return false;
}

static int read_implied(struct yaml *yaml, void *into, struct err *err)
{
	struct label *label = label_of(into);
	char id[LABEL_ID_MAX + 1];
	if (yaml_read_into(yaml, id, sizeof id, 1, err) != 0)
		return -1;
	if (!label_has_id_form(id)) {
		(void)yaml_fail_value(yaml, err, "must list labels as scheme/id");
		return err_hint(err, "write it like \"pd/pseudonymised\"");
	}
	if (implies_already(label, id))
		return yaml_fail_value(yaml, err, "names \"%s\" twice", id);
	if (label->implies_count == IMPLIES_MAX)
		return yaml_fail_value(yaml, err, "has more than %d items", IMPLIES_MAX);
	char(*grown)[LABEL_ID_MAX + 1] = array_grow(label->implies, label->implies_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	label->implies = grown;
	memcpy(grown[label->implies_count], id, sizeof id);
	return spot_label(into, yaml, SPOT_IMPLIES, label->implies_count++, err);
}

static int label_implies(struct yaml *yaml, void *into, struct err *err)
{
	if (yaml_read_seq(yaml, read_implied, into, err) != 0)
		return -1;
	return label_of(into)->implies_count > 0 ? 0 : refuse_empty(yaml, err);
}

static int label_aliases(struct yaml *yaml, void *into, struct err *err)
{
	return read_words(yaml, into, &label_of(into)->aliases, SPOT_ALIAS, err);
}

static int label_tags(struct yaml *yaml, void *into, struct err *err)
{
	return read_words(yaml, into, &label_of(into)->tags, SPOT_TAG, err);
}

static int label_stix(struct yaml *yaml, void *into, struct err *err)
{
	return read_words(yaml, into, &label_of(into)->stix, SPOT_STIX, err);
}

static const struct yaml_field label_fields[] = {
	{"id", YAML_REQUIRED, label_id},
	{"rank", YAML_OPTIONAL, label_rank},
	{"text", YAML_REQUIRED, label_text},
	{"rule", YAML_OPTIONAL, label_rule},
	{"colour", YAML_OPTIONAL, label_colour},
	{"background", YAML_OPTIONAL, label_background},
	{"recipient-kinds", YAML_OPTIONAL, label_kinds},
	{"recipients", YAML_OPTIONAL, label_recipients},
	{"needs", YAML_OPTIONAL, label_needs},
	{"implies", YAML_OPTIONAL, label_implies},
	{"aliases", YAML_OPTIONAL, label_aliases},
	{"tags", YAML_OPTIONAL, label_tags},
	{"stix", YAML_OPTIONAL, label_stix},
};

int scheme_read_label(struct yaml *yaml, void *into, struct err *err)
{
	struct scheme *scheme = &((struct scheme_reader *)into)->scheme;
	if (scheme->label_count == LABELS_PER_SCHEME_MAX)
		return yaml_fail(yaml, err, "more than %d labels", LABELS_PER_SCHEME_MAX);
	struct label *grown = array_grow(scheme->labels, (uint32_t)scheme->label_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	scheme->labels = grown;
	grown[scheme->label_count++] = (struct label){.rank = -1};
	return yaml_read_map(yaml, label_fields, sizeof label_fields / sizeof *label_fields, into, err);
}

/* --- one word of an earlier version --- */

static int legacy_text(struct yaml *yaml, void *into, struct err *err)
{
	if (read_typed(yaml, legacy_of(into)->text, err) != 0)
		return -1;
	return spot_legacy(into, yaml, SPOT_LEGACY, err);
}

static int legacy_action(struct yaml *yaml, void *into, struct err *err)
{
	static const char *const names[] = {[LEGACY_WARN] = "warn", [LEGACY_REFUSE] = "refuse"};
	unsigned which;
	if (yaml_read_choice(yaml, names, 2, &which, err) != 0)
		return -1;
	legacy_of(into)->action = which == LEGACY_WARN ? LEGACY_WARN : LEGACY_REFUSE;
	return 0;
}

static int legacy_means(struct yaml *yaml, void *into, struct err *err)
{
	if (scheme_read_id(yaml, legacy_of(into)->means, err) != 0)
		return -1;
	return spot_legacy(into, yaml, SPOT_MEANS, err);
}

static int legacy_note(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, legacy_of(into)->note, SCHEME_NOTE_MAX + 1, 1, err);
}

static int legacy_tags(struct yaml *yaml, void *into, struct err *err)
{
	return read_words(yaml, into, &legacy_of(into)->tags, SPOT_LEGACY_TAG, err);
}

static int legacy_stix(struct yaml *yaml, void *into, struct err *err)
{
	return read_words(yaml, into, &legacy_of(into)->stix, SPOT_LEGACY_STIX, err);
}

static const struct yaml_field legacy_fields[] = {
	{"text", YAML_REQUIRED, legacy_text},   {"action", YAML_REQUIRED, legacy_action},
	{"means", YAML_OPTIONAL, legacy_means}, {"note", YAML_OPTIONAL, legacy_note},
	{"tags", YAML_OPTIONAL, legacy_tags},   {"stix", YAML_OPTIONAL, legacy_stix},
};

int scheme_read_legacy(struct yaml *yaml, void *into, struct err *err)
{
	struct scheme *scheme = &((struct scheme_reader *)into)->scheme;
	if (scheme->legacy_count == LEGACY_PER_SCHEME_MAX)
		return yaml_fail(yaml, err, "more than %d words of earlier versions", LEGACY_PER_SCHEME_MAX);
	struct label_legacy *grown = array_grow(scheme->legacy, (uint32_t)scheme->legacy_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	scheme->legacy = grown;
	memset(&grown[scheme->legacy_count++], 0, sizeof *grown);
	return yaml_read_map(yaml, legacy_fields, sizeof legacy_fields / sizeof *legacy_fields, into, err);
}
