/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_APPROVE_H
#define VALISE_OPS_APPROVE_H

#include "ops/receive.h"

/* The second signature: open what waits, look at all of it, sign. Nobody signs what he could not open. */

struct approve_request {
	const char *path;       /* ….valise-pending */
	const char *extract_to; /* DIR that will be made, with all files; NULL: nothing is written */
};

/* One that was opened, checked to its last byte, and may be signed by this station. While it is there nobody else can
 * approve the same file. */
struct approval;

/* errors: those of pending_open(), receive_to_approve(), payload_read_all(); ERR_APPROVALS where this station's
 * signature would not count; ERR_NOT_FOR_US where the packer left no key for it; ERR_SLOT, ERR_KEY_CHECK where that key
 * is another bundle's; ERR_EXISTS where the final name or extract_to is taken. */
int approval_open(struct session *session, const struct approve_request *request, const struct progress *progress,
				  struct approval **out, struct err *err);
void approval_free(struct approval *approval);
static inline void cleanup_approval(struct approval **a)
{
	approval_free(*a);
}
#define auto_approval AUTO(cleanup_approval) struct approval

/* What would leave. NULL where all have signed already, and only the final name is missing. */
const struct received *approval_received(const struct approval *approval);
const char *approval_folder(const struct approval *approval); /* where it was extracted to, absolute; NULL: nowhere */

struct approve_result {
	char *path; /* owned: where it is now */
	bool complete;
	char *parity_path,
		*parity_fault; /* owned: of a complete one that is no small one, its parity file, or why it has none */
	struct trust_verdict verdict; /* with our signature */
};
void approve_result_clear(struct approve_result *result);

/* Sign, delete our message; with the last signature give the final name. A failure before the signature is in leaves
 * all as it was; after it, the same command once more finishes. errors: ERR_KEY_UNAVAILABLE, ERR_CANCELLED, ERR_IO,
 * ERR_NO_SPACE, … */
int approval_sign(struct session *session, struct approval *approval, struct approve_result *out, struct err *err);

#endif
