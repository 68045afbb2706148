/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_ARCHIVE_OUT_H
#define VALISE_BUNDLE_ARCHIVE_OUT_H

#include "bundle/writer.h"
#include "format/manifest.h"

/* The payload archive on its way into a bundle: pax, without owners, whole seconds (valise-format(5), PAYLOAD). */
struct archive_out {
	struct writer *writer; /* borrowed */
	uint64_t position;     /* bytes so far */
	uint64_t size, left;   /* of the current entry's content, and what it still wants */
};

/* Begin an entry: path, type, size and mtime count; entry->offset is set. */
int archive_out_begin(struct archive_out *archive, struct manifest_entry *entry, struct err *err);
/* errors: ERR_CHANGED where more bytes come than the entry's size; those of writer_payload(). */
int archive_out_bytes(struct archive_out *archive, const void *bytes, size_t len, struct err *err);
/* errors: ERR_CHANGED where fewer bytes came. */
int archive_out_end(struct archive_out *archive, struct err *err);
/* The closing zeros, and more of them up to the padded length, where there is such a function. */
int archive_out_close(struct archive_out *archive, uint64_t (*padded_length)(uint64_t), struct err *err);

#endif
