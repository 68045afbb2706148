/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scheme.h"

#include "base/array.h"
#include "policy/scheme_parse.h"
#include "policy/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const scheme_combine_names[COMBINE_COUNT] = {
	[COMBINE_MAX] = "max",
	[COMBINE_UNION] = "union",
	[COMBINE_INTERSECTION] = "intersection",
};

const char *const label_audience_names[AUDIENCE_COUNT] = {
	[AUDIENCE_ANY] = "any",
	[AUDIENCE_COMMUNITY] = "shared-community",
	[AUDIENCE_ORGANISATION] = "one-organisation",
};

const char *const label_need_names[NEED_COUNT] = {
	[NEED_REGISTRATION] = "registration",
	[NEED_COPY] = "copy",
	[NEED_RECORD] = "record",
	[NEED_KEY_HOLDER] = "key-holder",
	[NEED_ARTICLE_9] = "article-9-basis",
	[NEED_ARTICLE_10] = "article-10-basis",
};

const struct scheme *scheme_find(const struct scheme_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->schemes[i].id, id) == 0)
			return &set->schemes[i];
	return NULL;
}

const struct label *scheme_find_label(const struct scheme *scheme, const char *id)
{
	size_t low = 0, high = scheme->label_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct label *label = &scheme->labels[scheme->by_id[middle]];
		int order = strcmp(label->id, id);
		if (order == 0)
			return label;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void scheme_list_labels(char *out, size_t size, const struct scheme *scheme)
{
	static const char more[] = "…";
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < scheme->label_count; i++) {
		const char *separator = i > 0 ? ", " : "";
		const char *text = scheme->labels[i].text;
		/* room is kept for ", …" behind every label but the last */
		size_t tail = i + 1 < scheme->label_count ? sizeof more + 2 : 1;
		if (used + strlen(separator) + strlen(text) + tail > size) {
			(void)snprintf(out + used, size - used, "%s%s", separator, more);
			return;
		}
		used += (size_t)snprintf(out + used, size - used, "%s%s", separator, text);
	}
}

static int insert_scheme(struct scheme_set *set, const struct scheme *scheme, struct err *err)
{
	struct scheme *grown = array_grow(set->schemes, (uint32_t)set->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	set->schemes = grown;
	size_t at = set->count;
	while (at > 0 && strcmp(grown[at - 1].id, scheme->id) > 0) {
		grown[at] = grown[at - 1];
		at--;
	}
	grown[at] = *scheme;
	set->count++;
	return 0;
}

static bool is_left_out(const struct scheme_set *set, const char *id)
{
	for (size_t i = 0; i < set->left_out_count; i++)
		if (strcmp(set->left_out[i], id) == 0)
			return true;
	return false;
}

static int check_new(const struct scheme_set *set, const struct scheme *scheme, struct err *err)
{
	if (scheme_find(set, scheme->id) != NULL)
		return err_set(err, ERR_SCHEME, "there is a scheme \"%s\" already", scheme->id);
	if (is_left_out(set, scheme->id)) {
		(void)err_set(err, ERR_SCHEME, "there is a scheme \"%s\" already, which is not enabled here", scheme->id);
		return err_hint(
			err,
			"take this file away, or give the scheme another id; to use the one that is there, " SCHEME_HOW_TO_ACCREDIT,
			scheme->id);
	}
	if (set->count + set->left_out_count == SCHEMES_MAX)
		return err_set(err, ERR_SCHEME, "more than %d schemes", SCHEMES_MAX);
	return 0;
}

/* Whether the scheme may be used here, and by what. */
static bool accredit(struct scheme *scheme, const struct accreditations *accredited)
{
	if (!scheme->restricted)
		return true;
	for (uint32_t i = 0; accredited != NULL && i < accredited->count; i++)
		if (strcmp(accredited->items[i].scheme, scheme->id) == 0) {
			(void)strcpy(scheme->accreditation, accredited->items[i].reference);
			return true;
		}
	return false;
}

static int leave_out(struct scheme_set *set, const char *id, struct err *err)
{
	char(*grown)[LABEL_ID_MAX + 1] = array_grow(set->left_out, (uint32_t)set->left_out_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	set->left_out = grown;
	(void)strcpy(grown[set->left_out_count++], id);
	return 0;
}

int scheme_set_add(struct scheme_set *set, const char *bytes, size_t len, const struct accreditations *accredited,
				   struct err *err)
{
	struct scheme scheme;
	if (scheme_parse(&scheme, bytes, len, err) != 0)
		return -1;
	const bool enabled = accredit(&scheme, accredited);
	int rc = check_new(set, &scheme, err);
	if (rc == 0)
		rc = enabled ? insert_scheme(set, &scheme, err) : leave_out(set, scheme.id, err);
	if (rc != 0 || !enabled)
		scheme_clear(&scheme);
	return rc;
}

int scheme_set_load_shipped(struct scheme_set *out, const struct accreditations *accredited, struct err *err)
{
	struct shipped_scheme file;
	memset(out, 0, sizeof *out);
	for (size_t n = 0; shipped_scheme_get(n, &file); n++) {
		if (scheme_set_add(out, file.bytes, file.len, accredited, err) != 0) {
			scheme_set_clear(out);
			return err_wrap(err, "the scheme %s that valise was built with: ", file.name);
		}
	}
	if (scheme_set_check(out, err) == 0)
		return 0;
	scheme_set_clear(out);
	return -1;
}

void scheme_set_clear(struct scheme_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		scheme_clear(&set->schemes[i]);
	free(set->schemes);
	free(set->left_out);
	memset(set, 0, sizeof *set);
}
