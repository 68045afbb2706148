/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_CLASSIFY_H
#define VALISE_OPS_CLASSIFY_H

#include "ops/authorise.h"
#include "ops/detect.h"
#include "ops/labelling.h"
#include "ops/memory.h"
#include "policy/decide.h"

/* From paths to files that are labelled, and to what the rules say of them: what pack seals, and what pack --dry-run
 * and label --check show. Nothing is written. */

struct classify_request {
	const char *const *paths;
	unsigned path_count;
	const char *const *labels; /* as typed after --label */
	unsigned label_count;
	const char *label_file;            /* in place of those that the folders hold; NULL: none */
	const struct buf *label_text;      /* what stands in label_file, where it is not written yet; NULL: it is read */
	const char *const *authorisations; /* paths of signed words that allow lower labels */
	unsigned authorisation_count;
	const struct partner *const *recipients; /* may be none; borrowed until classified_clear() */
	unsigned recipient_count;
	int64_t now, not_after; /* not_after 0: unknown */
};

struct classified {
	struct scan scan;
	struct manifest manifest; /* purpose and handling are those of the label file where they were "" */
	struct detected detected;
	struct labelling *labelling; /* says why */
	struct policy_report report; /* its recipients are numbered as the request's */
	struct notices notices;
};
void classified_clear(struct classified *classified);
#define auto_classified AUTO(classified_clear) struct classified

/* in: out->manifest initialised (manifest_init()), its purpose "" where the label file may give it.
 * A refusal by a rule is in out->report and no error; policy_report_check() makes it one.
 * errors: those of scan_paths(), labelling_decide(), detect_all(); ERR_TYPE; ERR_DOWNGRADE; ERR_CONTENT where there is
 * no file. */
int classify(struct session *session, const struct classify_request *request, const struct progress *progress,
			 struct classified *out, struct err *err);

#endif
