/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 32 };

/* Levenshtein's distance, two neighbours swapped counting once. Words longer than any option are far from all of them.
 */
static unsigned word_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	unsigned cost[WORD_MAX + 1][WORD_MAX + 1];
	for (size_t i = 0; i <= a_len; i++)
		cost[i][0] = (unsigned)i;
	for (size_t j = 0; j <= b_len; j++)
		cost[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t j = 1; j <= b_len; j++) {
			unsigned best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (cost[i - 1][j] + 1 < best)
				best = cost[i - 1][j] + 1;
			if (cost[i][j - 1] + 1 < best)
				best = cost[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && cost[i - 2][j - 2] + 1 < best)
				best = cost[i - 2][j - 2] + 1;
			cost[i][j] = best;
		}
	return cost[a_len][b_len];
}

const char *nearest_word(const char *typed, const char *const candidates[])
{
	const char *nearest = NULL;
	unsigned least = strlen(typed) < 4 ? 2 : 3; /* as many mistakes are no longer a slip */
	for (; *candidates != NULL; candidates++) {
		unsigned distance = word_distance(typed, *candidates);
		bool begun = strlen(typed) >= 3 && strncmp(*candidates, typed, strlen(typed)) == 0;
		if (begun && distance >= least)
			distance = least - 1;
		if (distance < least) {
			least = distance;
			nearest = *candidates;
		}
	}
	return nearest;
}
