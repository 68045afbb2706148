/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/receive_key.h"

#include "format/pgp.h"
#include "keyring/secrets.h"

#include <string.h>

struct slot_text {
	struct secret *text;   /* owned */
	struct fingerprint to; /* which of our keys opened it */
};

static void slot_text_clear(struct slot_text *slot)
{
	secret_free(slot->text);
}

static int not_for_us(const struct bundle_verified *bundle, struct err *err)
{
	const bool hidden = bundle_waybill(bundle)->to_count == 0;
	(void)err_set(err, ERR_NOT_FOR_US, "this station is not among the %u recipient%s of the bundle",
				  bundle_slot_count(bundle), bundle_slot_count(bundle) == 1 ? "" : "s");
	return err_hint(err, hidden ? "the sender hid for whom it is, and this station's key opens none of its slots"
								: "`valise verify` shows for whom it is");
}

/* Also what was sent to a key that this station had before. */
static int find_slot(const struct session *session, const struct bundle_verified *bundle, uint32_t *out,
					 struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle);
	for (*out = 0; *out < waybill->to_count; (*out)++)
		if (station_doc_has_key(&session->station.doc, &waybill->to[*out]))
			return 0;
	return not_for_us(bundle, err);
}

/* Which key a slot names is in the clear: another's needs no gpg to be refused. */
static int check_slot_is_ours(const struct session *session, const struct fingerprint *to, uint64_t key_id,
							  struct err *err)
{
	auto_buf certificate = {0};
	if (station_key_certificate(&session->station, to, &certificate, err) < 0)
		return -1;
	if (pgp_certificate_has_key((unsigned char *)certificate.data, certificate.len, key_id))
		return 0;
	(void)err_set(err, ERR_NOT_FOR_US, "our slot is encrypted to another key than this station's");
	return err_hint(err, "the sender may hold an old certificate: give it a new card of this station (valise card)");
}

/* A slot in the only form that its bundle allows. */
static int read_slot(const struct bundle_verified *bundle, uint32_t number, struct buf *out, struct pgp_slot *packets,
					 struct err *err)
{
	const enum pgp_key_id key_id = bundle_waybill(bundle)->to_count == 0 ? PGP_KEY_ID_HIDDEN : PGP_KEY_ID_SHOWN;
	buf_clear(out);
	return bundle_read_slot(bundle, number, out, err) < 0 ||
				   pgp_parse_slot(packets, (unsigned char *)out->data, out->len, err) < 0 ||
				   pgp_check_slot(packets, key_id, SLOT_TEXT_BYTES, err) < 0
			   ? -1
			   : 0;
}

static int open_named_slot(const struct session *session, const struct bundle_verified *bundle, struct gpg **gpg,
						   struct slot_text *out, struct err *err)
{
	struct pgp_slot packets;
	uint32_t number = 0;
	auto_buf sealed = {0};
	if (find_slot(session, bundle, &number, err) < 0)
		return -1;
	out->to = bundle_waybill(bundle)->to[number];
	return read_slot(bundle, number, &sealed, &packets, err) < 0 ||
				   check_slot_is_ours(session, &out->to, packets.key_id, err) < 0 ||
				   gpg_open_station(gpg, session->station.gnupg, &session->passphrase, err) < 0 ||
				   gpg_decrypt(*gpg, sealed.data, sealed.len, SLOT_TEXT_BYTES, &out->text, err) < 0
			   ? -1
			   : 0;
}

/* With each key that this station has had, the present one first. out->text NULL where none opens it. */
static int try_keys(const struct session *session, const struct buf *sealed, struct gpg *gpg, struct slot_text *out,
					struct err *err)
{
	const struct station_doc *self = &session->station.doc;
	for (uint32_t i = self->former_count + 1; i > 0 && out->text == NULL; i--) {
		out->to = i > self->former_count ? self->fingerprint : self->former[i - 1].fingerprint;
		if (gpg_decrypt_hidden(gpg, &out->to, sealed->data, sealed->len, SLOT_TEXT_BYTES, &out->text, err) < 0)
			return -1;
	}
	return 0;
}

/* Hidden recipients: any slot may be ours. All are looked at before gpg sees the first, so that what is refused does
 * not hang on where ours lies. One agent serves all, so that a passphrase is asked for once. */
