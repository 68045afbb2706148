/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_SLOTS_H
#define VALISE_OPS_SEAL_SLOTS_H

#include "bundle/writer.h"
#include "ledger/ledger.h"
#include "ops/pack_internal.h"

/* What the slots of a bundle are made of; all borrowed. */
struct slots_to_seal {
	struct session *session;
	struct pack_plan *plan;         /* certificates that end soon join its notices */
	const struct ledger_next *next; /* one a recipient */
	struct secret *bundle_key;
	struct writer *writer;
	struct gpg *
		*station; /* the station's keys: opened here where a pre-shared secret needs them, closed by the owner */
};

/* One slot a recipient: in the plan's order, or shuffled and without a name where recipients are hidden.
 * errors: ERR_RECIPIENT, ERR_CERTIFICATE, ERR_REGISTRY, ERR_GNUPG, ERR_IO, … */
int seal_slots(const struct slots_to_seal *slots, struct err *err);

#endif
