/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_INDEX_H
#define VALISE_OPS_INDEX_H

#include "ops/receive.h"

/* What an unpacked folder carries so that its labels stay with it: MANIFEST.yaml, the manifest as it was signed;
 * MANIFEST.html, an index that a person can open, without script and in one file; `user.` attributes of each file. */

enum { INDEX_LABELS_MAX = 4096 };
#define INDEX_LABELS_ATTRIBUTE "user.valise.labels" /* "pd/none tlp/amber" */
#define INDEX_BUNDLE_ATTRIBUTE "user.valise.bundle" /* of the folder: the bundle's id */

struct index_facts {
	const struct scheme_set *schemes;
	const struct manifest *manifest;
	const struct waybill *waybill;
	const struct digest *bundle;
	const char *sender, *organisation; /* the registry's words */
	int64_t received;
	const char *prefix; /* of links to files: "" or "data/" */
};

/* The page. TLP's rules for documents: the label in capitals, right-justified, in header and footer of each page, in
 * its colour on black. All foreign text is escaped for HTML and shown as text_escape() leaves it. */
int index_format_html(struct buf *out, const struct index_facts *facts, struct err *err);

/* Write both into the folder (dir_fd), new. manifest_bytes: the document as signed. errors: ERR_IO, ERR_NO_SPACE. */
int index_write(int dir_fd, const struct index_facts *facts, const struct buf *manifest_bytes, struct err *err);

/* The labels of a file as attribute; a file system that has none is no failure. */
int index_mark_file(int fd, const struct manifest *manifest, const struct manifest_entry *entry, struct err *err);

#endif
