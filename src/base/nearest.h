/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_NEAREST_H
#define VALISE_BASE_NEAREST_H

/* The candidate that is nearest to what was typed, or NULL where none is near: two slips at most, or the beginning of a
 * word. candidates end with NULL. Its answer is only shown, never taken. */
const char *nearest_word(const char *typed, const char *const candidates[]);

#endif
