/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_REGISTRY_ADOPT_H
#define VALISE_KEYRING_REGISTRY_ADOPT_H

#include "keyring/registry.h"

/* Another registry takes force: whole, or not at all. In this order, so that a crash leaves the old one or the new one,
 * and whichever it is finds its certificates and signatures: signatures, certificates under a waiting name, one sync,
 * registry.yaml by rename; then what nobody speaks of any more goes.
 * in: held, as it was when the decision was made; replaced on success, pointers into it are void. fresh, parsed from
 *     file->registry; with fresh->file set its certificates come from there, else they wait in the home (a draft).
 *     Taken on success.
 * errors: ERR_BUSY where another command changes the registry or has changed it since, ERR_CERTIFICATE, ERR_IO,
 *         ERR_NO_SPACE. */
int registry_adopt(struct registry *held, struct registry *fresh, const struct registry_file *file, struct err *err);

#endif
