/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_STATION_KEY_H
#define VALISE_KEYRING_STATION_KEY_H

#include "keyring/station.h"

/* Where a station's key comes from: made in its GnuPG home, or copied there from a person's own. */
struct station_key_source {
	const struct party *party; /* borrowed: of whom a new key tells */
	enum station_key key;      /* STATION_KEY_NEW or STATION_KEY_ADOPT */
	struct fingerprint adopt;
	enum gpg_protection protection;
};
/* errors: those of gpg_generate() and gpg_adopt(). */
int station_key_get(struct gpg *gpg, const struct station_key_source *source, struct fingerprint *out, struct err *err);

#endif
