/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_change.h"

#include <string.h>

/* --- what may come in --- */

static int check_new(const struct registry_edit *edit, const struct partner *partner, const struct card *card,
					 const struct fingerprint *confirmed, struct err *err)
{
	const struct registry *registry = &edit->fresh;
	if (!fingerprint_equal(confirmed, &card->fingerprint)) {
		(void)err_set(err, ERR_FINGERPRINT, "the card is not of the key %s", confirmed->hex);
		return err_hint(err, "ask the partner, on a way that nobody can meddle with, for card and fingerprint again");
	}
	if (fingerprint_equal(confirmed, &registry->station->doc.fingerprint)) {
		(void)err_set(err, ERR_EXISTS, "this is this station's own card");
		return err_hint(err, "you need no entry of yourself; `valise registry sign --found` makes one");
	}
	const struct partner *same = registry_find(registry, confirmed);
	if (same != NULL) {
		(void)err_set(err, ERR_EXISTS, "this key is in the registry already, as %s", same->alias);
		return err_hint(err, "look at it with: valise partner show %s", same->alias);
	}
	if (registry_edit_check_alias(edit, partner->alias, err) < 0)
		return -1;
	if (registry->doc.count >= REGISTRY_PARTNERS_MAX)
		return err_set(err, ERR_LIMIT, "the registry holds %d partners already", REGISTRY_PARTNERS_MAX);
	return 0;
}

static int fail_certificate(struct err *err, const char *why)
{
	(void)err_set(err, ERR_CERTIFICATE, "the card's certificate %s", why);
	return err_hint(err, "ask the partner for a new card");
}

int registry_check_certificate(const struct cert *cert, unsigned roles, struct err *err)
{
	if (cert->revoked)
		return fail_certificate(err, "is revoked");
	if (cert->expired)
		return fail_certificate(err, "has expired");
	if (cert->disabled || cert->invalid)
		return fail_certificate(err, "is not valid");
	if (!cert_can_sign(cert))
		return fail_certificate(err, "has no key in force that may sign, of an algorithm that valise takes");
	if (!cert_can_encrypt(cert) && (roles & ROLE_RECEIVE))
		return fail_certificate(err, "has no key in force to encrypt to, which the role receive needs");
	return 0;
}

/* --- taking in --- */

struct addition {
	const struct partner *partner;
	const struct card *card;
	const struct fingerprint *confirmed;
};

static void complete(struct partner *added, struct registry_edit *edit, const struct addition *addition,
					 const struct cert *cert)
{
	added->fingerprint = *addition->confirmed;
	added->added = edit->now;
	if (added->approvals == 0)
		added->approvals = 1;
	if (added->person[0] == '\0')
		memcpy(added->person, added->party.name, sizeof added->person);
	registry_edit_take_certificate(edit, added, cert);
}

static int add_to(struct registry_edit *edit, void *ctx, struct err *err)
{
	const struct addition *addition = ctx;
	const struct partner *partner = addition->partner;
	const struct card *card = addition->card;
	struct cert cert;
	struct partner added;
	if (check_new(edit, partner, card, addition->confirmed, err) < 0 ||
		gpg_launder(card->certificate, card->certificate_len, addition->confirmed, &edit->certificate, &cert, err) <
			0 ||
		registry_check_certificate(&cert, partner->roles, err) < 0 || partner_copy(&added, partner, err) < 0)
		return -1;
	complete(&added, edit, addition, &cert);
	int rc = registry_edit_insert(edit, &added, err);
	partner_clear(&added);
	return rc < 0 ? -1 : EDIT_WRITE;
}

int registry_add(struct registry *registry, const struct partner *partner, const struct card *card,
				 const struct fingerprint *confirmed, int64_t now, struct err *err)
{
	struct addition addition = {partner, card, confirmed};
	return registry_change(registry, now, add_to, &addition, err);
}
