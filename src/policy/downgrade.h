/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_DOWNGRADE_H
#define VALISE_POLICY_DOWNGRADE_H

#include "format/authorisation.h"
#include "policy/scheme.h"

/* Labels are lowered by their originator alone: the same bytes that were known under labels before may not go under
 * lower ones, unless who gave them signed that they may (valise-labels(5), AUTHORISATION). Pure. */

/* What the bytes were known under, once. All borrowed. */
struct downgrade_memory {
	const char *labels; /* "pd/none tlp/red" */
	struct fingerprint by;
	const char *by_name; /* for messages: an alias, "this station", a fingerprint */
	bool by_self;
	int64_t time;
};

struct downgrade_case {
	const struct scheme_set *schemes;
	const char *path; /* for messages */
	const struct digest *content;
	const struct manifest_marking *marking; /* what the file carries now */
	const struct downgrade_memory *memories;
	uint32_t memory_count;
	const struct authorisation *authorisations; /* whose signatures were found to count */
	uint32_t authorisation_count;
	int64_t now;
};

/* Lower is: in a scheme that compares ranks a lower rank, or no label of it any more; in one combined by union a label
 * that is gone; in one combined by intersection a label that was not there, or none any more. What a label is that no
 * scheme here knows any more cannot be compared: it must still stand there.
 * Each loss needs an authorisation by who gave the label, in force, that names the content, the label in `from`, and in
 * `to` what stands instead or something below it; `to` may be silent about schemes that are not required.
 * errors: ERR_DOWNGRADE naming both labels, whose word it was and since when; the hint says whom to ask. */
int policy_check_downgrade(const struct downgrade_case *about, struct err *err);

#endif
