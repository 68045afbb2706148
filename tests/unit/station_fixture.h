/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_STATION_FIXTURE_H
#define VALISE_TESTS_STATION_FIXTURE_H

#include "gpg_fixture.h"

#include "keyring/registry.h"

/* Stations with keys, made by station_init, and partners in their registries. */

static inline struct fingerprint make_station(const char *name)
{
	struct err err = ERR_INIT;
	struct fingerprint fpr;
	struct station_init init = {.key = STATION_KEY_NEW, .protection = GPG_UNPROTECTED};
	(void)snprintf(init.party.name, sizeof init.party.name, "%s", name);
	(void)snprintf(init.party.organisation, sizeof init.party.organisation, "Agency of %s", name);
	assert_ok(station_init(below_root(name), &init, never_ask(), &fpr, &err));
	return fpr;
}

static inline void get_card(const char *name, struct card *out)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	assert_ok(station_open(&station, below_root(name), &err));
	assert_ok(station_card(&station, out, &err));
}

static inline struct partner partner_of(const struct card *card, const char *alias, unsigned roles)
{
	struct partner partner = {.roles = roles, .approvals = 1};
	partner.party = card->party;
	(void)snprintf(partner.alias, sizeof partner.alias, "%s", alias);
	return partner;
}

static inline void add_partner(struct registry *registry, const char *name, unsigned roles, const char *person)
{
	struct err err = ERR_INIT;
	auto_card card = {0};
	get_card(name, &card);
	struct partner partner = partner_of(&card, name, roles);
	(void)snprintf(partner.person, sizeof partner.person, "%s", person);
	assert_ok(registry_add(registry, &partner, &card, &card.fingerprint, utc_now(), &err));
}

#endif
