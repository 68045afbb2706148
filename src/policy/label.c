/* SPDX-License-Identifier: Apache-2.0 */
/* Labels by what they are called: in documents, inside of files, by people. Only the exact words count; who wrote them
 * a little wrong is told the right ones in label_refuse.c. */
#include "policy/label.h"

#include "policy/scheme_parse.h"

#include <stdio.h>
#include <string.h>

int tag_compare(const char *a, const char *b)
{
	for (;; a++, b++) {
		unsigned char left = (unsigned char)*a, right = (unsigned char)*b;
		left = left >= 'A' && left <= 'Z' ? (unsigned char)(left + 'a' - 'A') : left;
		right = right >= 'A' && right <= 'Z' ? (unsigned char)(right + 'a' - 'A') : right;
		if (left != right || left == '\0')
			return (left > right) - (left < right);
	}
}

bool label_is_of(const char *id, const char *scheme_id)
{
	const size_t len = strlen(scheme_id);
	return strncmp(id, scheme_id, len) == 0 && id[len] == '/';
}

bool label_find(struct label_ref *out, const struct scheme_set *set, const char *id)
{
	const char *slash = strchr(id, '/');
	*out = (struct label_ref){0};
	if (slash == NULL)
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct scheme *scheme = &set->schemes[i];
		if (!label_is_of(id, scheme->id))
			continue;
		const struct label *label = scheme_find_label(scheme, slash + 1);
		if (label != NULL)
			*out = (struct label_ref){.scheme = scheme, .label = label};
		return label != NULL;
	}
	return false;
}

void label_format_id(char out[static LABEL_ID_MAX + 1], struct label_ref ref)
{
	/* scheme_parse() sees to it that both fit */
	size_t scheme_len = strlen(ref.scheme->id), label_len = strlen(ref.label->id);
	memcpy(out, ref.scheme->id, scheme_len);
	out[scheme_len] = '/';
	memcpy(out + scheme_len + 1, ref.label->id, label_len + 1);
}

/* --- what files say inside --- */

/* Whether a label, or a word of an earlier version, has this word in the list that find looks at. */
struct inner {
	const char *word;
	int (*compare)(const char *a, const char *b);
	const struct label_words *(*of_label)(const struct label *label);
	const struct label_words *(*of_legacy)(const struct label_legacy *legacy);
};

static bool has_word(const struct inner *inner, const struct label_words *words)
{
	for (uint32_t i = 0; i < words->count; i++)
		if (inner->compare(words->items[i], inner->word) == 0)
			return true;
	return false;
}

static bool find_inner_of(struct label_ref *out, const struct scheme *scheme, const struct inner *inner)
{
	for (size_t i = 0; i < scheme->label_count; i++)
		if (has_word(inner, inner->of_label(&scheme->labels[i]))) {
			*out = (struct label_ref){.scheme = scheme, .label = &scheme->labels[i]};
			return true;
		}
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *legacy = &scheme->legacy[i];
		if (legacy->action == LEGACY_WARN && has_word(inner, inner->of_legacy(legacy))) {
			*out = label_of_legacy(scheme, legacy);
			return true;
		}
	}
	return false;
}

static bool find_inner(struct label_ref *out, const struct scheme_set *set, const struct inner *inner)
{
	*out = (struct label_ref){0};
	for (size_t i = 0; i < set->count; i++)
		if (find_inner_of(out, &set->schemes[i], inner))
			return true;
	return false;
}

static const struct label_words *tags_of(const struct label *label)
{
	return &label->tags;
}

static const struct label_words *legacy_tags_of(const struct label_legacy *legacy)
{
	return &legacy->tags;
}

static const struct label_words *stix_of(const struct label *label)
{
	return &label->stix;
}

static const struct label_words *legacy_stix_of(const struct label_legacy *legacy)
{
	return &legacy->stix;
}

bool label_find_tag(struct label_ref *out, const struct scheme_set *set, const char *tag)
{
	return find_inner(out, set, &(struct inner){tag, tag_compare, tags_of, legacy_tags_of});
}

bool label_find_stix(struct label_ref *out, const struct scheme_set *set, const char *id)
{
	return find_inner(out, set, &(struct inner){id, strcmp, stix_of, legacy_stix_of});
}

/* --- what people type --- */

struct label_ref label_of_legacy(const struct scheme *scheme, const struct label_legacy *legacy)
{
	return (struct label_ref){.scheme = scheme, .label = scheme_find_label(scheme, legacy->means), .legacy = legacy};
}

/* Whether it is the label's text or one of its aliases. */
static bool has_text(const struct label *label, const char *text)
{
	if (strcmp(label->text, text) == 0)
		return true;
	for (uint32_t i = 0; i < label->aliases.count; i++)
		if (strcmp(label->aliases.items[i], text) == 0)
			return true;
	return false;
}

/* Within a scheme a word stands for one label: scheme_check_words(). */
static bool find_text_in(struct label_ref *out, const struct scheme *scheme, const char *text)
{
	for (size_t i = 0; i < scheme->label_count; i++)
		if (has_text(&scheme->labels[i], text)) {
			*out = (struct label_ref){.scheme = scheme, .label = &scheme->labels[i]};
			return true;
		}
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *legacy = &scheme->legacy[i];
		if (legacy->action == LEGACY_WARN && strcmp(legacy->text, text) == 0) {
			*out = label_of_legacy(scheme, legacy);
			return true;
		}
	}
	return false;
}

/* In how many schemes it stands for a label; *out the first. */
static size_t find_text(struct label_ref *out, const struct scheme_set *set, const char *text)
{
	size_t count = 0;
	*out = (struct label_ref){0};
	for (size_t i = 0; i < set->count; i++) {
		struct label_ref found;
		if (find_text_in(&found, &set->schemes[i], text) && count++ == 0)
			*out = found;
	}
	return count;
}

void label_format_typed(char out[static SCHEME_TEXT_MAX + 1], const struct scheme_set *set, struct label_ref ref)
{
	struct label_ref first;
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, ref);
	(void)snprintf(out, SCHEME_TEXT_MAX + 1, "%s", find_text(&first, set, ref.label->text) > 1 ? id : ref.label->text);
}

static int refuse_shared(const struct scheme_set *set, const char *text, struct err *err)
{
	char words[ERR_HINT_MAX / 2] = "";
	size_t used = 0;
	for (size_t i = 0; i < set->count && used + LABEL_ID_MAX + 5 < sizeof words; i++) {
		struct label_ref ref;
		char id[LABEL_ID_MAX + 1];
		if (!find_text_in(&ref, &set->schemes[i], text))
			continue;
		label_format_id(id, ref);
		used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", used > 0 ? " or " : "", id);
	}
	(void)err_set(err, ERR_LABEL, "\"%s\" is a label of more than one scheme", text);
	return err_hint(err, "write %s", words);
}

int label_resolve(struct label_ref *out, const struct scheme_set *set, const char *text, struct err *err)
{
	if (label_has_id_form(text) && label_find(out, set, text))
		return 0;
	const size_t count = find_text(out, set, text);
	if (count == 1)
		return 0;
	*out = (struct label_ref){0};
	return count == 0 ? label_refuse(set, text, err) : refuse_shared(set, text, err);
}
