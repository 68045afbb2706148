/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_ROTATE_H
#define VALISE_OPS_ROTATE_H

#include "keyring/rotation.h"

/* A station takes another key. */

struct rotate_request {
	const char *home; /* --home or NULL */
	struct station_turn turn;
};
struct rotate_result {
	struct fingerprint from, to;
	int64_t until;    /* signatures of the old key count until then */
	bool signs_table; /* the old key signed the table of equivalences: from then on nothing is packed with it */
};
/* While nothing is packed. errors: ERR_BUSY, ERR_EXISTS where the key to adopt is a partner's, those of
 * station_turn(). */
int rotate_station(const struct rotate_request *request, const struct gpg_passphrase *passphrase,
				   struct rotate_result *out, struct err *err);

#endif
