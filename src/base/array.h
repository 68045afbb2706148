/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_ARRAY_H
#define VALISE_BASE_ARRAY_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Arrays that grow by one: they have room for the power of two above their count, so the count alone tells when they
 * are full. in: array of count elements, each grown this way; NULL for none. out: the array with room for one more,
 * itself or moved; NULL with ERR_MEMORY, and array is as it was. */
void *array_grow(void *array, uint32_t count, size_t element_size, struct err *err);

#endif
