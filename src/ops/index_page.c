/* SPDX-License-Identifier: Apache-2.0 */
/* MANIFEST.html. End tags that HTML leaves out (td, tr, dt, dd) are left out: a page may have a million rows. */
#include "ops/index.h"
#include "ops/index_parts.h"
#include "ops/pen.h"

#include <string.h>

/* --- the head --- */

/* How many lines the banner takes in print, where it must not cover the text. */
static unsigned banner_lines(const struct page *page)
{
	size_t columns = 0;
	for (uint32_t i = 0; i < page->facts->manifest->mark_count; i++)
		columns += strlen(page_label_text(page_find_label(page, page->facts->manifest->marks[i]))) + 3;
	return 1 + (unsigned)(columns / 60);
}

/* On paper the banners are fixed to the edges of each page, and a repeated head and foot keep the text out of their
 * way. A table of many columns is printed across. */
static void put_print_layout(struct page *page)
{
	const unsigned banner = 2 + 7 * banner_lines(page);
	pen_printf(page->pen, "@media print { .banner::before { height: %umm; } .banner div { height: %umm; } }\n",
			   banner + 4, banner);
}

static void put_title(struct page *page)
{
	const struct manifest *manifest = page->facts->manifest;
	pen_str(page->pen, "<title>");
	for (uint32_t i = 0; i < manifest->mark_count; i++)
		if (strncmp(manifest->marks[i], "tlp/", 4) == 0) {
			pen_html(page->pen, page_label_text(page_find_label(page, manifest->marks[i])));
			pen_str(page->pen, " - ");
		}
	pen_printf(page->pen, "bundle %s</title>\n", manifest->bundle.text);
}

static void put_head(struct page *page)
{
	pen_str(page->pen,
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n");
	put_title(page);
	pen_str(page->pen, "<style>\n");
	pen_str(page->pen, index_style);
	put_print_layout(page);
	page_put_label_styles(page);
	pen_str(page->pen, "</style>\n</head>\n<body>\n");
}

/* --- banner --- */

/* TLP's own mark stands at the right end; the others before it. */
static void put_banner(struct page *page, const char *element)
{
	const struct manifest *manifest = page->facts->manifest;
	pen_printf(page->pen, "<%s class=\"banner\"><div>", element);
	for (int tlp = 0; tlp < 2; tlp++)
		for (uint32_t i = 0; i < manifest->mark_count; i++)
			if ((strncmp(manifest->marks[i], "tlp/", 4) == 0) == (tlp == 1))
				page_put_mark(page, manifest->marks[i], tlp == 1 ? "b tlp" : "b");
	pen_printf(page->pen, "</div></%s>\n", element);
}

/* --- facts --- */

static void put_fact(struct page *page, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	pen_printf(page->pen, "<dt>%s<dd>", name);
	pen_html(page->pen, text);
	pen_str(page->pen, "\n");
}

static void put_time(struct page *page, const char *name, int64_t time)
{
	char text[UTC_TEXT + 1];
	utc_format(text, time);
	pen_printf(page->pen, "<dt>%s<dd>", name);
	page_put_utc(page, time);
	pen_str(page->pen, " UTC\n");
}

static void put_sender(struct page *page)
{
	const struct index_facts *facts = page->facts;
	char fingerprint[FINGERPRINT_SPACED_MAX];
	fingerprint_format_spaced(fingerprint, &facts->waybill->from);
	pen_str(page->pen, "<dt>From<dd>");
	pen_html(page->pen, facts->sender);
	if (facts->organisation[0] != '\0') {
		pen_str(page->pen, ", ");
		pen_html(page->pen, facts->organisation);
	}
	pen_printf(page->pen, "<br><code>%s</code>\n", fingerprint);
}

static void put_facts(struct page *page)
{
	const struct index_facts *facts = page->facts;
	const struct manifest *manifest = facts->manifest;
	char digest[DIGEST_HEX + 1];
	digest_format(digest, facts->bundle);
	pen_str(page->pen, "<dl class=\"facts\">\n");
	put_sender(page);
	put_fact(page, "Purpose", manifest->purpose);
	put_fact(page, "Handling", manifest->handling);
	if (manifest->releasable_count > 0) {
		pen_str(page->pen, "<dt>Releasable to<dd>");
		page_put_countries(page->pen, manifest->releasable, manifest->releasable_count);
		pen_str(page->pen, "\n");
	}
	put_time(page, "Created", facts->waybill->created);
	put_time(page, "Received", facts->received);
	put_time(page, "Bundle good until", facts->waybill->not_after);
	pen_printf(page->pen, "<dt>Bundle<dd><code>%s</code>\n", manifest->bundle.text);
	put_fact(page, "Supersedes", manifest->supersedes);
	pen_printf(page->pen, "<dt>Bundle digest<dd><code>%s</code>\n</dl>\n", digest);
}

static void put_intro(struct page *page)
{
	pen_str(page->pen, "<main>\n<h1>What was unpacked, and how it may be used</h1>\n");
	put_facts(page);
	if (page->facts->only != NULL)
		pen_printf(page->pen, "<p class=\"note\">Only a part was unpacked: %llu of %llu files.</p>\n",
				   (unsigned long long)page->files, (unsigned long long)page->facts->manifest->files);
	pen_str(page->pen, "<p class=\"note\">The signed list of everything in the bundle is "
					   "<a href=\"" INDEX_DOCUMENT "\">" INDEX_DOCUMENT "</a>; this page repeats it in words.</p>\n");
}

/* --- the whole --- */

static int put_page(struct pen *pen, const struct index_facts *facts, struct err *err)
{
	AUTO(page_clear) struct page page = {.facts = facts, .pen = pen};
	if (page_prepare(&page, err) < 0)
		return -1;
	put_head(&page);
	put_banner(&page, "header");
	put_intro(&page);
	page_put_meanings(&page);
	page_put_files(&page);
	page_put_records(&page);
	pen_str(pen, "<p class=\"note\">Written by valise " VALISE_VERSION " when the bundle was unpacked.</p>\n</main>\n");
	put_banner(&page, "footer");
	pen_str(pen, "</body>\n</html>\n");
	return pen->failed ? -1 : 0;
}

int index_format_html(struct buf *out, const struct index_facts *facts, struct err *err)
{
	auto_pen pen = pen_gather(err);
	if (put_page(&pen, facts, err) < 0)
		return -1;
	return buf_append(out, pen.text.data, pen.text.len, err);
}

int index_write_page(int dir_fd, const struct index_facts *facts, struct digest *out, struct err *err)
{
	auto_pen pen = {.fd = -1};
	if (pen_open(&pen, dir_fd, INDEX_PAGE, err) < 0 || put_page(&pen, facts, err) < 0)
		return -1;
	return pen_close(&pen, out);
}

/* A row has its path twice and, with few terms beside the labels, some three hundred bytes more. */
uint64_t index_page_bytes(const struct manifest *manifest)
{
	uint64_t bytes = 64 << 10;
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER)
			bytes += 400 + 2 * strlen(manifest->entries[i].path);
	return bytes;
}
