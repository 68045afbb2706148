/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_INDEX_H
#define VALISE_OPS_INDEX_H

#include "keyring/registry.h"
#include "ops/receive.h"

/* What an unpacked folder carries so that its labels stay with it: MANIFEST.yaml, the manifest as it was signed;
 * MANIFEST.html, an index that a person can open, without script and in one file; `user.` attributes of each file. */
#define INDEX_DOCUMENT "MANIFEST.yaml"
#define INDEX_PAGE "MANIFEST.html"
#define INDEX_LABELS_ATTRIBUTE "user.valise.labels" /* "pd/none tlp/amber" */
#define INDEX_BUNDLE_ATTRIBUTE "user.valise.bundle" /* of the folder: the bundle's id */

struct index_facts {
	const struct scheme_set *schemes;
	const struct manifest *manifest;
	const uint32_t *only; /* the entries that are there, ascending; NULL: all */
	size_t only_count;
	const struct waybill *waybill;
	const struct digest *bundle;
	const char *sender, *organisation; /* the registry's words */
	const struct registry *registry;   /* for the names of originators; NULL: their fingerprints alone */
	int64_t received;
	const char *prefix; /* of links to files: "" or "data/" */
};

/* The document, byte for byte. out: its digest. errors: ERR_IO, ERR_EXISTS, ERR_NO_SPACE. */
int index_write_document(int dir_fd, const struct buf *bytes, struct digest *out, struct err *err);

/* The page. TLP's rules for documents: the label in capitals, right-justified, in header and footer of each page, in
 * its colour on black. All foreign text is escaped for HTML and shown as text_escape() leaves it. It is written as it
 * comes, so memory does not grow with the number of files. out: its digest. errors: as above, ERR_MEMORY. */
int index_write_page(int dir_fd, const struct index_facts *facts, struct digest *out, struct err *err);
/* The same into memory. */
int index_format_html(struct buf *out, const struct index_facts *facts, struct err *err);
/* About how long the page will be, for a look at the free space. */
uint64_t index_page_bytes(const struct manifest *manifest);

/* Attributes, each text made once for each marking. What a file system cannot hold (attributes at all, or one so long)
 * is no failure: the document and the page say the same. */
struct index_marker;
int index_marker_new(struct index_marker **out, const struct manifest *manifest, struct err *err); /* borrowed */
void index_marker_free(struct index_marker *marker);
static inline void cleanup_marker(struct index_marker **m)
{
	index_marker_free(*m);
}
#define auto_marker AUTO(cleanup_marker) struct index_marker
/* A file's labels. errors: ERR_IO, ERR_MEMORY. */
int index_mark_file(struct index_marker *marker, int fd, const struct manifest_entry *entry, struct err *err);
int index_mark_folder(struct index_marker *marker, int fd, struct err *err);
/* Whether everything took its attribute so far. */
bool index_marker_held(const struct index_marker *marker);

#endif
