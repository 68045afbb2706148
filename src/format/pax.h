/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PAX_H
#define VALISE_FORMAT_PAX_H

#include "format/manifest.h"

#include <stddef.h>

/* The headers of payload entries, written and looked at by ourselves. libarchive cuts names at NUL, composes Unicode in
 * both directions, and passes over records that it does not know; what it reads is held against this first. Pure
 * functions. */

enum { PAX_EXTENSION_MAX = 2560, PAX_HEADER_MAX = PAX_EXTENSION_MAX + 512 }; /* all header blocks of one entry */

/* The header blocks for an entry of the manifest: out[PAX_HEADER_MAX]. Returns their length, a multiple of 512. */
size_t pax_header_build(unsigned char out[static PAX_HEADER_MAX], const struct manifest_entry *entry);

/* in: an entry's first block. *out_len: how many bytes of headers it has in all. Returns NULL, or what is wrong. */
const char *pax_header_length(const unsigned char block[static 512], size_t *out_len);

/* in: all header blocks of an entry. Whether they say of it exactly what the manifest says. Returns NULL, or what is
 * wrong
 * ("another path"). */
const char *pax_header_fault(const unsigned char *bytes, size_t len, const struct manifest_entry *want);

#endif
