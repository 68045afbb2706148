/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a scheme file only when all of it is read. Whoever wrote the file is told where, and what to
 * write instead. */
#include "policy/scheme_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int scheme_fail_at(const struct scheme_reader *reader, enum spot_kind kind, uint32_t owner, uint32_t item,
				   struct err *err, const char *fmt, ...)
{
	char text[ERR_MESSAGE_MAX / 2];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	for (uint32_t i = 0; i < reader->spot_count; i++) {
		const struct spot *spot = &reader->spots[i];
		if (spot->kind == kind && spot->owner == owner && spot->item == item)
			return err_set(err, ERR_SCHEME, "line %u, column %u: %s", spot->line, spot->column, text);
	}
	return err_set(err, ERR_SCHEME, "%s", text);
}

/* --- ids --- */

static int compare_ids(const void *a, const void *b, void *labels)
{
	const struct label *list = labels;
	return strcmp(list[*(const uint32_t *)a].id, list[*(const uint32_t *)b].id);
}

static int sort_by_id(struct scheme *scheme, struct err *err)
{
	scheme->by_id = calloc(scheme->label_count, sizeof *scheme->by_id);
	if (scheme->by_id == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < scheme->label_count; i++)
		scheme->by_id[i] = i;
	qsort_r(scheme->by_id, scheme->label_count, sizeof *scheme->by_id, compare_ids, scheme->labels);
	return 0;
}

static int check_lengths(const struct scheme_reader *reader, struct err *err)
{
	const struct scheme *scheme = &reader->scheme;
	for (uint32_t i = 0; i < scheme->label_count; i++) {
		const char *id = scheme->labels[i].id;
		if (strlen(scheme->id) + 1 + strlen(id) <= LABEL_ID_MAX)
			continue;
		(void)scheme_fail_at(reader, SPOT_ID, i, 0, err, "%s/%s has more than %d characters", scheme->id, id,
							 LABEL_ID_MAX);
		return err_hint(err, "shorten one of the two ids");
	}
	return 0;
}

/* --- ranks --- */

static int check_rank_is_there(const struct scheme_reader *reader, uint32_t at, struct err *err)
{
	const struct scheme *scheme = &reader->scheme;
	const struct label *label = &scheme->labels[at];
	if (scheme->combine == COMBINE_MAX && label->rank < 0) {
		(void)scheme_fail_at(reader, SPOT_ID, at, 0, err,
							 "label \"%s\" has no rank, and \"combine: max\" compares ranks", label->id);
		return err_hint(err, "add \"rank:\" with a number that no other label has");
	}
	if (scheme->combine != COMBINE_MAX && label->rank >= 0) {
		(void)scheme_fail_at(reader, SPOT_RANK, at, 0, err,
							 "label \"%s\" has a rank, and \"combine: %s\" compares none", label->id,
							 scheme_combine_names[scheme->combine]);
		return err_hint(err, "take the rank out, or write combine: \"max\"");
	}
	return 0;
}

static int64_t highest_rank(const struct scheme *scheme)
{
	int64_t highest = -1;
	for (size_t i = 0; i < scheme->label_count; i++)
		if (scheme->labels[i].rank > highest)
			highest = scheme->labels[i].rank;
	return highest;
}

static int check_rank_is_new(const struct scheme_reader *reader, uint32_t at, struct err *err)
{
	const struct label *labels = reader->scheme.labels;
	for (uint32_t i = 0; i < at; i++) {
		if (labels[at].rank < 0 || labels[i].rank != labels[at].rank)
			continue;
		(void)scheme_fail_at(reader, SPOT_RANK, at, 0, err, "the labels \"%s\" and \"%s\" have the same rank",
							 labels[i].id, labels[at].id);
		return err_hint(err, "which of the two is higher? Give it a rank of its own; the highest so far is %lld",
						(long long)highest_rank(&reader->scheme));
	}
	return 0;
}

static int check_ranks(const struct scheme_reader *reader, struct err *err)
{
	for (uint32_t i = 0; i < reader->scheme.label_count; i++)
		if (check_rank_is_there(reader, i, err) != 0 || check_rank_is_new(reader, i, err) != 0)
			return -1;
	return 0;
}

/* --- what labels and earlier words point to --- */

static int fail_no_label(struct err *err, const struct scheme *scheme)
{
	char ids[ERR_HINT_MAX - 32] = "";
	for (size_t i = 0, used = 0; i < scheme->label_count && used + LABEL_ID_MAX + 3 < sizeof ids; i++)
		used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%s", i > 0 ? ", " : "", scheme->labels[i].id);
	return err_hint(err, "its ids are %s", ids);
}

