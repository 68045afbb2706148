/* SPDX-License-Identifier: Apache-2.0 */
/* What the label files say of the bundle as a whole, what its maker should know, and why a file carries what it does.
 */
#include "ops/labelling_internal.h"

#include <string.h>

enum { TOLD_MAX = 20 }; /* notices of one kind; the others are counted */

/* --- purpose, handling --- */

/* One text of all label files that say one; NULL where none does. */
static int take_text(const struct labelling *l, const char *key, size_t offset, char **into, struct err *err)
{
	const struct rulebook *from = NULL;
	const char *taken = NULL;
	for (uint32_t i = 0; i < l->book_count; i++) {
		const char *text = *(char *const *)((const char *)&l->books[i].file + offset);
		if (text == NULL || (taken != NULL && strcmp(taken, text) == 0))
			continue;
		if (taken != NULL) {
			(void)err_set(err, ERR_LABEL_FILE, "%s and %s say different things under \"%s\"", from->name,
						  l->books[i].name, key);
			return err_hint(err, "a bundle has one %s: give it in one of them, or with --label-file FILE for all", key);
		}
		taken = text;
		from = &l->books[i];
	}
	if (taken == NULL)
		return 0;
	char *copy = strdup(taken);
	if (copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	free(*into);
	*into = copy;
	return 0;
}

int labelling_take_texts(const struct labelling *l, struct manifest *manifest, struct err *err)
{
	if (manifest->purpose[0] == '\0' &&
		take_text(l, "purpose", offsetof(struct label_file, purpose), &manifest->purpose, err) < 0)
		return -1;
	if (manifest->handling[0] == '\0' &&
		take_text(l, "handling", offsetof(struct label_file, handling), &manifest->handling, err) < 0)
		return -1;
	return 0;
}

/* --- records --- */

struct named_record {
	const struct record *record;
	const struct rulebook *book;
};

static int by_record_id(const void *a, const void *b)
{
	return strcmp(((const struct named_record *)a)->record->id, ((const struct named_record *)b)->record->id);
}

static bool same_record(const struct record *a, const struct record *b)
{
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		if ((a->texts[i] == NULL) != (b->texts[i] == NULL) ||
			(a->texts[i] != NULL && strcmp(a->texts[i], b->texts[i]) != 0))
			return false;
	return true;
}

static int compare_record_to_id(const void *id, const void *record)
{
	return strcmp(id, ((const struct record *)record)->id);
}

/* Those that files name; out has room for one a set. */
static uint32_t gather_records(const struct labelling *l, struct named_record *out)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < l->set_count; i++) {
		const struct label_say *say = fact_say(l, &l->sets[i], FACT_RECORD);
		const struct rulebook *book = &l->books[l->sets[i].book];
		if (say == NULL)
			continue;
		out[count].record = bsearch(say->record, book->file.records, book->file.record_count,
									sizeof *book->file.records, compare_record_to_id);
		out[count].book = book;
		count += out[count].record != NULL; /* always: label_file_parse() sees to it */
	}
	return count;
}

int labelling_take_records(const struct labelling *l, struct manifest *manifest, struct err *err)
{
	auto_free struct named_record *records = calloc((size_t)l->set_count + 1, sizeof *records);
	if (records == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const uint32_t count = gather_records(l, records);
	qsort(records, count, sizeof *records, by_record_id);
	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(records[i - 1].record->id, records[i].record->id) != 0) {
			if (manifest_add_record(manifest, records[i].record, err) < 0)
				return -1;
		} else if (!same_record(records[i - 1].record, records[i].record)) {
			(void)err_set(err, ERR_LABEL_FILE, "the record \"%s\" of %s is another than that of %s",
						  records[i].record->id, records[i - 1].book->name, records[i].book->name);
			return err_hint(err, "give one of them another id");
		}
	}
	return 0;
}

/* --- notices --- */

static void tell_unmatched(const struct rulebook *book, struct notices *notices)
{
	auto_free unsigned char *matched = calloc((size_t)book->file.rule_count + 1, 1);
	uint32_t unmatched = 0;
	if (matched == NULL)
		return;
	for (uint32_t i = 0; i < book->pattern_count; i++)
		for (uint32_t j = 0; j < book->patterns[i].count; j++)
			matched[book->order[book->patterns[i].first + j]] = book->patterns[i].matched;
	for (uint32_t i = 0; i < book->file.rule_count; i++)
		if (!matched[i] && unmatched++ < TOLD_MAX)
			notice_add(notices, "%s: line %u: \"%s\" matched no file", book->name, book->file.rules[i].line,
					   book->file.rules[i].pattern);
	if (unmatched > TOLD_MAX)
		notice_add(notices, "%s: and %u more rules matched no file", book->name, unmatched - TOLD_MAX);
}

