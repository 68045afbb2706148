/* SPDX-License-Identifier: Apache-2.0 */
/* Labels inside of JSON. Whatever a file as a whole may be, these places count:
 *
 *   CSAF    document.distribution.tlp.label: a word of TLP
 *   STIX    object_marking_refs[] and marking_ref, in any object: ids of marking definitions, known ones or the file's
 *           own (an object whose id begins with marking-definition--, and definition.tlp, extensions.*.tlp_2_0 or a
 *           name that begins with TLP:); a definition that nothing refers to says nothing
 *   MISP    the name of each Tag of an event or attribute; labels[] of STIX objects that were made from such
 *   others  a text under "tlp", "TLP" or "Tlp" of the top object, or of objects in an array at the top
 *
 * Keys and texts are compared decoded, ids in any case, words without blanks around. Memory is fixed: what does not fit
 * is told. */
#include "format/label_file.h"
#include "inspect/json_labels_parts.h"

#include <stdio.h>
#include <string.h>

const char *const json_label_keys[KEY_COUNT] = {
	[KEY_DOCUMENT] = "document",
	[KEY_DISTRIBUTION] = "distribution",
	[KEY_TLP] = "tlp",
	[KEY_UPPER_TLP] = "TLP",
	[KEY_TITLE_TLP] = "Tlp",
	[KEY_LABEL] = "label",
	[KEY_OBJECTS] = "objects",
	[KEY_OBJECT_MARKING_REFS] = "object_marking_refs",
	[KEY_GRANULAR_MARKINGS] = "granular_markings",
	[KEY_MARKING_REF] = "marking_ref",
	[KEY_TAG] = "Tag",
	[KEY_NAME] = "name",
	[KEY_LABELS] = "labels",
	[KEY_ID] = "id",
	[KEY_DEFINITION] = "definition",
	[KEY_EXTENSIONS] = "extensions",
	[KEY_TLP_2_0] = "tlp_2_0",
};

/* --- where it stands --- */

static const char *place_of_reference(const struct json_labels *labels, unsigned depth, enum key key)
{
	if (key == KEY_OBJECT_MARKING_REFS)
		return above(labels, depth, 3) == KEY_OBJECTS ? "objects[].object_marking_refs" : "object_marking_refs";
	if (above(labels, depth, 2) != KEY_GRANULAR_MARKINGS)
		return "marking_ref";
	return above(labels, depth, 4) == KEY_OBJECTS ? "objects[].granular_markings[].marking_ref"
												  : "granular_markings[].marking_ref";
}

/* --- what is found --- */

static bool is_found(const struct inspection *out, struct label_ref label)
{
	for (uint32_t i = 0; i < out->finding_count; i++)
		if (out->findings[i].label.label == label.label)
			return true;
	return false;
}

static void add_at(struct json_labels *labels, struct label_ref label, unsigned line, const char *place,
				   const char *said)
{
	char where[FINDING_WHERE_MAX];
	(void)snprintf(where, sizeof where, "line %u: %s", line, place);
	inspection_add(labels->out, label, where, said);
}

/* Most files say one label many times: lines are counted for the first. */
static void add_here(struct json_labels *labels, struct label_ref label, const char *place, const char *said)
{
	unsigned line, column;
	if (is_found(labels->out, label))
		return;
	json_scan_where(labels->scan, &line, &column);
	add_at(labels, label, line, place, said);
}

