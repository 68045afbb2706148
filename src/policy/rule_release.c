/* SPDX-License-Identifier: Apache-2.0 */
/* Releasability: which jurisdictions may have it. What is not said is not allowed: a file that names nobody, beside one
 * that does, would let the whole bundle go further than anybody wrote down. */
#include "policy/rule_view.h"
#include "policy/rules.h"

#include <stdlib.h>
#include <string.h>

static const char *path_of(const struct manifest *manifest, uint32_t marking)
{
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER && manifest->entries[i].marking == marking)
			return manifest->entries[i].path;
	return "no file";
}

static bool names_jurisdiction(const char (*codes)[3], uint32_t count, const char *code)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

static uint32_t keep_common(char (*codes)[3], uint32_t count, const struct manifest_marking *marking)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++)
		if (names_jurisdiction((const char(*)[3])marking->releasable, marking->releasable_count, codes[i]))
			memmove(codes[kept++], codes[i], sizeof *codes);
	return kept;
}

static int fail_silent(const struct manifest *manifest, uint32_t silent, uint32_t first, struct err *err)
{
	(void)err_set(err, ERR_RELEASE, "%s: does not say to whom it may be released, and %s does",
				  path_of(manifest, silent), path_of(manifest, first));
	return err_hint(err, "say it for every file (releasable-to: in the label file), or pack them apart");
}

static int fail_empty(const struct manifest *manifest, uint32_t marking, struct err *err)
{
	(void)err_set(err, ERR_RELEASE, "%s: may be released to nobody to whom all the other files may",
				  path_of(manifest, marking));
	return err_hint(err, "pack it apart");
}

/* The first that states a set, and of those that do not. */
static void find_first(const struct manifest *manifest, uint32_t *stating, uint32_t *silent)
{
	*stating = *silent = manifest->marking_count;
	for (uint32_t i = manifest->marking_count; i > 0; i--)
		*(manifest->markings[i - 1].releasable_count > 0 ? stating : silent) = i - 1;
}

int policy_releasable(const struct manifest *manifest, char (**out)[3], uint32_t *out_count, struct err *err)
{
	uint32_t first, silent;
	*out = NULL;
	*out_count = 0;
	find_first(manifest, &first, &silent);
	if (first == manifest->marking_count)
		return 0;
	if (silent < manifest->marking_count)
		return fail_silent(manifest, silent, first, err);
	uint32_t count = manifest->markings[first].releasable_count;
	char(*common)[3] = calloc(count, sizeof *common);
	if (common == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	memcpy(common, manifest->markings[first].releasable, count * sizeof *common);
	for (uint32_t i = first + 1; i < manifest->marking_count; i++) {
		count = keep_common(common, count, &manifest->markings[i]);
		if (count == 0) {
			free(common);
			return fail_empty(manifest, i, err);
		}
	}
	*out = common;
	*out_count = count;
	return 0;
}

/* --- the rule --- */

static void list_set(const struct rule_view *view, struct rule_words *out)
{
	for (uint32_t i = 0; i < view->releasable_count; i++)
		rule_words_list(out, view->releasable[i]);
}

static void fail_release(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct policy_party *party = rule_party(view, who);
	const char *code = rule_jurisdiction(party);
	struct rule_words set = {0};
	list_set(view, &set);
	if (code[0] == '\0')
		(void)err_set(why, ERR_RELEASE, "nobody said what jurisdiction %s is of, and the files may go to %s only",
					  party->name, set.text);
	else
		(void)err_set(why, ERR_RELEASE, "%s is of %s, and the files may go to %s only", party->name, code, set.text);
	if (who < 0)
		(void)err_hint(why,
					   "if that is wrong: `jurisdiction` in station.yaml; else the sender must not send this here");
	else
		(void)err_hint(why, "leave %s out, or the files; `jurisdiction` stands in its entry of the registry",
					   party->name);
}

enum policy_outcome rule_releasable(const struct rule_view *view, int64_t who, struct err *why)
{
	/* The sender holds it already; nobody releases it to him. */
	if ((who < 0) != (view->about->side == POLICY_RECEIVING))
		return POLICY_NOT_CONCERNED;
	if (view->releasable_err.code != ERR_OK) {
		*why = view->releasable_err;
		return POLICY_REFUSES;
	}
	if (view->releasable_count == 0)
		return POLICY_NOT_CONCERNED;
	const char *code = rule_jurisdiction(rule_party(view, who));
	if (!names_jurisdiction((const char(*)[3])view->releasable, view->releasable_count, code)) {
		fail_release(view, who, why);
		return POLICY_REFUSES;
	}
	struct rule_words set = {0};
	list_set(view, &set);
	(void)err_set(why, ERR_OK, "%s is among %s", code, set.text);
	return POLICY_ALLOWS;
}