static int open_hidden_slot(const struct session *session, const struct bundle_verified *bundle, struct gpg **gpg,
							struct slot_text *out, struct err *err)
{
	struct pgp_slot packets;
	auto_buf sealed = {0};
	if (bundle_slot_count(bundle) > HIDDEN_SLOTS_MAX) {
		(void)err_set(err, ERR_LIMIT, "%u hidden recipients: each slot would have to be tried, and at most %d are",
					  (unsigned)bundle_slot_count(bundle), HIDDEN_SLOTS_MAX);
		return err_hint(err, "ask the sender for several bundles, or for one that names its recipients");
	}
	for (uint32_t i = 0; i < bundle_slot_count(bundle); i++)
		if (read_slot(bundle, i, &sealed, &packets, err) < 0)
			return err_wrap(err, "slot %u: ", (unsigned)i);
	if (gpg_open_station(gpg, session->station.gnupg, &session->passphrase, err) < 0)
		return -1;
	for (uint32_t i = 0; i < bundle_slot_count(bundle); i++) {
		if (read_slot(bundle, i, &sealed, &packets, err) < 0 || try_keys(session, &sealed, *gpg, out, err) < 0)
			return -1;
		if (out->text != NULL)
			return 0;
	}
	return not_for_us(bundle, err);
}

static int open_slot(const struct session *session, const struct bundle_verified *bundle, struct gpg **gpg,
					 struct slot_text *out, struct err *err)
{
	if (!station_can_sign(&session->station)) {
		(void)err_set(err, ERR_NOT_FOR_US, "this station has no key of its own: it can verify, not open");
		return err_hint(err, "open the bundle at the station of a recipient");
	}
	return bundle_waybill(bundle)->to_count == 0 ? open_hidden_slot(session, bundle, gpg, out, err)
												 : open_named_slot(session, bundle, gpg, out, err);
}

/* --- pre-shared secrets --- */

static int no_secret(const struct session *session, const struct bundle_verified *bundle, const struct slot *slot,
					 struct err *err)
{
	char id[SECRET_ID_HEX_MAX];
	const struct partner *from = registry_find(&session->registry, &bundle_waybill(bundle)->from);
	hex_encode(id, slot->secret_id, SECRET_ID_BYTES);
	(void)err_set(err, ERR_SECRET_UNAVAILABLE,
				  "this bundle needs a pre-shared secret that is not kept here, the one with the id %s", id);
	return err_hint(err, "its words come by another courier; then: valise partner secret add %s",
					from != NULL ? from->alias : "ALIAS");
}

/* The slot's key becomes the bundle key. Whatever partner the secret is kept under: a sender may have a new key. That
 * it is the right one the key check will tell. */
static int unmix_key(const struct session *session, const struct bundle_verified *bundle, const struct fingerprint *to,
					 struct gpg *gpg, struct slot *slot, struct err *err)
{
	auto_secret_refs refs = {0};
	auto_secret *secret = NULL, *mixed = steal(&slot->key);
	if (secrets_list(&refs, &session->station, err) < 0)
		return -1;
	const struct secret_ref *ref = secrets_find(&refs, slot->secret_id);
	if (ref == NULL)
		return no_secret(session, bundle, slot, err);
	return secrets_open(&secret, &session->station, ref, gpg, err) < 0 ||
				   channel_secret_mix(&slot->key, mixed, secret, &slot->bundle, to, err) < 0
			   ? -1
			   : 0;
}

int receive_key(const struct session *session, const struct bundle_verified *bundle, struct slot *out, struct err *err)
{
	const struct waybill *waybill = bundle_waybill(bundle);
	auto_gpg *gpg = NULL;
	AUTO(slot_text_clear) struct slot_text opened = {.text = NULL};
	if (open_slot(session, bundle, &gpg, &opened, err) < 0 || slot_parse(out, opened.text, err) < 0)
		return -1;
	if (strcmp(out->bundle.text, waybill->bundle.text) != 0)
		return err_set(err, ERR_SLOT, "our slot belongs to another bundle, %s", out->bundle.text);
	return slot_needs_secret(out) ? unmix_key(session, bundle, &opened.to, gpg, out, err) : 0;
}
