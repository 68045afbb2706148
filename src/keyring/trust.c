/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/trust_past.h"

#include "format/pgp.h"
#include "keyring/trust_self.h"
#include "policy/rules.h"

#include <string.h>

enum { ROLES_THAT_COUNT = ROLE_SEND | ROLE_APPROVE };
/* What this station signs for itself alone, such as its table of equivalences, is its own matter. */
static const unsigned roles_at_home = ROLE_RECEIVE | ROLE_CARRY | ROLE_ADMINISTER;

/* --- who is it --- */

static void name_signer(struct signer *signer, const struct party *party, unsigned roles)
{
	memcpy(signer->name, party->name, sizeof signer->name);
	memcpy(signer->organisation, party->organisation, sizeof signer->organisation);
	signer->roles = roles;
}

static void recognise_self(const struct station_doc *self, struct signer *signer)
{
	const struct station_former *former = station_doc_former(self, &signer->fingerprint);
	name_signer(signer, &self->party, ROLES_ALL);
	memcpy(signer->person, self->party.name, sizeof signer->person); /* as the registry does for partners */
	signer->replaced = former != NULL ? former->until : 0;
}

static bool recognise_partner(const struct registry *registry, struct signer *signer)
{
	signer->partner = registry_find(registry, &signer->fingerprint);
	if (signer->partner == NULL)
		return false;
	const struct former_key *replaced = partner_former(signer->partner, &signer->fingerprint);
	signer->replaced = replaced != NULL ? replaced->until : 0;
	signer->revoked = replaced != NULL && replaced->revoked != 0 ? replaced->revoked : signer->partner->revoked;
	name_signer(signer, &signer->partner->party, signer->partner->roles);
	memcpy(signer->person, signer->partner->person, sizeof signer->person);
	return true;
}

/* False for somebody whom nobody here vouches for. */
static bool recognise(const struct trust_anchor *anchor, struct signer *signer)
{
	const struct card *card = anchor->card;
	if (card != NULL && fingerprint_equal(&card->fingerprint, &signer->fingerprint)) {
		name_signer(signer, &card->party, ROLE_SEND);
		return true;
	}
	if (anchor->registry == NULL)
		return false;
	const struct station_doc *self = &anchor->registry->station->doc;
	if (anchor->self == TRUST_SELF_AS_PARTNER || !station_doc_has_key(self, &signer->fingerprint))
		return recognise_partner(anchor->registry, signer);
	signer->is_self = true;
	if (trust_self_entry(anchor->registry, &signer->fingerprint) == NULL)
		recognise_self(self, signer);
	else if (recognise_partner(anchor->registry, signer))
		signer->roles |= roles_at_home;
	return true;
}

static int read_certificate(const struct trust_anchor *anchor, const struct signer *signer, struct buf *out,
							struct err *err)
{
	if (signer->partner != NULL)
		return registry_key_certificate(anchor->registry, signer->partner, &signer->fingerprint, out, err);
	if (signer->is_self)
		return station_key_certificate(anchor->registry->station, &signer->fingerprint, out, err);
	return buf_append(out, anchor->card->certificate, anchor->card->certificate_len, err);
}

/* --- does its signature hold --- */

static bool lives_at(int64_t created, int64_t expires, int64_t time)
{
	return created <= time && (expires == 0 || time < expires);
}

/* A claimed time never rescues a key, and today's state does not excuse a claim from before the key was made. */
static bool cert_lives_at(const struct cert *cert, const struct fingerprint *subkey, int64_t time)
{
	if (!lives_at(cert->created, cert->expires, time))
		return false;
	const struct cert_subkey *key = cert_find_key(cert, subkey);
	return key != NULL && lives_at(key->created, key->expires, time);
}

/* An administrator's word that a key is revoked counts as the key's own. The clock of this machine and the sender's may
 * differ by the skew: a key that was made a minute ahead of us is in force. */
