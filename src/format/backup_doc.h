/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_BACKUP_DOC_H
#define VALISE_FORMAT_BACKUP_DOC_H

#include "base/buf.h"
#include "format/card.h"
#include "format/manifest.h"

/* The list that a backup begins with (valise-backup(1), FORMAT): whose it is, and every file with its digest.
 *
 *   valise-backup: 1
 *   created, tool, name, organisation, fingerprint ("" for a station that verifies only)
 *   entries: a row for each folder, ["folder", path], and file, ["file" or "executable", path, size, sha256]
 *
 * Paths are sorted byte by byte; the first is "home", a folder, and all others lie below it. */
enum { BACKUP_BYTES_MAX = 64 << 20, BACKUP_ENTRIES_MAX = 200000, BACKUP_TOOL_MAX = 64 };
#define BACKUP_KIND "valise-backup: 1"
#define BACKUP_LIST_NAME "valise-backup.yaml"
#define BACKUP_ROOT "home"

struct backup_doc {
	int64_t created;
	char tool[BACKUP_TOOL_MAX + 1];
	char name[PARTY_NAME_MAX + 1], organisation[PARTY_NAME_MAX + 1];
	struct fingerprint fingerprint;
	struct manifest_entry *entries; /* owned, with their paths; path, type, size and sha256 count, and mtime: created */
	uint32_t count;
};

void backup_doc_clear(struct backup_doc *doc);
#define auto_backup_doc AUTO(backup_doc_clear) struct backup_doc

/* Behind the entries that are there. path is copied. errors: ERR_BACKUP where it is not sorted, lies in no folder, is
 * no path of an entry; ERR_LIMIT; ERR_MEMORY. */
int backup_doc_add(struct backup_doc *doc, const struct manifest_entry *entry, struct err *err);

int backup_doc_format(struct buf *out, const struct backup_doc *doc, struct err *err);
/* errors: ERR_BACKUP with line and column, ERR_VERSION, ERR_MEMORY. */
int backup_doc_parse(struct backup_doc *out, const char *bytes, size_t len, struct err *err);

#endif
