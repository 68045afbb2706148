/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/index_parts.h"

#include <string.h>

const struct manifest_entry *page_next_file(const struct index_facts *facts, size_t *at)
{
	const struct manifest *manifest = facts->manifest;
	const size_t count = facts->only != NULL ? facts->only_count : manifest->entry_count;
	while (*at < count) {
		const struct manifest_entry *entry = &manifest->entries[facts->only != NULL ? facts->only[*at] : (uint32_t)*at];
		(*at)++;
		if (entry->type != ENTRY_FOLDER)
			return entry;
	}
	return NULL;
}

/* --- which labels and terms there are --- */

static bool has_terms(const struct manifest_marking *marking)
{
	return marking->caveat_count > 0 || marking->originator.hex[0] != '\0' || marking->releasable_count > 0 ||
		   marking->registration != NULL || marking->copy != NULL || marking->expires != 0 || marking->record != NULL;
}

static void count_files(struct page *page)
{
	const struct manifest_entry *entry;
	size_t at = 0;
	while ((entry = page_next_file(page->facts, &at)) != NULL) {
		page->files++;
		page->bytes += entry->size;
		if (page->used[entry->marking])
			continue;
		const struct manifest_marking *marking = &page->facts->manifest->markings[entry->marking];
		page->used[entry->marking] = 1;
		page->has_terms = page->has_terms || has_terms(marking);
		page->has_records = page->has_records || marking->record != NULL;
	}
}

static size_t count_label_uses(const struct page *page)
{
	const struct manifest *manifest = page->facts->manifest;
	size_t count = manifest->mark_count;
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		if (page->used[i])
			count += manifest->markings[i].count + manifest->markings[i].handle_as_count;
	return count;
}

static void add_label(struct page *page, const char *id, bool mark)
{
	struct page_label *label = &page->labels[page->label_count++];
	*label = (struct page_label){.id = id, .mark = mark};
	(void)label_find(&label->ref, page->facts->schemes, id);
}

/* Marks stand before other uses of the same label, so that the first of equals tells all. */
static int compare_labels(const void *a, const void *b)
{
	const struct page_label *left = a, *right = b;
	int order = strcmp(left->id, right->id);
	return order != 0 ? order : (int)right->mark - (int)left->mark;
}

static void drop_doubles(struct page *page)
{
	size_t kept = 0;
	qsort(page->labels, page->label_count, sizeof *page->labels, compare_labels);
	for (size_t i = 0; i < page->label_count; i++)
		if (kept == 0 || strcmp(page->labels[kept - 1].id, page->labels[i].id) != 0)
			page->labels[kept++] = page->labels[i];
	page->label_count = kept;
}

static int gather_labels(struct page *page, struct err *err)
{
	const struct manifest *manifest = page->facts->manifest;
	page->labels = calloc(count_label_uses(page) + 1, sizeof *page->labels);
	if (page->labels == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < manifest->mark_count; i++)
		add_label(page, manifest->marks[i], true);
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		const struct manifest_marking *marking = &manifest->markings[i];
		for (uint32_t j = 0; page->used[i] && j < marking->count; j++)
			add_label(page, marking->labels[j].id, false);
		for (uint32_t j = 0; page->used[i] && j < marking->handle_as_count; j++)
			add_label(page, marking->handle_as[j], false);
	}
	drop_doubles(page);
	return 0;
}

int page_prepare(struct page *page, struct err *err)
{
	const size_t markings = (size_t)page->facts->manifest->marking_count + 1;
	page->used = calloc(markings, 1);
	page->cells = calloc(markings, sizeof *page->cells);
	if (page->used == NULL || page->cells == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	count_files(page);
	return gather_labels(page, err);
}

void page_clear(struct page *page)
{
	for (uint32_t i = 0; page->cells != NULL && i < page->facts->manifest->marking_count; i++)
		free(page->cells[i]);
	free(page->cells);
	free(page->used);
	free(page->labels);
}

/* --- labels --- */

const struct page_label *page_find_label(const struct page *page, const char *id)
{
	size_t low = 0, high = page->label_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(page->labels[middle].id, id);
		if (order == 0)
			return &page->labels[middle];
		*(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
	}
	return NULL;
}

const char *page_label_text(const struct page_label *label)
{
	return label->ref.label != NULL ? label->ref.label->text : label->id;
}

void page_put_mark(struct page *page, const char *id, const char *class)
{
	const struct page_label *label = page_find_label(page, id);
	pen_printf(page->pen, "<span class=\"%s k%zu\">", class, (size_t)(label - page->labels));
	pen_html(page->pen, page_label_text(label));
	pen_str(page->pen, "</span>");
}

void page_put_label_styles(struct page *page)
{
	for (size_t i = 0; i < page->label_count; i++) {
		const struct label *label = page->labels[i].ref.label;
		if (label == NULL || !label->has_colour)
			continue;
		pen_printf(page->pen,
				   ".k%zu { color: #%02x%02x%02x; background: #%02x%02x%02x; border-color: #%02x%02x%02x; }\n", i,
				   label->colour[0], label->colour[1], label->colour[2], label->background[0], label->background[1],
				   label->background[2], label->background[0], label->background[1], label->background[2]);
	}
}

void page_put_meanings(struct page *page)
{
	pen_str(page->pen, "<h2>What the labels mean</h2>\n<table class=\"words\">\n"
					   "<caption>Labels of this bundle and of the files below</caption>\n<thead><tr>"
					   "<th scope=\"col\">Label<th scope=\"col\">Rule<th scope=\"col\">Scheme</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < page->label_count; i++) {
		const struct page_label *label = &page->labels[i];
		pen_str(page->pen, "<tr><th scope=\"row\">");
		page_put_mark(page, label->id, "c");
		pen_str(page->pen, "<td>");
		pen_html(page->pen, label->ref.label != NULL ? label->ref.label->rule : "");
		if (label->mark)
			pen_str(page->pen, " <b>The bundle as a whole counts as this.</b>");
		pen_str(page->pen, "<td>");
		if (label->ref.scheme != NULL) {
			pen_html(page->pen, label->ref.scheme->title);
			pen_str(page->pen, " ");
			pen_html(page->pen, label->ref.scheme->version);
		}
		pen_str(page->pen, "\n");
	}
	pen_str(page->pen, "</tbody>\n</table>\n");
}

/* --- small things --- */

void page_put_countries(struct pen *pen, const char (*codes)[3], uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		pen_str(pen, i > 0 ? ", " : "");
		pen_html(pen, codes[i]);
	}
}

/* 2026-11-23 18:12:00 */
void page_put_utc(struct page *page, int64_t time)
{
	char text[UTC_TEXT + 1];
	utc_format(text, time);
	text[strlen("2026-11-23")] = ' ';
	text[UTC_TEXT - 1] = '\0';
	pen_str(page->pen, text);
}
