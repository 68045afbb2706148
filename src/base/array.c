/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <stdlib.h>

void *array_grow(void *array, uint32_t count, size_t element_size, struct err *err)
{
	if ((count & (count - 1)) != 0)
		return array;
	void *grown = reallocarray(array, count > 0 ? (size_t)count * 2 : 1, element_size);
	if (grown == NULL)
		(void)err_set(err, ERR_MEMORY, "out of memory");
	return grown;
}
