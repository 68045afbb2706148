/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_TRUST_PAST_H
#define VALISE_KEYRING_TRUST_PAST_H

#include "keyring/trust.h"

/* Keys that are no longer in force, and bundles that were accepted while they were: what only trust.c calls. */

/* By what this signer's key came to its end, and whether its signature over what was accepted before still serves: sets
 * standing, end, ended. in: a signer whose standing is SIGNER_UNFIT or SIGNER_ROLE, as judged today. */
void trust_judge_past(const struct trust_past *past, const struct cert *cert, const struct signature_result *result,
					  int64_t now, struct signer *signer);
/* Known here before, but its key does not count today. errors: ERR_UNFIT_SIGNER. */
int trust_fail_past(const struct signer *signer, int64_t accepted, struct err *err);
/* Accepted before, but whoever sealed it is not in the registry any more. errors: ERR_UNKNOWN_SIGNER. */
int trust_fail_past_unknown(const struct trust_past *past, struct err *err);

#endif
