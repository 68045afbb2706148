/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/station_key.h"

#include "base/io.h"
#include "base/path.h"
#include "keyring/shipped.h"
#include "keyring/station_place.h"

#include <string.h>
#include <sys/stat.h>

/* A station in the making. */
struct building {
	struct station_place place;
	char *gnupg;
};

static void building_clear(struct building *b)
{
	station_place_clear(&b->place);
	free(b->gnupg);
}

/* --- the contents --- */

static int make_folders(struct building *b, struct err *err)
{
	static const char *const folders[] = {"gnupg", "gnupg/private-keys-v1.d", "gnupg/openpgp-revocs.d", "keys",
										  "schemes"};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (mkdirat(b->place.fd, folders[i], 0700) < 0)
			return err_sys(err, "cannot make %s", folders[i]);
	return path_join(&b->gnupg, b->place.hidden, "gnupg", err);
}

static int make_key(const struct building *b, const struct station_init *init, const struct gpg_passphrase *passphrase,
					struct fingerprint *out, struct err *err)
{
	auto_gpg *gpg = NULL;
	auto_buf certificate = {0};
	char name[FINGERPRINT_MAX + 16];
	const struct station_key_source source = {
		.party = &init->party, .key = init->key, .adopt = init->adopt, .protection = init->protection};
	if (gpg_open_station(&gpg, b->gnupg, passphrase, err) < 0 || station_key_get(gpg, &source, out, err) < 0 ||
		gpg_export(gpg, out, &certificate, err) < 0)
		return -1;
	(void)snprintf(name, sizeof name, "keys/%s.pgp", out->hex);
	return io_replace_file(b->place.fd, name, certificate.data, certificate.len, 0600, err);
}

/* What was typed is judged by the same rules as what is read: before a key is made, and before anybody is asked
 * anything. */
static int format_doc(struct buf *out, const struct station_init *init, const struct fingerprint *fpr, struct err *err)
{
	const struct station_doc doc = {.party = init->party,
									.fingerprint = *fpr,
									.ceilings = init->ceilings,
									.communities = init->communities,
									.expires_days = LIFE_DAYS_DEFAULT,
									.max_files = MANIFEST_ENTRIES_MAX,
									.max_bytes = STATION_MAX_BYTES_DEFAULT};
	struct station_doc back;
	if (station_doc_format(out, &doc, err) < 0)
		return -1;
	if (station_doc_parse(&back, out->data, out->len, err) == 0)
		return 0;
	if (err->code == ERR_STATION)
		(void)err_recode(err, ERR_USAGE);
	return err_wrap(err, "what station.yaml would say is not allowed: ");
}

static int fill(const struct building *b, const struct station_init *init, const struct gpg_passphrase *passphrase,
				struct fingerprint *fpr, struct err *err)
{
	auto_buf doc = {0};
	*fpr = (struct fingerprint){""};
	if (shipped_write(b->place.fd, err) < 0 ||
		(init->key != STATION_KEY_NONE && make_key(b, init, passphrase, fpr, err) < 0) ||
		format_doc(&doc, init, fpr, err) < 0)
		return -1;
	return io_replace_file(b->place.fd, "station.yaml", doc.data, doc.len, 0600, err);
}

int station_init(const char *home, const struct station_init *init, const struct gpg_passphrase *passphrase,
				 struct fingerprint *out_fpr, struct err *err)
{
	AUTO(building_clear) struct building b = {.place.fd = -1};
	auto_buf rehearsal = {0};
	if (format_doc(&rehearsal, init, &(struct fingerprint){""}, err) < 0 ||
		station_place_open(&b.place, home, "init", err) < 0 || make_folders(&b, err) < 0 ||
		fill(&b, init, passphrase, out_fpr, err) < 0)
		return -1;
	return station_place_commit(&b.place, err);
}
