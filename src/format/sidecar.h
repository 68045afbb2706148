/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_SIDECAR_H
#define VALISE_FORMAT_SIDECAR_H

#include "base/ident.h"
#include "base/secret.h"

/* What a packer leaves for one approver, inside an OpenPGP message: which bundle, and its key (valise-format(5),
 * APPROVAL). It is never carried. */
enum { SIDECAR_TEXT_BYTES = 147, SIDECAR_FILE_MAX = 4096 };

/* in: key of KEY_BYTES. out: *out owned secret of SIDECAR_TEXT_BYTES. */
int sidecar_format(struct secret **out, const struct digest *bundle, const struct secret *key, struct err *err);
/* out: *key owned. errors: ERR_SLOT (never shows the text), ERR_MEMORY. */
int sidecar_parse(const struct secret *text, struct digest *bundle, struct secret **key, struct err *err);

#endif
