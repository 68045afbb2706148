/* SPDX-License-Identifier: Apache-2.0 */
/* The list of files, and the processing records that they name. */
#include "ops/index_parts.h"
#include "policy/terms.h"

#include <string.h>

/* --- what a marking says --- */

static void put_labels_cell(struct page *page, const struct manifest_marking *marking)
{
	pen_str(page->pen, "<td>");
	for (uint32_t i = 0; i < marking->count; i++) {
		pen_str(page->pen, i > 0 ? " " : "");
		page_put_mark(page, marking->labels[i].id, "c");
	}
	for (uint32_t i = 0; i < marking->handle_as_count; i++) {
		pen_str(page->pen, i > 0 ? " " : " <span class=\"as\">handle as</span> ");
		page_put_mark(page, marking->handle_as[i], "c");
	}
}

/* One line of what else is to be kept in mind. */
static void begin_term(struct page *page, const char *name)
{
	pen_printf(page->pen, "<div><span class=\"as\">%s</span> ", name);
}

static void end_term(struct page *page)
{
	pen_str(page->pen, "</div>");
}

static void put_text_term(struct page *page, const char *name, const char *text)
{
	if (text == NULL)
		return;
	begin_term(page, name);
	pen_html(page->pen, text);
	end_term(page);
}

static void put_originator(struct page *page, const struct fingerprint *originator)
{
	char spaced[FINGERPRINT_SPACED_MAX];
	const struct registry *registry = page->facts->registry;
	const struct partner *partner = registry != NULL ? registry_find(registry, originator) : NULL;
	if (originator->hex[0] == '\0')
		return;
	begin_term(page, "Originator");
	if (partner != NULL) {
		pen_html(page->pen, partner->party.name);
		pen_str(page->pen, ", ");
		pen_html(page->pen, partner->party.organisation);
	} else {
		fingerprint_format_spaced(spaced, originator);
		pen_printf(page->pen, "<code>%s</code>", spaced);
	}
	end_term(page);
}

static void put_releasable(struct page *page, const struct manifest_marking *marking)
{
	if (marking->releasable_count == 0)
		return;
	begin_term(page, "Releasable to");
	page_put_countries(page->pen, (const char(*)[3])marking->releasable, marking->releasable_count);
	end_term(page);
}

static void put_expires(struct page *page, int64_t expires)
{
	if (expires == 0)
		return;
	begin_term(page, "Labels good until");
	page_put_utc(page, expires);
	pen_str(page->pen, " UTC");
	end_term(page);
}

static void put_record_link(struct page *page, const char *record)
{
	if (record == NULL)
		return;
	begin_term(page, "Processing record");
	pen_str(page->pen, "<a href=\"#record-");
	pen_href(page->pen, record);
	pen_str(page->pen, "\">");
	pen_html(page->pen, record);
	pen_str(page->pen, "</a>");
	end_term(page);
}

static void put_terms_cell(struct page *page, const struct manifest_marking *marking)
{
	pen_str(page->pen, "<td>");
	for (uint32_t i = 0; i < marking->caveat_count; i++)
		put_text_term(page, "Caveat", marking->caveats[i]);
	put_originator(page, &marking->originator);
	put_releasable(page, marking);
	put_text_term(page, "Registration", marking->registration);
	put_text_term(page, "Copy", marking->copy);
	put_expires(page, marking->expires);
	put_record_link(page, marking->record);
}

static void put_cells(struct page *page, const struct manifest_marking *marking)
{
	put_labels_cell(page, marking);
	if (page->has_terms)
		put_terms_cell(page, marking);
}

/* Many files share a marking: its cells are made once. */
static const char *cells_of(struct page *page, uint32_t number)
{
	struct pen *whole = page->pen;
	if (page->cells[number] != NULL)
		return page->cells[number];
	struct pen gathered = pen_gather(whole->err);
	page->pen = &gathered;
	put_cells(page, &page->facts->manifest->markings[number]);
	page->pen = whole;
	whole->failed = whole->failed || gathered.failed;
	page->cells[number] = gathered.failed ? NULL : gathered.text.data;
	if (gathered.failed)
		pen_drop(&gathered);
	return page->cells[number] != NULL ? page->cells[number] : "";
}

/* --- rows --- */

static void put_grouped(struct pen *pen, uint64_t n)
{
	char text[32];
	char *at = text + sizeof text;
	unsigned digits = 0;
	*--at = '\0';
	do {
		if (digits++ % 3 == 0 && digits > 1)
			*--at = ',';
		*--at = (char)('0' + n % 10);
	} while ((n /= 10) > 0);
	pen_str(pen, at);
}

