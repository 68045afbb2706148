/* SPDX-License-Identifier: Apache-2.0 */
/* Labels as people write them. Only the exact words count; everything here beyond that is about telling the right words
 * to somebody who wrote them a little wrong, never about guessing what was meant. */
#include "policy/scheme.h"
#include "policy/scheme_parse.h"

#include <stdio.h>
#include <string.h>

bool label_find(struct label_ref *out, const struct scheme_set *set, const char *id)
{
	const char *slash = strchr(id, '/');
	*out = (struct label_ref){0};
	if (slash == NULL)
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct scheme *scheme = &set->schemes[i];
		size_t len = strlen(scheme->id);
		if (len != (size_t)(slash - id) || memcmp(scheme->id, id, len) != 0)
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

/* Call each() for every label of the set until it returns nonzero. */
static int each_label(const struct scheme_set *set, int (*each)(struct label_ref ref, void *ctx), void *ctx)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct scheme *scheme = &set->schemes[i];
		for (size_t j = 0; j < scheme->label_count; j++)
			if (each((struct label_ref){.scheme = scheme, .label = &scheme->labels[j]}, ctx) != 0)
				return -1;
	}
	return 0;
}

struct by_text {
	const char *text;
	struct label_ref first;
	size_t count;
};

static int match_text(struct label_ref ref, void *ctx)
{
	struct by_text *by = ctx;
	if (strcmp(ref.label->text, by->text) != 0)
		return 0;
	if (by->count++ == 0)
		by->first = ref;
	return 0;
}

void label_format_typed(char out[static SCHEME_TEXT_MAX + 1], const struct scheme_set *set, struct label_ref ref)
{
	struct by_text by = {.text = ref.label->text};
	char id[LABEL_ID_MAX + 1];
	(void)each_label(set, match_text, &by);
	label_format_id(id, ref);
	(void)snprintf(out, SCHEME_TEXT_MAX + 1, "%s", by.count > 1 ? id : ref.label->text);
}

/* --- refusing, with the words to type --- */

enum { TYPED_MAX = 256 };

/* What is left of a label when case, spaces and punctuation are gone: "tlp: amber" and "TLP/AMBER" are TLPAMBER. */
static void squeeze(char *out, size_t size, const char *text)
{
	size_t len = 0;
	for (; *text != '\0' && len + 1 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 'a' && c <= 'z')
			out[len++] = (char)(c - 'a' + 'A');
		else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80)
			out[len++] = (char)c;
	}
	out[len] = '\0';
}

static bool squeezes_to(const char *text, const char *squeezed)
{
	char own[TYPED_MAX];
	squeeze(own, sizeof own, text);
	return strcmp(own, squeezed) == 0;
}

/* Words to type, joined: "TLP:AMBER or PAP:AMBER". */
struct words {
	const struct scheme_set *set;
	const char *squeezed;
	const char *exact;
	char text[ERR_HINT_MAX / 2];
	size_t used;
};

static int words_add(struct words *words, struct label_ref ref, bool by_id)
{
	char typed[SCHEME_TEXT_MAX + 1];
	if (by_id)
		label_format_id(typed, ref);
	else
		label_format_typed(typed, words->set, ref);
	const char *separator = words->used > 0 ? " or " : "";
	if (words->used + strlen(separator) + strlen(typed) + 1 > sizeof words->text)
		return -1;
	words->used += (size_t)snprintf(words->text + words->used, sizeof words->text - words->used, "%s%s", separator,
									typed);
	return 0;
}

static int add_same_text(struct label_ref ref, void *ctx)
{
	struct words *words = ctx;
	return strcmp(ref.label->text, words->exact) == 0 ? words_add(words, ref, true) : 0;
}

static int add_near(struct label_ref ref, void *ctx)
{
	struct words *words = ctx;
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, ref);
	bool near = squeezes_to(ref.label->text, words->squeezed) || squeezes_to(id, words->squeezed);
	return near ? words_add(words, ref, false) : 0;
}

