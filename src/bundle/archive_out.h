/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_ARCHIVE_OUT_H
#define VALISE_BUNDLE_ARCHIVE_OUT_H

#include "base/cleanup.h"
#include "bundle/writer.h"
#include "format/manifest.h"

/* The payload archive on its way into a bundle: pax, without owners, whole seconds (valise-format(5), PAYLOAD). libarchive takes
 * short and long files alike without a word: sizes are counted here. */
struct archive_out;

int archive_out_new(struct archive_out **out, struct writer *writer, struct err *err); /* writer borrowed */
void archive_out_free(struct archive_out *archive);
static inline void cleanup_archive_out(struct archive_out **a)
{
	archive_out_free(*a);
}
#define auto_archive_out AUTO(cleanup_archive_out) struct archive_out

/* Begin an entry: path, type, size and mtime count; entry->offset is set. */
int archive_out_begin(struct archive_out *archive, struct manifest_entry *entry, struct err *err);
int archive_out_bytes(struct archive_out *archive, const void *bytes, size_t len, struct err *err);
/* errors: ERR_CHANGED where fewer or more bytes came than the entry's size. */
int archive_out_end(struct archive_out *archive, struct err *err);
/* The closing zeros; then, where padded_to is beyond, more of them. */
int archive_out_close(struct archive_out *archive, uint64_t (*padded_length)(uint64_t), struct err *err);

#endif
