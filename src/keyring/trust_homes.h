/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_TRUST_HOMES_H
#define VALISE_KEYRING_TRUST_HOMES_H

#include "keyring/gpg.h"

/* GnuPG homes that stay open from one judgement to the next, for whoever judges many bundles: to make one and to take a
 * certificate in costs several times what a signature does. Each still holds one certificate alone, for the reason that
 * trust.c tells. What a key has come to while they are open is not looked at anew: for the time of one command. */

enum { TRUST_HOMES_MAX = 32 }; /* where there are more signers the one opened first goes */

struct trust_homes {
	struct {
		struct fingerprint certificate;
		struct gpg *gpg; /* owned */
	} homes[TRUST_HOMES_MAX];
	unsigned count, next;
};

/* The home of this certificate, borrowed until the next trust_homes_keep(); NULL where none is open. */
struct gpg *trust_homes_find(const struct trust_homes *homes, const struct fingerprint *certificate);
/* Takes gpg, which holds this certificate and no other. */
void trust_homes_keep(struct trust_homes *homes, const struct fingerprint *certificate, struct gpg *gpg);
void trust_homes_close(struct trust_homes *homes);
#define auto_trust_homes AUTO(trust_homes_close) struct trust_homes

#endif
