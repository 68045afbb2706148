/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_ROTATE_H
#define VALISE_OPS_ROTATE_H

#include "keyring/rotation.h"
#include "ops/session.h"

/* A station takes another key. */

struct rotate_request {
	const char *home; /* --home or NULL */
	struct station_turn turn;
};
struct rotate_result {
	struct fingerprint from, to;
	int64_t until;         /* signatures of the old key count until then */
	struct notices untold; /* of bundles declared void: which partner was not told yet; one line each */
	bool administers; /* the registry knows the old key as an administrator's: its next number must know the new one */
	bool signs_table; /* the old key signed the table of equivalences: from then on nothing is packed with it */
};
void rotate_result_clear(struct rotate_result *result);

/* While nothing is packed. out: rotate_result_clear(). errors: ERR_BUSY, ERR_EXISTS where the key to adopt is a
 * partner's, those of station_turn(). */
int rotate_station(const struct rotate_request *request, const struct gpg_passphrase *passphrase,
				   struct rotate_result *out, struct err *err);

#endif