static bool is_in_force(const struct cert *cert, const struct signature_result *result, const struct signer *signer,
						int64_t now)
{
	const int64_t until = earlier_end(signer->partner != NULL ? signer->partner->valid_until : 0, signer->replaced);
	if (signer->revoked != 0)
		return false;
	if (until != 0 && (now >= until || result->created >= until))
		return false;
	return cert_lives_at(cert, &result->subkey, result->created) &&
		   (cert_lives_at(cert, &result->subkey, now) || cert_lives_at(cert, &result->subkey, now + WAYBILL_SKEW_S));
}

static enum signer_standing judge_good(const struct cert *cert, const struct signature_result *result,
									   const struct signer *signer, unsigned roles, int64_t now)
{
	if (!fingerprint_equal(&result->signer, &signer->fingerprint))
		return SIGNER_BAD;
	if (!is_in_force(cert, result, signer, now))
		return SIGNER_UNFIT;
	return signer->roles & roles ? SIGNER_COUNTS : SIGNER_ROLE;
}

static enum signer_standing judge_result(const struct cert *cert, const struct signature_result *result,
										 const struct signer *signer, unsigned roles, int64_t now)
{
	switch (result->state) {
	case SIGNATURE_GOOD:
		return judge_good(cert, result, signer, roles, now);
	case SIGNATURE_BAD:
	case SIGNATURE_NO_KEY: /* the certificate is there, so the packet names another key */
		return SIGNER_BAD;
	case SIGNATURE_REVOKED:
	case SIGNATURE_EXPIRED:
	case SIGNATURE_UNFIT:
		break;
	}
	return SIGNER_UNFIT;
}

/* A home for one certificate alone: another partner's certificate, with this one's subkey bound to it, could confuse
 * gpg. */
static int open_home(const struct trust_anchor *anchor, const struct signer *signer, struct gpg **out, struct err *err)
{
	auto_gpg *gpg = NULL;
	auto_buf certificate = {0};
	*out = NULL;
	if (read_certificate(anchor, signer, &certificate, err) < 0 || gpg_open_throwaway(&gpg, err) < 0 ||
		gpg_import(gpg, certificate.data, certificate.len, &signer->fingerprint, err) < 0)
		return -1;
	*out = steal(&gpg);
	return 0;
}

static int verify_known(const struct trust_anchor *anchor, const struct trust_signature *signature, unsigned roles,
						const void *bytes, size_t len, int64_t now, struct signer *signer, struct err *err)
{
	struct trust_homes *homes = anchor->homes;
	struct gpg *gpg = homes != NULL ? trust_homes_find(homes, &signer->fingerprint) : NULL;
	auto_gpg *opened = NULL;
	struct cert cert;
	struct signature_result result;
	if (gpg == NULL && open_home(anchor, signer, &opened, err) < 0)
		return -1;
	if (gpg == NULL)
		gpg = opened;
	if (gpg_verify(gpg, signature->bytes, signature->len, bytes, len, &result, err) < 0 ||
		gpg_describe(gpg, &signer->fingerprint, &cert, err) < 0)
		return -1;
	if (homes != NULL && opened != NULL)
		trust_homes_keep(homes, &signer->fingerprint, steal(&opened));
	signer->standing = judge_result(&cert, &result, signer, roles, now);
	if (signer->standing == SIGNER_UNFIT || signer->standing == SIGNER_ROLE)
		trust_judge_past(anchor->past, &cert, &result, now, signer);
	signer->key_end = cert_end(&cert, CERT_SIGNS);
	return 0;
}

int trust_judge_signature(const struct trust_anchor *anchor, const struct trust_signature *signature, unsigned roles,
						  const void *bytes, size_t len, int64_t now, struct signer *out, struct err *err)
{
	struct pgp_signature parsed;
	if (pgp_parse_signature(&parsed, signature->bytes, signature->len, err) < 0)
		return -1;
	*out = (struct signer){.fingerprint = signature->name, .standing = SIGNER_UNKNOWN, .created = parsed.created};
	if (!recognise(anchor, out))
		return 0;
	return verify_known(anchor, signature, roles, bytes, len, now, out, err);
}

