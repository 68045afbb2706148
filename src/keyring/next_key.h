/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_NEXT_KEY_H
#define VALISE_KEYRING_NEXT_KEY_H

#include "keyring/station_key.h"

/* The key that a station is about to take. Until it is the station's it lies in a GnuPG home of its own, a folder in
 * the station's: what fails before leaves no secret key among those of the station, and what was killed is removed by
 * the next attempt. */
struct next_key {
	const struct station *station; /* borrowed */
	char *home;                    /* owned */
	struct gpg *gpg;               /* owned: sees this key only */
	struct fingerprint fpr;
	struct buf note; /* owned: what a failed attempt takes back, see next_key.c; empty before the key is made */
};
void next_key_clear(struct next_key *key);

/* Makes the folder. First an attempt that was killed is taken back. in: `gpg` is the station's; its lock is held.
 * errors: ERR_IO, those of gpg. */
int next_key_open(struct next_key *key, const struct station *station, struct gpg *gpg,
				  const struct gpg_passphrase *passphrase, struct err *err);
/* errors: those of station_key_get(). */
int next_key_make(struct next_key *key, const struct station_key_source *source, struct err *err);
/* Copies the secret halves, the certificate and the revocation certificate into the station's GnuPG home.
 * errors: those of gpg_adopt(). */
int next_key_move_in(struct next_key *key, struct gpg *gpg, const struct station_key_source *source, struct err *err);

/* The end of an attempt: the folder goes, and where the key did not become the station's what came with it goes as
 * well, also after a cancel request. -1 where something could not be removed: the caller says so. */
enum next_key_fate { NEXT_KEY_TAKEN, NEXT_KEY_DROPPED };
int next_key_end(struct next_key *key, enum next_key_fate fate, struct gpg *gpg);

#endif