static void put_row(struct page *page, const struct manifest_entry *entry)
{
	struct pen *pen = page->pen;
	pen_str(pen, "<tr><th scope=\"row\"><a href=\"");
	pen_href(pen, page->facts->prefix);
	pen_href(pen, entry->path);
	pen_str(pen, "\">");
	pen_html(pen, entry->path);
	pen_str(pen, "</a><td>");
	put_grouped(pen, entry->size);
	pen_str(pen, "<td>");
	page_put_utc(page, entry->mtime);
	pen_str(pen, "<td>");
	pen_html(pen, entry->media_type);
	if (entry->type == ENTRY_EXECUTABLE)
		pen_str(pen, " <span class=\"as\">executable</span>");
	pen_str(pen, cells_of(page, entry->marking));
	pen_str(pen, "</tr>\n");
}

void page_put_files(struct page *page)
{
	/* index_style.c has these once more, for narrow windows */
	static const char *const columns[] = {"File", "Bytes", "Changed (UTC)", "Type", "Labels", "Terms"};
	const struct manifest_entry *entry;
	size_t at = 0;
	pen_str(page->pen, "<h2>Files</h2>\n<table class=\"files\">\n<caption>");
	put_grouped(page->pen, page->files);
	pen_str(page->pen, page->files == 1 ? " file, " : " files, ");
	put_grouped(page->pen, page->bytes);
	pen_str(page->pen, " bytes</caption>\n<thead><tr>");
	for (size_t i = 0; i < sizeof columns / sizeof columns[0] - !page->has_terms; i++)
		pen_printf(page->pen, "<th scope=\"col\">%s", columns[i]);
	pen_str(page->pen, "</tr></thead>\n<tbody>\n");
	while ((entry = page_next_file(page->facts, &at)) != NULL && !page->pen->failed)
		put_row(page, entry);
	pen_str(page->pen, "</tbody>\n</table>\n");
}

/* --- processing records --- */

/* "legal-basis" as a heading: "Legal basis". */
static void put_heading(struct pen *pen, const char *key)
{
	for (size_t i = 0; key[i] != '\0'; i++) {
		char c = key[i] == '-' ? ' ' : key[i];
		if (i == 0 && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		pen_bytes(pen, &c, 1);
	}
}

/* What a term stands for, beside its name. */
static void put_term(struct pen *pen, enum record_field field, const char *id)
{
	static const struct {
		enum record_field field;
		enum term_use use;
	} terms[] = {{RECORD_BASIS, TERM_BASIS},
				 {RECORD_MECHANISM, TERM_MECHANISM},
				 {RECORD_ARTICLE_9, TERM_ARTICLE_9},
				 {RECORD_ARTICLE_10, TERM_ARTICLE_10}};
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		const struct term *term = terms[i].field == field ? term_find(id, terms[i].use) : NULL;
		if (term == NULL)
			continue;
		pen_str(pen, ": ");
		pen_html(pen, term->text);
		pen_str(pen, " (");
		pen_html(pen, term->source);
		pen_str(pen, ")");
	}
}

static void put_record(struct pen *pen, const struct record *record)
{
	pen_str(pen, "<section class=\"record\" id=\"record-");
	pen_href(pen, record->id);
	pen_str(pen, "\">\n<h3>");
	pen_html(pen, record->id);
	pen_str(pen, "</h3>\n<dl class=\"facts\">\n");
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++) {
		if (record->texts[i] == NULL)
			continue;
		pen_str(pen, "<dt>");
		put_heading(pen, record_keys[i]);
		pen_str(pen, "<dd>");
		pen_html(pen, record->texts[i]);
		put_term(pen, i, record->texts[i]);
		pen_str(pen, "\n");
	}
	pen_str(pen, "</dl>\n</section>\n");
}

static bool is_named(const struct page *page, const struct record *record)
{
	const struct manifest *manifest = page->facts->manifest;
	for (uint32_t i = 0; i < manifest->marking_count; i++)
		if (page->used[i] && manifest->markings[i].record != NULL &&
			strcmp(manifest->markings[i].record, record->id) == 0)
			return true;
	return false;
}

void page_put_records(struct page *page)
{
	const struct manifest *manifest = page->facts->manifest;
	if (!page->has_records)
		return;
	pen_str(page->pen, "<h2>Processing records</h2>\n<p class=\"note\">By what right these personal data are held, "
					   "and what may be done with them.</p>\n");
	for (uint32_t i = 0; i < manifest->record_count; i++)
		if (is_named(page, &manifest->records[i]))
			put_record(page->pen, &manifest->records[i]);
}