int64_t signer_counts_until(const struct signer *signer)
{
	const int64_t entry = signer->partner != NULL ? signer->partner->valid_until : 0;
	return earlier_end(signer->key_end, earlier_end(signer->replaced, entry));
}

bool signer_is_inside(const struct signer *signer, int64_t created, int64_t not_after, int64_t now)
{
	return signer->created >= created && (not_after == 0 || signer->created <= not_after) &&
		   signer->created <= now + WAYBILL_SKEW_S;
}

/* --- the first half --- */

/* The form of all comes before the mathematics of the first. */
static int check_forms(const struct trust_signature *signatures, unsigned count, struct err *err)
{
	if (count == 0 || count > TRUST_SIGNERS_MAX)
		return err_set(err, ERR_SIGNATURE_PACKET, "%u signatures; 1 to %d are allowed", count, TRUST_SIGNERS_MAX);
	for (unsigned i = 0; i < count; i++) {
		struct pgp_signature parsed;
		if (pgp_parse_signature(&parsed, signatures[i].bytes, signatures[i].len, err) < 0)
			return err_wrap(err, "signatures/%s.sig: ", signatures[i].name.hex);
	}
	return 0;
}

static const char *who(const struct signer *signer)
{
	return signer->name[0] != '\0' ? signer->name : signer->fingerprint.hex;
}

static int fail_standing(const struct trust_verdict *verdict, const struct signer *signer, struct err *err)
{
	char text[ERR_MESSAGE_MAX / 2];
	switch (signer->standing) {
	case SIGNER_PAST:
		return trust_fail_past(signer, verdict->past.accepted, err);
	case SIGNER_BAD:
		(void)err_set(err, ERR_BAD_SIGNATURE, "the signature of %s does not match the waybill", who(signer));
		return err_hint(err, "do not open this bundle; ask the sender for another copy on another medium");
	case SIGNER_UNFIT:
		signer_end_format(text, sizeof text, signer);
		(void)err_set(err, ERR_UNFIT_SIGNER, "%s", text);
		return err_hint(err, "check this machine's clock; else ask the sender for a new card and a new bundle");
	case SIGNER_ROLE:
		(void)err_set(err, ERR_UNFIT_SIGNER, "%s signed, but its signature does not count here: it lacks the role %s",
					  who(signer),
					  signer->partner != NULL && (signer->roles & ROLES_THAT_COUNT) ? "send" : "send or approve");
		return err_hint(err, "if it may, an administrator gives it the role in the registry");
	default:
		return err_set(err, ERR_INTERNAL, "no fault in the signature of %s", who(signer));
	}
}

static int fail_unknown(const struct trust_anchor *anchor, const struct trust_verdict *verdict, struct err *err)
{
	char names[ERR_MESSAGE_MAX / 2] = "";
	size_t used = 0;
	if (verdict->past.accepted != 0)
		return trust_fail_past_unknown(&verdict->past, err);
	for (unsigned i = 0; i < verdict->count && used < sizeof names; i++) {
		int n = snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
						 verdict->signers[i].fingerprint.hex);
		used += n > 0 ? (size_t)n : 0;
	}
	if (anchor->registry == NULL) {
		(void)err_set(err, ERR_UNKNOWN_SIGNER, "not signed with the card's key, but by: %s", names);
		return err_hint(err, "ask the sender for the card of the key that signed");
	}
	(void)err_set(err, ERR_UNKNOWN_SIGNER, "nobody in the registry signed this; signed by: %s", names);
	return err_hint(err,
					"if this sender is to be trusted, ask an administrator to run: valise partner add CARD --as ALIAS "
					"--fingerprint FPR");
}

static bool counts(const struct trust_verdict *verdict, const struct signer *signer)
{
	return signer->standing == SIGNER_COUNTS || (signer->standing == SIGNER_PAST && verdict->past.use == PAST_COUNTS);
}

/* A signature in a partner's name that does not hold is no stranger's: somebody altered something. gpg by hand fails
 * there too. */
