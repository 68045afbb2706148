/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pen.h"

#include "base/io.h"
#include "base/text.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE_BYTES = 256 << 10 };

int pen_open(struct pen *out, int dir_fd, const char *name, struct err *err)
{
	*out = (struct pen){.fd = -1, .name = name, .err = err};
	if (hash_new(&out->hash, err) < 0)
		return -1;
	out->fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return out->fd >= 0 ? 0 : err_sys(err, "cannot create %s", name);
}

struct pen pen_gather(struct err *err)
{
	return (struct pen){.fd = -1, .name = "text", .err = err};
}

void pen_drop(struct pen *pen)
{
	buf_clear(&pen->text);
	hash_free(pen->hash);
	if (pen->fd >= 0)
		(void)close(pen->fd);
	*pen = (struct pen){.fd = -1};
}

static void pen_write(struct pen *pen)
{
	if (pen->failed || pen->fd < 0)
		return;
	hash_update(pen->hash, pen->text.data, pen->text.len);
	if (io_write_all(pen->fd, pen->text.data, pen->text.len, pen->err) < 0) {
		(void)err_wrap(pen->err, "%s: ", pen->name);
		pen->failed = true;
	}
	pen->text.len = 0;
}

int pen_close(struct pen *pen, struct digest *digest)
{
	pen_write(pen);
	if (!pen->failed && pen->fd >= 0) {
		if (digest != NULL)
			hash_finish(pen->hash, digest);
		if (close(steal_fd(&pen->fd)) < 0)
			return err_sys(pen->err, "cannot close %s", pen->name);
	}
	return pen->failed ? -1 : 0;
}

void pen_bytes(struct pen *pen, const void *bytes, size_t len)
{
	pen->failed = pen->failed || buf_append(&pen->text, bytes, len, pen->err) < 0;
	if (pen->text.len >= PIECE_BYTES)
		pen_write(pen);
}

void pen_str(struct pen *pen, const char *text)
{
	pen_bytes(pen, text, strlen(text));
}

void pen_printf(struct pen *pen, const char *fmt, ...)
{
	va_list args;
	auto_free char *text = NULL;
	va_start(args, fmt);
	int len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len >= 0) {
		pen_bytes(pen, text, (size_t)len);
		return;
	}
	text = NULL;
	pen->failed = true;
	(void)err_set(pen->err, ERR_MEMORY, "out of memory");
}

void pen_plain(struct pen *pen, const char *text)
{
	pen->failed = pen->failed || text_escape(&pen->text, text, strlen(text), pen->err) < 0;
}

/* How much at the start of text stands for itself, in ASCII: mostly all of it. */
static size_t harmless(const char *text)
{
	size_t i = 0;
	while (text[i] >= 0x20 && text[i] < 0x7F && strchr("&<>\"'", text[i]) == NULL)
		i++;
	return i;
}

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void pen_html(struct pen *pen, const char *text)
{
	auto_buf shown = {0};
	size_t len = harmless(text);
	pen_bytes(pen, text, len);
	if (text[len] == '\0')
		return;
	pen->failed = pen->failed || text_escape(&shown, text + len, strlen(text + len), pen->err) < 0;
	for (size_t i = 0; i < shown.len; i++) {
		const char *entity = entity_of(shown.data[i]);
		if (entity != NULL)
			pen_str(pen, entity);
		else
			pen_bytes(pen, &shown.data[i], 1);
	}
}

static bool stands_for_itself(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		   c == '_' || c == '~' || c == '/';
}

void pen_href(struct pen *pen, const char *path)
{
	while (*path != '\0') {
		size_t len = 0;
		while (stands_for_itself((unsigned char)path[len]))
			len++;
		pen_bytes(pen, path, len);
		path += len;
		if (*path != '\0')
			pen_printf(pen, "%%%02X", (unsigned)(unsigned char)*path++);
	}
}
