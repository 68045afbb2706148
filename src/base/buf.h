/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_BUF_H
#define VALISE_BASE_BUF_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>

/* A growing run of bytes. Zero-initialised is empty; the byte behind the last is always NUL once anything was appended.
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

/* All return 0, or -1 with ERR_MEMORY. */
int buf_reserve(struct buf *buf, size_t more, struct err *err);
int buf_append(struct buf *buf, const void *bytes, size_t len, struct err *err);
int buf_append_str(struct buf *buf, const char *text, struct err *err);
[[gnu::format(printf, 3, 4)]] int buf_printf(struct buf *buf, struct err *err, const char *fmt, ...);

void buf_clear(struct buf *buf); /* frees; the buf is empty and usable again */

#define auto_buf AUTO(buf_clear) struct buf

#endif
