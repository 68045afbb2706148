/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_MANIFEST_H
#define VALISE_FORMAT_MANIFEST_H

#include "base/buf.h"
#include "base/ident.h"
#include "format/record.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MANIFEST_BYTES_MAX = 256 << 20,
	MANIFEST_ENTRIES_MAX = 1000000,
	MANIFEST_MARKINGS_MAX = 10000,
	MANIFEST_PURPOSE_MAX = 1024,
	MANIFEST_TOOL_MAX = 64,
	MANIFEST_MEDIA_TYPE_MAX = 127,
	MANIFEST_SCHEMES_MAX = 64,
	MANIFEST_MARKS_MAX = 1024,
	MANIFEST_VOIDED_MAX = 10000,
	MANIFEST_LABELS_MAX = 32, /* of one marking; also what it may be handled as */
	LABEL_ID_MAX = 64,        /* "scheme/id" */
	SCHEME_VERSION_MAX = 32,
	MANIFEST_RECORDS_MAX = 1000,
	CAVEATS_MAX = 16,
	CAVEAT_MAX = 128,
	RELEASABLE_MAX = 64,
	NUMBER_MAX = 64, /* of registration and copy numbers */
	TERM_MAX = 64,   /* "eu-gdpr:A46-3-b" */
};
#define MANIFEST_KIND "valise-manifest: 2" /* 1: drafts, never released */
#define MANIFEST_TIME_LIMIT 253402300799

enum entry_type { ENTRY_FOLDER, ENTRY_FILE, ENTRY_EXECUTABLE };

struct manifest_entry {
	char *path;       /* in the manifest's own memory */
	char *media_type; /* "" when not determined; for files */
	int64_t mtime;    /* seconds */
	uint64_t offset;  /* of the entry's first header in the archive */
	uint64_t size;
	struct digest sha256;
	uint32_t marking; /* index; files only */
	enum entry_type type;
};

enum label_origin { LABEL_FROM_OPTION, LABEL_FROM_DEFAULT, LABEL_FROM_LABEL_FILE, LABEL_FROM_DETECTED };
const char *label_origin_name(enum label_origin origin);

bool scheme_id_is_valid(const char *id);            /* [a-z0-9-]+ */
bool label_id_is_valid(const char *id);             /* [a-z0-9-]+/[a-z0-9-]+, at most LABEL_ID_MAX bytes */
int label_id_compare(const void *a, const void *b); /* their order in documents; for qsort() */

struct manifest_label {
	char id[LABEL_ID_MAX + 1]; /* "tlp/amber" */
	enum label_origin origin;
};

/* What files carry: labels, and the facts that go with them. All arrays and texts are the manifest's own once
 * manifest_add_marking() took them; what is "", NULL or 0 is not there, and not written. */
struct manifest_marking {
	struct manifest_label *labels; /* sorted by id */
	uint32_t count;
	char (*handle_as)[LABEL_ID_MAX + 1]; /* sorted: what the labels count as here, by the sender's equivalence table */
	uint32_t handle_as_count;
	char (*releasable)[3]; /* sorted: jurisdictions that may have it; none: nobody said */
	uint32_t releasable_count;
	char **caveats; /* in the order given */
	uint32_t caveat_count;
	struct fingerprint originator; /* whose the information is; "": the sender's */
	char *registration, *copy;     /* numbers; NULL: none */
	char *record;                  /* id of a processing record; NULL: none */
	int64_t expires;               /* the label is not good behind this time; 0: no end */
	uint64_t hash;                 /* of all that; manifest_add_marking()'s own */
};

struct manifest_scheme {
	char id[LABEL_ID_MAX + 1];
	char version[SCHEME_VERSION_MAX + 1];
	struct digest semantics;
};

struct manifest_void {
	struct fingerprint to;
	uint64_t sequence;
	struct digest bundle;
};

