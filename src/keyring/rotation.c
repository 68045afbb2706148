/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/rotation.h"

#include "format/waybill.h"
#include "keyring/signed.h"

/* A rotation is a small document that is signed twice: innermost its body, behind it the signature of the new key over
 * that, behind that the signature of the old key over both. The old one is judged first, before anything is parsed. */

static int check_times(const struct rotation *rotation, const struct signer *signer, int64_t now, const char *what,
					   struct err *err)
{
	char text[UTC_TEXT + 1];
	if (signed_doc_check_time(signer, rotation->created, rotation->not_after, now, what, err) < 0)
		return -1;
	if (now <= rotation->not_after)
		return 0;
	utc_format(text, rotation->not_after);
	(void)err_set(err, ERR_EXPIRED, "%s: it was good until %s", what, text);
	return err_hint(err,
					"have the new fingerprint read out by phone, and take the new card in with valise partner add");
}

/* What the new key says is judged by its own certificate alone. */
static int check_new_key(const struct rotation *rotation, const struct card *card, const struct signed_doc *inner,
						 const char *what, struct err *err)
{
	auto_gpg *gpg = NULL;
	struct signature_result result;
	if (!fingerprint_equal(&card->fingerprint, &rotation->to))
		return err_set(err, ERR_FINGERPRINT, "%s: the card in it is not of the new key", what);
	if (gpg_open_throwaway(&gpg, err) < 0 ||
		gpg_import(gpg, card->certificate, card->certificate_len, &rotation->to, err) < 0 ||
		gpg_verify(gpg, inner->signature, inner->signature_len, inner->body, inner->body_len, &result, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (result.state == SIGNATURE_GOOD && fingerprint_equal(&result.signer, &rotation->to))
		return 0;
	(void)err_set(err, ERR_BAD_SIGNATURE, "%s: the new key did not sign it", what);
	return err_hint(err, "a key that does not agree may be somebody else's: ask its owner by phone");
}

static int open_inner(const struct signed_doc *inner, const struct signer *signer, int64_t now, const char *what,
					  struct rotation *out, struct card *card, struct err *err)
{
	if (rotation_parse(out, inner->body, inner->body_len, err) < 0 ||
		card_parse(card, out->card, out->card_len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (!fingerprint_equal(&signer->fingerprint, &out->from))
		return err_set(err, ERR_UNSIGNED, "%s: it is from %s, who did not sign it", what, out->from.hex);
	return check_times(out, signer, now, what, err) < 0 ? -1 : check_new_key(out, card, inner, what, err);
}

int rotation_open(const struct registry *registry, const char *bytes, size_t len, int64_t now, const char *what,
				  struct rotation *out, struct card *card, struct err *err)
{
	struct signed_doc outer, inner;
	struct signer signer;
	*out = (struct rotation){.card = NULL};
	*card = (struct card){.certificate = NULL};
	if (signed_doc_split(&outer, bytes, len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (signed_doc_verify(registry, &outer, ROLES_ALL, now, what, &signer, err) < 0)
		return -1;
	if (signed_doc_split(&inner, outer.body, outer.body_len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (open_inner(&inner, &signer, now, what, out, card, err) == 0)
		return 0;
	rotation_clear(out);
	card_clear(card);
	return -1;
}
