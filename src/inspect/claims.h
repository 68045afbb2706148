/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_CLAIMS_H
#define VALISE_INSPECT_CLAIMS_H

#include "inspect/sniff.h"

/* What a file's name claims that it is. */
struct claim {
	const char *extensions; /* "jpg jpeg": lower case */
	const char *type;       /* the first of those that it may hold */
	const char *also;       /* more of them, blanks between; "text/" stands for all that begin so; NULL: none */
	enum {
		CLAIM_PLAIN,
		CLAIM_SCRIPT, /* a script may call itself so */
		CLAIM_ASK,    /* sniff() does not know all of its forms: libmagic is worth asking */
	} kind;
};

const struct claim *claim_find(const char *path); /* NULL where the name says nothing that is known */
bool claim_holds(const struct claim *claim, const char *type);
/* The same for what sniff() says: a script is no plain text. */
bool claim_holds_form(const struct claim *claim, struct sniffed sniffed);
bool claim_is(const struct claim *claim, const char *type); /* that claim may be NULL */

#endif
