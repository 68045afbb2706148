/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_PAYLOAD_H
#define VALISE_BUNDLE_PAYLOAD_H

#include "bundle/bundle.h"

/* The archive inside: decrypted chunk by chunk on every core, read by libarchive as plain tar, held against the
 * manifest entry by entry. Nothing reaches the sink that the manifest does not list. libarchive's door (with
 * archive_out.c). */

struct payload_sink {
	/* An entry begins; for files, bytes follow. Not called for entries that were not asked for. */
	int (*begin)(void *ctx, const struct manifest_entry *entry, struct err *err);
	int (*bytes)(void *ctx, const void *bytes, size_t len, struct err *err);
	int (*end)(void *ctx, const struct manifest_entry *entry, struct err *err); /* size and SHA-256 have matched */
	void *ctx;
};

/* All entries, in order, then the zeros at the end. errors: ERR_DAMAGED, ERR_CHUNKS_MISSING, ERR_CHUNK, ERR_PAYLOAD,
 * the sink's. */
int payload_read_all(struct bundle_opened *bundle, const struct manifest *manifest, const struct payload_sink *sink,
					 const struct progress *progress, struct err *err);

/* Only these entries (indices ascending); chunks in which none of them lies are not read. */
int payload_read_some(struct bundle_opened *bundle, const struct manifest *manifest, const uint32_t *entries,
					  size_t count, const struct payload_sink *sink, const struct progress *progress, struct err *err);

#endif