/* The encrypted, per-file list (valise-format(5), MANIFEST). All arrays are owned; text is in arena. */
struct manifest {
	struct uuid bundle;
	char tool[MANIFEST_TOOL_MAX + 1];
	char *purpose; /* never NULL once parsed or initialised */
	char *handling;
	char supersedes[UUID_LEN + 1];  /* "" for none */
	struct fingerprint *recipients; /* when hidden */
	uint32_t recipient_count;
	struct manifest_scheme *schemes;
	uint32_t scheme_count;
	char (*marks)[LABEL_ID_MAX + 1];
	uint32_t mark_count;
	struct manifest_void *voided;
	uint32_t void_count;
	struct manifest_marking *markings;
	uint32_t marking_count;
	char (*releasable)[3]; /* sorted: what all files have in common; none: no file says */
	uint32_t releasable_count;
	struct record *records; /* sorted by id; texts in arena */
	uint32_t record_count;
	struct manifest_entry *entries; /* sorted by path */
	uint32_t entry_count;
	uint64_t files, bytes;
	struct manifest_arena *arena; /* opaque; holds paths, media types, and what markings and records hold */
};

int manifest_init(struct manifest *manifest, struct err *err);
void manifest_clear(struct manifest *manifest);
#define auto_manifest AUTO(manifest_clear) struct manifest

/* Append to the arrays; text is copied. A file is also counted in files and bytes. errors: ERR_MEMORY, ERR_LIMIT. */
int manifest_add_entry(struct manifest *manifest, const struct manifest_entry *entry, struct err *err);
/* Of the file at this index; text is copied, once for many neighbours. in: type at most MANIFEST_MEDIA_TYPE_MAX bytes.
 * errors: ERR_MEMORY. */
int manifest_set_media_type(struct manifest *manifest, uint32_t entry, const char *type, struct err *err);
/* Find an equal marking or add a copy: *out its index. in: marking borrowed, its lists sorted where they must be and
 * not longer than the limits above; "" counts as NULL. Fast however many there are. errors: ERR_LIMIT where there are
 * MANIFEST_MARKINGS_MAX others, ERR_MEMORY. */
int manifest_add_marking(struct manifest *manifest, const struct manifest_marking *marking, uint32_t *out,
						 struct err *err);
/* Those that no file carries any more go, and the numbers of the others close up. errors: ERR_MEMORY. */
int manifest_drop_unused_markings(struct manifest *manifest, struct err *err);
/* Append a copy. in: each id greater than the one before. errors: ERR_LIMIT, ERR_MEMORY. */
int manifest_add_record(struct manifest *manifest, const struct record *record, struct err *err);
const struct record *manifest_find_record(const struct manifest *manifest, const char *id); /* NULL: none */

/* in: bytes[len] borrowed, 1 to MANIFEST_BYTES_MAX; out is empty on failure.
 * Checks all that valise-format(5) says of the manifest alone: order, parents, collisions, counts, marking numbers.
 * What needs the schemes (marks, one label of each scheme) is policy's. errors: ERR_MANIFEST with line and column,
 * ERR_VERSION, ERR_MEMORY. */
int manifest_parse(struct manifest *out, const char *bytes, size_t len, struct err *err);

/* The document. errors: ERR_MEMORY; ERR_LIMIT where it passes MANIFEST_BYTES_MAX. */
int manifest_format(struct buf *out, const struct manifest *manifest, struct err *err);

/* The high-water marks on one line, separated by spaces, as the ledger keeps them. */
int manifest_format_marks(struct buf *out, const struct manifest *manifest, struct err *err);

/* The order of voided bundles, for qsort: by recipient, then number. */
int manifest_void_compare(const void *a, const void *b);

/* Find by path; NULL where there is none. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path);

/* No two paths may be equal after NFC and case folding.
 * errors: ERR_CONTENT naming the first pair that collides, ERR_MEMORY. */
int manifest_check_collisions(const struct manifest *manifest, struct err *err);

#endif
