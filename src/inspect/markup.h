/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_MARKUP_H
#define VALISE_INSPECT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

/* Text without its tags, for looking for labels, not for showing. */
enum markup {
	MARKUP_HTML,       /* scripts and styles left out; metadata of the page kept as "name:content" */
	MARKUP_XML,        /* every tag parts words */
	MARKUP_PARAGRAPHS, /* office text: only the ends of paragraphs, cells and lines part words */
	MARKUP_PROPERTIES, /* as XML, with the value of a name attribute as "name:" before the text */
	MARKUP_SHEET,      /* as XML; the codes in headers and footers ("&C") part words */
};

/* in: out[room], may not be in itself. Returns how much of out it fills: never more than room, and never more than len.
 * Where the room ends first it stops there and sets *cut. Line feeds are kept, so that lines count as in the source;
 * where tags part words, a form feed stands. Any bytes; linear; never fails. */
size_t markup_to_text(char *out, size_t room, const char *in, size_t len, enum markup kind, bool *cut);

#endif
