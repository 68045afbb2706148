/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_ROTATION_H
#define VALISE_KEYRING_ROTATION_H

#include "format/rotation.h"
#include "keyring/registry.h"

/* A rotation that is proven: by the old key, which is in force here, and by the new one, so that nobody makes another's
 * key his own successor.
 * in:     the file's bytes; what is said of it in messages
 * out:    rotation and the card in it, both owned by the caller
 * errors: those of signed_doc_verify() for the old key; ERR_BAD_SIGNATURE where the new one's does not hold;
 *         ERR_SIGNATURE_TIME; ERR_EXPIRED after its not-after; ERR_DOCUMENT, ERR_FINGERPRINT where card and rotation
 *         differ; ERR_CERTIFICATE, ERR_GNUPG. */
int rotation_open(const struct registry *registry, const char *bytes, size_t len, int64_t now, const char *what,
				  struct rotation *out, struct card *card, struct err *err);

/* Another key for this station, made or adopted: keys/<NEW>.pgp, keys/<OLD>.rotation, then station.yaml, each whole or
 * not; until station.yaml is written nothing has changed. The old secret key stays. in: days of overlap, 1 to
 * ROTATION_DAYS_MAX. errors: ERR_STATION for a verify-only station, ERR_KEY_UNAVAILABLE, those of gpg and of
 * station_doc_turn(). */
struct station_turn {
	enum station_key key; /* STATION_KEY_NEW or STATION_KEY_ADOPT */
	struct fingerprint adopt;
	enum gpg_protection protection;
	unsigned overlap_days;
};
int station_turn(const struct station *station, const struct station_turn *turn,
				 const struct gpg_passphrase *passphrase, struct fingerprint *out_fpr, int64_t *out_until,
				 struct err *err);
/* The rotation from the last former key, to be handed to partners. errors: ERR_STATION where there is none. */
int station_rotation(const struct station *station, struct buf *out, struct err *err);

#endif
