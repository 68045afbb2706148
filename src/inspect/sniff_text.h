/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_SNIFF_TEXT_H
#define VALISE_INSPECT_SNIFF_TEXT_H

#include "inspect/sniff.h"

/* The part of sniff() that knows kinds of text; false where it is none. */
bool sniff_text(struct sniffed *out, const char *head, size_t len, bool whole);

#endif
