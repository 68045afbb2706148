/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/backup.h"

#include <string.h>

static int keep_newest(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct station_facts *facts = ctx;
	(void)err;
	facts->ledger_newest = row->time;
	(void)snprintf(facts->ledger_event, sizeof facts->ledger_event, "%s", row->event);
	return 0;
}

static int read_ledger(struct station_facts *out, const struct station *station, struct err *err)
{
	auto_ledger *ledger = NULL;
	if (ledger_open(&ledger, station->home, LEDGER_READ_ONLY, err) < 0 || ledger_check(ledger, err) < 0)
		return -1;
	return ledger_list(ledger, keep_newest, out, err);
}

static int read_registry(struct station_facts *out, const struct station *station, struct err *err)
{
	auto_registry registry = {0};
	if (registry_open(&registry, station, NULL, err) < 0)
		return -1;
	out->registry_serial = registry.doc.serial;
	out->partners = registry.doc.count;
	return 0;
}

/* Its certificate is the one of station.yaml, and the secret key to it is there. */
static int check_key(const struct station *station, struct err *err)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	auto_buf kept = {0}, clean = {0};
	auto_gpg *gpg = NULL;
	struct cert cert;
	if (station_certificate(station, &kept, err) < 0 ||
		gpg_launder(kept.data, kept.len, &station->doc.fingerprint, &clean, &cert, err) < 0 ||
		gpg_open_station(&gpg, station->gnupg, &never, err) < 0 ||
		gpg_describe(gpg, &station->doc.fingerprint, &cert, err) < 0)
		return -1;
	if (cert.has_secret)
		return 0;
	(void)err_set(err, ERR_KEY_UNAVAILABLE, "the secret key of the station is not in its home");
	return err_hint(err, "without it nothing that partners send can be opened; see valise doctor");
}

int station_facts_read(struct station_facts *out, const char *home, struct err *err)
{
	auto_station station = {.home_fd = -1};
	*out = (struct station_facts){0};
	if (station_open(&station, home, err) < 0 || read_registry(out, &station, err) < 0 ||
		read_ledger(out, &station, err) < 0)
		return -1;
	out->party = station.doc.party;
	out->fingerprint = station.doc.fingerprint;
	return station_can_sign(&station) ? check_key(&station, err) : 0;
}
