/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_INDEX_PARTS_H
#define VALISE_OPS_INDEX_PARTS_H

#include "ops/index.h"
#include "ops/pen.h"

/* Between the files that write MANIFEST.html. */

/* A label that stands somewhere on the page. */
struct page_label {
	const char *id; /* borrowed */
	struct label_ref ref;
	bool mark; /* of the bundle as a whole */
};

struct page {
	const struct index_facts *facts;
	struct pen *pen;
	struct page_label *labels; /* owned, sorted by id */
	size_t label_count;
	unsigned char *used;         /* owned: a flag for each marking that a listed file has */
	char **cells;                /* owned: of each marking, its cells; made when first needed */
	bool has_terms, has_records; /* a listed file has caveats or the like; names a processing record */
	uint64_t files, bytes;
};
int page_prepare(struct page *page, struct err *err);
void page_clear(struct page *page);

/* The next file to be listed, from number at; NULL behind the last. *at moves on. */
const struct manifest_entry *page_next_file(const struct index_facts *facts, size_t *at);

const struct page_label *page_find_label(const struct page *page, const char *id);
const char *page_label_text(const struct page_label *label); /* "TLP:AMBER"; the id where no scheme knows it */
/* A label as coloured chip; class: further CSS classes. */
void page_put_mark(struct page *page, const char *id, const char *class);
void page_put_countries(struct pen *pen, const char (*codes)[3], uint32_t count);
void page_put_utc(struct page *page, int64_t time);

extern const char index_style[];
void page_put_label_styles(struct page *page);

void page_put_meanings(struct page *page);
void page_put_files(struct page *page);
void page_put_records(struct page *page);

#endif
