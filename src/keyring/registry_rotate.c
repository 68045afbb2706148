/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"
#include "format/rotation.h"
#include "keyring/registry_change.h"

/* A partner goes on with another key: same entry, same person, new key; the former one counts for a while. */

struct turning {
	const char *alias;
	const struct rotation *rotation;
	const struct card *card;
	bool changed;
};

static int check_partner(const struct registry_edit *edit, const struct partner *partner,
						 const struct rotation *rotation, struct err *err)
{
	const struct registry *registry = &edit->fresh;
	if (partner->revoked != 0)
		return err_set(err, ERR_UNFIT_SIGNER, "the key of %s is revoked in this registry: it can name no successor",
					   partner->alias);
	if (!fingerprint_equal(&rotation->from, &partner->fingerprint)) {
		(void)err_set(err, ERR_FINGERPRINT, "the rotation is from the key %s, which is not that of %s",
					  rotation->from.hex, partner->alias);
		return err_hint(err, "where %s changed its key twice, take the rotations in one after the other",
						partner->alias);
	}
	const struct partner *same = registry_find(registry, &rotation->to);
	if (same != NULL)
		return err_set(err, ERR_EXISTS, "the new key is in the registry already, as one of %s", same->alias);
	const struct station_doc *self = &registry->station->doc;
	if (fingerprint_equal(&rotation->to, &self->fingerprint) && !station_doc_has_key(self, &rotation->from))
		return err_set(err, ERR_EXISTS, "the new key is this station's own");
	return partner->former_count < FORMER_KEYS_MAX
			   ? 0
			   : err_set(err, ERR_LIMIT, "%s has had %d keys already", partner->alias, FORMER_KEYS_MAX);
}

/* The old key steps back. */
static int step_back(struct partner *partner, const struct rotation *rotation, struct err *err)
{
	struct former_key *former = array_grow(partner->former, partner->former_count, sizeof *former, err);
	if (former == NULL)
		return -1;
	partner->former = former;
	former[partner->former_count++] = (struct former_key){
		.fingerprint = partner->fingerprint, .certificate = partner->certificate, .until = rotation->not_after};
	partner->fingerprint = rotation->to;
	return 0;
}

static int apply_rotation(struct registry_edit *edit, void *ctx, struct err *err)
{
	struct turning *turning = ctx;
	const struct card *card = turning->card;
	struct cert cert;
	struct partner *partner = registry_edit_find(edit, turning->alias, err);
	if (partner == NULL)
		return -1;
	if (fingerprint_equal(&partner->fingerprint, &turning->rotation->to))
		return EDIT_NOTHING;
	if (check_partner(edit, partner, turning->rotation, err) < 0 ||
		gpg_launder(card->certificate, card->certificate_len, &card->fingerprint, &edit->certificate, &cert, err) < 0 ||
		registry_check_certificate(&cert, partner->roles, err) < 0 || step_back(partner, turning->rotation, err) < 0)
		return -1;
	registry_edit_take_certificate(edit, partner, &cert);
	turning->changed = true;
	return EDIT_WRITE;
}

int registry_rotate(struct registry *registry, const char *alias, const struct rotation *rotation,
					const struct card *card, int64_t now, bool *out_changed, struct err *err)
{
	struct turning turning = {alias, rotation, card, false};
	int rc = registry_change(registry, now, apply_rotation, &turning, err);
	*out_changed = rc == 0 && turning.changed;
	return rc;
}
