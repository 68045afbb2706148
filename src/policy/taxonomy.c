/* SPDX-License-Identifier: Apache-2.0 */
/* machinetag.json: {namespace, description, version, predicates: [{value, …}], values: [{predicate, entry: [{value,
 * …}]}]}. A tag is namespace:predicate, or namespace:predicate="value" where the predicate has values. Names may hold
 * colons, slashes, plus signs and spaces. */
#include "policy/taxonomy.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_SUFFIX = 8 }; /* hexadecimal digits that tell shortened ids apart */

void taxonomy_clear(struct taxonomy *taxonomy)
{
	for (uint32_t i = 0; i < taxonomy->count; i++) {
		free(taxonomy->tags[i].tag);
		free(taxonomy->tags[i].rule);
	}
	free(taxonomy->tags);
	free(taxonomy->title);
	*taxonomy = (struct taxonomy){0};
}

/* --- ids --- */

/* Lower case, one "-" for whatever an id cannot hold: "amber+strict" is amber-strict. out[size] may be too short. */
static size_t slug(char *out, size_t size, const char *text)
{
	size_t len = 0;
	bool gap = false;
	for (; *text != '\0' && len + 2 < size; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
		bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (fits && gap && len > 0)
			out[len++] = '-';
		if (fits)
			out[len++] = c;
		gap = !fits;
	}
	out[len] = '\0';
	return len;
}

static bool id_is_taken(const struct taxonomy *taxonomy, const char *id)
{
	for (uint32_t i = 0; i < taxonomy->count; i++)
		if (strcmp(taxonomy->tags[i].id, id) == 0)
			return true;
	return false;
}

/* scheme/id has at most LABEL_ID_MAX bytes: what is longer, or taken, or empty, ends in a digest of the tag. */
static void choose_id(const struct taxonomy *taxonomy, struct taxonomy_tag *tag, const char *name)
{
	char text[256], hex[DIGEST_HEX + 1];
	struct digest digest;
	const size_t room = LABEL_ID_MAX - strlen(taxonomy->id) - 1;
	size_t len = slug(text, sizeof text, name);
	if (len == 0 || len > room || id_is_taken(taxonomy, text)) {
		hash_bytes(&digest, tag->tag, strlen(tag->tag));
		digest_format(hex, &digest);
		if (len > room - ID_SUFFIX - 1)
			len = room - ID_SUFFIX - 1;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s", len > 0 ? "-" : "", ID_SUFFIX, hex);
	}
	memcpy(tag->id, text, len + 1);
}

static int choose_scheme_id(struct taxonomy *out, const char *given, const char *namespace, struct err *err)
{
	char text[256];
	size_t len = given != NULL ? strlen(given) : slug(text, sizeof text, namespace);
	if (given != NULL && (!scheme_id_is_valid(given) || len > LABEL_ID_MAX / 2)) {
		(void)err_set(err, ERR_USAGE, "\"%s\" is no id for a scheme", given);
		return err_hint(err, "use a to z, 0 to 9 and -, at most %d of them", LABEL_ID_MAX / 2);
	}
	if (len == 0 || len > LABEL_ID_MAX / 2) {
		(void)err_set(err, ERR_DOCUMENT, "the namespace \"%s\" gives no id for a scheme", namespace);
		return err_hint(err, "choose one: --as ID");
	}
	memcpy(out->id, given != NULL ? given : text, len + 1);
	return 0;
}

/* --- tags --- */

static char *dup_plain(const char *text, size_t max)
{
	size_t len = text != NULL ? strlen(text) : 0;
	return len > 0 && len <= max && text_is_plain(text, len) ? strdup(text) : NULL;
}

/* The longer words where they fit, else the shorter ones. */
static void take_words(struct taxonomy *taxonomy, struct taxonomy_tag *tag, struct json_ref entry)
{
	static const char *const keys[] = {"description", "expanded"};
	bool any = false;
	for (size_t i = 0; i < 2 && tag->rule == NULL; i++) {
		const char *text = json_text(json_get(entry, keys[i]));
		any = any || (text != NULL && text[0] != '\0');
		tag->rule = dup_plain(text, SCHEME_NOTE_MAX);
	}
	taxonomy->rules_left_out += any && tag->rule == NULL;
	const char *colour = json_text(json_get(entry, "colour"));
	tag->has_colour = colour != NULL && colour[0] == '#' && hex_decode(tag->colour, 3, colour + 1, strlen(colour + 1));
}

