/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_LITTLE_H
#define VALISE_BASE_LITTLE_H

#include <stdint.h>

/* Numbers of up to 8 bytes, the lowest first. */

static inline void little_put(unsigned char *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static inline uint64_t little_get(const unsigned char *at, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

#endif
