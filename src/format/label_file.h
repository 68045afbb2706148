/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_LABEL_FILE_H
#define VALISE_FORMAT_LABEL_FILE_H

#include "format/manifest.h"
#include "format/record.h"

/* .valise-labels.yaml: what staff write to label a folder (valise-labels(5), LABEL FILE). Labels are kept as typed:
 * what they mean is policy's. */
enum {
	LABEL_FILE_BYTES_MAX = 4 << 20,
	LABEL_RULES_MAX = 10000,
	LABEL_PATTERNS_MAX = 1000, /* rules with wildcards; plain paths are looked up */
	LABEL_FILE_RECORDS_MAX = MANIFEST_RECORDS_MAX,
	LABEL_WORD_MAX = 128, /* a label as typed */
	ORIGINATOR_MAX = 64,  /* an alias or a fingerprint */
	REASON_MAX = 256,
};
#define LABEL_FILE_KIND "valise-labels: 1"
#define LABEL_FILE_NAME ".valise-labels.yaml"

/* Where something stands in the file, counted from 1; zeros where it was not read from one. */
struct label_place {
	unsigned line, column;
};

/* What a rule, or the default, says of files. Absent is NULL, 0 or ""; no list is there and empty. All owned by the
 * label file. */
struct label_say {
	char **labels; /* as typed */
	uint32_t label_count;
	struct label_place *label_places; /* of each label; NULL where none was read from a file */
	char **caveats;
	uint32_t caveat_count;
	char (*releasable)[3]; /* sorted */
	uint32_t releasable_count;
	char *originator, *registration, *copy, *record;
	struct label_place originator_place, record_place;
	int64_t expires;
	char *not_inspected; /* why these files are not read for labels inside */
};
bool label_say_is_empty(const struct label_say *say);

struct label_rule {
	struct label_say say; /* the first member: what reads a label_say reads a rule's as well */
	char *pattern;        /* "*.json", "raw/", "a/b.txt" (base/glob.h) */
	unsigned line;        /* of the pattern in the file, for messages; 0 where it was not read from one */
};

struct label_file {
	char *purpose, *handling; /* NULL: none */
	struct label_place handling_place;
	struct label_say otherwise; /* "default": for what no rule speaks of */
	char **detected;            /* ids of schemes whose labels inside of files count where no rule speaks of them */
	uint32_t detected_count;
	struct label_place *detected_places; /* as label_places */
	struct label_rule *rules; /* in the file's order; the last that matches and speaks of a thing decides it */
	uint32_t rule_count;
	struct record *records; /* sorted by id */
	uint32_t record_count;
};

/* in: bytes[len] borrowed, 1 to LABEL_FILE_BYTES_MAX.
 * out: label_file_clear(), empty on failure.
 * errors: ERR_LABEL_FILE with line and column (unknown key, wrong type, pattern that leaves the folder, a rule that
 * says nothing, unknown record, too many), ERR_VERSION, ERR_MEMORY. */
int label_file_parse(struct label_file *out, const char *bytes, size_t len, struct err *err);
/* The file that `valise label` writes, with remarks for whoever edits it; parses back to the same. */
int label_file_format(struct buf *out, const struct label_file *file, struct err *err);
void label_file_clear(struct label_file *file);
#define auto_label_file AUTO(label_file_clear) struct label_file

#endif
