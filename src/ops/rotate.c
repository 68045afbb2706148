/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/rotate.h"

#include "keyring/registry_change.h"
#include "ops/equivalence_file.h"

void rotate_result_clear(struct rotate_result *result)
{
	notices_clear(&result->untold);
}

static int add_untold(void *ctx, const char *alias, const struct ledger_void *untold, struct err *err)
{
	(void)err;
	notice_add(ctx, "%s: number %llu", alias, (unsigned long long)untold->sequence);
	return 0;
}

/* Its certificate would take the place of the partner's. */
static int check_nobodys(const struct session *session, const struct station_turn *turn, struct err *err)
{
	const struct partner *partner = turn->key == STATION_KEY_ADOPT ? registry_find(&session->registry, &turn->adopt)
																   : NULL;
	if (partner == NULL)
		return 0;
	(void)err_set(err, ERR_EXISTS, "this is the key of %s", partner->alias);
	return err_hint(err, "a station signs with a key of its own: adopt another one, or have one made");
}

/* A table that does not hold today is no news of this rotation. */
static bool signs_table(const struct session *session)
{
	auto_equivalence_doc table = {.items = NULL};
	struct err ignored = ERR_INIT;
	struct signer signer;
	return equivalence_load_signed(&table, session, utc_now(), &signer, &ignored) == 0 && signer.is_self;
}

int rotate_station(const struct rotate_request *request, const struct gpg_passphrase *passphrase,
				   struct rotate_result *out, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	if (session_open(&session, request->home, SESSION_LEDGER_READ, passphrase, err) < 0 ||
		session_lock(&session, err) < 0 || check_nobodys(&session, &request->turn, err) < 0 ||
		ledger_each_untold(session.ledger, &session.station.doc.fingerprint, add_untold, &out->untold, err) < 0)
		return -1;
	/* Both keys are in the home: the old one signs the next registry, which knows the new one. */
	out->administers = registry_is_administered_here(&session.registry);
	out->from = session.station.doc.fingerprint;
	out->signs_table = signs_table(&session);
	return station_turn(&session.station, &request->turn, &session.passphrase, &out->to, &out->until, err);
}