static int check_implied(const struct scheme_reader *reader, uint32_t owner, uint32_t item, struct err *err)
{
	const struct scheme *scheme = &reader->scheme;
	const char *id = scheme->labels[owner].implies[item];
	size_t len = strlen(scheme->id);
	if (strncmp(id, scheme->id, len) != 0 || id[len] != '/')
		return 0; /* another scheme's: scheme_set_check() */
	if (strcmp(id + len + 1, scheme->labels[owner].id) == 0) {
		(void)scheme_fail_at(reader, SPOT_IMPLIES, owner, item, err, "the label \"%s\" implies itself", id + len + 1);
		return err_hint(err, "take it out");
	}
	if (scheme_find_label(scheme, id + len + 1) == NULL) {
		(void)scheme_fail_at(reader, SPOT_IMPLIES, owner, item, err, "\"%s\" is no label of this scheme", id + len + 1);
		return fail_no_label(err, scheme);
	}
	if (!scheme->exclusive)
		return 0;
	(void)scheme_fail_at(reader, SPOT_IMPLIES, owner, item, err,
						 "no file can carry \"%s\" and \"%s\": \"exclusive: true\" allows one",
						 scheme->labels[owner].id, id + len + 1);
	return err_hint(err, "take it out, or write exclusive: false");
}

static int check_implies(const struct scheme_reader *reader, struct err *err)
{
	for (uint32_t i = 0; i < reader->scheme.label_count; i++)
		for (uint32_t j = 0; j < reader->scheme.labels[i].implies_count; j++)
			if (check_implied(reader, i, j, err) != 0)
				return -1;
	return 0;
}

static int check_legacy(const struct scheme_reader *reader, struct err *err)
{
	const struct scheme *scheme = &reader->scheme;
	for (uint32_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *legacy = &scheme->legacy[i];
		if (legacy->action == LEGACY_WARN && legacy->means[0] == '\0') {
			(void)scheme_fail_at(reader, SPOT_LEGACY, i, 0, err, "\"%s\" needs \"means\": the label that it stands for",
								 legacy->text);
			return fail_no_label(err, scheme);
		}
		if (legacy->means[0] != '\0' && scheme_find_label(scheme, legacy->means) == NULL) {
			(void)scheme_fail_at(reader, SPOT_MEANS, i, 0, err, "\"%s\" means \"%s\", which is no label of this scheme",
								 legacy->text, legacy->means);
			return fail_no_label(err, scheme);
		}
	}
	return 0;
}

/* --- the whole --- */

static const struct label *highest_label(const struct scheme *scheme)
{
	const struct label *highest = &scheme->labels[0];
	for (size_t i = 1; i < scheme->label_count; i++)
		if (scheme->labels[i].rank > highest->rank)
			highest = &scheme->labels[i];
	return highest;
}

static int settle_example(struct scheme_reader *reader, struct err *err)
{
	struct scheme *scheme = &reader->scheme;
	scheme->example = reader->example[0] == '\0' ? highest_label(scheme) : scheme_find_label(scheme, reader->example);
	if (scheme->example != NULL)
		return 0;
	(void)scheme_fail_at(reader, SPOT_EXAMPLE, 0, 0, err, "the example \"%s\" is no label of this scheme",
						 reader->example);
	return fail_no_label(err, scheme);
}

static int check_flags(const struct scheme_reader *reader, struct err *err)
{
	const struct scheme *scheme = &reader->scheme;
	if (scheme->label_count == 0)
		return scheme_fail_at(reader, SPOT_LABELS, 0, 0, err, "\"labels\" is empty");
	/* What files have in common says nothing about who may hold each of them. */
	if (!scheme->ceiling || scheme->combine != COMBINE_INTERSECTION)
		return 0;
	(void)scheme_fail_at(reader, SPOT_CEILING, 0, 0, err, "\"ceiling: true\" needs \"combine\" to be max or union");
	return err_hint(err, "write ceiling: false");
}

int scheme_check(struct scheme_reader *reader, struct err *err)
{
	if (check_flags(reader, err) != 0 || sort_by_id(&reader->scheme, err) != 0 ||
		scheme_check_words(reader, err) != 0 || check_lengths(reader, err) != 0 || check_ranks(reader, err) != 0)
		return -1;
	if (check_implies(reader, err) != 0 || check_legacy(reader, err) != 0)
		return -1;
	return settle_example(reader, err);
}
