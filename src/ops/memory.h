/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_MEMORY_H
#define VALISE_OPS_MEMORY_H

#include "format/authorisation.h"
#include "ops/scan.h"
#include "ops/session.h"

/* What the ledger remembers of files, and what follows from it for those that are to be packed (valise-labels(5),
 * AUTHORISATION). */

/* --- to be remembered --- */

/* The memories of a manifest's files, for ledger_sealing() and ledger_unpacking(). in: sender: whose word the labels
 * are where the marking names no originator. out: memories_clear(); valid while manifest and sender are. */
struct memories {
	struct ledger_memory *items; /* owned */
	size_t count;
	char **labels; /* owned: a line for each marking */
	uint32_t label_count;
};
int memories_make(struct memories *out, const struct manifest *manifest, const struct fingerprint *sender,
				  struct err *err);
void memories_clear(struct memories *memories);
#define auto_memories AUTO(memories_clear) struct memories

/* --- what is remembered --- */

/* Under which labels, by whose word, contents were known. */
struct known_word {
	char *labels; /* owned */
	struct fingerprint by;
};
struct known_file {
	uint32_t entry, word;
	int64_t time;
};
struct recollection {
	struct known_word *words; /* owned */
	uint32_t word_count;
	struct known_file *files; /* owned; by entry, of one entry the oldest first */
	uint32_t file_count;
};

/* Which entries recollect() will want the digest of: those of a size that the ledger remembers. out: one flag each,
 * malloc'd; NULL where there is no ledger. errors: ERR_LEDGER, ERR_MEMORY. */
int recollection_sizes(unsigned char **out, struct session *session, const struct manifest *manifest, struct err *err);

/* Before labels are decided. in: sizes as recollection_sizes() gave them; NULL recalls nothing. Of these files alone,
 * those without a digest in the manifest are read, and get one there, so that sealing sees whether they are still the
 * same (ERR_CHANGED there). errors: ERR_CHANGED, ERR_IO, ERR_LEDGER, ERR_CANCELLED, ERR_MEMORY. */
int recollect(struct recollection *out, struct session *session, const unsigned char *sizes, const struct scan *scan,
			  struct manifest *manifest, struct err *err);
void recollection_clear(struct recollection *recollection);
#define auto_recollection AUTO(recollection_clear) struct recollection

/* Read one entry's file and put its digest into the manifest. errors: ERR_CHANGED, ERR_IO, ERR_CANCELLED, ERR_MEMORY.
 */
int memory_digest_file(const struct scan *scan, struct manifest *manifest, uint32_t entry, struct err *err);

/* Whose information an entry's file is by the oldest word on it that is not this station's; NULL where nobody else gave
 * one. A
 * marking that names no originator gets this one. */
const struct fingerprint *recollection_originator(const struct recollection *recollection,
												  const struct session *session, uint32_t entry);

/* Once labels are decided: nothing goes lower without its originator's authorisation.
 * in: authorisations as authorisations_load() gave them. errors: ERR_DOWNGRADE. */
int downgrade_check(const struct session *session, const struct manifest *manifest,
					const struct recollection *recollection, const struct authorisation *authorisations,
					uint32_t authorisation_count, int64_t now, struct err *err);

#endif
