/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the right words to somebody who wrote a label a little wrong. Nothing is guessed: what was meant is for the
 * person to say, and what comes close is only shown. */
#include "base/text.h"
#include "policy/label.h"
#include "policy/scheme_parse.h"

#include <stdio.h>
#include <string.h>

enum { TYPED_MAX = 256 };

/* What is left of a label when case, spaces and punctuation are gone: "tlp: amber" and "TLP/AMBER" are tlpamber. */
static void squeeze(char *out, size_t size, const char *text)
{
	struct err ignored = ERR_INIT;
	auto_free char *folded = NULL;
	size_t len = 0;
	/* not UTF-8, or no memory: then letters beyond ASCII keep their case */
	if (text_fold(&folded, text, strlen(text), &ignored) == 0)
		text = folded;
	for (; *text != '\0' && len + 1 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 'A' && c <= 'Z')
			out[len++] = (char)(c - 'A' + 'a');
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
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
	char text[ERR_HINT_MAX / 2];
	size_t used;
};

static void words_add(struct words *words, struct label_ref ref)
{
	char typed[SCHEME_TEXT_MAX + 1];
	label_format_typed(typed, words->set, ref);
	const char *separator = words->used > 0 ? " or " : "";
	if (words->used + strlen(separator) + strlen(typed) + 1 > sizeof words->text)
		return;
	words->used += (size_t)snprintf(words->text + words->used, sizeof words->text - words->used, "%s%s", separator,
									typed);
}

static void each_label(struct words *words, bool (*fits)(const struct words *words, struct label_ref ref))
{
	for (size_t i = 0; i < words->set->count; i++) {
		const struct scheme *scheme = &words->set->schemes[i];
		for (size_t j = 0; j < scheme->label_count; j++) {
			struct label_ref ref = {.scheme = scheme, .label = &scheme->labels[j]};
			if (fits(words, ref))
				words_add(words, ref);
		}
	}
}

static bool is_near(const struct words *words, struct label_ref ref)
{
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, ref);
	if (squeezes_to(ref.label->text, words->squeezed) || squeezes_to(id, words->squeezed))
		return true;
	for (uint32_t i = 0; i < ref.label->aliases.count; i++)
		if (squeezes_to(ref.label->aliases.items[i], words->squeezed))
			return true;
	return false;
}

/* "AMBER" alone: some label's own name, without its scheme. */
static bool is_half(const struct words *words, struct label_ref ref)
{
	return squeezes_to(ref.label->id, words->squeezed);
}

static int refuse_spelling(const struct words *words, const char *text, struct err *err)
{
	(void)err_set(err, ERR_LABEL, "\"%.*s\" is not how the label is written", SCHEME_TEXT_MAX, text);
	return err_hint(err, "write %s", words->text);
}

/* --- words of earlier versions --- */

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
	label_format_typed(typed, set, label_of_legacy(scheme, legacy));
	return err_hint(err, "write %s", typed);
}

/* --- what comes close to nothing --- */

/* The scheme whose id stands in front: "TLP:ROT", "tlp rouge". NULL for none. */
static const struct scheme *find_prefix(const struct scheme_set *set, const char *text)
{
	char id[LABEL_ID_MAX + 1];
	text += strspn(text, " ");
	size_t len = strcspn(text, ":/ ");
	if (text[len] == '\0' || len >= sizeof id)
		return NULL;
	memcpy(id, text, len);
	id[len] = '\0';
	for (size_t i = 0; i < set->count; i++)
		if (tag_compare(set->schemes[i].id, id) == 0)
			return &set->schemes[i];
	return NULL;
}

static int refuse_in_scheme(const struct scheme *scheme, const char *text, struct err *err)
{
	char all[ERR_HINT_MAX / 2];
	scheme_list_labels(all, sizeof all, scheme);
	(void)err_set(err, ERR_LABEL, "\"%.*s\" is no label of %s %s", SCHEME_TEXT_MAX, text, scheme->title,
				  scheme->version);
	return err_hint(err, "the labels of %s are never translated: write one of %s", scheme->id, all);
}

/* A label by the id of a scheme that needs an accreditation. */
static bool is_left_out(const struct scheme_set *set, const char *text, const char **out)
{
	if (!label_has_id_form(text))
		return false;
	size_t len = strcspn(text, "/");
	for (size_t i = 0; i < set->left_out_count; i++) {
		*out = set->left_out[i];
		if (strlen(*out) == len && memcmp(*out, text, len) == 0)
			return true;
	}
	return false;
}

static size_t list_schemes(char *out, size_t size, const struct scheme_set *set, bool required, size_t used)
{
	for (size_t i = 0; i < set->count && used + 16 < size; i++) {
		if (set->schemes[i].required != required)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s", used > 0 ? "; " : "");
		scheme_list_labels(out + used, size - used, &set->schemes[i]);
		used += strlen(out + used);
	}
	return used;
}

static int refuse_unknown(const struct scheme_set *set, const char *text, struct err *err)
{
	char all[ERR_HINT_MAX - 32];
	const char *id;
	(void)err_set(err, ERR_LABEL, "\"%.*s\" is no label", SCHEME_TEXT_MAX, text);
	if (is_left_out(set, text, &id))
		return err_hint(err, "that scheme is not enabled here: " SCHEME_HOW_TO_ACCREDIT, id);
	/* where not all have room, those that are needed are there */
	size_t used = list_schemes(all, sizeof all, set, true, 0);
	used = list_schemes(all, sizeof all, set, false, used);
	return err_hint(err, "the labels are %s", used > 0 ? all : "none: there is no scheme");
}

int label_refuse(const struct scheme_set *set, const char *text, struct err *err)
{
	char squeezed[TYPED_MAX];
	const struct scheme *scheme;
	squeeze(squeezed, sizeof squeezed, text);
	struct words words = {.set = set, .squeezed = squeezed};
	if (squeezed[0] == '\0')
		return refuse_unknown(set, text, err);
	each_label(&words, is_near);
	if (words.used > 0)
		return refuse_spelling(&words, text, err);
	const struct label_legacy *legacy = find_legacy(set, squeezed, &scheme);
	if (legacy != NULL && legacy->action == LEGACY_REFUSE)
		return refuse_legacy(set, scheme, legacy, err);
	if (legacy != NULL)
		words_add(&words, label_of_legacy(scheme, legacy));
	else
		each_label(&words, is_half);
	if (words.used > 0)
		return refuse_spelling(&words, text, err);
	scheme = find_prefix(set, text);
	return scheme != NULL ? refuse_in_scheme(scheme, text, err) : refuse_unknown(set, text, err);
}
