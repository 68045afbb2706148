/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_UTF16_H
#define VALISE_INSPECT_UTF16_H

#include <stddef.h>

/* in[len]: UTF-16 with its mark, or without one in the order that leaves more ASCII. out: room for 3 bytes for each 2.
 * Returns how much of out it fills. Halves of pairs become U+FFFD. */
size_t utf16_to_utf8(char *out, const char *in, size_t len);

#endif
