/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"
#include "format/pgp.h"
#include "format/signed_doc.h"
#include "keyring/next_key.h"
#include "keyring/rotation.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A station takes another key. Its home is in use, so nothing is built beside it: each file is written whole, and only
 * the last one, station.yaml, makes the new key the station's. */

enum { NAME_MAX_BYTES = FINGERPRINT_MAX + 32 };

static void format_name(char out[static NAME_MAX_BYTES], const struct fingerprint *fpr, const char *suffix)
{
	(void)snprintf(out, NAME_MAX_BYTES, "keys/%s.%s", fpr->hex, suffix);
}

struct turning {
	const struct station *station;
	const struct station_turn *turn;
	struct gpg *gpg;      /* owned */
	struct next_key next; /* owned */
	bool taken;           /* it is the station's */
};

static void turning_clear(struct turning *t)
{
	next_key_clear(&t->next);
	gpg_close(t->gpg);
}

/* What was begun goes away again; a key that was adopted is still where it came from. */
static int turning_end(struct turning *t, int rc, struct err *err)
{
	if (next_key_end(&t->next, t->taken ? NEXT_KEY_TAKEN : NEXT_KEY_DROPPED, t->gpg) == 0)
		return rc;
	if (rc == 0)
		(void)err_set(err, ERR_IO, "the new key is in use, but %s cannot be removed", t->next.home);
	else
		(void)err_wrap(err, "%s and what came of it cannot be removed: ", t->next.home);
	return err_hint(err, "secret keys lie there that nobody needs: when the disk can be written to again, "
						 "valise init --rotate removes them before it makes others, or remove the folder by hand");
}

static int write_certificate(const struct turning *t, struct card *card, struct err *err)
{
	auto_buf certificate = {0};
	char name[NAME_MAX_BYTES];
	format_name(name, &t->next.fpr, "pgp");
	if (gpg_export(t->next.gpg, &t->next.fpr, &certificate, err) < 0 ||
		io_replace_file(t->station->home_fd, name, certificate.data, certificate.len, 0600, err) < 0)
		return -1;
	*card = (struct card){.party = t->station->doc.party,
						  .fingerprint = t->next.fpr,
						  .created = utc_now(),
						  .certificate_len = certificate.len};
	card->certificate = (unsigned char *)steal(&certificate.data);
	certificate = (struct buf){0};
	return 0;
}

static int sign_with(struct gpg *gpg, const struct fingerprint *fpr, struct buf *body, struct err *err)
{
	auto_buf signature = {0};
	return gpg_sign(gpg, fpr, body->data, body->len, &signature, err) < 0
			   ? -1
			   : signed_doc_append(body, (const unsigned char *)signature.data, signature.len, err);
}

/* A smart card's daemon takes the card for itself: that of the new key ends before the old one signs. */
static int sign_by_both(struct turning *t, struct buf *body, struct err *err)
{
	if (sign_with(t->next.gpg, &t->next.fpr, body, err) < 0)
		return -1;
	gpg_close(steal(&t->next.gpg));
	return sign_with(t->gpg, &t->station->doc.fingerprint, body, err);
}

static int write_rotation(struct turning *t, const struct card *card, int64_t until, struct err *err)
{
	const struct fingerprint *from = &t->station->doc.fingerprint;
	const struct rotation rotation = {.from = *from, .to = t->next.fpr, .created = card->created, .not_after = until};
	char name[NAME_MAX_BYTES];
	auto_buf card_text = {0}, text = {0};
	struct rotation full = rotation;
	if (card_format(&card_text, card, err) < 0)
		return -1;
	full.card = card_text.data;
	full.card_len = card_text.len;
	format_name(name, from, "rotation");
	return rotation_format(&text, &full, err) < 0 || sign_by_both(t, &text, err) < 0 ||
				   io_replace_file(t->station->home_fd, name, text.data, text.len, 0600, err) < 0
			   ? -1
			   : 0;
}

