/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_INPUT_H
#define VALISE_CLI_INPUT_H

#include "base/err.h"

#include <stddef.h>

/* One byte from a person or a pipe, waited for so that Ctrl-C is never missed. Returns 1, 0 at the end, or -1.
 * errors: ERR_CANCELLED, ERR_IO. */
int input_byte(int fd, void *out, struct err *err);

#endif
