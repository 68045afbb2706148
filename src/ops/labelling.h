/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LABELLING_H
#define VALISE_OPS_LABELLING_H

#include "ops/detect.h"
#include "ops/scan.h"
#include "ops/session.h"

/* Which labels and facts each file carries, and why. From the strongest word to the weakest: the last rule of the label
 * file that matches and speaks of the scheme; the file's own word inside, where the label file says so ("detected");
 * the label file's default; --label, which supplies what is missing and raises what is lower; default-labels of the
 * station.
 *
 * Two steps, since the label file says which files are not to be read for labels: prepare, look inside, decide. */

struct labelling_request {
	const char *const *labels; /* as typed after --label; borrowed until the labelling is freed */
	unsigned label_count;
	const char *label_file;       /* --label-file: in place of those that the folders hold; NULL: none */
	const struct buf *label_text; /* what stands in label_file, where it is not written yet; NULL: it is read */
};

struct labelling; /* opaque */
/* Read the label files, and find which of their rules match each file.
 * in:     session, scan and manifest borrowed until labelling_free(); the manifest holds the scan's entries
 * errors: ERR_LABEL, ERR_LABEL_FILE with the file's name, line and column; ERR_IO, ERR_MEMORY. */
int labelling_prepare(struct labelling **out, const struct session *session, const struct labelling_request *request,
					  const struct scan *scan, const struct manifest *manifest, struct notices *notices,
					  struct err *err);
void labelling_free(struct labelling *labelling);
static inline void cleanup_labelling(struct labelling **l)
{
	labelling_free(*l);
}
#define auto_labelling AUTO(cleanup_labelling) struct labelling

/* One flag for each entry: its label file says "not-inspected". Borrowed. */
const unsigned char *labelling_skips(const struct labelling *labelling);

/* Sets every file's marking; the manifest's schemes, marks, releasable and records; purpose and handling where they are
 * still "". Tells of rules that matched nothing, defaults that were used, files that are not inspected, files that say
 * less inside, files whose label stands above --label.
 * in:     detected: what the files say inside, borrowed until labelling_free(); NULL: nobody looked
 * errors: ERR_LABEL, ERR_UNLABELLED; ERR_UNDERSTATED where a file says more inside than it carries; ERR_LABEL_FILE
 *         where two label files contradict each other; ERR_LIMIT, ERR_RELEASE, ERR_MEMORY. */
int labelling_decide(struct labelling *labelling, const struct detected *detected, struct manifest *manifest,
					 struct notices *notices, struct err *err);

/* Once decided: why an entry carries label number n of its marking, appended to out: "rule at line 12 of
 * reports/.valise-labels.yaml", "default of reports/.valise-labels.yaml", "--label", "inside, line 3", "default-labels
 * of this station". May hold foreign text. errors: ERR_MEMORY. */
int labelling_explain(const struct labelling *labelling, uint32_t entry, uint32_t n, struct buf *out, struct err *err);

#endif