/* From the rename on the key is the station's, also where the folder could not be synced. */
static int write_station(struct turning *t, int64_t until, struct err *err)
{
	auto_buf before = {0}, after = {0};
	if (io_read_file(&before, t->station->home_fd, "station.yaml", STATION_BYTES_MAX, err) < 0 ||
		station_doc_turn(&after, before.data, before.len, &t->next.fpr, until, err) < 0)
		return -1;
	return io_replace_file_told(t->station->home_fd, "station.yaml", after.data, after.len, 0600, &t->taken, err);
}

/* Whether station.yaml can be changed at all is known before anybody is asked for a passphrase. */
static int rehearse(const struct station *station, int64_t until, struct err *err)
{
	static const struct fingerprint nobody = {"0000000000000000000000000000000000000000"};
	auto_buf before = {0}, after = {0};
	if (!station_can_sign(station))
		return err_set(err, ERR_STATION, "this station has no key of its own: it verifies only");
	return io_read_file(&before, station->home_fd, "station.yaml", STATION_BYTES_MAX, err) < 0
			   ? -1
			   : station_doc_turn(&after, before.data, before.len, &nobody, until, err);
}

/* gpg's agent does not wait for the disk when it writes a key: without this a power failure could keep the name of the
 * new key and lose its secret half. */
static int sync_home(const struct station *station, struct err *err)
{
	return syncfs(station->home_fd) == 0 ? 0 : err_sys(err, "cannot sync %s", station->home);
}

/* The secret halves come into the station's home as the last step but one. */
static int take_key(struct turning *t, int64_t until, struct err *err)
{
	const struct station_key_source source = {.party = &t->station->doc.party,
											  .key = t->turn->key,
											  .adopt = t->turn->adopt,
											  .protection = t->turn->protection};
	auto_card card = {.certificate = NULL};
	if (next_key_make(&t->next, &source, err) < 0 || write_certificate(t, &card, err) < 0 ||
		write_rotation(t, &card, until, err) < 0 || next_key_move_in(&t->next, t->gpg, &source, err) < 0 ||
		sync_home(t->station, err) < 0)
		return -1;
	return write_station(t, until, err);
}

static int check_other(const struct station *station, const struct station_turn *turn, struct err *err)
{
	return turn->key == STATION_KEY_ADOPT && station_doc_has_key(&station->doc, &turn->adopt)
			   ? err_set(err, ERR_EXISTS, "this key is this station's already")
			   : 0;
}

int station_turn(const struct station *station, const struct station_turn *turn,
				 const struct gpg_passphrase *passphrase, struct fingerprint *out_fpr, int64_t *out_until,
				 struct err *err)
{
	AUTO(turning_clear) struct turning t = {.station = station, .turn = turn};
	*out_until = utc_now() + turn->overlap_days * (int64_t)DAY_S;
	if (rehearse(station, *out_until, err) < 0 || check_other(station, turn, err) < 0 ||
		gpg_open_station(&t.gpg, station->gnupg, passphrase, err) < 0)
		return -1;
	int rc = next_key_open(&t.next, station, t.gpg, passphrase, err);
	if (rc == 0)
		rc = take_key(&t, *out_until, err);
	*out_fpr = t.next.fpr;
	return turning_end(&t, rc, err);
}

int station_rotation(const struct station *station, struct buf *out, struct err *err)
{
	char name[NAME_MAX_BYTES];
	const uint32_t count = station->doc.former_count;
	if (count == 0) {
		(void)err_set(err, ERR_STATION, "this station has had no other key");
		return err_hint(err, "valise init --rotate gives it another one");
	}
	format_name(name, &station->doc.former[count - 1].fingerprint, "rotation");
	if (io_read_file(out, station->home_fd, name, ROTATION_BYTES_MAX, err) == 0)
		return 0;
	if (err->code == ERR_IO)
		(void)err_recode(err, ERR_STATION);
	return err_hint(err, "restore %s/%s from a backup; without it partners take the new card in with partner add",
					station->home, name);
}
