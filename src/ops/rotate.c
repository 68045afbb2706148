/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/rotate.h"

#include "keyring/registry_change.h"

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

int rotate_station(const struct rotate_request *request, const struct gpg_passphrase *passphrase,
				   struct rotate_result *out, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	if (session_open(&session, request->home, SESSION_LEDGER_READ, passphrase, err) < 0 ||
		session_lock(&session, err) < 0 ||
		ledger_each_untold(session.ledger, &session.station.doc.fingerprint, add_untold, &out->untold, err) < 0)
		return -1;
	/* Both keys are in the home: the old one signs the next registry, which knows the new one. */
	out->administers = registry_is_administered_here(&session.registry);
	out->from = session.station.doc.fingerprint;
	return station_turn(&session.station, &request->turn, &session.passphrase, &out->to, &out->until, err);
}
