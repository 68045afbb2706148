/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_GLOB_H
#define VALISE_BASE_GLOB_H

#include <stdbool.h>

/* Patterns for paths inside a folder:
 *   *  any bytes but "/"     ?  one character but "/"     [abc] [a-z] [!a]  one of these     **  any folders, as "**" +
 *   "/" in front or in the middle, or "/" + "**" at the end
 * A pattern without "/" is compared with the last component, in any folder; one that ends in "/" stands for all below
 * that folder; any other with the whole path. */

/* NULL where the pattern may be used; else what is wrong, as "leaves the folder": absolute, "." or ".." as a component,
 * empty components, an open bracket, a backslash, more than 1,024 bytes or 8 wildcards in a component. */
const char *glob_fault(const char *pattern);
bool glob_has_wildcard(const char *pattern);
/* in: pattern without fault; path relative, of plain components. Time is at most proportional to the product of both
 * lengths. */
bool glob_match(const char *pattern, const char *path);

#endif
