/* SPDX-License-Identifier: Apache-2.0 */
/* Reading label files:
 *
 *   file    = "valise-labels: 1" [purpose] [handling] [detected] [default] [rules] [records], in any order
 *   default = { say }         rules = list of { match: pattern, say }         records = { id: record }
 *   say     = any of labels, caveats, releasable-to, originator, registration, copy, record, expires, not-inspected
 *
 * What can be said without schemes and registry is said here, at line and column; the rest when files are labelled. */
#include "format/label_file.h"

#include "base/array.h"
#include "base/glob.h"
#include "base/text.h"
#include "format/registry_doc.h"
#include "format/waybill.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS(table) (table), sizeof(table) / sizeof(table)[0]

/* --- what a rule or the default says --- */

static void free_texts(char **texts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void say_clear(struct label_say *say)
{
	free_texts(say->labels, say->label_count);
	free(say->label_places);
	free_texts(say->caveats, say->caveat_count);
	free(say->releasable);
	free(say->originator);
	free(say->registration);
	free(say->copy);
	free(say->record);
	free(say->not_inspected);
	*say = (struct label_say){0};
}

bool label_say_is_empty(const struct label_say *say)
{
	return say->label_count == 0 && say->caveat_count == 0 && say->releasable_count == 0 && say->originator == NULL &&
		   say->registration == NULL && say->copy == NULL && say->record == NULL && say->expires == 0 &&
		   say->not_inspected == NULL;
}

static int read_plain(struct yaml *yaml, char **out, size_t max, struct err *err)
{
	if (yaml_read_dup(yaml, out, 1, max, err) != 0)
		return -1;
	return text_is_plain(*out, strlen(*out)) ? 0 : yaml_fail_value(yaml, err, "holds a control or invisible character");
}

/* One text more of a list; max of the texts, and of the bytes of each. */
static int read_item(struct yaml *yaml, char ***texts, uint32_t *count, uint32_t max, size_t bytes_max, struct err *err)
{
	auto_free char *text = NULL;
	if (read_plain(yaml, &text, bytes_max, err) != 0)
		return -1;
	if (*count == max)
		return yaml_fail_value(yaml, err, "has more than %u items", max);
	for (uint32_t i = 0; i < *count; i++)
		if (strcmp((*texts)[i], text) == 0)
			return yaml_fail_value(yaml, err, "names \"%s\" twice", text);
	char **grown = array_grow(*texts, *count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	*texts = grown;
	grown[(*count)++] = steal(&text);
	return 0;
}

/* A list that is there names something: what is empty by mistake must not look like a decision. */
static int read_list(struct yaml *yaml, int (*each)(struct yaml *, void *, struct err *), const uint32_t *count,
					 void *into, struct err *err)
{
	if (yaml_read_seq(yaml, each, into, err) != 0)
		return -1;
	return *count > 0 ? 0 : yaml_fail_value(yaml, err, "is empty: leave it out");
}

static int read_label(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	const uint32_t at = say->label_count;
	struct label_place *places = array_grow(say->label_places, at, sizeof *places, err);
	if (places == NULL)
		return -1;
	say->label_places = places;
	if (read_item(yaml, &say->labels, &say->label_count, MANIFEST_LABELS_MAX, LABEL_WORD_MAX, err) != 0)
		return -1;
	yaml_place(yaml, &places[at].line, &places[at].column);
	return 0;
}

static int read_labels(struct yaml *yaml, void *into, struct err *err)
{
	return read_list(yaml, read_label, &((struct label_say *)into)->label_count, into, err);
}

static int read_caveat(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	return read_item(yaml, &say->caveats, &say->caveat_count, CAVEATS_MAX, CAVEAT_MAX, err);
}

static int read_caveats(struct yaml *yaml, void *into, struct err *err)
{
	return read_list(yaml, read_caveat, &((struct label_say *)into)->caveat_count, into, err);
}

static int read_jurisdiction(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	const char *code;
	size_t len;
	if (yaml_read_text(yaml, &code, &len, 0, SIZE_MAX, err) != 0)
		return -1;
	if (!jurisdiction_is_valid(code))
		return yaml_fail_value(yaml, err, "must list jurisdictions of two upper-case letters, as [\"BE\", \"US\"]");
	if (say->releasable_count == RELEASABLE_MAX)
		return yaml_fail_value(yaml, err, "has more than %d items", RELEASABLE_MAX);
	for (uint32_t i = 0; i < say->releasable_count; i++)
		if (strcmp(say->releasable[i], code) == 0)
			return yaml_fail_value(yaml, err, "names \"%s\" twice", code);
	char(*grown)[3] = array_grow(say->releasable, say->releasable_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	say->releasable = grown;
	memcpy(grown[say->releasable_count++], code, 3);
	return 0;
}

static int by_code(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int read_releasable(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	if (read_list(yaml, read_jurisdiction, &say->releasable_count, into, err) != 0)
		return -1;
	qsort(say->releasable, say->releasable_count, sizeof *say->releasable, by_code);
	return 0;
}

static int read_originator(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	struct fingerprint fpr;
	if (read_plain(yaml, &say->originator, ORIGINATOR_MAX, err) != 0)
		return -1;
	yaml_place(yaml, &say->originator_place.line, &say->originator_place.column);
	if (alias_is_valid(say->originator) || fingerprint_parse(&fpr, say->originator, strlen(say->originator)))
		return 0;
	return yaml_fail_value(yaml, err, "must be a partner's alias, a whole fingerprint in upper case, or \"self\"");
}

static int read_registration(struct yaml *yaml, void *into, struct err *err)
{
	return read_plain(yaml, &((struct label_say *)into)->registration, NUMBER_MAX, err);
}

static int read_copy(struct yaml *yaml, void *into, struct err *err)
{
	return read_plain(yaml, &((struct label_say *)into)->copy, NUMBER_MAX, err);
}

static int read_record_id(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = into;
	if (read_plain(yaml, &say->record, RECORD_ID_MAX, err) != 0)
		return -1;
	yaml_place(yaml, &say->record_place.line, &say->record_place.column);
	return 0;
}

static int read_expires(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct label_say *)into)->expires, err);
}

static int read_not_inspected(struct yaml *yaml, void *into, struct err *err)
{
	return read_plain(yaml, &((struct label_say *)into)->not_inspected, REASON_MAX, err);
}

static int read_match(struct yaml *yaml, void *into, struct err *err)
{
	struct label_rule *rule = into;
	unsigned column;
	if (yaml_read_dup(yaml, &rule->pattern, 0, GLOB_BYTES_MAX + 1, err) != 0)
		return -1;
	const char *fault = glob_fault(rule->pattern);
	if (fault != NULL)
		return yaml_fail_value(yaml, err, "%s", fault);
	yaml_place(yaml, &rule->line, &column);
	return 0;
}

#define SAY_FIELDS                                                                                         \
	{"labels", YAML_OPTIONAL, read_labels}, {"caveats", YAML_OPTIONAL, read_caveats},                      \
		{"releasable-to", YAML_OPTIONAL, read_releasable}, {"originator", YAML_OPTIONAL, read_originator}, \
		{"registration", YAML_OPTIONAL, read_registration}, {"copy", YAML_OPTIONAL, read_copy},            \
		{"record", YAML_OPTIONAL, read_record_id}, {"expires", YAML_OPTIONAL, read_expires},               \
	{                                                                                                      \
		"not-inspected", YAML_OPTIONAL, read_not_inspected                                                 \
	}

static const struct yaml_field say_fields[] = {SAY_FIELDS};
static const struct yaml_field rule_fields[] = {{"match", YAML_REQUIRED, read_match}, SAY_FIELDS};

/* --- the file --- */

static void rule_clear(struct label_rule *rule)
{
	say_clear(&rule->say);
	free(rule->pattern);
}

void label_file_clear(struct label_file *file)
{
	free(file->purpose);
	free(file->handling);
	say_clear(&file->otherwise);
	free_texts(file->detected, file->detected_count);
	free(file->detected_places);
	for (uint32_t i = 0; i < file->rule_count; i++)
		rule_clear(&file->rules[i]);
	free(file->rules);
	for (uint32_t i = 0; i < file->record_count; i++)
		record_clear(&file->records[i]);
	free(file->records);
	*file = (struct label_file){0};
}

/* What is being read: the file, and what its limits are counted by. */
struct reading {
	struct label_file *file;
	uint32_t patterns;
};

static struct label_file *file_of(void *into)
{
	return ((struct reading *)into)->file;
}

/* Whoever mistypes a key is shown those that are there. */
static int hint_keys(struct err *err, const struct yaml_field *fields, size_t count)
{
	char known[ERR_HINT_MAX - 32] = "";
	if (err->hint[0] != '\0' || strstr(err->message, ": unknown key ") == NULL)
		return -1;
	for (size_t i = 0, used = 0; i < count; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", fields[i].key);
	return err_hint(err, "the keys here are %s", known);
}

static int read_purpose(struct yaml *yaml, void *into, struct err *err)
{
	return read_plain(yaml, &file_of(into)->purpose, MANIFEST_PURPOSE_MAX, err);
}

static int read_handling(struct yaml *yaml, void *into, struct err *err)
{
	struct label_file *file = file_of(into);
	if (read_plain(yaml, &file->handling, WAYBILL_HANDLING_MAX, err) != 0)
		return -1;
	yaml_place(yaml, &file->handling_place.line, &file->handling_place.column);
	return 0;
}

static int read_default(struct yaml *yaml, void *into, struct err *err)
{
	struct label_say *say = &file_of(into)->otherwise;
	if (yaml_read_map(yaml, FIELDS(say_fields), say, err) != 0)
		return hint_keys(err, FIELDS(say_fields));
	return label_say_is_empty(say) ? yaml_fail_value(yaml, err, "says nothing: leave it out") : 0;
}

static int read_detected_scheme(struct yaml *yaml, void *into, struct err *err)
{
	struct label_file *file = file_of(into);
	const uint32_t at = file->detected_count;
	struct label_place *places = array_grow(file->detected_places, at, sizeof *places, err);
	if (places == NULL)
		return -1;
	file->detected_places = places;
	if (read_item(yaml, &file->detected, &file->detected_count, MANIFEST_SCHEMES_MAX, LABEL_ID_MAX, err) != 0)
		return -1;
	yaml_place(yaml, &places[at].line, &places[at].column);
	if (scheme_id_is_valid(file->detected[file->detected_count - 1]))
		return 0;
	return yaml_fail_value(yaml, err, "must list ids of schemes, as [\"tlp\"]");
}

static int read_detected(struct yaml *yaml, void *into, struct err *err)
{
	return read_list(yaml, read_detected_scheme, &file_of(into)->detected_count, into, err);
}

static int check_rule(struct yaml *yaml, struct reading *reading, const struct label_rule *rule, struct err *err)
{
	if (label_say_is_empty(&rule->say)) {
		(void)yaml_fail(yaml, err, "the rule for \"%s\" says nothing of these files", rule->pattern);
		return err_hint(err, "give it labels: [\"…\"] or a fact, or take it out");
	}
	if (reading->file->rule_count == LABEL_RULES_MAX) {
		(void)yaml_fail(yaml, err, "more than %d rules", LABEL_RULES_MAX);
		return err_hint(err, "name folders (\"raw/\") or kinds of files (\"*.json\") instead of single files");
	}
	reading->patterns += glob_has_wildcard(rule->pattern);
	if (reading->patterns <= LABEL_PATTERNS_MAX)
		return 0;
	(void)yaml_fail(yaml, err, "more than %d rules with wildcards", LABEL_PATTERNS_MAX);
	return err_hint(err, "name files and folders as they are: of plain paths there may be %d", LABEL_RULES_MAX);
}

static int read_rule(struct yaml *yaml, void *into, struct err *err)
{
	struct label_file *file = file_of(into);
	AUTO(rule_clear) struct label_rule rule = {0};
	if (yaml_read_map(yaml, FIELDS(rule_fields), &rule, err) != 0)
		return hint_keys(err, FIELDS(rule_fields));
	if (check_rule(yaml, into, &rule, err) != 0)
		return -1;
	struct label_rule *rules = array_grow(file->rules, file->rule_count, sizeof *rules, err);
	if (rules == NULL)
		return -1;
	file->rules = rules;
	rules[file->rule_count++] = rule;
	rule = (struct label_rule){0};
	return 0;
}

static int read_rules(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_rule, into, err);
}

/* --- records --- */

static int compare_records(const void *a, const void *b)
{
	return strcmp(((const struct record *)a)->id, ((const struct record *)b)->id);
}

static const struct record *find_record(const struct label_file *file, const char *id)
{
	for (uint32_t i = 0; i < file->record_count; i++)
		if (strcmp(file->records[i].id, id) == 0)
			return &file->records[i];
	return NULL;
}

static int read_record(struct yaml *yaml, const char *id, void *into, struct err *err)
{
	struct label_file *file = file_of(into);
	if (!record_id_is_valid(id))
		return yaml_fail(yaml, err, "the id of a record is of a to z, 0 to 9 and -, at most %d, not beginning with -",
						 RECORD_ID_MAX);
	if (find_record(file, id) != NULL)
		return yaml_fail(yaml, err, "the record \"%s\" stands here a second time", id);
	if (file->record_count == LABEL_FILE_RECORDS_MAX)
		return yaml_fail(yaml, err, "more than %d records", LABEL_FILE_RECORDS_MAX);
	struct record *records = array_grow(file->records, file->record_count, sizeof *records, err);
	if (records == NULL)
		return -1;
	file->records = records;
	struct record *record = &records[file->record_count];
	*record = (struct record){0};
	if (record_read(yaml, record, RECORD_WITHOUT_ID, err) != 0)
		return -1;
	(void)strcpy(record->id, id);
	file->record_count++;
	return 0;
}

static int read_records(struct yaml *yaml, void *into, struct err *err)
{
	struct label_file *file = file_of(into);
	if (yaml_read_pairs(yaml, read_record, into, err) != 0)
		return -1;
	if (file->record_count > 1)
		qsort(file->records, file->record_count, sizeof *file->records, compare_records);
	return 0;
}

static int check_record(const struct label_file *file, const struct label_say *say, struct err *err)
{
	if (say->record == NULL || find_record(file, say->record) != NULL)
		return 0;
	(void)err_set(err, ERR_LABEL_FILE, "line %u, column %u: there is no record \"%s\" under \"records\"",
				  say->record_place.line, say->record_place.column, say->record);
	if (file->record_count == 0)
		return err_hint(err, "write the record: records: {%s: {controller: \"…\", …}}, see valise-labels(5)",
						say->record);
	return err_hint(err, "the first record is \"%s\"; write its id, or add the record", file->records[0].id);
}

/* --- all of it --- */

static const struct yaml_field file_fields[] = {
	{"purpose", YAML_OPTIONAL, read_purpose},   {"handling", YAML_OPTIONAL, read_handling},
	{"detected", YAML_OPTIONAL, read_detected}, {"default", YAML_OPTIONAL, read_default},
	{"rules", YAML_OPTIONAL, read_rules},       {"records", YAML_OPTIONAL, read_records},
};

/* Records may stand behind the rules that name them. */
static int check_records(const struct label_file *file, struct err *err)
{
	for (uint32_t i = 0; i < file->rule_count; i++)
		if (check_record(file, &file->rules[i].say, err) != 0)
			return -1;
	return check_record(file, &file->otherwise, err);
}

int label_file_parse(struct label_file *out, const char *bytes, size_t len, struct err *err)
{
	auto_label_file file = {0};
	auto_yaml *yaml = NULL;
	struct reading reading = {.file = &file};
	*out = file;
	if (len == 0 || len > LABEL_FILE_BYTES_MAX)
		return err_set(err, ERR_LABEL_FILE, "a label file has 1 to %d bytes, not %zu", LABEL_FILE_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, LABEL_FILE_KIND, ERR_LABEL_FILE, err) != 0)
		return err->hint[0] != '\0' ? -1 : err_hint(err, "its first line is: %s", LABEL_FILE_KIND);
	if (yaml_read_document(yaml, FIELDS(file_fields), &reading, err) != 0)
		return hint_keys(err, FIELDS(file_fields));
	if (check_records(&file, err) != 0)
		return -1;
	*out = file;
	file = (struct label_file){0};
	return 0;
}
