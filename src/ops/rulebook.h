/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_RULEBOOK_H
#define VALISE_OPS_RULEBOOK_H

#include "base/glob.h"
#include "base/path.h"
#include "format/label_file.h"
#include "ops/session.h"

/* A label file made ready for use: its words are labels of this station's schemes, its patterns sorted for looking up.
 * Which files a pattern matches is asked once for each file; what follows from that once for each set of patterns. */

/* Facts of a label_say, each decided by itself. */
enum label_fact {
	FACT_CAVEATS,
	FACT_RELEASABLE,
	FACT_ORIGINATOR,
	FACT_REGISTRATION,
	FACT_COPY,
	FACT_RECORD,
	FACT_EXPIRES,
	FACT_NOT_INSPECTED,
	FACT_COUNT
};

/* A scheme of a set as one bit. */
_Static_assert(SCHEMES_MAX <= 64, "a scheme is a bit");
static inline uint64_t scheme_bit(const struct scheme_set *set, const struct scheme *scheme)
{
	return (uint64_t)1 << (scheme - set->schemes);
}

struct rulebook_say {
	struct label_ref *labels; /* as many as the file has there */
	uint64_t schemes;         /* scheme_bit() of each scheme that it speaks of */
	unsigned facts;           /* 1 << enum label_fact */
	struct fingerprint originator;
};

/* One pattern; several rules may have the same. */
struct rulebook_pattern {
	struct glob glob;
	uint32_t first, count; /* its rules in rulebook.order, in the order of the file */
	bool matched;
};

struct rulebook {
	char *name; /* "reports/.valise-labels.yaml", for messages; NULL: there is no label file */
	struct label_file file;
	struct rulebook_say otherwise, *rules;
	uint64_t detected; /* schemes, as rulebook_say.schemes */
	uint32_t *order;   /* numbers of rules by pattern: plain paths first */
	struct rulebook_pattern *patterns;
	uint32_t pattern_count, plain_count; /* the plain ones are sorted */
};
enum { RULEBOOK_MATCHES_MAX = LABEL_PATTERNS_MAX + PATH_DEPTH_MAX + 2 };

/* in: file taken, also on failure; name copied, NULL for an empty file. Words of earlier versions are told.
 * out: rulebook_clear(), also on failure
 * errors: ERR_LABEL, ERR_LABEL_FILE with name, line and column: unknown labels and schemes, two labels of one exclusive
 * scheme, an unknown originator, a label in "handling"; ERR_MEMORY. */
int rulebook_make(struct rulebook *out, struct label_file *file, const char *name, const struct session *session,
				  struct notices *notices, struct err *err);
void rulebook_clear(struct rulebook *book);

/* in: path below the folder. out: numbers of the patterns that match, the same for the same set. Returns how many. */
uint32_t rulebook_match(struct rulebook *book, const char *path, uint32_t out[static RULEBOOK_MATCHES_MAX]);

#endif
