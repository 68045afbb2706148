/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_RECEIVE_H
#define VALISE_OPS_RECEIVE_H

#include "bundle/bundle.h"
#include "keyring/trust.h"
#include "ops/volumes.h"

/* What list and unpack share: all stages up to the policy decision, in the order of trust. */

enum receive_override { OVERRIDE_EXPIRED = 1 << 0, OVERRIDE_CLOCK = 1 << 1 };

struct received {
	struct bundle_opened *bundle; /* owned */
	struct trust_verdict verdict;
	struct slot slot; /* its key is wiped already */
	struct manifest manifest;
	struct buf document; /* the manifest's bytes as they were signed; not for RECEIVE_TO_LIST */
	struct ledger_verdict history;
	struct notices notices;
	unsigned overridden; /* enum receive_override: rules that would have refused it */
	uint64_t gap;        /* bundles of this channel that we do not have, the declared never-sent ones not counted */
	uint64_t declared_void;
};
/* A line in the ledger for what was looked at and is no reception: a list, single files, a second unpacking. */
void receive_note(struct session *session, const char *verb, const struct received *received, const char *text);

void received_clear(struct received *received);
#define auto_received AUTO(received_clear) struct received

enum receive_purpose {
	RECEIVE_TO_LIST, /* replay is a notice */
	RECEIVE_TO_READ, /* single files, or --again: replay is a notice */
	RECEIVE_WHOLE,   /* replay is refused */
};

/* For an approver: a bundle that waits, which is open already, by the key that its packer left for this station. All
 * that a receiver's check is made of but what belongs to a channel: our place among the recipients, sequence, replay.
 */
struct receive_pending {
	int fd; /* borrowed */
	int (*read_key)(void *ctx, const struct bundle_verified *bundle, const struct trust_verdict *verdict,
					struct secret **out, struct err *err);
	void *ctx;
};
/* errors: those of receive_bundle(), too few signatures excepted; those of read_key(). */
int receive_to_approve(struct session *session, const char *path, const struct receive_pending *pending,
					   struct received *out, struct err *err);

/* errors: as ORDER OF TRUST in valise-format(5). Refusals are noted in a writable ledger. */
int receive_bundle(struct session *session, const struct volume_set *files, enum receive_purpose purpose,
				   unsigned overrides, const char *reason, struct received *out, struct err *err);

#endif
