/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of one file: known, complete, without contradiction. */
#include "policy/rule_view.h"
#include "policy/rules.h"

#include <string.h>

struct one_file {
	const struct scheme_set *set;
	const struct manifest_marking *marking;
	const struct label_ref *refs;
	const char *path;
};

static int check_label(const struct one_file *file, uint32_t at, struct err *err)
{
	const struct label_ref ref = file->refs[at];
	if (ref.label == NULL)
		return err_set(err, ERR_LABEL, "%s: there is no label \"%s\" here", file->path, file->marking->labels[at].id);
	for (uint32_t i = 0; i < at; i++)
		if (file->refs[i].label == ref.label)
			return err_set(err, ERR_LABEL, "%s: carries %s twice", file->path, ref.label->text);
	for (uint32_t i = 0; ref.scheme->exclusive && i < at; i++)
		if (file->refs[i].scheme == ref.scheme) {
			(void)err_set(err, ERR_LABEL, "%s: carries both %s and %s", file->path, file->refs[i].label->text,
						  ref.label->text);
			return err_hint(err, "give it one label of %s", ref.scheme->title);
		}
	return 0;
}

static bool has_label_of(const struct one_file *file, const struct scheme *scheme)
{
	for (uint32_t i = 0; i < file->marking->count; i++)
		if (file->refs[i].scheme == scheme)
			return true;
	return false;
}

static int check_required(const struct one_file *file, struct err *err)
{
	struct rule_words missing = {0}, hint = {0};
	for (size_t i = 0; i < file->set->count; i++) {
		const struct scheme *scheme = &file->set->schemes[i];
		char typed[SCHEME_TEXT_MAX + 1], all[ERR_HINT_MAX / 2];
		if (!scheme->required || has_label_of(file, scheme))
			continue;
		label_format_typed(typed, file->set, (struct label_ref){.scheme = scheme, .label = scheme->example});
		scheme_list_labels(all, sizeof all, scheme);
		rule_words_add(&missing, "%s%s (%s)", missing.used > 0 ? " and of " : "", scheme->title, scheme->id);
		rule_words_add(&hint, "%s--label %s (one of %s)", hint.used > 0 ? " and " : "add ", typed, all);
	}
	if (missing.used == 0)
		return 0;
	(void)err_set(err, ERR_UNLABELLED, "%s: carries no label of %s", file->path, missing.text);
	return err_hint(err, "%s; or label the folder: valise label DIR", hint.text);
}

/* --- what a label brings with it --- */

static bool has_at_least(const struct one_file *file, struct label_ref wanted)
{
	for (uint32_t i = 0; i < file->marking->count; i++) {
		const struct label_ref ref = file->refs[i];
		if (ref.label == wanted.label || (ref.scheme == wanted.scheme && wanted.scheme->combine == COMBINE_MAX &&
										  ref.label->rank >= wanted.label->rank))
			return true;
	}
	return false;
}

static int fail_implied(const struct one_file *file, const struct label *label, struct label_ref wanted,
						struct err *err)
{
	char typed[SCHEME_TEXT_MAX + 1];
	const char *higher = wanted.scheme->combine == COMBINE_MAX ? " or a higher one" : "";
	label_format_typed(typed, file->set, wanted);
	(void)err_set(err, ERR_LABEL, "%s: carries %s, and so must carry %s%s of %s (%s)", file->path, label->text,
				  wanted.label->text, higher, wanted.scheme->title, wanted.scheme->id);
	return err_hint(err, "add --label %s%s, or correct the label %s", typed, higher, label->text);
}

static int check_implied(const struct one_file *file, const struct label *label, struct err *err)
{
	for (uint32_t i = 0; i < label->implies_count; i++) {
		struct label_ref wanted;
		if (!label_find(&wanted, file->set, label->implies[i])) {
			(void)err_set(err, ERR_LABEL, "%s: %s asks for the label \"%s\", which is not here", file->path,
						  label->text, label->implies[i]);
			return err_hint(err, "put the scheme of that label into schemes/ of the station's home");
		}
		if (!has_at_least(file, wanted))
			return fail_implied(file, label, wanted, err);
	}
	return 0;
}

/* --- all of it --- */

/* Its labels, found already. */
static int check_marking(const struct scheme_set *set, const struct manifest_marking *marking,
						 const struct label_ref *refs, const char *path, struct err *err)
{
	const struct one_file file = {.set = set, .marking = marking, .refs = refs, .path = path};
	for (uint32_t i = 0; i < marking->count; i++)
		if (check_label(&file, i, err) != 0)
			return -1;
	if (check_required(&file, err) != 0)
		return -1;
	for (uint32_t i = 0; i < marking->count; i++)
		if (check_implied(&file, refs[i].label, err) != 0)
			return -1;
	return 0;
}

int policy_check_marking(const struct scheme_set *set, const struct manifest_marking *marking, const char *path,
						 struct err *err)
{
	struct label_ref refs[MANIFEST_LABELS_MAX];
	if (marking->count > MANIFEST_LABELS_MAX)
		return err_set(err, ERR_LABEL, "%s: carries more than %d labels", path, MANIFEST_LABELS_MAX);
	for (uint32_t i = 0; i < marking->count; i++)
		(void)label_find(&refs[i], set, marking->labels[i].id);
	return check_marking(set, marking, refs, path, err);
}

static int check_one(const struct rule_view *view, uint32_t number, struct err *err)
{
	const struct manifest_marking *marking = &view->about->manifest->markings[number];
	/* what no file carries would move the marks */
	if (view->paths[number] == NULL)
		return err_set(err, ERR_MANIFEST, "no file carries marking %u of the manifest", (unsigned)number);
	int rc = check_marking(view->about->schemes, marking, &view->refs[view->first[number]], view->paths[number], err);
	/* the rule's own hint is for whoever packs */
	if (rc != 0 && view->about->side == POLICY_RECEIVING)
		(void)err_hint(err, "ask the sender to label it and to send a new bundle");
	return rc;
}

enum policy_outcome rule_labelled(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct manifest *manifest = view->about->manifest;
	if (who >= 0)
		return POLICY_NOT_CONCERNED;
	if (view->unmarked != NULL) {
		(void)err_set(why, ERR_MANIFEST, "%s: has no marking in the manifest", view->unmarked);
		return POLICY_REFUSES;
	}
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		if (check_one(view, i, why) != 0)
			return POLICY_REFUSES;
	if (manifest->marking_count == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "each file has its labels (%u different set%s)", (unsigned)manifest->marking_count,
				  manifest->marking_count > 1 ? "s" : "");
	return POLICY_ALLOWS;
}
