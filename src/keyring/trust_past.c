/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_past.h"

/* A key that is revoked, expired or out of its role proves nothing new: whoever holds it can write any time into a
 * signature. What this station accepted while the key was in force is another matter: there its own ledger tells the
 * time. */

/* --- by what it came to its end --- */

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
	const bool was_accepted = past != NULL && past->accepted != 0 && result->proven &&
							  fingerprint_equal(&result->signer, &signer->fingerprint);
	if (!was_accepted && signer->standing != SIGNER_UNFIT)
		return;
	find_end(cert, result, now, signer);
	if (was_accepted && signer->end != SIGNER_ENDS_NOT)
		signer->standing = SIGNER_PAST;
}

/* --- in words --- */

static const char *const end_words[] = {
	[SIGNER_ENDS_NOT] = "was not in force when it signed, or may not sign so",
	[SIGNER_REVOKED_HERE] = "is revoked in this registry",
	[SIGNER_REVOKED] = "is revoked by its owner",
	[SIGNER_EXPIRED] = "is expired",
	[SIGNER_ENTRY_ENDED] = "has an entry in the registry that is over",
	[SIGNER_REPLACED] = "is replaced by another one, and counts no more",
	[SIGNER_ROLE_GONE] = "no longer has the role that a sender needs",
};

/* " since 2026-…"; "" where that is not known. */
enum { SINCE_MAX = sizeof " since " + UTC_TEXT };
static void since_format(char out[static SINCE_MAX], const struct signer *signer)
{
	char time[UTC_TEXT + 1] = "";
	if (signer->ended > 0)
		utc_format(time, signer->ended);
	(void)snprintf(out, SINCE_MAX, "%s%s", time[0] != '\0' ? " since " : "", time);
}

void signer_end_format(char *out, size_t size, const struct signer *signer)
{
	char since[SINCE_MAX];
	since_format(since, signer);
	if (signer->name[0] == '\0')
		(void)snprintf(out, size, "the key %s %s%s", signer->fingerprint.hex, end_words[signer->end], since);
	else
		(void)snprintf(out, size, "the key of %s (%s) %s%s", signer->name, signer->fingerprint.hex,
					   end_words[signer->end], since);
}

void trust_past_format(char *out, size_t size, const struct signer *signer, int64_t accepted)
{
	char since[SINCE_MAX], then[UTC_TEXT + 1];
	utc_format(then, accepted);
	since_format(since, signer);
	(void)snprintf(out, size, "the key of %s %s%s; this bundle was accepted here at %s, before",
				   signer->name[0] != '\0' ? signer->name : signer->fingerprint.hex, end_words[signer->end], since,
				   then);
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
