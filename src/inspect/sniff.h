/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_SNIFF_H
#define VALISE_INSPECT_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/* What a file is, by its first bytes: the forms that organisations exchange, known without a library and in a few
 * microseconds. */
enum form {
	FORM_UNKNOWN, /* bytes that say nothing */
	FORM_EMPTY,
	FORM_BINARY, /* known, without text to look into */
	FORM_TEXT,
	FORM_SCRIPT, /* text that is meant to be run */
	FORM_UTF16,
	FORM_JSON, /* looks like it; only its reader knows */
	FORM_HTML,
	FORM_XML,
	FORM_MAIL,
	FORM_PDF,
	FORM_OFFICE,  /* OOXML or ODF: a zip archive with known members */
	FORM_ZIP,     /* any other; may still be OOXML */
	FORM_ARCHIVE, /* and compressed files */
	FORM_OLE,     /* Office before 2007, and more */
};

struct sniffed {
	enum form form;
	const char *type; /* static; never "" */
};

/* head[len]: the first bytes; whole: there are no more. The more of it there is, the better it is known; 16 KiB are
 * enough. */
struct sniffed sniff(const void *head, size_t len, bool whole);

/* Reads as text: no control characters that text has no use for. Any 8-bit character set; see text_is_utf8(). */
bool sniff_is_text(const void *head, size_t len);

#endif
