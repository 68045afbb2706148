/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/init.h"

#include "format/party_fields.h"
#include "ops/ceilings.h"
#include "policy/scheme.h"

int init_station(const struct init_request *request, const struct gpg_passphrase *passphrase, struct init_result *out,
				 struct err *err)
{
	*out = (struct init_result){0};
	auto_schemes schemes = {0};
	struct station_init init = {
		.party = request->party,
		.key = request->key,
		.adopt = request->adopt,
		.protection = request->protection,
	};
	auto_free char *home = NULL;
	for (unsigned i = 0; i < request->community_count; i++)
		if (communities_add(&init.communities, request->communities[i], err) < 0)
			return err_wrap(err, "--community: ");
	/* A new home has no schemes of its own yet. */
	if (scheme_set_load_shipped(&schemes, NULL, err) < 0 ||
		ceilings_resolve(&init.ceilings, &schemes, request->ceilings, request->ceiling_count, err) < 0 ||
		station_home_path(&home, request->home, err) < 0 ||
		station_init(home, &init, passphrase, &out->fingerprint, err) < 0)
		return -1;
	out->home = steal(&home);
	return 0;
}

void init_result_clear(struct init_result *result)
{
	free(result->home);
	*result = (struct init_result){0};
}
