/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_past.h"

/* A key that is revoked, expired or out of its role proves nothing new: whoever holds it can write any time into a
 * signature. What this station accepted while the key was in force is another matter: there its own ledger tells the
 * time. */

/* --- by what it came to its end --- */

static int64_t earlier_end(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* 0: none of the ends that are known. */
static int64_t key_end(const struct cert *cert, const struct fingerprint *subkey)
{
	const struct cert_subkey *key = cert_find_key(cert, subkey);
	return earlier_end(cert->expires, key != NULL ? key->expires : 0);
}

static void set_end(struct signer *signer, enum signer_end end, int64_t ended)
{
	signer->end = end;
	signer->ended = ended;
}

static void find_end(const struct cert *cert, const struct signature_result *result, int64_t now, struct signer *signer)
{
	const struct partner *partner = signer->partner;
	const int64_t expires = key_end(cert, &result->subkey);
	if (signer->revoked != 0)
		set_end(signer, SIGNER_REVOKED_HERE, signer->revoked);
	else if (result->state == SIGNATURE_REVOKED)
		set_end(signer, SIGNER_REVOKED, 0);
	else if (result->state == SIGNATURE_EXPIRED || (expires != 0 && expires <= now))
		set_end(signer, SIGNER_EXPIRED, expires);
	else if (partner != NULL && partner->valid_until != 0 && partner->valid_until <= now)
		set_end(signer, SIGNER_ENTRY_ENDED, partner->valid_until);
	else if (signer->replaced != 0 && signer->replaced <= now)
		set_end(signer, SIGNER_REPLACED, signer->replaced);
	else if (signer->standing == SIGNER_ROLE)
		set_end(signer, SIGNER_ROLE_GONE, 0);
}

void trust_judge_past(const struct trust_past *past, const struct cert *cert, const struct signature_result *result,
					  int64_t now, struct signer *signer)
{
	if (past == NULL || past->accepted == 0 || !result->proven ||
		!fingerprint_equal(&result->signer, &signer->fingerprint))
		return;
	find_end(cert, result, now, signer);
	if (signer->end != SIGNER_ENDS_NOT)
		signer->standing = SIGNER_PAST;
}

/* --- in words --- */

void trust_past_format(char *out, size_t size, const struct signer *signer, int64_t accepted)
{
	static const char *const words[] = {
		[SIGNER_ENDS_NOT] = "is not in force",
		[SIGNER_REVOKED_HERE] = "is revoked in this registry",
		[SIGNER_REVOKED] = "is revoked by its owner",
		[SIGNER_EXPIRED] = "is expired",
		[SIGNER_ENTRY_ENDED] = "has an entry in the registry that is over",
		[SIGNER_REPLACED] = "is replaced by another one, and counts no more",
		[SIGNER_ROLE_GONE] = "no longer has the role that a sender needs",
	};
	char since[UTC_TEXT + 1] = "", then[UTC_TEXT + 1];
	utc_format(then, accepted);
	if (signer->ended != 0)
		utc_format(since, signer->ended);
	(void)snprintf(out, size, "the key of %s %s%s%s; this bundle was accepted here at %s, before",
				   signer->name[0] != '\0' ? signer->name : signer->fingerprint.hex, words[signer->end],
				   since[0] != '\0' ? " since " : "", since, then);
}

int trust_fail_past(const struct signer *signer, int64_t accepted, struct err *err)
{
	char text[ERR_MESSAGE_MAX / 2];
	trust_past_format(text, sizeof text, signer, accepted);
	(void)err_set(err, ERR_UNFIT_SIGNER, "%s", text);
	return err_hint(err, "what was accepted can be read again: valise list, or valise unpack --again; nothing new of "
						 "this key counts");
}

int trust_fail_past_unknown(const struct trust_past *past, struct err *err)
{
	char then[UTC_TEXT + 1];
	utc_format(then, past->accepted);
	(void)err_set(err, ERR_UNKNOWN_SIGNER,
				  "this bundle was accepted here at %s, but its sender %s is not in the registry any more: there is "
				  "nothing to verify it with",
				  then, past->from.hex);
	return err_hint(err, "to read it again, whoever keeps the partners, here or elsewhere, takes the sender's card in "
						 "once more (valise partner add), then revokes it (valise partner revoke): it stays refused "
						 "for anything new");
}
