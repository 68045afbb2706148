/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_TEXT_LABELS_H
#define VALISE_INSPECT_TEXT_LABELS_H

#include "inspect/inspect_internal.h"

/* Labels in running text. Two forms:
 *
 *   WORD:WORD   ("TLP:AMBER+STRICT", "PAP:RED"): anywhere, in any case, with blanks and marks of emphasis or quotation
 *               around the colon; words end where letters and digits end
 *   others      ("SECRET", "RESTREINT UE/EU RESTRICTED"): only as a line of their own, exactly as the scheme writes
 *               them; decoration around, "Classification:" before and "//PART" behind may stand there
 *
 * Words of schemes, aliases, machine tags and earlier words that still mean a label all count. */
struct text_labels;
int text_labels_new(struct text_labels **out, const struct scheme_set *schemes, struct err *err);
void text_labels_free(struct text_labels *words);

/* How places in the text are named. Pages end with a form feed; a form feed also ends a line, without being counted. */
struct text_place {
	enum { PLACE_LINE, PLACE_PAGE, PLACE_NAME } kind;
	const char *name; /* of PLACE_NAME: "word/header1.xml"; borrowed */
};

/* text[len]: UTF-8, or any bytes. Linear in len; never fails. */
void text_labels_find(const struct text_labels *words, const char *text, size_t len, struct text_place place,
					  struct inspection *out);

#endif
