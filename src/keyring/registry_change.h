/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_REGISTRY_CHANGE_H
#define VALISE_KEYRING_REGISTRY_CHANGE_H

#include "keyring/registry.h"

/* How the registry of a station changes: one command at a time, the new certificate first, then registry.yaml. Each is
 * there whole or not; at any moment the registry that is there finds the certificates that it speaks of.
 *
 * Where administrators sign the registry, or one that they will sign is prepared, a change goes into a draft,
 * registry.draft.yaml: it takes force when enough of them have signed it (registry_adopt.h). */

/* By which of this station's keys the registry knows it as an administrator: the present one, or one that it had before
 * while the registry does not know the present one. NULL: by none. */
const struct fingerprint *registry_administers_by(const struct registry *registry);
static inline bool registry_is_administered_here(const struct registry *registry)
{
	return registry_administers_by(registry) != NULL;
}
/* The draft of what follows the registry held: 1; 0 where there is none; -1. */
int registry_open_draft(struct registry *out, const struct registry *held, struct err *err);

/* Until the descriptor is closed nobody else changes the registry. errors: ERR_BUSY, ERR_IO. */
int registry_lock(const struct station *station, struct err *err);

enum certificate_fate { CERTIFICATE_STAYS, CERTIFICATE_COMES, CERTIFICATE_GOES };

struct registry_edit {
	struct registry fresh; /* as it stands under the lock; what apply() makes of it is written */
	int64_t now;
	enum certificate_fate fate; /* what becomes of the certificate of `key`, or of all of `gone` */
	struct fingerprint key;
	const struct partner *gone; /* with CERTIFICATE_GOES: borrowed, the entry that was taken out */
	struct buf certificate;     /* the new one, clean; its digest stands in the partner's entry. Freed afterwards. */
};

/* Makes one change. Returns EDIT_WRITE, EDIT_NOTHING where all stays as it was, or -1 with err. */
enum { EDIT_NOTHING, EDIT_WRITE };
typedef int registry_apply(struct registry_edit *edit, void *ctx, struct err *err);

/* Lock, read anew, apply, write with serial + 1 and the digest of the registry before. On success *registry is what is
 * written now (is_draft tells), and pointers into it are void; on failure nothing changed. errors: ERR_BUSY where
 * another command changes it, ERR_GOVERNED, those of apply(), ERR_USAGE where what it made would not be readable,
 * ERR_IO, ERR_NO_SPACE. */
int registry_change(struct registry *registry, int64_t now, registry_apply *apply, void *ctx, struct err *err);

/* For apply(). The entry of an alias, to be changed in place. errors: ERR_PARTNER. */
struct partner *registry_edit_find(struct registry_edit *edit, const char *alias, struct err *err);
/* Where it belongs by its alias; partner is moved. errors: ERR_MEMORY. */
int registry_edit_insert(struct registry_edit *edit, struct partner *partner, struct err *err);
/* Takes the entry out. out: partner_clear(). */
void registry_edit_take(struct registry_edit *edit, struct partner *partner, struct partner *out);
/* As registry_certificate(); where an earlier change was stopped at its last step, that is done now. */
int registry_edit_certificate(const struct registry_edit *edit, const struct partner *partner, struct buf *out,
							  struct err *err);
/* The same of one of its keys. in: fpr with partner_has_key(). */
int registry_edit_key_certificate(const struct registry_edit *edit, const struct partner *partner,
								  const struct fingerprint *fpr, struct buf *out, struct err *err);
/* edit->certificate, clean, becomes that of partner's present key; the row tells its digest and its ends. The one place
 * where a row gets a certificate. in: cert: what the certificate says. */
void registry_edit_take_certificate(struct registry_edit *edit, struct partner *partner, const struct cert *cert);
/* Whether a certificate can do what these roles need. errors: ERR_CERTIFICATE. */
int registry_check_certificate(const struct cert *cert, unsigned roles, struct err *err);
/* A new alias is fit and free. errors: ERR_USAGE, ERR_EXISTS. */
int registry_edit_check_alias(const struct registry_edit *edit, const char *alias, struct err *err);

#endif
