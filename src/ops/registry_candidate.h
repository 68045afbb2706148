/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_CANDIDATE_H
#define VALISE_OPS_REGISTRY_CANDIDATE_H

#include "keyring/registry_quorum.h"
#include "ops/registry_certificates.h"
#include "ops/session.h"

/* A registry that would follow the one held: out of a file that crossed the gap, or the draft that is prepared here.
 * Opened, it is known to be of the same domain, newer than any ever held, and signed by at least one administrator
 * whom the registry held knows (or, for a station's first, by the key that was confirmed by hand); its certificates are
 * those that it speaks of. Whether enough signed is asked before it takes force.
 *
 * The order, for a file: its form; signatures over the very bytes; only then their YAML; then domain, number, times,
 * the certificates, and the signatures once more by its own administrators. */
struct registry_candidate {
	struct buf bytes, signatures; /* what file borrows from */
	struct registry_file file;
	struct registry fresh;
	struct registry_quorum by_held;          /* judged by the registry held, or by the confirmed key */
	struct registry_quorum by_own;           /* judged by its own administrators */
	unsigned strangers;                      /* signatures that were left out, as no administrator's */
	struct certificate_changes certificates; /* what differs in those of keys that are held */
	bool is_first;                           /* the station kept its partners itself so far */
	bool is_held;                            /* it is the very registry that is held: nothing to do */
	bool is_put_back; /* it is the very registry that was used last, and another one stands in its place */
};
void registry_candidate_clear(struct registry_candidate *candidate);
#define auto_candidate AUTO(registry_candidate_clear) struct registry_candidate

/* in: confirmed: the fingerprint of an administrator as a person typed it, for a station's first registry; else NULL.
 * Where the session's registry is not to be relied on (SESSION_LEDGER_MEND), only the one that was used last comes in:
 * the ledger knows it by its digest, and nobody else's word is asked.
 * errors: that fault for any other file; ERR_USAGE where it is missing or out of place; ERR_REGISTRY_SIGNATURES where
 * no administrator known here signed, ERR_BAD_SIGNATURE; ERR_REGISTRY_DOMAIN, ERR_REGISTRY_ROLLBACK, ERR_REGISTRY_FORK,
 * ERR_EXPIRED, ERR_CLOCK; ERR_CERTIFICATE, ERR_FINGERPRINT; ERR_DOCUMENT, ERR_TRUNCATED, ERR_CONTAINER, ERR_VERSION,
 *         ERR_LIMIT; ERR_IO, ERR_GNUPG, ERR_LEDGER, ERR_MEMORY. */
int registry_candidate_open_file(struct registry_candidate *out, struct session *session, const char *path,
								 const struct fingerprint *confirmed, int64_t now, struct err *err);

/* errors: ERR_USAGE where nothing is prepared. */
int registry_candidate_open_draft(struct registry_candidate *out, struct session *session, int64_t now,
								  struct err *err);

/* What is prepared here and goes when the candidate takes force. out: *out_serial 0 for none. */
int registry_candidate_drops(const struct registry_candidate *candidate, const struct session *session,
							 uint64_t *out_serial, bool *out_is_signed, struct err *err);

/* Who signed it, judged by the registry held and by its own; what is prepared, or was confirmed, for a first registry
 * by its own administrators alone. errors: ERR_EXPIRED, ERR_CLOCK, those of registry_judge(). */
int registry_candidate_judge(struct registry_candidate *candidate, const struct session *session, int64_t now,
							 struct err *err);

/* Enough people signed, by the registry held and by its own; of what is put back that was seen to before. errors:
 * ERR_REGISTRY_SIGNATURES. */
int registry_candidate_check_signed(const struct registry_candidate *candidate, struct err *err);

/* Adds this station's signature; of a draft it is kept in the home. in: a session whose ledger can be written. errors:
 * ERR_GOVERNED where this station's key is no administrator of it, ERR_REGISTRY_FORK where it signed another one of
 * this number, those of gpg_sign() and of the ledger. */
int registry_candidate_sign(struct registry_candidate *candidate, struct session *session, int64_t now,
							struct err *err);

/* It takes force here (registry_adopt()), and the ledger knows. errors: those of registry_candidate_check_signed() and
 * registry_adopt(). */
int registry_candidate_adopt(struct registry_candidate *candidate, struct session *session, struct err *err);

#endif
