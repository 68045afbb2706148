/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words put together for a message, cut where they do not fit. */
struct words {
	char text[ERR_HINT_MAX];
	size_t used;
};

[[gnu::format(printf, 2, 3)]] static void words_add(struct words *words, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(words->text + words->used, sizeof words->text - words->used, fmt, args);
	va_end(args);
	words->used += n > 0 ? (size_t)n : 0;
	if (words->used >= sizeof words->text)
		words->used = sizeof words->text - 1;
}

/* --- one file --- */

static const struct scheme *scheme_of_other(const struct scheme_set *set, const struct manifest_marking *marking,
											uint32_t at, struct label_ref ref, struct label_ref *out)
{
	for (uint32_t i = 0; i < at; i++)
		if (label_find(out, set, marking->labels[i].id) && out->scheme == ref.scheme)
			return out->scheme;
	return NULL;
}

static int check_label(const struct scheme_set *set, const struct manifest_marking *marking, uint32_t at,
					   const char *path, struct err *err)
{
	struct label_ref ref, other;
	const char *id = marking->labels[at].id;
	if (!label_find(&ref, set, id))
		return err_set(err, ERR_LABEL, "%s: there is no label \"%s\" here", path, id);
	for (uint32_t i = 0; i < at; i++)
		if (strcmp(marking->labels[i].id, id) == 0)
			return err_set(err, ERR_LABEL, "%s: carries %s twice", path, ref.label->text);
	if (ref.scheme->exclusive && scheme_of_other(set, marking, at, ref, &other) != NULL) {
		(void)err_set(err, ERR_LABEL, "%s: carries both %s and %s", path, other.label->text, ref.label->text);
		return err_hint(err, "give it one label of %s", ref.scheme->title);
	}
	return 0;
}

static bool marking_has(const struct scheme_set *set, const struct manifest_marking *marking,
						const struct scheme *scheme)
{
	struct label_ref ref;
	for (uint32_t i = 0; i < marking->count; i++)
		if (label_find(&ref, set, marking->labels[i].id) && ref.scheme == scheme)
			return true;
	return false;
}

static int check_required(const struct scheme_set *set, const struct manifest_marking *marking, const char *path,
						  struct err *err)
{
	struct words missing = {0}, hint = {0};
	for (size_t i = 0; i < set->count; i++) {
		const struct scheme *scheme = &set->schemes[i];
		char typed[SCHEME_TEXT_MAX + 1], all[ERR_HINT_MAX / 2];
		if (!scheme->required || marking_has(set, marking, scheme))
			continue;
		label_format_typed(typed, set, (struct label_ref){.scheme = scheme, .label = scheme->example});
		scheme_list_labels(all, sizeof all, scheme);
		words_add(&missing, "%s%s (%s)", missing.used > 0 ? " and of " : "", scheme->title, scheme->id);
		words_add(&hint, "%s--label %s (one of %s)", hint.used > 0 ? " and " : "add ", typed, all);
	}
	if (missing.used == 0)
		return 0;
	(void)err_set(err, ERR_UNLABELLED, "%s: carries no label of %s", path, missing.text);
	return err_hint(err, "%s", hint.text);
}

int policy_check_marking(const struct scheme_set *set, const struct manifest_marking *marking, const char *path,
						 struct err *err)
{
	for (uint32_t i = 0; i < marking->count; i++)
		if (check_label(set, marking, i, path, err) != 0)
			return -1;
	return check_required(set, marking, path, err);
}

/* --- ceilings --- */

static int fail_ceiling_label(const char *who, const char *id, struct err *err)
{
	(void)err_set(err, ERR_LABEL, "%s: the ceiling \"%s\" is no label of a scheme that has ceilings here", who, id);
	return err_hint(err, "correct the ceilings of %s", who);
}

