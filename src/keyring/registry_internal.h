/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_REGISTRY_INTERNAL_H
#define VALISE_KEYRING_REGISTRY_INTERNAL_H

#include "keyring/registry_change.h"
#include "keyring/registry_quorum.h"

/* Shared by the files that keep a registry; not for others. */

#define REGISTRY_NAME "registry.yaml"
#define REGISTRY_DRAFT_NAME "registry.draft.yaml" /* what administrators prepare; not in force */
#define REGISTRY_SIGNATURES_DIR "registry.sig"    /* registry.sig/<sha256 of what they sign>/<FPR>.sig */

/* As registry_open(), of one of the names above. */
int registry_read(struct registry *out, const struct station *station, const char *name, const struct digest *known,
				  struct err *err);

/* --- certificates in keys/ ---
 * The certificate that a registry speaks of may stand in one of these places; whichever has the digest counts. What
 * replaces another waits under a name of its own until the registry speaks of it: so at any moment each is found. */
enum certificate_place {
	CERTIFICATE_IN_PLACE,
	CERTIFICATE_WAITING,  /* for the change or the draft that brought it */
	CERTIFICATE_INCOMING, /* for the registry that is being imported */
	CERTIFICATE_PLACES
};
int certificate_write(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place,
					  const void *bytes, size_t len, struct err *err);
/* The same without waiting for the disk: for many, before one sync. */
int certificate_write_unsynced(const struct registry *registry, const struct fingerprint *fpr,
							   enum certificate_place place, const void *bytes, size_t len, struct err *err);
/* Best effort. */
void certificate_remove(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place);
void certificate_remove_all(const struct registry *registry, const struct fingerprint *fpr); /* from all places */
/* Moves what the registry speaks of into its place. Best effort: where it fails it is found where it is. Returns
 * whether it is in place: before that nothing at the other places may go. */
bool certificate_settle(const struct registry *registry, const struct partner_key *key);
/* Before anything is written where certificates wait: what an interrupted command left there for the registry in force
 * moves into its place. errors: ERR_IO where it does not, ERR_CANCELLED. */
int certificate_settle_left(const struct registry *held, const struct registry_doc *doc, struct err *err);
/* Whether some place of the registry's own holds it: what the station keeps of its own key may change. */
bool certificate_is_there(const struct registry *registry, const struct partner_key *key);

#endif