/* Without the blanks around it; false where it is longer than any label. */
static bool trim(char out[WORD_MAX + 1], const char *text)
{
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	if (len > WORD_MAX)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static void add_tag(struct json_labels *labels, const char *text, const char *place)
{
	struct label_ref label;
	char tag[WORD_MAX + 1];
	if (strchr(text, ':') != NULL && trim(tag, text) && label_find_tag(&label, labels->schemes, tag))
		add_here(labels, label, place, tag);
}

/* A word of TLP, with "TLP:" in front or without. */
static bool find_word(const struct json_labels *labels, const char *text, struct label_ref *out)
{
	char tag[WORD_MAX + sizeof "tlp:"], word[WORD_MAX + 1];
	if (!trim(word, text))
		return false;
	(void)snprintf(tag, sizeof tag, "%s%s", strncasecmp(word, "tlp:", 4) == 0 ? "" : "tlp:", word);
	return label_find_tag(out, labels->schemes, tag);
}

static void add_word(struct json_labels *labels, const char *word, const char *place)
{
	struct label_ref label;
	if (find_word(labels, word, &label))
		add_here(labels, label, place, word);
}

/* --- STIX: references and definitions --- */

static uint16_t *find_slot(struct json_labels *labels, const char *id)
{
	uint32_t hash = 2166136261u;
	for (const char *p = id; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (uint32_t i = hash % INDEX_SIZE;; i = (i + 1) % INDEX_SIZE) { /* never full */
		uint16_t *slot = &labels->index[i];
		if (*slot == 0 || strcmp(labels->references[*slot - 1].id, id) == 0)
			return slot;
	}
}

static void say_more(struct json_labels *labels, const char *what)
{
	labels->out->more_findings = true;
	(void)snprintf(labels->out->not_read, sizeof labels->out->not_read, "%s", what);
}

static bool is_definition_id(const struct json_scan_text *id)
{
	return strncasecmp(id->bytes, DEFINITION_PREFIX, strlen(DEFINITION_PREFIX)) == 0;
}

/* Ids differ in case from program to program, and mean the same. */
static void copy_id(char out[ID_MAX + 1], const struct json_scan_text *id)
{
	for (size_t i = 0; i < id->len; i++)
		out[i] = (char)(id->bytes[i] >= 'A' && id->bytes[i] <= 'Z' ? id->bytes[i] | 0x20 : id->bytes[i]);
	out[id->len] = '\0';
}

static void keep_reference(struct json_labels *labels, uint16_t *slot, const char *id, unsigned depth, enum key key)
{
	struct reference *reference = &labels->references[labels->reference_count++];
	unsigned column;
	*slot = (uint16_t)labels->reference_count;
	(void)strcpy(reference->id, id);
	reference->place = place_of_reference(labels, depth, key);
	json_scan_where(labels->scan, &reference->line, &column);
}

/* Each id is looked up once, while there is room. They are kept, as the file's own definitions may stand behind; those
 * that the schemes know count even where no room is left. */
static void refer(struct json_labels *labels, unsigned depth, enum key key, const struct json_scan_text *text)
{
	struct label_ref label;
	char id[ID_MAX + 1];
	if (text->len > ID_MAX) {
		if (is_definition_id(text))
			say_more(labels, "it refers to marking ids that are longer than any");
		return;
	}
	copy_id(id, text);
	uint16_t *slot = find_slot(labels, id);
	if (*slot != 0)
		return;
	const bool known = label_find_stix(&label, labels->schemes, id);
	if (known)
		add_here(labels, label, place_of_reference(labels, depth, key), id);
	else if (labels->unknown_count == UNKNOWN_MAX)
		say_more(labels, "it refers to more than 256 marking ids that no scheme knows");
	if (labels->reference_count == REFERENCES_MAX || (!known && labels->unknown_count == UNKNOWN_MAX))
		return;
	labels->unknown_count += !known;
	keep_reference(labels, slot, id, depth, key);
}

static void define_word(struct json_labels *labels, unsigned depth, const char *word)
{
	struct frame *frame = &labels->frames[depth];
	struct label_ref label;
	if (frame->word_count < WORDS_MAX && find_word(labels, word, &label))
		frame->words[frame->word_count++] = label;
}

static void take_name(struct json_labels *labels, unsigned depth, const char *name)
{
	if (!is_member(labels, depth))
		return;
	if (above(labels, depth, 2) == KEY_TAG)
		add_tag(labels, name, "Tag[].name");
	else if (strncasecmp(name, "TLP:", 4) == 0)
		define_word(labels, depth - 1, name);
}

static void take_id(struct json_labels *labels, unsigned depth, const struct json_scan_text *id)
{
	if (is_member(labels, depth) && is_definition_id(id) && id->len <= ID_MAX)
		copy_id(labels->frames[depth - 1].id, id);
}

static void take_tlp(struct json_labels *labels, unsigned depth, const char *word)
{
	if (is_member(labels, depth) && is_top(labels, depth - 1))
		add_word(labels, word, "tlp");
	else if (above(labels, depth, 2) == KEY_DEFINITION && is_member(labels, depth - 1))
		define_word(labels, depth - 2, word);
}

static int on_string(void *ctx, unsigned depth, unsigned key, const struct json_scan_text *value, struct err *err)
{
	struct json_labels *labels = ctx;
	(void)err;
	if (value->cut)
		return 0;
	if (key == KEY_NAME)
		take_name(labels, depth, value->bytes);
	else if (key == KEY_ID)
		take_id(labels, depth, value);
	else if (key == KEY_OBJECT_MARKING_REFS || key == KEY_MARKING_REF)
		refer(labels, depth, key, value);
	else if (key == KEY_LABEL && is_csaf_tlp(labels, depth - 1))
		add_word(labels, value->bytes, "document.distribution.tlp.label");
	else if (key == KEY_TLP || key == KEY_UPPER_TLP || key == KEY_TITLE_TLP)
		take_tlp(labels, depth, value->bytes);
	else if (key == KEY_TLP_2_0 && above(labels, depth, 3) == KEY_EXTENSIONS)
		define_word(labels, depth - 3, value->bytes);
	else if (key == KEY_LABELS && !is_member(labels, depth))
		add_tag(labels, value->bytes, "labels[]");
	return 0;
}

static int on_begin(void *ctx, unsigned depth, bool is_object, struct err *err)
{
	struct frame *frame = &((struct json_labels *)ctx)->frames[depth];
	(void)is_object;
	(void)err;
	frame->seen = 0;
	frame->word_count = 0;
	frame->id[0] = '\0';
	frame->twice = KEY_NONE;
	return 0;
}

static int on_end(void *ctx, unsigned depth, bool is_object, struct err *err)
{
	struct json_labels *labels = ctx;
	const struct frame *frame = &labels->frames[depth];
	if (!is_object || frame->id[0] == '\0')
		return 0;
	if (frame->twice != KEY_NONE)
		return json_refuse_twice(frame->twice, frame->twice_line, frame->twice_column, err);
	for (unsigned i = 0; i < frame->word_count; i++) {
		if (labels->definition_count == DEFINITIONS_MAX) {
			say_more(labels, "it defines more than 256 markings");
			return 0;
		}
		struct definition *definition = &labels->definitions[labels->definition_count++];
		memcpy(definition->id, frame->id, sizeof definition->id);
		definition->label = frame->words[i];
	}
	return 0;
}

/* --- a file --- */

int json_labels_new(struct json_labels **out, const struct scheme_set *schemes, struct err *err)
{
	struct json_labels *labels = calloc(1, sizeof *labels);
	*out = NULL;
	if (labels == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (json_scan_new(&labels->scan, err) < 0) {
		free(labels);
		return -1;
	}
	labels->schemes = schemes;
	labels->events = (struct json_scan_events){.keys = json_label_keys,
											   .key_count = KEY_COUNT,
											   .begin = on_begin,
											   .end = on_end,
											   .key = json_on_key,
											   .string = on_string,
											   .ctx = labels};
	*out = labels;
	return 0;
}

void json_labels_free(struct json_labels *labels)
{
	if (labels == NULL)
		return;
	json_scan_free(labels->scan);
	free(labels);
}

void json_labels_begin(struct json_labels *labels, struct inspection *out)
{
	if (labels->reference_count > 0)
		memset(labels->index, 0, sizeof labels->index);
	labels->reference_count = labels->unknown_count = labels->definition_count = 0;
	labels->out = out;
	json_scan_begin(labels->scan, &labels->events);
}

/* A file that is meant to be broken, a sample say, has a way of its own. */
static int refuse_json(struct err *err)
{
	char hint[ERR_HINT_MAX];
	if (err->code != ERR_DOCUMENT)
		return -1;
	memcpy(hint, err->hint, sizeof hint);
	(void)err_recode(err, ERR_CONTENT);
	return err_hint(err, "%.300s; where it must stay as it is: not-inspected: \"REASON\" in %s", hint, LABEL_FILE_NAME);
}

int json_labels_feed(struct json_labels *labels, const char *bytes, size_t len, struct err *err)
{
	return json_scan_feed(labels->scan, bytes, len, err) == 0 ? 0 : refuse_json(err);
}

static void resolve(struct json_labels *labels, const struct reference *reference)
{
	for (uint32_t i = 0; i < labels->definition_count; i++) {
		const struct definition *definition = &labels->definitions[i];
		const struct label_ref label = definition->label;
		if (strcmp(definition->id, reference->id) == 0)
			add_at(labels, label, reference->line, reference->place,
				   label.legacy != NULL ? label.legacy->text : label.label->text);
	}
}

int json_labels_end(struct json_labels *labels, struct err *err)
{
	if (!labels->out->not_whole && json_scan_end(labels->scan, err) < 0)
		return refuse_json(err);
	for (uint32_t i = 0; i < labels->reference_count; i++)
		resolve(labels, &labels->references[i]);
	return 0;
}