/* The ceiling for this scheme. out: the label NULL where there is no entry. Of several the lowest, which fails safe. */
static int find_ceiling(const struct scheme_set *set, const struct scheme *scheme, const struct ceilings *ceilings,
						const char *who, struct label_ref *out, struct err *err)
{
	*out = (struct label_ref){0};
	for (uint32_t i = 0; ceilings != NULL && i < ceilings->count; i++) {
		struct label_ref ref;
		if (!label_find(&ref, set, ceilings->labels[i]) || !ref.scheme->ceiling)
			return fail_ceiling_label(who, ceilings->labels[i], err);
		if (ref.scheme == scheme && (out->label == NULL || ref.label->rank < out->label->rank))
			*out = ref;
	}
	return 0;
}

static int fail_ceiling(const char *who, struct label_ref mark, struct label_ref ceiling, struct err *err)
{
	if (ceiling.label == NULL)
		(void)err_set(err, ERR_CEILING, "%s has no ceiling for %s (%s) and may not hold %s", who, mark.scheme->title,
					  mark.scheme->id, mark.label->text);
	else
		(void)err_set(err, ERR_CEILING, "%s may hold %s at most, and this is %s", who, ceiling.label->text,
					  mark.label->text);
	return err_hint(err, "leave out what is labelled %s, or let the administrator raise the ceiling of %s",
					mark.label->text, who);
}

static int check_ceiling(const struct scheme_set *set, const char *mark, const struct ceilings *ceilings,
						 const char *who, struct err *err)
{
	struct label_ref ref, ceiling;
	if (!label_find(&ref, set, mark))
		return err_set(err, ERR_LABEL, "there is no label \"%s\" here", mark);
	if (!ref.scheme->ceiling)
		return 0;
	if (find_ceiling(set, ref.scheme, ceilings, who, &ceiling, err) != 0)
		return -1;
	int64_t highest = ceiling.label != NULL ? ceiling.label->rank : 0;
	if (ref.label->rank >= 0 && ref.label->rank <= highest)
		return 0;
	return fail_ceiling(who, ref, ceiling, err);
}

int policy_check_ceilings(const struct scheme_set *set, const char (*marks)[LABEL_ID_MAX + 1], uint32_t mark_count,
						  const struct ceilings *ceilings, const char *who, struct err *err)
{
	for (uint32_t i = 0; i < mark_count; i++)
		if (check_ceiling(set, marks[i], ceilings, who, err) != 0)
			return -1;
	return 0;
}

static int check_new_ceiling(const struct scheme_set *set, const struct ceilings *so_far, struct label_ref ref,
							 struct err *err)
{
	struct label_ref other;
	if (!ref.scheme->ceiling)
		return err_set(err, ERR_LABEL, "%s has no ceilings: everybody may hold %s", ref.scheme->title, ref.label->text);
	for (uint32_t i = 0; i < so_far->count; i++)
		if (label_find(&other, set, so_far->labels[i]) && other.scheme == ref.scheme)
			return err_set(err, ERR_LABEL, "two ceilings for %s: %s and %s", ref.scheme->title, other.label->text,
						   ref.label->text);
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

int policy_normalise_ceilings(const struct scheme_set *set, struct ceilings *ceilings, struct err *err)
{
	struct ceilings done = {0};
	for (uint32_t i = 0; i < ceilings->count; i++) {
		struct label_ref ref;
		if (label_resolve(&ref, set, ceilings->labels[i], err) != 0 || check_new_ceiling(set, &done, ref, err) != 0)
			return -1;
		label_format_id(done.labels[done.count++], ref);
	}
	qsort(done.labels, done.count, sizeof *done.labels, compare_ids);
	*ceilings = done;
	return 0;
}

/* --- a received manifest --- */

static int check_scheme(const struct scheme_set *set, const struct manifest_scheme *theirs, struct err *err)
{
	const struct scheme *ours = scheme_find(set, theirs->id);
	if (ours == NULL) {
		(void)err_set(err, ERR_SCHEME, "the sender uses the scheme \"%s\", version %s, which is not here", theirs->id,
					  theirs->version);
		return err_hint(err, "put the same scheme file into schemes/ of the station's home");
	}
	if (digest_equal(&ours->semantics, &theirs->semantics))
		return 0;
	(void)err_set(err, ERR_SCHEME,
				  "the scheme \"%s\" has other ranks or rules at the sender (version %s) than here (version %s)",
				  theirs->id, theirs->version, ours->version);
	return err_hint(err, "agree with the sender on one version of the scheme");
}

static bool label_is_of(const char *label_id, const char *scheme_id)
{
	size_t len = strlen(scheme_id);
	return strncmp(label_id, scheme_id, len) == 0 && label_id[len] == '/';
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

/* Some file that carries each marking, to name it; a marking that no file carries would move the marks. */
static int check_markings(const struct scheme_set *set, const struct manifest *manifest, struct err *err)
{
	auto_free const char **paths = calloc(manifest->marking_count + (size_t)1, sizeof *paths);
	if (paths == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type != ENTRY_FOLDER && entry->marking < manifest->marking_count && paths[entry->marking] == NULL)
			paths[entry->marking] = entry->path;
	}
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		if (paths[i] == NULL)
			return err_set(err, ERR_MANIFEST, "no file carries marking %u of the manifest", (unsigned)i);
		/* the hint of the rule is for whoever packs */
		if (policy_check_marking(set, &manifest->markings[i], paths[i], err) != 0)
			return err_hint(err, "ask the sender to label it and to send a new bundle");
	}
	return 0;
}

