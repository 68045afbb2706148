/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_TRUST_H
#define VALISE_KEYRING_TRUST_H

#include "format/waybill.h"
#include "keyring/registry.h"
#include "keyring/trust_homes.h"

/* Who signed, and does it count (valise-format(5), SIGNATURES). */

/* That this station itself accepted these very bytes before, as its ledger tells: looked up by their digest, before
 * anything is judged. It is the one thing that lets the signature of a key that is no longer in force through: a time
 * that a signature claims never does. */
enum trust_past_use {
	PAST_IS_TOLD, /* refused as ever, but said */
	PAST_COUNTS,  /* good enough to read once more what was accepted once */
};
struct trust_past {
	int64_t accepted; /* 0: not accepted before */
	struct fingerprint from;
	enum trust_past_use use;
};

/* Whom we take as signers: a registry and this station itself, or one card that was confirmed by hand. */
struct trust_anchor {
	const struct registry *registry; /* NULL with a card */
	const struct card *card;         /* NULL with a registry */
	const struct trust_past *past;   /* of the bytes that are judged; NULL: nothing is known */
	struct trust_homes *homes;       /* to use, and to leave open, where many are judged; NULL: one for each */
	enum {
		TRUST_SELF_COUNTS, /* this station's own signature, unless a signed registry says otherwise (trust_self.h) */
		TRUST_SELF_AS_PARTNER, /* only as the registry says: of who may sign the registry */
	} self;
};

struct trust_signature { /* in: one member signatures/<FPR>.sig */
	struct fingerprint name;
	const unsigned char *bytes;
	size_t len;
};

enum signer_standing {
	SIGNER_COUNTS,
	SIGNER_UNKNOWN, /* not in the registry: reported, changes nothing */
	SIGNER_BAD,     /* known, but the signature does not match */
	SIGNER_UNFIT,   /* known and good, but key or entry is revoked, expired, disabled */
	SIGNER_ROLE,    /* known and good, without a role that counts here */
	SIGNER_FOREIGN, /* known and good, of another organisation than the sender (set by trust_judge_waybill) */
	SIGNER_TIME,    /* good, but outside the waybill's window (set by trust_judge_waybill) */
	SIGNER_PAST,    /* its signature holds and its key is no longer in force, but these bytes were accepted before */
};
/* By what a key of SIGNER_UNFIT or SIGNER_PAST came to its end. */
enum signer_end {
	SIGNER_ENDS_NOT,
	SIGNER_REVOKED_HERE, /* by an administrator of the registry */
	SIGNER_REVOKED,      /* by its owner */
	SIGNER_EXPIRED,
	SIGNER_ENTRY_ENDED,
	SIGNER_REPLACED, /* by another key, and the time in which both count is over */
	SIGNER_ROLE_GONE,
};
struct signer {
	struct fingerprint fingerprint;
	enum signer_standing standing;
	int64_t created;
	const struct partner *partner; /* borrowed from the registry; NULL: this station, the card, or unknown */
	bool is_self;
	char name[PARTY_NAME_MAX + 1], organisation[PARTY_NAME_MAX + 1]; /* of the registry, own station or card */
	char person[PARTY_NAME_MAX + 1];
	unsigned roles;
	int64_t replaced; /* a key that another replaced: until when it counts; 0: the present one */
	int64_t revoked;  /* since when the registry says so, of the partner or of this former key; 0: it does not */
	int64_t key_end;  /* until when its key can sign; 0: no end, not known */
	enum signer_end end;
	int64_t ended; /* since when; 0: not known */
};
/* By what people are counted: a key of nobody's is a person of its own. */
static inline const char *signer_person(const struct signer *signer)
{
	return signer->person[0] != '\0' ? signer->person : signer->fingerprint.hex;
}
/* Until when its signature counts, as far as is known: the end of its key, of its entry in the registry, of the time in
 * which a replaced key counts. 0: no end. */
int64_t signer_counts_until(const struct signer *signer);
/* Whether it signed inside of a document's own time (not_after 0: no end), and not in a time that has not come. */
bool signer_is_inside(const struct signer *signer, int64_t created, int64_t not_after, int64_t now);
/* Of a signer of SIGNER_UNFIT: "the key of Bob (FPR) is expired since …". */
void signer_end_format(char *out, size_t size, const struct signer *signer);
enum { TRUST_SIGNERS_MAX = 16 };

struct trust_verdict {
	struct signer signers[TRUST_SIGNERS_MAX];
	unsigned count;
	unsigned people;   /* distinct people whose signature counts */
	unsigned demanded; /* by waybill and registry; once the labels were read also by this station's own rule */
	struct trust_past past;
};

/* One signature by itself: its form, whose it is, whether it holds over the very bytes, and the key's standing; it
 * counts where its key has one of these roles (enum of format/registry_doc.h; this station has all, where no
 * signed registry speaks of it). 0 also for one
 * that does not count: out->standing tells. errors: ERR_SIGNATURE_PACKET, ERR_GNUPG, ERR_CERTIFICATE. */
int trust_judge_signature(const struct trust_anchor *anchor, const struct trust_signature *signature, unsigned roles,
						  const void *bytes, size_t len, int64_t now, struct signer *out, struct err *err);

/* First half, before any byte of the waybill is parsed: the packets' form, then the mathematics and the keys, over the
 * very bytes. Succeeds where at least one known signer's signature counts and none of a known signer is bad. errors:
 * ERR_SIGNATURE_PACKET, ERR_UNKNOWN_SIGNER, ERR_BAD_SIGNATURE, ERR_UNFIT_SIGNER, ERR_GNUPG, ERR_CERTIFICATE. */
int trust_judge_bytes(const struct trust_anchor *anchor, const struct trust_signature *signatures, unsigned count,
					  const void *waybill_bytes, size_t len, int64_t now, struct trust_verdict *out, struct err *err);

/* Of a signer of SIGNER_PAST: "the key of Bob is revoked in this registry since …; this bundle was accepted here at …,
 * before". */
void trust_past_format(char *out, size_t size, const struct signer *signer, int64_t accepted);

/* Second half, with the parsed waybill: `from` signed and may, times lie in its window, enough distinct people. Beside
 * `from` those count who have the role approve and are of its organisation, by the registry's names.
 * errors: ERR_UNSIGNED where `from` did not sign (or ERR_BAD_SIGNATURE / ERR_UNKNOWN_SIGNER / ERR_UNFIT_SIGNER where
 * its own signature is one of these), ERR_SIGNATURE_TIME, ERR_APPROVALS (then, and then alone, the verdict is complete
 * all the same). */
int trust_judge_waybill(const struct waybill *waybill, int64_t now, struct trust_verdict *verdict, struct err *err);

/* Whether one more signature, of this station, would count: it is of the sender's organisation and not a person who
 * signed already. in: a complete verdict. errors: ERR_APPROVALS saying which, ERR_MEMORY. */
int trust_check_may_approve(const struct waybill *waybill, const struct trust_verdict *verdict,
							const struct station_doc *self, struct err *err);

#endif
