/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_SECRET_H
#define VALISE_OPS_PARTNER_SECRET_H

#include "keyring/secrets.h"
#include "ops/session.h"

/* The pre-shared secrets with one partner. What changes them holds the session's lock: nobody packs meanwhile. */

struct secret_fact {
	struct secret_ref ref;
	char check[CHANNEL_CHECK_MAX];
	bool packs; /* the newest: the one to pack with */
};
struct secret_facts {
	struct secret_fact *items; /* owned */
	unsigned count;
};
void secret_facts_clear(struct secret_facts *facts);
#define auto_secret_facts AUTO(secret_facts_clear) struct secret_facts

/* A fresh one. out: *out_secret owned: the only time that it can be shown. errors: ERR_PARTNER, ERR_STATION, ERR_BUSY.
 */
int partner_secret_new(struct session *session, const char *alias, struct secret **out_secret, struct secret_fact *out,
					   struct err *err);
/* One that the partner made. errors: also ERR_EXISTS where it is here already. */
int partner_secret_add(struct session *session, const char *alias, const struct secret *secret, struct secret_fact *out,
					   struct err *err);
/* All of them, opened, in the order in which they came. errors: ERR_PARTNER, also where there is none;
 * ERR_KEY_UNAVAILABLE, ERR_CANCELLED, ERR_STATION. */
int partner_secret_check(struct session *session, const char *alias, struct secret_facts *out, struct err *err);

/* The one that is meant: by its id, or, where there is one alone, without. errors: ERR_PARTNER, ERR_USAGE. */
int partner_secret_find(const struct session *session, const char *alias, const char *id, struct secret_ref *out,
						bool *out_last, struct err *err);
int partner_secret_remove(struct session *session, const struct secret_ref *ref, struct err *err);

#endif