static const char *path_of(const struct labelling *l, uint32_t entry)
{
	return l->manifest->entries[entry].path;
}

/* "all files", "reports/a.json", "3 files (the first is reports/a.json)" */
static void which_files(char *out, size_t size, const struct labelling *l, uint32_t files, uint32_t first)
{
	if (files == l->manifest->files)
		(void)snprintf(out, size, "all files");
	else if (files == 1)
		(void)snprintf(out, size, "%s", path_of(l, first));
	else
		(void)snprintf(out, size, "%u files (the first is %s)", files, path_of(l, first));
}

static void tell_defaults(const struct labelling *l, struct notices *notices)
{
	char which[PATH_BYTES_MAX + 64];
	for (uint32_t n = 0; n < l->default_count; n++) {
		uint32_t files = 0, first = 0;
		for (uint32_t i = 0; i < l->decision_count; i++)
			for (uint32_t j = 0; j < l->decisions[i].count; j++) {
				const struct decided_label *label = &l->decisions[i].labels[j];
				if (label->source != SOURCE_STATION || label->which != n)
					continue;
				first = files == 0 ? l->decisions[i].first : first;
				files += l->decisions[i].files;
			}
		which_files(which, sizeof which, l, files, first);
		if (files > 0)
			notice_add(notices, "%s comes from default-labels of this station, for %s", l->defaults[n].label->text,
					   which);
	}
}

static void tell_kept(const struct labelling *l, struct notices *notices)
{
	char which[PATH_BYTES_MAX + 64];
	for (uint32_t n = 0; n < l->option_count; n++) {
		uint32_t files = 0, first = 0;
		for (uint32_t i = 0; i < l->decision_count; i++) {
			if (!(l->decisions[i].kept & bit_of(l, l->options[n].scheme)))
				continue;
			first = files == 0 ? l->decisions[i].first : first;
			files += l->decisions[i].files;
		}
		which_files(which, sizeof which, l, files, first);
		if (files > 0)
			notice_add(notices, "--label %s lowers nothing: the higher label stays on %s", l->option_words[n], which);
	}
}

/* One notice for each rule that says so. */
static void tell_skipped(const struct labelling *l, struct notices *notices)
{
	for (uint32_t i = 0; i < l->set_count; i++) {
		const struct labelled_set *set = &l->sets[i];
		const struct label_say *say = fact_say(l, set, FACT_NOT_INSPECTED);
		uint32_t files = 0, first = set->first;
		bool told = say == NULL;
		for (uint32_t j = 0; j < l->set_count && !told; j++) {
			if (fact_say(l, &l->sets[j], FACT_NOT_INSPECTED) != say)
				continue;
			told = j < i;
			files += l->sets[j].files;
		}
		if (!told && files == 1)
			notice_add(notices, "%s is not looked into for labels: %s", path_of(l, first), say->not_inspected);
		else if (!told)
			notice_add(notices, "%u files are not looked into for labels: %s (the first is %s)", files,
					   say->not_inspected, path_of(l, first));
	}
}

void labelling_tell(const struct labelling *l, struct notices *notices)
{
	for (uint32_t i = 0; i < l->book_count; i++)
		tell_unmatched(&l->books[i], notices);
	tell_skipped(l, notices);
	tell_kept(l, notices);
	tell_defaults(l, notices);
}

/* --- why --- */

static int explain_inside(const struct labelling *l, uint32_t entry, const struct label *label, struct buf *out,
						  struct err *err)
{
	const struct detected_label *findings;
	const uint32_t count = findings_of(l, entry, &findings);
	for (uint32_t i = 0; i < count; i++)
		if (findings[i].finding.label.label == label)
			return buf_printf(out, err, "inside, %s", findings[i].finding.where);
	return buf_append_str(out, "inside", err);
}

int labelling_explain(const struct labelling *l, uint32_t entry, uint32_t n, struct buf *out, struct err *err)
{
	const struct decision *d = &l->decisions[l->decision_of[entry]];
	const struct rulebook *book = &l->books[l->sets[d->set].book];
	const struct decided_label *label = &d->labels[n];
	switch (label->source) {
	case SOURCE_RULE:
		return buf_printf(out, err, "rule at line %u of %s", book->file.rules[label->which].line, book->name);
	case SOURCE_INSIDE:
		return explain_inside(l, entry, label->ref.label, out, err);
	case SOURCE_FILE_DEFAULT:
		return buf_printf(out, err, "default of %s", book->name);
	case SOURCE_OPTION:
		return buf_append_str(out, "--label", err);
	case SOURCE_STATION:
	default:
		return buf_append_str(out, "default-labels of this station", err);
	}
}