static int judge_counting(const struct trust_anchor *anchor, const struct trust_verdict *verdict, struct err *err)
{
	const struct signer *first = NULL;
	for (unsigned i = 0; i < verdict->count; i++)
		if (verdict->signers[i].standing == SIGNER_BAD)
			return fail_standing(verdict, &verdict->signers[i], err);
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct signer *signer = &verdict->signers[i];
		if (counts(verdict, signer))
			return 0;
		if (first == NULL && signer->standing != SIGNER_UNKNOWN)
			first = signer;
	}
	return first != NULL ? fail_standing(verdict, first, err) : fail_unknown(anchor, verdict, err);
}

int trust_judge_bytes(const struct trust_anchor *anchor, const struct trust_signature *signatures, unsigned count,
					  const void *waybill_bytes, size_t len, int64_t now, struct trust_verdict *out, struct err *err)
{
	*out = (struct trust_verdict){0};
	if (check_forms(signatures, count, err) < 0)
		return -1;
	out->count = count;
	if (anchor->past != NULL)
		out->past = *anchor->past;
	for (unsigned i = 0; i < count; i++)
		if (trust_judge_signature(anchor, &signatures[i], ROLES_THAT_COUNT, waybill_bytes, len, now, &out->signers[i],
								  err) < 0)
			return -1;
	return judge_counting(anchor, out, err);
}

/* --- the second half --- */

/* Whoever signed outside the waybill's own window does not count; whoever claims a time that has not come is no better.
 */
static void judge_times(const struct waybill *waybill, int64_t now, struct trust_verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count; i++) {
		struct signer *signer = &verdict->signers[i];
		if ((signer->standing == SIGNER_COUNTS || signer->standing == SIGNER_PAST) &&
			!signer_is_inside(signer, waybill->created, waybill->not_after, now))
			signer->standing = SIGNER_TIME;
	}
}

static int fail_unsigned(const struct waybill *waybill, struct err *err)
{
	(void)err_set(err, ERR_UNSIGNED, "the waybill says that it is from %s, who did not sign it", waybill->from.hex);
	return err_hint(
		err, "do not open this bundle: somebody else's name may be on it; tell the sender and whoever signed it");
}

static int fail_from_unknown(const struct waybill *waybill, const struct trust_past *past, struct err *err)
{
	if (past->accepted != 0)
		return trust_fail_past_unknown(past, err);
	(void)err_set(err, ERR_UNKNOWN_SIGNER, "the sender %s is not in the registry", waybill->from.hex);
	return err_hint(err,
					"if this sender is to be trusted, ask an administrator to run: valise partner add CARD --as ALIAS "
					"--fingerprint %s",
					waybill->from.hex);
}

static int fail_time(const struct signer *signer, int64_t now, struct err *err)
{
	char signed_at[UTC_TEXT + 1], today[UTC_TEXT + 1];
	utc_format(signed_at, signer->created);
	utc_format(today, now);
	(void)err_set(err, ERR_SIGNATURE_TIME, "%s signed at %s, outside the time that the waybill allows", who(signer),
				  signed_at);
	return err_hint(err, "this machine's clock says %s: if that is right, ask the sender for a new bundle", today);
}

/* Its number among the signers; their count where it is none of them. */
static unsigned place_of(const struct trust_verdict *verdict, const struct fingerprint *fpr)
{
	unsigned i = 0;
	while (i < verdict->count && !fingerprint_equal(&verdict->signers[i].fingerprint, fpr))
		i++;
	return i;
}

static struct signer *find_signer(struct trust_verdict *verdict, const struct fingerprint *fpr)
{
	const unsigned i = place_of(verdict, fpr);
	return i < verdict->count ? &verdict->signers[i] : NULL;
}

/* Good, by one who lacks the role that counts here: unless it had it when this was accepted. */
static void lose_role(const struct trust_verdict *verdict, struct signer *signer)
{
	signer->standing = verdict->past.accepted != 0 ? SIGNER_PAST : SIGNER_ROLE;
	signer->end = verdict->past.accepted != 0 ? SIGNER_ROLE_GONE : SIGNER_ENDS_NOT;
}

