/* SPDX-License-Identifier: Apache-2.0 */
/* Preparing: label files, options and defaults become labels of this station's schemes, and files fall into sets that
 * the same rules match. */
#include "base/array.h"
#include "base/io.h"
#include "ops/labelling_internal.h"

#include <fcntl.h>
#include <string.h>

/* --- the label files --- */

static int add_book(struct labelling *l, struct label_file *file, const char *name, struct notices *notices,
					struct err *err)
{
	return rulebook_make(&l->books[l->book_count++], file, name, l->session, notices, err);
}

/* The one that the folder itself holds, if there is one. */
static int add_book_of_root(struct labelling *l, const struct scan_root *root, struct notices *notices, struct err *err)
{
	auto_label_file file = {0};
	auto_buf name = {0};
	if (!root->has_label_file)
		return add_book(l, &file, NULL, notices, err);
	if (scan_label_file_name(&name, root, err) < 0)
		return -1;
	if (label_file_parse(&file, root->label_file.data, root->label_file.len, err) < 0)
		return err_wrap(err, "%s: ", name.data);
	return add_book(l, &file, name.data, notices, err);
}

static int add_given_book(struct labelling *l, const char *path, const struct buf *text, struct notices *notices,
						  struct err *err)
{
	auto_label_file file = {0};
	auto_buf bytes = {0};
	for (uint32_t i = 0; i < l->scan->root_count; i++) {
		auto_buf name = {0};
		if (!l->scan->roots[i].has_label_file)
			continue;
		if (scan_label_file_name(&name, &l->scan->roots[i], err) < 0)
			return -1;
		notice_add(notices, "%s is not used: --label-file %s takes its place", name.data, path);
	}
	if (text == NULL && io_read_file(&bytes, AT_FDCWD, path, LABEL_FILE_BYTES_MAX, err) < 0)
		return -1;
	if (text == NULL)
		text = &bytes;
	if (label_file_parse(&file, text->data, text->len, err) < 0)
		return err_wrap(err, "%s: ", path);
	return add_book(l, &file, path, notices, err);
}

