/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_SECRETS_H
#define VALISE_KEYRING_SECRETS_H

#include "format/channel_secret.h"
#include "keyring/gpg.h"
#include "keyring/station.h"

/* A station's pre-shared secrets: secrets/<partner's fingerprint>-<number>-<id>.pgp, each encrypted to the station's
 * own key, so that its passphrase or card protects them too. Of one partner the highest number is packed with; all are
 * read with. */

enum { SECRET_ID_HEX_MAX = 2 * SECRET_ID_BYTES + 1, SECRET_NUMBER_MAX = 9999 };

struct secret_ref {
	struct fingerprint partner;
	unsigned number;
	unsigned char id[SECRET_ID_BYTES];
	char id_hex[SECRET_ID_HEX_MAX];
};
struct secret_refs {
	struct secret_ref *items; /* owned, by partner and number */
	unsigned count;
};
void secret_refs_clear(struct secret_refs *refs);
#define auto_secret_refs AUTO(secret_refs_clear) struct secret_refs

/* Which there are: names alone, nothing is decrypted. A station without any has none. errors:
 * ERR_STATION where a name there is not understood, ERR_IO, ERR_MEMORY. */
int secrets_list(struct secret_refs *out, const struct station *station, struct err *err);
/* The one to pack with, or NULL; the one of this id, or NULL. Borrowed. */
const struct secret_ref *secrets_newest(const struct secret_refs *refs, const struct fingerprint *partner);
/* That to pack with: of the present key, else of a former one, as a channel keeps its secret when a key is replaced. */
const struct secret_ref *secrets_for(const struct secret_refs *refs, const struct partner *partner);
/* Those with one partner, under whichever of its keys they came, the one to pack with last. out: secret_refs_clear().
 * errors: ERR_MEMORY. */
int secrets_of(struct secret_refs *out, const struct secret_refs *refs, const struct partner *partner, struct err *err);
const struct secret_ref *secrets_find(const struct secret_refs *refs, const unsigned char id[static SECRET_ID_BYTES]);

/* gpg: the station's home. out: *out owned, CHANNEL_SECRET_BYTES. errors: ERR_KEY_UNAVAILABLE, ERR_CANCELLED,
 * ERR_STATION where the file is not what valise wrote, ERR_IO. */
int secrets_open(struct secret **out, const struct station *station, const struct secret_ref *ref, struct gpg *gpg,
				 struct err *err);

/* Keep one more, whole or not; it becomes the newest. Needs no passphrase. in: the session's lock is held. errors:
 * ERR_EXISTS where it is kept already, ERR_STATION where the station's own key can no longer be encrypted to. */
int secrets_add(const struct station *station, const struct fingerprint *partner, const struct secret *secret,
				struct secret_ref *out, struct err *err);
/* For good: what was sealed with it can no longer be opened here. in: the session's lock is held. errors: ERR_IO. */
int secrets_remove(const struct station *station, const struct secret_ref *ref, struct err *err);

#endif
