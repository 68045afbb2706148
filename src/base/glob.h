/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_GLOB_H
#define VALISE_BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Patterns for paths inside a folder:
 *   *  any bytes but "/"     ?  one character but "/"     [abc] [a-z] [!a]  one of these     **  any folders, as "**" +
 *   "/" in front or in the middle, or "/" + "**" at the end: all below
 * A pattern without "/" is compared with the last component, in any folder; one that ends in "/" stands for all below
 * that folder; any other with the whole path. Case counts; so do accents as they are stored. */
enum { GLOB_BYTES_MAX = 1024, GLOB_STARS_MAX = 8 };

/* NULL where the pattern may be used; else what is wrong, as "leaves the folder": absolute, "." or ".." as a component,
 * empty components, an open bracket, a backslash, a control character, more than GLOB_BYTES_MAX bytes, or more than
 * GLOB_STARS_MAX asterisks in a component. */
const char *glob_fault(const char *pattern);
bool glob_has_wildcard(const char *pattern);
/* in: pattern without fault; path relative, of plain components. Time is at most proportional to the product of both
 * lengths. */
bool glob_match(const char *pattern, const char *path);

/* A pattern that is asked often: what must stand at both ends of whatever it matches is compared first. Borrows the
 * pattern. */
struct glob {
	const char *pattern;
	const char *suffix;            /* what is behind its last wildcard */
	size_t prefix_len, suffix_len; /* bytes in front of the first wildcard, and of the suffix */
	bool name_only;                /* it is compared with the last component */
};
void glob_prepare(struct glob *out, const char *pattern); /* in: without fault */
/* The same as glob_match(); path_len and name_at, where its last component begins, are known to who asks often. */
bool glob_matches(const struct glob *glob, const char *path, size_t path_len, size_t name_at);

#endif
