/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_slots.h"

#include "base/cancel.h"
#include "format/slot.h"
#include "keyring/gpg.h"
#include "ops/expiry.h"

#include <string.h>

/* --- certificates --- */

struct certificates {
	struct gpg_certificate *items; /* one a recipient, in the plan's order */
	unsigned count;
};

static void certificates_clear(struct certificates *all)
{
	for (unsigned i = 0; i < all->count; i++)
		buf_clear(&all->items[i].bytes);
	free(all->items);
}

static int read_certificates(const struct slots_to_seal *s, struct certificates *out, struct err *err)
{
	const struct pack_plan *plan = s->plan;
	out->items = calloc(plan->recipient_count, sizeof *out->items);
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < plan->recipient_count; i++) {
		const struct partner *partner = plan->recipients[i];
		struct gpg_certificate *one = &out->items[out->count++];
		one->expected = partner->fingerprint;
		if (registry_certificate(&s->session->registry, partner, &one->bytes, err) < 0)
			return err_wrap(err, "partner %s: ", partner->alias);
	}
	return 0;
}

/* All at once; where that fails each alone, so that the one partner whose certificate it is can be named. */
static int import_certificates(const struct slots_to_seal *s, struct gpg *gpg, const struct certificates *all,
							   struct err *err)
{
	struct err whole_err = ERR_INIT;
	if (gpg_import_all(gpg, all->items, all->count, &whole_err) == 0)
		return 0;
	for (unsigned i = 0; i < all->count && cancel_check(err) == 0; i++) {
		const struct gpg_certificate *one = &all->items[i];
		if (gpg_import(gpg, one->bytes.data, one->bytes.len, &one->expected, err) < 0)
			return err_wrap(err, "partner %s: ", s->plan->recipients[i]->alias);
	}
	if (err->code == ERR_OK)
		*err = whole_err;
	return -1;
}

/* --- order --- */

/* As the waybill names them; hidden, in an order that tells nothing, each of all orders as likely. */
static unsigned *choose_order(const struct pack_plan *plan)
{
	unsigned *order = calloc(plan->recipient_count, sizeof *order);
	for (unsigned i = 0; order != NULL && i < plan->recipient_count; i++) {
		unsigned at = plan->hide_recipients ? random_below(i + 1) : i;
		order[i] = order[at];
		order[at] = i;
	}
	return order;
}

/* --- slots --- */

/* With a pre-shared secret the slot holds the key mixed with it. out: the key to put in, owned. */
static int mix_key(const struct slots_to_seal *s, const struct partner *partner, struct slot *slot, struct secret **out,
				   struct err *err)
{
	const struct station *station = &s->session->station;
	const struct secret_ref *ref = secrets_for(&s->plan->secrets, partner);
	auto_secret *secret = NULL;
	slot->key = s->bundle_key;
	if (ref == NULL)
		return s->plan->use_secrets ? err_set(err, ERR_INTERNAL, "a secret is missing that was there before") : 0;
	if ((*s->station == NULL && gpg_open_station(s->station, station->gnupg, &s->session->passphrase, err) < 0) ||
		secrets_open(&secret, station, ref, *s->station, err) < 0 ||
		channel_secret_mix(out, s->bundle_key, secret, &slot->bundle, &partner->fingerprint, err) < 0)
		return -1;
	memcpy(slot->secret_id, ref->id, SECRET_ID_BYTES);
	slot->key = *out;
	return 0;
}

static int write_slot(const struct slots_to_seal *s, struct gpg *gpg, unsigned number, struct err *err)
{
	const struct partner *partner = s->plan->recipients[number];
	const enum gpg_key_id shown = s->plan->hide_recipients ? GPG_KEY_ID_HIDDEN : GPG_KEY_ID_SHOWN;
	auto_buf sealed = {0};
	struct cert cert;
	auto_secret *text = NULL, *mixed = NULL;
	struct slot slot = {.bundle = s->plan->files.manifest.bundle,
						.sequence = s->next[number].sequence,
						.previous = s->next[number].previous};
	if (mix_key(s, partner, &slot, &mixed, err) < 0 || slot_format(&text, &slot, err) < 0 ||
		gpg_encrypt_with(gpg, &partner->fingerprint, shown, text, &sealed, err) < 0)
		return err_wrap(err, "partner %s: ", partner->alias);
	if (gpg_describe_public(gpg, &partner->fingerprint, &cert, err) < 0)
		return -1;
	expiry_tell(&s->plan->files.notices, partner->alias, cert_end(&cert, CERT_ENCRYPTS), partner->valid_until,
				s->plan->now);
	return writer_add_slot(s->writer, sealed.data, sealed.len, err);
}

int seal_slots(const struct slots_to_seal *s, struct err *err)
{
	auto_gpg *gpg = NULL;
	AUTO(certificates_clear) struct certificates all = {0};
	if (read_certificates(s, &all, err) < 0 || gpg_open_throwaway(&gpg, err) < 0 ||
		import_certificates(s, gpg, &all, err) < 0)
		return -1;
	auto_free unsigned *order = choose_order(s->plan);
	if (order == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < s->plan->recipient_count; i++)
		if (cancel_check(err) < 0 || write_slot(s, gpg, order[i], err) < 0)
			return -1;
	return 0;
}
