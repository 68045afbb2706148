/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_EXPORT_H
#define VALISE_OPS_REGISTRY_EXPORT_H

#include "keyring/registry.h"

/* The registry held, or a draft, as the one file that crosses the gap: its bytes, its signatures, its certificates.
 * errors: ERR_LIMIT where it would be one that no station takes, ERR_CERTIFICATE, ERR_REGISTRY, ERR_BUSY where it was
 * changed meanwhile, ERR_IO, ERR_MEMORY. */
int registry_export(struct buf *out, const struct registry *registry, struct err *err);

#endif
