/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_JUDGE_H
#define VALISE_OPS_JUDGE_H

#include "bundle/bundle.h"
#include "keyring/trust.h"
#include "ledger/ledger.h"

/* Joins the bundle's stages to the keyring: the one judge of signatures for every verb. */
struct judge {
	struct trust_anchor anchor;
	int64_t now;
	struct trust_verdict *verdict; /* filled, also on failure */
	bool pending;                  /* too few people are no failure: that is what a bundle waits for */
	struct ledger *ledger;         /* that knows what was accepted before; NULL: nobody does */
	enum trust_past_use use;       /* of what it knows */
	struct trust_past past;        /* filled */
};

struct bundle_judge judge_make(struct judge *judge);

#endif
