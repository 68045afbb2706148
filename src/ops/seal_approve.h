/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SEAL_APPROVE_H
#define VALISE_OPS_SEAL_APPROVE_H

#include "ops/pack_internal.h"
#include "ops/pending.h"

/* What a bundle that must be approved has beside it: the folder with a message for each approver, which holds the
 * bundle's key. It appears before the bundle does, whole or not at all. */
struct approve_kit;

/* in: names: as pending_names_make() made them. Approvers whose key cannot be encrypted to are told as notices and left
 * out. errors: ERR_PARTNER where too few are left; ERR_EXISTS where the final name or the folder is taken, but a folder
 * that belongs to no bundle, from a pack that was cut off, is taken away. */
int approve_kit_open(struct approve_kit **out, struct session *session, struct pack_plan *plan,
					 const struct pending_names *names, struct err *err);
/* What was not committed goes. */
void approve_kit_free(struct approve_kit *kit);

/* The messages, synced, in a folder that has no name yet. errors: ERR_RECIPIENT, ERR_GNUPG, ERR_IO, ERR_NO_SPACE. */
int approve_kit_write(struct approve_kit *kit, const struct digest *bundle, const struct secret *key, struct err *err);
/* The folder gets its name. errors: ERR_EXISTS, ERR_IO. */
int approve_kit_commit(struct approve_kit *kit, struct err *err);
void approve_kit_revert(struct approve_kit *kit); /* the bundle did not get its name: the folder goes again */

const char *approve_kit_path(const struct approve_kit *kit); /* of the folder, absolute */

#endif
