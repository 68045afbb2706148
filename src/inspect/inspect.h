/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_INSPECT_H
#define VALISE_INSPECT_INSPECT_H

#include "policy/scheme.h"

/* What a file says of itself: its media type, by content, and the labels that stand inside. It is read under a cap,
 * once, in pieces; nothing of it is executed or written, and whatever it holds, the worst is an error. */
enum {
	INSPECT_BYTES_MAX = 64 << 20,  /* of one file; what lies behind is not looked at, and told */
	INSPECT_HEAD_BYTES = 16 << 10, /* of text: a label stands at the head or nowhere */
	FINDINGS_MAX = 32,             /* different labels of one file */
	FINDING_WHERE_MAX = 128,
	FINDING_SAID_MAX = 64,
};

struct finding {
	struct label_ref label;
	char where[FINDING_WHERE_MAX]; /* "line 12: document.distribution.tlp.label", "line 1", "page 1"; may hold foreign
									  text */
	char said[FINDING_SAID_MAX];   /* the word that stands there: "WHITE" */
};

struct inspection {
	char media_type[MANIFEST_MEDIA_TYPE_MAX + 1]; /* by content; never "" */
	char
		named_type[MANIFEST_MEDIA_TYPE_MAX + 1]; /* that its name claims, where that contradicts the content; else "" */
	struct finding findings[FINDINGS_MAX];       /* each label once, where it stood first */
	uint32_t finding_count;
	bool more_findings; /* there were more than FINDINGS_MAX */
	bool not_whole;     /* it is longer than what was looked at */
	char not_read[128]; /* why its text could not be looked at ("pdftotext is not installed"); "" else */
};

/* How thoroughly the type is asked for. */
enum inspect_types {
	INSPECT_TYPES_QUICK, /* own knowledge of common forms; libmagic where that does not decide and the name claims a
							type */
	INSPECT_TYPES_FULL,  /* libmagic for every file: where a station restricts types */
};

/* One for each thread. schemes borrowed. */
struct inspector;
int inspector_new(struct inspector **out, const struct scheme_set *schemes, enum inspect_types types, struct err *err);
void inspector_free(struct inspector *inspector);
static inline void cleanup_inspector(struct inspector **i)
{
	inspector_free(*i);
}
#define auto_inspector AUTO(cleanup_inspector) struct inspector

/* in: fd at its start, open for reading, borrowed, its offset is moved; name: the path inside the bundle, for its
 * extension; size as the caller knows it.
 * errors: ERR_CONTENT with line and column where a file that calls itself JSON is none, or says a label twice in one
 * object (two readers would disagree); ERR_IO; ERR_CANCELLED; ERR_MEMORY. */
int inspect_file(struct inspector *inspector, int fd, const char *name, uint64_t size, struct inspection *out,
				 struct err *err);

/* The type alone, from a file's beginning (INSPECT_HEAD_BYTES of it, or all where it is shorter): for what is being
 * unpacked. out[MANIFEST_MEDIA_TYPE_MAX + 1]. */
int inspect_type(struct inspector *inspector, const void *head, size_t len, char *out, struct err *err);

/* Whether the program that reads PDF files is installed. */
bool inspect_reads_pdf(void);

#endif
