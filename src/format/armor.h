/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_ARMOR_H
#define VALISE_FORMAT_ARMOR_H

#include "base/buf.h"

/* ASCII armor (RFC 4880, section 6.2), as far as people hand over certificates in it: gpg's own parser for it stays
 * closed. Text before the first block is passed over, as gpg writes some before a revocation certificate, and so is the
 * colon by which gpg keeps that from being imported by mistake. */

/* out: the bytes of the one public block; a copy of bytes where they are no armor. errors: ERR_CERTIFICATE where the
 * block is of another kind, a secret key say, malformed, or not the only one. */
int armor_open(struct buf *out, const struct buf *bytes, struct err *err);

#endif
