/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SESSION_H
#define VALISE_OPS_SESSION_H

#include "base/progress.h"
#include "format/equivalence_doc.h"
#include "keyring/registry_quorum.h"
#include "ledger/ledger.h"
#include "policy/decide.h"

/* What a job on a station works with: who we are, our partners, schemes, ledger, and how passphrases are asked for. */
struct session {
	struct station station;
	struct registry registry;
	struct registry_quorum signers; /* of the registry, where they were looked at now (registry_state.h) */
	struct err registry_fault; /* with SESSION_LEDGER_MEND: why the registry is not to be relied on; ERR_OK: it is */
	struct scheme_set schemes;
	struct equivalence_doc equivalence; /* empty where there is none, or none was loaded */
	struct ledger *ledger;              /* NULL where the job needs none */
	struct gpg_passphrase passphrase;
	int lock_fd; /* session_lock(); -1 */
};

enum session_ledger {
	SESSION_LEDGER_READ,
	SESSION_LEDGER_WRITE,
	SESSION_LEDGER_MEND, /* to write, and also where the registry is one that nobody may rely on: to put another there
						  */
};

/* home: as given by --home, or NULL. Jobs that decide call session_load_equivalence() as well. errors: those of
 * station_open(), registry_open(), ledger_open(), schemes. */
int session_open(struct session *out, const char *home, enum session_ledger ledger,
				 const struct gpg_passphrase *passphrase, struct err *err);
void session_close(struct session *session);
#define auto_session AUTO(session_close) struct session

/* The shipped schemes and those of the home's schemes/ folder, where they are enabled or accredited. errors:
 * ERR_SCHEME, ERR_IO, ERR_MEMORY. */
int session_load_schemes(struct scheme_set *out, const struct station *station, struct err *err);

/* The bytes of every scheme file in schemes/ of a home, by name. each() returns -1, with err set, to stop. */
int session_each_scheme_file(int home_fd,
							 int (*each)(void *ctx, const char *name, const struct buf *bytes, struct err *err),
							 void *ctx, struct err *err);

/* equivalence.yaml of the home, verified, where it is there and was not loaded before. errors: those of
 * equivalence_load(). */
int session_load_equivalence(struct session *session, struct err *err);

/* What the rules of this station are asked about; of a sending side the caller adds for whom, and until when. All
 * borrowed. */
struct policy_case session_policy_case(const struct session *session, enum policy_side side,
									   const struct manifest *manifest, int64_t now);

/* One at a time on a station of those jobs that must not meet: packing, as the next bundle's slot holds this one's
 * digest; a rotation of its key, changes of secrets, a backup. errors: ERR_BUSY. */
int session_lock(struct session *session, struct err *err);

/* Things that did not stop the job but that its user should know, in order. */
struct notices {
	char **lines; /* owned */
	unsigned count;
};
[[gnu::format(printf, 2, 3)]] void notice_add(struct notices *notices, const char *fmt, ...);
void notices_append(struct notices *notices, const struct notices *more);
void notices_clear(struct notices *notices);
#define auto_notices AUTO(notices_clear) struct notices

#endif