static int judge_from(const struct waybill *waybill, int64_t now, struct trust_verdict *verdict, struct err *err)
{
	struct signer *from = find_signer(verdict, &waybill->from);
	if (from == NULL)
		return fail_unsigned(waybill, err);
	if (from->standing == SIGNER_UNKNOWN)
		return fail_from_unknown(waybill, &verdict->past, err);
	if (from->standing == SIGNER_TIME)
		return fail_time(from, now, err);
	if (from->standing == SIGNER_COUNTS && !(from->roles & ROLE_SEND))
		lose_role(verdict, from);
	if (!counts(verdict, from))
		return fail_standing(verdict, from, err);
	if (from->partner != NULL && from->partner->approvals > verdict->demanded)
		verdict->demanded = from->partner->approvals;
	return 0;
}

/* Whoever signs beside the sender vouches for its organisation: a stranger's word, or a courier's, is no approval. */
static int judge_approvers(const struct waybill *waybill, struct trust_verdict *verdict, struct err *err)
{
	const struct signer *from = find_signer(verdict, &waybill->from);
	for (unsigned i = 0; i < verdict->count; i++) {
		struct signer *signer = &verdict->signers[i];
		bool same = true;
		if (signer == from || !counts(verdict, signer))
			continue;
		if (signer->standing == SIGNER_COUNTS && !(signer->roles & ROLE_APPROVE))
			lose_role(verdict, signer);
		else if (policy_is_same_organisation(signer->organisation, from->organisation, &same, err) < 0)
			return -1;
		if (!same)
			signer->standing = SIGNER_FOREIGN;
	}
	return 0;
}

/* Whose word the signatures are. out: room for one more than TRUST_SIGNERS_MAX. */
static unsigned list_people(const struct trust_verdict *verdict, const char **out)
{
	unsigned count = 0;
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct signer *signer = &verdict->signers[i];
		if (counts(verdict, signer))
			out[count++] = signer_person(signer);
	}
	return count;
}

static int count_people(struct trust_verdict *verdict, struct err *err)
{
	const char *names[TRUST_SIGNERS_MAX + 1];
	return policy_count_people(names, list_people(verdict, names), &verdict->people, err);
}

int trust_judge_waybill(const struct waybill *waybill, int64_t now, struct trust_verdict *verdict, struct err *err)
{
	verdict->demanded = waybill->approvals;
	if (verdict->past.accepted != 0 && !fingerprint_equal(&verdict->past.from, &waybill->from))
		return err_set(err, ERR_LEDGER, "the ledger tells another sender of this bundle than the bundle itself");
	judge_times(waybill, now, verdict);
	if (judge_from(waybill, now, verdict, err) < 0 || judge_approvers(waybill, verdict, err) < 0 ||
		count_people(verdict, err) < 0)
		return -1;
	return policy_check_approvals(verdict->people, verdict->demanded, err);
}

/* --- one more --- */

int trust_check_may_approve(const struct waybill *waybill, const struct trust_verdict *verdict,
							const struct station_doc *self, struct err *err)
{
	const char *names[TRUST_SIGNERS_MAX + 1];
	const unsigned place = place_of(verdict, &waybill->from);
	unsigned count = list_people(verdict, names), people = 0;
	bool same = false;
	if (place == verdict->count)
		return err_set(err, ERR_INTERNAL, "a verdict without the sender");
	const struct signer *from = &verdict->signers[place];
	names[count++] = self->party.name;
	if (policy_is_same_organisation(self->party.organisation, from->organisation, &same, err) < 0 ||
		policy_count_people(names, count, &people, err) < 0)
		return -1;
	if (!same) {
		(void)err_set(err, ERR_APPROVALS, "this station is of %s, and the sender of %s: its approval would not count",
					  self->party.organisation, from->organisation);
		return err_hint(err, "somebody of the sender's own organisation must approve it");
	}
	if (people > verdict->people)
		return 0;
	(void)err_set(err, ERR_APPROVALS, "%s signed this bundle already: two signatures of one person count as one",
				  self->party.name);
	return err_hint(err, "another person must approve it, at a station of his or her own");
}
