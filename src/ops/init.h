/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_INIT_H
#define VALISE_OPS_INIT_H

#include "keyring/station.h"

struct init_request {
	const char *home; /* --home or NULL */
	struct party party;
	enum station_key key;
	struct fingerprint adopt;
	enum gpg_protection protection;
	const char *const *ceilings; /* as typed */
	unsigned ceiling_count;
	const char *const *communities;
	unsigned community_count;
};
struct init_result {
	char *home;                     /* owned */
	struct fingerprint fingerprint; /* "" for verify-only */
};
void init_result_clear(struct init_result *result);
#define auto_init_result AUTO(init_result_clear) struct init_result

/* errors: ERR_LABEL, ERR_USAGE, ERR_EXISTS, those of station_init(). */
int init_station(const struct init_request *request, const struct gpg_passphrase *passphrase, struct init_result *out,
				 struct err *err);

#endif
