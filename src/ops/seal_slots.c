/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_slots.h"

#include "format/slot.h"
#include "keyring/gpg.h"
#include "ops/expiry.h"

static int write_slot(const struct slots_to_seal *s, struct gpg *gpg, unsigned number, struct err *err)
{
	const struct partner *partner = s->plan->recipients[number];
	auto_buf certificate = {0}, sealed = {0};
	struct cert cert;
	auto_secret *text = NULL;
	struct slot slot = {.bundle = s->plan->files.manifest.bundle,
						.sequence = s->next[number].sequence,
						.previous = s->next[number].previous,
						.key = s->bundle_key};
	if (registry_certificate(&s->session->registry, partner, &certificate, err) < 0 ||
		gpg_import(gpg, certificate.data, certificate.len, &partner->fingerprint, err) < 0 ||
		slot_format(&text, &slot, err) < 0 || gpg_encrypt(gpg, &partner->fingerprint, text, &sealed, err) < 0)
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
	if (gpg_open_throwaway(&gpg, err) < 0)
		return -1;
	for (unsigned i = 0; i < s->plan->recipient_count; i++)
		if (write_slot(s, gpg, i, err) < 0)
			return -1;
	return 0;
}
