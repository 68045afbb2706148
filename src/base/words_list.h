/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_WORDS_LIST_H
#define VALISE_BASE_WORDS_LIST_H

/* For words.c alone. Each list is in the order of the alphabet and ends with NULL. */
enum { WORDS_IN_LIST = 256 };
extern const char *const words_list[2][WORDS_IN_LIST + 1];

#endif
