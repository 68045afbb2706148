/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_homes.h"

struct gpg *trust_homes_find(const struct trust_homes *homes, const struct fingerprint *certificate)
{
	for (unsigned i = 0; i < homes->count; i++)
		if (fingerprint_equal(&homes->homes[i].certificate, certificate))
			return homes->homes[i].gpg;
	return NULL;
}

void trust_homes_keep(struct trust_homes *homes, const struct fingerprint *certificate, struct gpg *gpg)
{
	const unsigned at = homes->next;
	homes->next = (at + 1) % TRUST_HOMES_MAX;
	if (homes->count < TRUST_HOMES_MAX)
		homes->count++;
	else
		gpg_close(homes->homes[at].gpg);
	homes->homes[at].certificate = *certificate;
	homes->homes[at].gpg = gpg;
}

void trust_homes_close(struct trust_homes *homes)
{
	for (unsigned i = 0; i < homes->count; i++)
		gpg_close(homes->homes[i].gpg);
	*homes = (struct trust_homes){0};
}
