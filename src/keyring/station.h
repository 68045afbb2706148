/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_STATION_H
#define VALISE_KEYRING_STATION_H

#include "format/station_doc.h"
#include "keyring/gpg.h"

/* One installation: its home folder, who it is, and the doors to its keys. */
struct station {
	char *home;  /* absolute path */
	char *gnupg; /* home/gnupg */
	int home_fd; /* the home folder: files are opened below it */
	struct station_doc doc;
};

/* $VALISE_HOME, else $XDG_DATA_HOME/valise, else ~/.local/share/valise; option (may be NULL) comes first. Made
 * absolute. out: malloc'd. errors: ERR_NO_STATION where none of these is set. */
int station_home_path(char **out, const char *option, struct err *err);

/* errors: ERR_NO_STATION where there is none (hint: valise init), ERR_STATION where it is wrong or its home is open to
 * others. */
int station_open(struct station *out, const char *home, struct err *err);
void station_close(struct station *station);
#define auto_station AUTO(station_close) struct station

static inline int station_can_sign(const struct station *s)
{
	return s->doc.fingerprint.hex[0] != '\0';
}

/* This station's own certificate, as init kept it in keys/: needs no gpg. errors: ERR_STATION where it is missing, or
 * for a verify-only station. */
int station_certificate(const struct station *station, struct buf *out, struct err *err);

/* That of its key, or of one that it had before. in: fpr with station_doc_has_key(). */
int station_key_certificate(const struct station *station, const struct fingerprint *fpr, struct buf *out,
							struct err *err);

/* How a new station comes to its key. */
enum station_key { STATION_KEY_NEW, STATION_KEY_ADOPT, STATION_KEY_NONE };
struct station_init {
	struct party party;
	enum station_key key;
	struct fingerprint adopt; /* STATION_KEY_ADOPT */
	enum gpg_protection protection;
	struct ceilings ceilings; /* normalised */
	struct communities communities;
};
/* Make a home that is there whole or not at all: built as a hidden sibling, then renamed. Refuses where home exists and
 * is not an empty folder. errors: ERR_EXISTS, ERR_IO, those of gpg. */
int station_init(const char *home, const struct station_init *init, const struct gpg_passphrase *passphrase,
				 struct fingerprint *out_fpr, struct err *err);

/* This station's card. in: needs the certificate only, never the secret key. errors: ERR_STATION for a verify-only
 * station. */
int station_card(const struct station *station, struct card *out, struct err *err);

#endif
