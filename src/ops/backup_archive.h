/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_BACKUP_ARCHIVE_H
#define VALISE_OPS_BACKUP_ARCHIVE_H

#include "base/cleanup.h"
#include "base/progress.h"
#include "format/backup_doc.h"

/* The tar archive inside of a backup, in the one form that is allowed: the list (valise-backup.yaml), then each of its
 * entries in order with the header that follows from its row, then 1,024 zeros. */

/* --- writing, piece by piece as gpg asks --- */

struct backup_source;

/* Opens the file of an entry for reading; closed by the source. Returns the descriptor, or -1. */
typedef int backup_open_file(void *ctx, const struct manifest_entry *entry, struct err *err);

/* The archive of a backup, to be read from start to end. in: doc, with the digests of all files, open_file's ctx and
 * progress, all borrowed. errors: ERR_MEMORY, ERR_INTERNAL of the archive. */
int backup_source_new(struct backup_source **out, const struct backup_doc *doc, backup_open_file *open_file, void *ctx,
					  const struct progress *progress, struct err *err);
void backup_source_free(struct backup_source *source);
static inline void cleanup_backup_source(struct backup_source **s)
{
	backup_source_free(*s);
}
#define auto_backup_source AUTO(cleanup_backup_source) struct backup_source
/* A gpg_source. errors: ERR_CHANGED where a file is no longer what its row says. */
int backup_source_read(void *source, void *bytes, size_t size, size_t *out_len, struct err *err);
uint64_t backup_source_bytes(const struct backup_source *source); /* of the whole archive, but for its headers */

/* --- reading, piece by piece as gpg hands it out --- */

/* Where files go. A NULL function does nothing: then it is only looked at. */
struct backup_taker {
	int (*begin)(void *ctx, const struct manifest_entry *entry, struct err *err);
	int (*bytes)(void *ctx, const void *bytes, size_t len, struct err *err);
	int (*end)(void *ctx, const struct manifest_entry *entry, struct err *err); /* size and SHA-256 have matched */
	void *ctx;
};

struct backup_sink;
/* The other way: takes an archive's bytes, and gives its files to the taker. in: taker and progress borrowed; what: the
 * backup in messages, borrowed; total: bytes to come, for the progress. errors: ERR_MEMORY. */
int backup_sink_new(struct backup_sink **out, const struct backup_taker *taker, const struct progress *progress,
					const char *what, uint64_t total, struct err *err);
void backup_sink_free(struct backup_sink *sink);
static inline void cleanup_backup_sink(struct backup_sink **s)
{
	backup_sink_free(*s);
}
#define auto_backup_sink AUTO(cleanup_backup_sink) struct backup_sink
/* A gpg_drain. errors: ERR_BACKUP, ERR_VERSION where it is not the one form; those of the taker. */
int backup_sink_write(void *sink, const void *bytes, size_t len, struct err *err);
/* When all is written: whether it was the whole archive. out: what the list says, moved. errors: ERR_BACKUP. */
int backup_sink_finish(struct backup_sink *sink, struct backup_doc *out, struct err *err);

#endif
