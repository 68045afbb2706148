/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_H
#define VALISE_OPS_PARTNER_H

#include "ops/partner_fields.h"
#include "ops/session.h"

/* A card from a file, with what its certificate says once it went through a throwaway GnuPG home. */
struct card_view {
	struct card card;
	struct cert cert;
};
void card_view_clear(struct card_view *view);
#define auto_card_view AUTO(card_view_clear) struct card_view
/* errors: ERR_IO, ERR_DOCUMENT, ERR_CERTIFICATE, ERR_FINGERPRINT where card and certificate differ. */
int card_examine(const char *path, struct card_view *out, struct err *err);

struct partner_request {
	struct fingerprint confirmed;     /* as typed by a person */
	struct partner_settings settings; /* where nothing is said: send and receive, public, the card's jurisdiction */
};
/* errors: those of registry_add(), ERR_LABEL, ERR_USAGE for a bad alias, community, mechanism or sector. */
int partner_add(struct session *session, const struct card_view *view, const struct partner_request *request,
				struct err *err);

/* A partner with what its key looks like today. */
enum key_state { KEY_FINE, KEY_EXPIRES_SOON, KEY_EXPIRED, KEY_REVOKED, KEY_UNREADABLE };
enum { KEY_SOON_DAYS = 60 };
struct partner_view {
	const struct partner *partner;
	struct cert cert; /* not filled where KEY_UNREADABLE, or by PARTNER_BY_ROW */
	enum key_state key_state;
	int64_t key_days_left; /* -1: no end */
	enum key_state state;  /* of key and entry: the worse, and the earlier end */
	int64_t days_left;     /* likewise */
	char fault[256];       /* why KEY_UNREADABLE; may hold foreign bytes */
};
/* A certificate that is missing or wrong is KEY_UNREADABLE, no failure. errors: ERR_GNUPG, ERR_MEMORY, ERR_IO,
 * ERR_CANCELLED. */
int partner_examine(const struct session *session, const struct partner *partner, struct partner_view *out,
					struct err *err);

/* All partners in the registry's order. view is valid during the call; each() returns -1, with err set, to stop. */
enum partner_source {
	PARTNER_BY_CERTIFICATE, /* gpg is asked about each, in one throwaway home */
	PARTNER_BY_ROW,         /* what the registry says of the certificate's ends; gpg only where it says nothing */
};
typedef int partner_view_fn(void *ctx, const struct partner_view *view, struct err *err);
int partner_examine_all(const struct session *session, enum partner_source source, partner_view_fn *each, void *ctx,
						struct err *err);

/* How long a certificate can still do its work: sign (send) and be encrypted to (receive). out: *out_days as days_left.
 */
enum key_state cert_state(const struct cert *cert, unsigned roles, int64_t now, int64_t *out_days);
/* The same, as the registry says it. */
enum key_state key_ends_state(const struct key_ends *ends, unsigned roles, int64_t now, int64_t *out_days);
/* The same for a partner as a whole: key and entry, which may be revoked or have an end of its own. */
enum key_state partner_state(const struct partner *partner, enum key_state key, int64_t key_days, int64_t now,
							 int64_t *out_days);

#endif
