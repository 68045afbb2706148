/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_REGISTRY_QUORUM_H
#define VALISE_KEYRING_REGISTRY_QUORUM_H

#include "keyring/trust.h"

/* Whether enough administrators signed a registry (valise-registry(5), SIGNATURES). Who they are, how many must, and
 * with which keys is the word of a registry: of the one that is held for what comes next, of one itself besides. */

enum { REGISTRY_LIFE_S = 366 * DAY_S }; /* from created to not-after, at most */

struct registry_quorum {
	struct signer signers[REGISTRY_SIGNATURES_MAX];
	unsigned count;
	unsigned people, needed;           /* distinct people whose signature counts; how many must */
	char unusable[PARTY_NAME_MAX + 1]; /* whose signature cannot be judged, as gpg does not take the certificate */
};

/* Before any byte of the registry in file is parsed: form, mathematics, keys, roles. A key that administrators does not
 * know as one counts for nothing. errors: ERR_BAD_SIGNATURE where a known administrator's does not match;
 * ERR_SIGNATURE_PACKET, ERR_GNUPG, ERR_CERTIFICATE. */
int registry_judge(const struct registry *administrators, const struct registry_file *file, int64_t now,
				   struct registry_quorum *out, struct err *err);
/* The same by one card, confirmed by hand: the first registry that a station takes. people is 1 or 0. */
int registry_judge_by_card(const struct card *card, const struct registry_file *file, int64_t now,
						   struct registry_quorum *out, struct err *err);

/* With the parsed registry: who signed before it was made, after its end or in a time to come does not count. */
int registry_judge_times(struct registry_quorum *quorum, const struct registry_doc *doc, int64_t now, struct err *err);

/* in: whose administrators these are, for the message. errors: ERR_REGISTRY_SIGNATURES. */
int registry_check_quorum(const struct registry_quorum *quorum, const char *whose, struct err *err);

/* "Alice Ardent, Bob Brisk": whose signature counts. */
void registry_quorum_names(const struct registry_quorum *quorum, char *out, size_t size);

/* One that nobody could follow up is no registry: its administrators whose key and entry were in force when it was
 * made, as it tells itself, must be as many people as must sign. errors: ERR_REGISTRY, ERR_MEMORY. */
int registry_check_administrators(const struct registry_doc *doc, struct err *err);
/* The administrator with whose end, before that of the registry, too few would be left to sign the next. out: NULL for
 * none; borrowed. errors: ERR_MEMORY. */
int registry_find_weakest(const struct registry_doc *doc, const struct partner **out, int64_t *out_end,
						  struct err *err);

/* --- signatures that a station keeps ---
 * registry.sig/<SHA-256 of what they sign>/<FPR>.sig: those of a registry and those of a draft never meet. */

/* Into file->signatures, sorted; storage holds their bytes and outlives them. None where there is no folder. errors:
 * ERR_REGISTRY, ERR_LIMIT, ERR_IO. */
int registry_read_signatures(const struct station *station, const struct digest *digest, struct registry_file *file,
							 struct buf *storage, struct err *err);
/* Whether one is of a key of this station. */
bool registry_is_signed_here(const struct station *station, const struct digest *digest);
/* They take the place of those that are there. in: file's are sorted. */
int registry_write_signatures(const struct station *station, const struct digest *digest,
							  const struct registry_file *file, struct err *err);
/* Best effort: all but those of this digest. */
void registry_forget_signatures(const struct station *station, const struct digest *but);
/* Whether a folder for them is there; and away with it. */
bool registry_has_signatures(const struct station *station, const struct digest *digest);
void registry_drop_signatures(const struct station *station, const struct digest *digest);

#endif
