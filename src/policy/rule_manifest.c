/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest as a whole: the schemes it speaks in, and what it says that all its files together are. */
#include "policy/rule_view.h"
#include "policy/rules.h"

#include <stdio.h>
#include <string.h>

/* --- the same schemes on both sides --- */

static int check_scheme(const struct scheme_set *set, const struct manifest_scheme *theirs, struct err *err)
{
	const struct scheme *ours = scheme_find(set, theirs->id);
	if (ours == NULL) {
		(void)err_set(err, ERR_SCHEME, "the sender uses the scheme \"%s\", version %s, which is not here", theirs->id,
					  theirs->version);
		for (size_t i = 0; i < set->left_out_count; i++)
			if (strcmp(set->left_out[i], theirs->id) == 0)
				return err_hint(err, "it comes with valise and is not enabled: name the paper that allows it under "
									 "`accreditations` in station.yaml");
		return err_hint(err, "put the same scheme file into schemes/ of the station's home");
	}
	if (digest_equal(&ours->semantics, &theirs->semantics))
		return 0;
	(void)err_set(err, ERR_SCHEME,
				  "the scheme \"%s\" has other ranks or rules at the sender (version %s) than here (version %s)",
				  theirs->id, theirs->version, ours->version);
	return err_hint(err, "agree with the sender on one version of the scheme");
}

static bool lists_scheme_of(const struct manifest *manifest, const char *label_id)
{
	for (uint32_t i = 0; i < manifest->scheme_count; i++)
		if (label_is_of(label_id, manifest->schemes[i].id))
			return true;
	return false;
}

static bool uses_scheme(const struct manifest *manifest, const char *scheme_id)
{
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		for (uint32_t j = 0; j < manifest->markings[i].count; j++)
			if (label_is_of(manifest->markings[i].labels[j].id, scheme_id))
				return true;
	return false;
}

/* The schemes that the manifest lists are those of its labels: none missing, */
static int check_listed(const struct manifest *manifest, struct err *err)
{
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		for (uint32_t j = 0; j < manifest->markings[i].count; j++) {
			const char *id = manifest->markings[i].labels[j].id;
			if (!lists_scheme_of(manifest, id))
				return err_set(err, ERR_MANIFEST, "the manifest uses %s and does not list its scheme", id);
		}
	return 0;
}

/* and none too many. */
static int check_used(const struct manifest *manifest, struct err *err)
{
	for (uint32_t i = 0; i < manifest->scheme_count; i++)
		if (!uses_scheme(manifest, manifest->schemes[i].id))
			return err_set(err, ERR_MANIFEST, "the manifest lists the scheme %s and uses none of its labels",
						   manifest->schemes[i].id);
	return 0;
}

/* What labels count as elsewhere is the sender's word; within their own scheme it would be another label. */
static int check_one_stand_in(const struct scheme_set *set, const struct manifest_marking *marking, const char *id,
							  struct err *err)
{
	char scheme[LABEL_ID_MAX + 1];
	struct label_ref ref;
	(void)snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(id, "/"), id);
	for (uint32_t i = 0; i < marking->count; i++)
		if (label_is_of(marking->labels[i].id, scheme))
			return err_set(err, ERR_MANIFEST, "the manifest says that %s counts as %s, of the same scheme",
						   marking->labels[i].id, id);
	if (scheme_find(set, scheme) != NULL && !label_find(&ref, set, id))
		return err_set(err, ERR_MANIFEST, "the manifest says that labels count as %s, which is no label", id);
	return 0;
}

static int check_stand_ins(const struct rule_view *view, struct err *err)
{
	const struct manifest *manifest = view->about->manifest;
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		for (uint32_t j = 0; j < manifest->markings[i].handle_as_count; j++)
			if (check_one_stand_in(view->about->schemes, &manifest->markings[i], manifest->markings[i].handle_as[j],
								   err) != 0)
				return -1;
	return 0;
}

enum policy_outcome rule_schemes(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct manifest *manifest = view->about->manifest;
	struct rule_words names = {0};
	if (who >= 0 || view->about->side == POLICY_SENDING)
		return POLICY_NOT_CONCERNED;
	for (uint32_t i = 0; i < manifest->scheme_count; i++) {
		if (check_scheme(view->about->schemes, &manifest->schemes[i], why) != 0)
			return POLICY_REFUSES;
		rule_words_list(&names, manifest->schemes[i].id);
	}
	if (check_listed(manifest, why) != 0 || check_used(manifest, why) != 0 || check_stand_ins(view, why) != 0)
		return POLICY_REFUSES;
	if (manifest->scheme_count == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "%s: the same ranks and rules here as at the sender", names.text);
	return POLICY_ALLOWS;
}

/* --- high-water marks --- */

static bool marks_are_equal(const struct rule_view *view)
{
	const struct manifest *manifest = view->about->manifest;
	if (view->mark_count != manifest->mark_count)
		return false;
	for (uint32_t i = 0; i < view->mark_count; i++)
		if (strcmp(view->marks[i], manifest->marks[i]) != 0)
			return false;
	return true;
}

static bool releasable_are_equal(const struct rule_view *view)
{
	const struct manifest *manifest = view->about->manifest;
	if (view->releasable_count != manifest->releasable_count)
		return false;
	for (uint32_t i = 0; i < view->releasable_count; i++)
		if (strcmp(view->releasable[i], manifest->releasable[i]) != 0)
			return false;
	return true;
}

static int check_high_water(const struct rule_view *view, struct err *err)
{
	const struct err *failed = view->marks_err.code != ERR_OK ? &view->marks_err : &view->releasable_err;
	if (failed->code != ERR_OK) {
		*err = *failed;
		return view->about->side == POLICY_SENDING ? -1 : err_hint(err, "ask the sender for a new bundle");
	}
	if (!marks_are_equal(view))
		return err_set(err, ERR_MANIFEST, "the manifest's marks are not those of its files");
	if (!releasable_are_equal(view))
		return err_set(err, ERR_MANIFEST,
					   "the manifest says that it may be released to others than its files have in common");
	return 0;
}

enum policy_outcome rule_high_water(const struct rule_view *view, int64_t who, struct err *why)
{
	struct rule_words marks = {0};
	if (who >= 0)
		return POLICY_NOT_CONCERNED;
	if (check_high_water(view, why) != 0)
		return POLICY_REFUSES;
	for (uint32_t i = 0; i < view->mark_count; i++) {
		struct label_ref ref;
		if (label_find(&ref, view->about->schemes, view->marks[i]))
			rule_words_list(&marks, ref.label->text);
	}
	if (marks.used == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "all files together count as %s", marks.text);
	return POLICY_ALLOWS;
}