static int check_marks(const struct scheme_set *set, const struct manifest *manifest, struct err *err)
{
	char(*marks)[LABEL_ID_MAX + 1] = NULL;
	uint32_t count;
	if (policy_high_water(set, manifest, &marks, &count, err) != 0)
		return -1;
	bool same = count == manifest->mark_count;
	for (uint32_t i = 0; same && i < count; i++)
		same = strcmp(marks[i], manifest->marks[i]) == 0;
	free(marks);
	return same ? 0 : err_set(err, ERR_MANIFEST, "the manifest's marks are not those of its files");
}

int policy_check_manifest(const struct scheme_set *set, const struct manifest *manifest, struct err *err)
{
	for (uint32_t i = 0; i < manifest->scheme_count; i++)
		if (check_scheme(set, &manifest->schemes[i], err) != 0)
			return -1;
	if (check_listed(manifest, err) != 0 || check_markings(set, manifest, err) != 0 || check_used(manifest, err) != 0)
		return -1;
	return check_marks(set, manifest, err);
}

/* --- the clock --- */

static int fail_clock(int64_t now, const char *event, int64_t then, struct err *err)
{
	char now_text[UTC_TEXT + 1], then_text[UTC_TEXT + 1];
	utc_format(now_text, now);
	utc_format(then_text, then);
	(void)err_set(err, ERR_CLOCK, "this clock says %s, and %s at %s", now_text, event, then_text);
	return err_hint(err, "set the clock of this machine; if it is right, unpack with --override clock --reason TEXT");
}

int policy_check_expiry(const struct waybill *waybill, int64_t now, struct err *err)
{
	if (now <= waybill->not_after)
		return 0;
	char text[UTC_TEXT + 1];
	utc_format(text, waybill->not_after);
	(void)err_set(err, ERR_EXPIRED, "the bundle was good until %s", text);
	return err_hint(err, "ask the sender for a new bundle, or unpack with --override expired --reason TEXT");
}

int policy_check_clock(const struct waybill *waybill, int64_t now, int64_t latest_seen, struct err *err)
{
	if (now < waybill->created - WAYBILL_SKEW_S)
		return fail_clock(now, "the bundle was made", waybill->created, err);
	if (latest_seen != 0 && now < latest_seen - WAYBILL_SKEW_S)
		return fail_clock(now, "this station was already at work", latest_seen, err);
	return 0;
}
