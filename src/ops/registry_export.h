/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REGISTRY_EXPORT_H
#define VALISE_OPS_REGISTRY_EXPORT_H

#include "keyring/registry.h"

/* The registry held, or a draft, as the one file that crosses the gap: its bytes, its signatures, its certificates.
 * out: how many keys signed it so far; whether they count is for whoever takes it in.
 * errors: ERR_LIMIT where it would be one that no station takes, ERR_CERTIFICATE, ERR_REGISTRY, ERR_BUSY where it was
 * changed meanwhile, ERR_IO, ERR_MEMORY. */
int registry_export(struct buf *out, const struct registry *registry, uint32_t *out_signatures, struct err *err);

#endif
