/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_TERMINAL_H
#define VALISE_CLI_TERMINAL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* What stands between the program and the eyes of a person: colour, escaping of foreign text, questions. */

enum colour_mode { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_BOLD, STYLE_DIM };

struct screen { /* standard output, or standard error */
	FILE *file;
	bool is_terminal, colour;
	unsigned columns; /* 80 where it is no terminal */
};

enum { TERMINAL_RING = 32 };
struct terminal {
	struct screen out, err;
	bool utf8;    /* what the person reads may hold more than ASCII of our own */
	bool can_ask; /* a person sits in front of standard input and standard error */
	struct buf ring[TERMINAL_RING];
	unsigned ring_at;
};

void terminal_init(struct terminal *terminal, enum colour_mode mode);
void terminal_clear(struct terminal *terminal);

/* Foreign text made harmless (text_escape). Every string that did not come from this program's source passes here
 * before it is printed. out: valid until TERMINAL_RING further calls of functions that return text of the terminal. */
const char *safe(struct terminal *terminal, const char *foreign);

/* A copy of text, which is safe already, that lives as safe()'s. */
const char *ring_keep(struct terminal *terminal, const char *text);

/* text, which is safe already, in a style; unchanged where the screen has no colour. Lives as safe()'s. */
const char *styled(struct terminal *terminal, const struct screen *screen, enum style style, const char *text);
/* The same with colours of a label; each three bytes of red, green, blue. */
const char *painted(struct terminal *terminal, const struct screen *screen, const unsigned char colour[static 3],
					const unsigned char background[static 3], const char *text);

/* Print text, which is safe already, wrapped at the screen's width (at most 100 columns), later lines indented; LF at
 * the end. So foreign text never begins a line of its own by being wide. column: where the cursor stands. */
void screen_wrap(const struct screen *screen, unsigned column, unsigned indent, const char *text);

/* A question that only yes answers. errors: ERR_DECLINED, ERR_CANCELLED, ERR_IO. in: terminal->can_ask. */
int terminal_confirm(struct terminal *terminal, const char *question, struct err *err);
/* A line, without LF, of at most size - 1 bytes. errors: ERR_DECLINED at end of input, ERR_USAGE where too long,
 * ERR_CANCELLED. */
int terminal_ask(struct terminal *terminal, const char *question, char *out, size_t size, struct err *err);

/* The terminal that this process was started at, for pinentry: sets GPG_TTY where it is missing. false: there is none.
 */
bool terminal_export_tty(void);

#endif
