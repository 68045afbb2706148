/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/labelling.h"

#include "policy/rules.h"

#include <string.h>

struct labels {
	struct manifest_label items[MANIFEST_LABELS_MAX];
	struct label_ref refs[MANIFEST_LABELS_MAX];
	uint32_t count;
};

/* Whether one of the first count labels is of this scheme. */
static bool has_scheme(const struct labels *labels, uint32_t count, const struct scheme *scheme)
{
	for (uint32_t i = 0; i < count; i++)
		if (labels->refs[i].scheme == scheme)
			return true;
	return false;
}

static int add_label(struct labels *labels, struct label_ref ref, enum label_origin origin, struct err *err)
{
	for (uint32_t i = 0; i < labels->count; i++)
		if (labels->refs[i].label == ref.label)
			return 0;
	if (labels->count == MANIFEST_LABELS_MAX)
		return err_set(err, ERR_LABEL, "more than %d labels", MANIFEST_LABELS_MAX);
	label_format_id(labels->items[labels->count].id, ref);
	labels->items[labels->count].origin = origin;
	labels->refs[labels->count++] = ref;
	return 0;
}

static int add_options(struct labels *labels, const struct scheme_set *schemes, const char *const *words,
					   unsigned count, struct err *err)
{
	for (unsigned i = 0; i < count; i++) {
		struct label_ref ref;
		if (label_resolve(&ref, schemes, words[i], err) < 0)
			return err_wrap(err, "--label %s: ", words[i]);
		if (add_label(labels, ref, LABEL_FROM_OPTION, err) < 0)
			return -1;
	}
	return 0;
}

/* Defaults fill schemes that nothing else filled. */
static int add_defaults(struct labels *labels, const struct session *session, struct notices *notices, struct err *err)
{
	const struct ceilings *defaults = &session->station.doc.default_labels;
	const uint32_t before = labels->count;
	for (uint32_t i = 0; i < defaults->count; i++) {
		struct label_ref ref;
		if (label_resolve(&ref, &session->schemes, defaults->labels[i], err) < 0)
			return err_wrap(err, "station.yaml, default-labels: ");
		if (has_scheme(labels, before, ref.scheme))
			continue;
		if (add_label(labels, ref, LABEL_FROM_DEFAULT, err) < 0)
			return -1;
		notice_add(notices, "%s comes from default-labels of this station", ref.label->text);
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct manifest_label *)a)->id, ((const struct manifest_label *)b)->id);
}

static const char *first_file(const struct manifest *manifest)
{
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER)
			return manifest->entries[i].path;
	return NULL;
}

static int list_schemes(const struct scheme_set *schemes, const struct labels *labels, struct manifest *manifest,
						struct err *err)
{
	manifest->schemes = calloc(schemes->count, sizeof *manifest->schemes);
	if (manifest->schemes == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < schemes->count; i++) {
		const struct scheme *scheme = &schemes->schemes[i];
		if (!has_scheme(labels, labels->count, scheme))
			continue;
		struct manifest_scheme *used = &manifest->schemes[manifest->scheme_count++];
		(void)strcpy(used->id, scheme->id);
		(void)strcpy(used->version, scheme->version);
		used->semantics = scheme->semantics;
	}
	return 0;
}

int labelling_decide(const struct session *session, const char *const *words, unsigned count, struct manifest *manifest,
					 struct notices *notices, struct err *err)
{
	struct labels labels = {.count = 0};
	const char *file = first_file(manifest);
	uint32_t marking = 0;
	if (add_options(&labels, &session->schemes, words, count, err) < 0 ||
		add_defaults(&labels, session, notices, err) < 0)
		return -1;
	if (file != NULL) {
		/* refs and items part company here: only the items are sorted */
		qsort(labels.items, labels.count, sizeof labels.items[0], by_id);
		struct manifest_marking all = {.labels = labels.items, .count = labels.count};
		if (policy_check_marking(&session->schemes, &all, file, err) < 0 ||
			manifest_add_marking(manifest, &all, &marking, err) < 0 ||
			list_schemes(&session->schemes, &labels, manifest, err) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		manifest->entries[i].marking = marking;
	return policy_high_water(&session->schemes, manifest, &manifest->marks, &manifest->mark_count, err);
}