static int add_books(struct labelling *l, const struct labelling_request *request, struct notices *notices,
					 struct err *err)
{
	l->books = calloc((size_t)l->scan->root_count + 1, sizeof *l->books);
	if (l->books == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (request->label_file != NULL)
		return add_given_book(l, request->label_file, request->label_text, notices, err);
	for (uint32_t i = 0; i < l->scan->root_count; i++)
		if (add_book_of_root(l, &l->scan->roots[i], notices, err) < 0)
			return -1;
	return 0;
}

/* --- options and the station's defaults --- */

/* One label for each exclusive scheme. */
static int check_options(const struct labelling *l, uint32_t at, struct err *err)
{
	const struct label_ref ref = l->options[at];
	for (uint32_t i = 0; i < at; i++) {
		if (l->options[i].scheme != ref.scheme || l->options[i].label == ref.label || !ref.scheme->exclusive)
			continue;
		(void)err_set(err, ERR_LABEL, "--label %s and --label %s contradict each other", l->option_words[i],
					  l->option_words[at]);
		return err_hint(err, "give one of them: a file has one label of %s", ref.scheme->title);
	}
	return 0;
}

static int add_options(struct labelling *l, const struct labelling_request *request, struct notices *notices,
					   struct err *err)
{
	l->options = calloc((size_t)request->label_count + 1, sizeof *l->options);
	l->option_words = request->labels;
	if (l->options == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; l->option_count < request->label_count; l->option_count++) {
		const char *word = request->labels[l->option_count];
		struct label_ref *ref = &l->options[l->option_count];
		if (label_resolve(ref, &l->session->schemes, word, err) < 0)
			return err_wrap(err, "--label %s: ", word);
		if (check_options(l, l->option_count, err) < 0)
			return -1;
		if (ref->legacy != NULL)
			notice_add(notices, "--label %s is %s: taken as %s", word,
					   ref->legacy->note[0] != '\0' ? ref->legacy->note : "an earlier word", ref->label->text);
	}
	return 0;
}

static int add_defaults(struct labelling *l, struct err *err)
{
	const struct ceilings *words = &l->session->station.doc.default_labels;
	l->defaults = calloc((size_t)words->count + 1, sizeof *l->defaults);
	if (l->defaults == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; l->default_count < words->count; l->default_count++)
		if (label_resolve(&l->defaults[l->default_count], &l->session->schemes, words->labels[l->default_count], err) <
			0)
			return err_wrap(err, "station.yaml, default-labels: ");
	return 0;
}

/* --- sets of files --- */

const char *path_below_root(const struct labelling *l, uint32_t entry)
{
	const struct scan_root *root = &l->scan->roots[l->scan->sources[entry].root];
	const char *path = l->manifest->entries[entry].path;
	const size_t len = strlen(root->name);
	return path[len] == '/' ? path + len + 1 : path; /* a PATH that is a file is its own name */
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static int gather_rules(struct labelled_set *set, const struct rulebook *book, const uint32_t *patterns, uint32_t count,
						struct err *err)
{
	uint32_t total = 0;
	for (uint32_t i = 0; i < count; i++)
		total += book->patterns[patterns[i]].count;
	set->rules = calloc((size_t)total + 1, sizeof *set->rules);
	if (set->rules == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct rulebook_pattern *pattern = &book->patterns[patterns[i]];
		memcpy(set->rules + set->rule_count, book->order + pattern->first, pattern->count * sizeof *set->rules);
		set->rule_count += pattern->count;
	}
	qsort(set->rules, set->rule_count, sizeof *set->rules, by_number);
	return 0;
}

static void decide_facts(struct labelled_set *set, const struct rulebook *book)
{
	for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
		const unsigned bit = 1u << fact;
		set->facts[fact] = book->otherwise.facts & bit ? FACT_OF_DEFAULT : FACT_OF_NOBODY;
		for (uint32_t i = 0; i < set->rule_count; i++)
			if (book->rules[set->rules[i]].facts & bit)
				set->facts[fact] = set->rules[i];
	}
}

static int add_set(struct labelling *l, uint32_t book, const uint32_t *patterns, uint32_t count, uint32_t entry,
				   struct err *err)
{
	struct labelled_set *sets = array_grow(l->sets, l->set_count, sizeof *sets, err);
	if (sets == NULL)
		return -1;
	l->sets = sets;
	struct labelled_set *set = &sets[l->set_count++];
	*set = (struct labelled_set){.book = book, .first = entry};
	if (gather_rules(set, &l->books[book], patterns, count, err) < 0)
		return -1;
	decide_facts(set, &l->books[book]);
	return 0;
}

static int sort_file(struct labelling *l, uint32_t entry, struct err *err)
{
	uint32_t key[1 + RULEBOOK_MATCHES_MAX];
	const uint32_t book = l->book_count == 1 ? 0 : l->scan->sources[entry].root;
	const uint32_t count = rulebook_match(&l->books[book], path_below_root(l, entry), key + 1);
	key[0] = book;
	if (numbering_find(&l->set_numbers, key, count + 1, &l->set_of[entry], err) < 0)
		return -1;
	if (l->set_of[entry] == l->set_count && add_set(l, book, key + 1, count, entry, err) < 0)
		return -1;
	struct labelled_set *set = &l->sets[l->set_of[entry]];
	set->files++;
	l->skip[entry] = set->facts[FACT_NOT_INSPECTED] != FACT_OF_NOBODY;
	return 0;
}

static int sort_files(struct labelling *l, struct err *err)
{
	const size_t room = (size_t)l->manifest->entry_count + 1;
	l->set_of = calloc(room, sizeof *l->set_of);
	l->decision_of = calloc(room, sizeof *l->decision_of);
	l->skip = calloc(room, sizeof *l->skip);
	if (l->set_of == NULL || l->decision_of == NULL || l->skip == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < l->manifest->entry_count; i++) {
		l->set_of[i] = NO_SET;
		if (is_file(l, i) && sort_file(l, i, err) < 0)
			return -1;
	}
	return 0;
}

/* --- all of it --- */

int labelling_prepare(struct labelling **out, const struct session *session, const struct labelling_request *request,
					  const struct scan *scan, const struct manifest *manifest, struct notices *notices,
					  struct err *err)
{
	auto_labelling *l = calloc(1, sizeof *l);
	*out = NULL;
	if (l == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	l->session = session;
	l->scan = scan;
	l->manifest = manifest;
	if (add_options(l, request, notices, err) < 0 || add_defaults(l, err) < 0 ||
		add_books(l, request, notices, err) < 0 || sort_files(l, err) < 0)
		return -1;
	*out = steal(&l);
	return 0;
}

const unsigned char *labelling_skips(const struct labelling *labelling)
{
	return labelling->skip;
}

void labelling_free(struct labelling *l)
{
	if (l == NULL)
		return;
	for (uint32_t i = 0; i < l->book_count; i++)
		rulebook_clear(&l->books[i]);
	for (uint32_t i = 0; i < l->set_count; i++)
		free(l->sets[i].rules);
	for (uint32_t i = 0; i < l->decision_count; i++)
		free(l->decisions[i].labels);
	free(l->books);
	free(l->options);
	free(l->defaults);
	free(l->sets);
	free(l->set_of);
	free(l->skip);
	free(l->decisions);
	free(l->decision_of);
	numbering_clear(&l->set_numbers);
	numbering_clear(&l->decision_numbers);
	free(l);
}