/* "AMBER" alone: some label's own name, without its scheme. */
static int add_half(struct label_ref ref, void *ctx)
{
	struct words *words = ctx;
	return squeezes_to(ref.label->id, words->squeezed) ? words_add(words, ref, false) : 0;
}

static const struct label_legacy *find_legacy(const struct scheme_set *set, const char *squeezed,
											  const struct scheme **out)
{
	for (size_t i = 0; i < set->count; i++) {
		*out = &set->schemes[i];
		for (size_t j = 0; j < (*out)->legacy_count; j++)
			if (squeezes_to((*out)->legacy[j].text, squeezed))
				return &(*out)->legacy[j];
	}
	return NULL;
}

static int refuse_legacy(const struct scheme_set *set, const struct scheme *scheme, const struct label_legacy *legacy,
						 struct err *err)
{
	char typed[SCHEME_TEXT_MAX + 1];
	char all[ERR_HINT_MAX / 2];
	(void)err_set(err, ERR_LABEL, "\"%s\" is no label of %s %s%s%s", legacy->text, scheme->title, scheme->version,
				  legacy->note[0] != '\0' ? ": " : "", legacy->note);
	if (legacy->means[0] == '\0') {
		scheme_list_labels(all, sizeof all, scheme);
		return err_hint(err, "write one of %s", all);
	}
	const struct label *label = scheme_find_label(scheme, legacy->means);
	label_format_typed(typed, set, (struct label_ref){.scheme = scheme, .label = label});
	return err_hint(err, "write %s", typed);
}

static int refuse_unknown(const struct scheme_set *set, const char *text, struct err *err)
{
	char all[ERR_HINT_MAX - 32];
	size_t used = 0;
	for (size_t i = 0; i < set->count && used + 16 < sizeof all; i++) {
		used += (size_t)snprintf(all + used, sizeof all - used, "%s", i > 0 ? "; " : "");
		scheme_list_labels(all + used, sizeof all - used, &set->schemes[i]);
		used += strlen(all + used);
	}
	(void)err_set(err, ERR_LABEL, "\"%.*s\" is no label", SCHEME_TEXT_MAX, text);
	return err_hint(err, "the labels are %s", used > 0 ? all : "none: there is no scheme");
}

static int refuse(const struct scheme_set *set, const char *text, struct err *err)
{
	char squeezed[TYPED_MAX];
	const struct scheme *scheme;
	squeeze(squeezed, sizeof squeezed, text);
	if (squeezed[0] == '\0')
		return refuse_unknown(set, text, err);
	const struct label_legacy *legacy = find_legacy(set, squeezed, &scheme);
	if (legacy != NULL)
		return refuse_legacy(set, scheme, legacy, err);
	struct words words = {.set = set, .squeezed = squeezed};
	(void)each_label(set, add_near, &words);
	if (words.used == 0)
		(void)each_label(set, add_half, &words);
	if (words.used == 0)
		return refuse_unknown(set, text, err);
	(void)err_set(err, ERR_LABEL, "\"%.*s\" is not how the label is written", SCHEME_TEXT_MAX, text);
	return err_hint(err, "write %s", words.text);
}

static int refuse_shared(const struct scheme_set *set, const char *text, struct err *err)
{
	struct words words = {.set = set, .exact = text};
	(void)each_label(set, add_same_text, &words);
	(void)err_set(err, ERR_LABEL, "\"%s\" is a label of more than one scheme", text);
	return err_hint(err, "write %s", words.text);
}

int label_resolve(struct label_ref *out, const struct scheme_set *set, const char *text, struct err *err)
{
	if (label_has_id_form(text) && label_find(out, set, text))
		return 0;
	struct by_text by = {.text = text};
	(void)each_label(set, match_text, &by);
	*out = (struct label_ref){0};
	if (by.count == 0)
		return refuse(set, text, err);
	if (by.count > 1)
		return refuse_shared(set, text, err);
	*out = by.first;
	return 0;
}
