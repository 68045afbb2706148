/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_UNIT_H
#define VALISE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* It must succeed; what failed is shown. */
#define expect_ok(call)                                                               \
	do {                                                                              \
		struct err unit_err = ERR_INIT;                                               \
		struct err *err = &unit_err;                                                  \
		if ((call) != 0)                                                              \
			fail_msg("%s: %s: %s", #call, err_name(unit_err.code), unit_err.message); \
	} while (0)

/* It must fail with this code, and the message must hold piece. name tells the row of a table. */
#define expect_failure(call, want, piece, name)                                                                        \
	do {                                                                                                               \
		struct err unit_err = ERR_INIT;                                                                                \
		struct err *err = &unit_err;                                                                                   \
		int unit_rc = (call);                                                                                          \
		if (unit_rc != -1)                                                                                             \
			fail_msg("%s: %s returned %d", (name), #call, unit_rc);                                                    \
		if (unit_err.code != (want) || strstr(unit_err.message, (piece)) == NULL)                                      \
			fail_msg("%s: wanted %s and \"%s\", got %s: %s", (name), err_name(want), (piece), err_name(unit_err.code), \
					 unit_err.message);                                                                                \
	} while (0)

/* Replace the first old in text by new; both borrowed. A row that does not apply is a mistake in the test. */
static inline void unit_replace(struct buf *out, const char *text, const char *old, const char *new_text)
{
	const char *at = strstr(text, old);
	if (at == NULL)
		fail_msg("the document does not hold \"%s\"", old);
	expect_ok(buf_append(out, text, (size_t)(at - text), err));
	expect_ok(buf_append_str(out, new_text, err));
	expect_ok(buf_append_str(out, at + strlen(old), err));
}

#endif
