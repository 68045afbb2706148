/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int buf_reserve(struct buf *buf, size_t more, struct err *err)
{
	if (more >= SIZE_MAX / 2 - buf->len)
		return err_set(err, ERR_MEMORY, "out of memory");
	size_t need = buf->len + more + 1;
	if (need <= buf->cap)
		return 0;
	size_t cap = buf->cap + buf->cap / 2;
	if (cap < need)
		cap = need;
	if (cap < 64)
		cap = 64;
	char *data = realloc(buf->data, cap);
	if (data == NULL)
		return err_set(err, ERR_MEMORY, "out of memory for %zu bytes", cap);
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int buf_append(struct buf *buf, const void *bytes, size_t len, struct err *err)
{
	if (buf_reserve(buf, len, err) < 0)
		return -1;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_append_str(struct buf *buf, const char *text, struct err *err)
{
	return buf_append(buf, text, strlen(text), err);
}

int buf_printf(struct buf *buf, struct err *err, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	int rc = len < 0 ? err_set(err, ERR_INTERNAL, "cannot format text") : buf_reserve(buf, (size_t)len, err);
	if (rc == 0) {
		(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	return rc;
}

void buf_clear(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}