static int add_tag(struct taxonomy *taxonomy, char *text, const char *name, struct json_ref entry, struct err *err)
{
	struct taxonomy_tag tag = {.tag = text};
	if (text == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const char *fault = strlen(text) > SCHEME_TEXT_MAX       ? "is longer than a label may be"
						: !text_is_plain(text, strlen(text)) ? "holds characters that a label may not hold"
															 : NULL;
	for (uint32_t i = 0; fault == NULL && i < taxonomy->count; i++)
		if (strcmp(taxonomy->tags[i].tag, text) == 0)
			fault = "stands there a second time";
	if (fault == NULL && taxonomy->count == TAXONOMY_TAGS_MAX)
		fault = "is one more than a scheme may have";
	struct taxonomy_tag *grown = fault == NULL ? array_grow(taxonomy->tags, taxonomy->count, sizeof *grown, err) : NULL;
	if (grown == NULL) {
		if (fault != NULL)
			(void)err_set(err, ERR_DOCUMENT, "the tag %s %s", text, fault);
		free(text);
		return -1;
	}
	taxonomy->tags = grown;
	choose_id(taxonomy, &tag, name);
	take_words(taxonomy, &tag, entry);
	grown[taxonomy->count++] = tag;
	return 0;
}

static int add_values(struct taxonomy *taxonomy, const char *namespace, const char *predicate, struct json_ref entries,
					  struct err *err)
{
	for (size_t i = 0; i < json_count(entries); i++) {
		struct json_ref entry = json_at(entries, i);
		const char *value = json_text(json_get(entry, "value"));
		char *text = NULL, name[256];
		if (value == NULL)
			return err_set(err, ERR_DOCUMENT, "entry %zu of the predicate \"%s\" has no \"value\"", i + 1, predicate);
		if (strpbrk(value, "\"\\") != NULL)
			return err_set(err, ERR_DOCUMENT, "the value \"%s\" of %s:%s holds a quote or a backslash", value,
						   namespace, predicate);
		(void)snprintf(name, sizeof name, "%s-%s", predicate, value);
		if (asprintf(&text, "%s:%s=\"%s\"", namespace, predicate, value) < 0)
			text = NULL;
		if (add_tag(taxonomy, text, name, entry, err) != 0)
			return -1;
	}
	return 0;
}

/* The values of one predicate may stand in several places. *found: whether there are any. */
static int add_all_values(struct taxonomy *taxonomy, const char *namespace, const char *predicate,
						  struct json_ref values, bool *found, struct err *err)
{
	*found = false;
	for (size_t i = 0; i < json_count(values); i++) {
		struct json_ref group = json_at(values, i), entries = json_get(group, "entry");
		const char *of = json_text(json_get(group, "predicate"));
		if (of == NULL || strcmp(of, predicate) != 0)
			continue;
		*found = *found || json_count(entries) > 0;
		if (add_values(taxonomy, namespace, predicate, entries, err) != 0)
			return -1;
	}
	return 0;
}

static int add_predicate(struct taxonomy *taxonomy, const char *namespace, struct json_ref predicate,
						 struct json_ref values, struct err *err)
{
	const char *name = json_text(json_get(predicate, "value"));
	char *text = NULL;
	bool has_values;
	if (name == NULL || name[0] == '\0')
		return err_set(err, ERR_DOCUMENT, "predicate %u of the taxonomy has no \"value\"",
					   (unsigned)taxonomy->count + 1);
	if (add_all_values(taxonomy, namespace, name, values, &has_values, err) != 0)
		return -1;
	if (has_values)
		return 0;
	if (asprintf(&text, "%s:%s", namespace, name) < 0)
		text = NULL;
	return add_tag(taxonomy, text, name, predicate, err);
}

/* Values of a predicate that is not declared would be lost without a word. */
static int check_groups(struct json_ref predicates, struct json_ref values, struct err *err)
{
	for (size_t i = 0; i < json_count(values); i++) {
		const char *of = json_text(json_get(json_at(values, i), "predicate"));
		bool known = false;
		for (size_t j = 0; of != NULL && j < json_count(predicates); j++) {
			const char *name = json_text(json_get(json_at(predicates, j), "value"));
			known = known || (name != NULL && strcmp(name, of) == 0);
		}
		if (!known)
			return err_set(err, ERR_DOCUMENT, "\"values\" names the predicate \"%s\", which \"predicates\" does not",
						   of != NULL ? of : "");
	}
	return 0;
}

/* --- the file --- */

static int fill(struct taxonomy *out, struct json_ref top, const char *id, struct err *err)
{
	struct json_ref predicates = json_get(top, "predicates"), values = json_get(top, "values");
	const char *namespace = json_text(json_get(top, "namespace"));
	const char *description = json_text(json_get(top, "description"));
	if (namespace == NULL || json_count(predicates) == 0)
		return err_set(err, ERR_DOCUMENT, "this is no MISP taxonomy: it has no \"%s\"",
					   namespace == NULL ? "namespace" : "predicates");
	if (choose_scheme_id(out, id, namespace, err) != 0 || check_groups(predicates, values, err) != 0)
		return -1;
	out->title = dup_plain(description, SCHEME_TEXT_MAX);
	if (out->title == NULL && asprintf(&out->title, "MISP taxonomy %s", out->id) < 0) {
		out->title = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	(void)snprintf(out->version, sizeof out->version, "%lld", (long long)json_int(json_get(top, "version"), 0));
	for (size_t i = 0; i < json_count(predicates); i++)
		if (add_predicate(out, namespace, json_at(predicates, i), values, err) != 0)
			return -1;
	return 0;
}

int taxonomy_parse(struct taxonomy *out, const char *bytes, size_t len, const char *id, struct err *err)
{
	auto_json *json = NULL;
	auto_taxonomy taxonomy = {0};
	*out = (struct taxonomy){0};
	if (len > TAXONOMY_BYTES_MAX)
		return err_set(err, ERR_DOCUMENT, "longer than %d bytes", TAXONOMY_BYTES_MAX);
	if (json_parse(&json, bytes, len, err) != 0 || fill(&taxonomy, json_top(json), id, err) != 0)
		return -1;
	*out = taxonomy;
	taxonomy = (struct taxonomy){0};
	return 0;
}
