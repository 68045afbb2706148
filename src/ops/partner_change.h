/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_CHANGE_H
#define VALISE_OPS_PARTNER_CHANGE_H

#include "ops/partner.h"

/* What an administrator does to a partner who is in the registry already. Each is one change of it (registry_change()):
 * whole or not at all, one command at a time. Pointers into the session's registry are void afterwards. */

/* out: *before owned, partner_clear(): the entry as it was. errors: ERR_PARTNER, ERR_USAGE where it says so already,
 * ERR_EXISTS for an alias that is taken, ERR_CERTIFICATE where the key cannot do what a new role needs, ERR_BUSY. */
int partner_set(struct session *session, const char *alias, const struct partner_settings *settings,
				struct partner *before, struct err *err);

/* What a certificate said and says. */
struct partner_renewal {
	struct cert before, after; /* not filled by a rotation */
	bool changed;
	bool rotated;                /* another key, by a rotation of the old one */
	struct fingerprint from, to; /* of a rotation */
	int64_t until;               /* likewise: until when the old key counts */
	struct fingerprint revoked;  /* a former key, of which this was the revocation; empty for none */
};
/* What a file would be taken in as, for whoever asks a person first; nothing changes. out: as of partner_renew(). Of
 * anything but a rotation only out->rotated is told. errors: ERR_PARTNER, ERR_IO, those of rotation_open(). */
int partner_examine_renewal(const struct session *session, const char *alias, const char *path,
							struct partner_renewal *out, struct err *err);
/* A renewed certificate of the same primary key, from a card or an OpenPGP file: its self-signatures prove it; or that
 * key's revocation certificate alone, or that of a key that the partner had before. Or another primary key: a rotation
 * that the old one signed. seen: what partner_examine_renewal() gave, which a person may have confirmed. errors:
 * ERR_CHANGED where the file is another one by now, ERR_FINGERPRINT for another key, ERR_CERTIFICATE where it lacks a
 * revocation that is known, ERR_PARTNER, ERR_IO, ERR_BUSY. */
int partner_renew(struct session *session, const char *alias, const char *path, const struct partner_renewal *seen,
				  struct partner_renewal *out, struct err *err);

struct partner_revocation {
	const char *certificate_path;     /* a revocation certificate that must hold, or the key's certificate with its
									   * revocation; it tells whether it is of the present key or of a former one. NULL
									   * where the owner cannot make one */
	const struct fingerprint *former; /* without a certificate: of this former key; NULL: of the present one */
	const char *reason;               /* NULL for none */
};
/* Takes the trust in a key back: in the present one, and so in the partner; or in a former one alone. out: which former
 * key; empty where it is the present one. errors: ERR_CERTIFICATE where it revokes no key of this partner, ERR_USAGE
 * where that is revoked already or reason is no plain text, ERR_FINGERPRINT, ERR_PARTNER, ERR_IO, ERR_BUSY. */
int partner_revoke(struct session *session, const char *alias, const struct partner_revocation *how,
				   struct fingerprint *out_former, struct err *err);

/* Entry and certificate go. out: *removed owned, partner_clear(). errors: ERR_PARTNER, ERR_BUSY. */
int partner_remove(struct session *session, const char *alias, struct partner *removed, struct err *err);

/* In what two entries differ: bits. */
enum partner_field {
	PARTNER_ALIAS = 1 << 0,
	PARTNER_ROLES = 1 << 1,
	PARTNER_CEILINGS = 1 << 2,
	PARTNER_JURISDICTION = 1 << 3,
	PARTNER_COMMUNITIES = 1 << 4,
	PARTNER_MECHANISMS = 1 << 5,
	PARTNER_SECTOR = 1 << 6,
	PARTNER_PERSON = 1 << 7,
	PARTNER_APPROVALS = 1 << 8,
	PARTNER_VALID_UNTIL = 1 << 9,
	PARTNER_NAME = 1 << 10, /* name, organisation or kind */
	PARTNER_REVOKED = 1 << 11,
	PARTNER_CERTIFICATE = 1 << 12,
	PARTNER_KEY = 1 << 13,    /* another primary key */
	PARTNER_FORMER = 1 << 14, /* former keys, which count until their end */
};
unsigned partner_differences(const struct partner *a, const struct partner *b);

#endif
