/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PEN_H
#define VALISE_OPS_PEN_H

#include "base/buf.h"
#include "base/hash.h"

#include <stdbool.h>

/* Writes a new text file piece by piece: gathered in memory, written in large pieces, hashed on the way, so that
 * nothing is read again and length does not matter. It keeps its first failure, so that only pen_close() is asked. */
struct pen {
	struct buf text; /* not written yet */
	int fd;          /* -1: a pen that only gathers */
	struct hash *hash;
	const char *name;
	struct err *err;
	bool failed;
};

/* in: dir_fd a folder; name borrowed until the pen is closed, must not be there yet; err is where failures go.
 * out: close or drop it. errors: ERR_IO, ERR_EXISTS, ERR_NO_SPACE, ERR_MEMORY. */
int pen_open(struct pen *out, int dir_fd, const char *name, struct err *err);
/* Without a file: what was put is in text. */
struct pen pen_gather(struct err *err);
/* errors: the first failure of all. digest: of all bytes; NULL where nobody asks. */
int pen_close(struct pen *pen, struct digest *digest);
void pen_drop(struct pen *pen);
#define auto_pen AUTO(pen_drop) struct pen

void pen_bytes(struct pen *pen, const void *bytes, size_t len);
void pen_str(struct pen *pen, const char *text);
[[gnu::format(printf, 2, 3)]] void pen_printf(struct pen *pen, const char *fmt, ...);
void pen_plain(struct pen *pen, const char *text); /* foreign text, as text_escape() shows it */
void pen_html(struct pen *pen, const char *text);  /* the same, between tags or in a quoted attribute of HTML */
/* A relative path as URL: all but letters, digits, "-._~" and "/" percent-encoded. */
void pen_href(struct pen *pen, const char *path);

#endif
