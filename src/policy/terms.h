/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_TERMS_H
#define VALISE_POLICY_TERMS_H

#include <stdbool.h>
#include <stddef.h>

/* Terms of data-protection law that records and registry entries use: those of the W3C Data Privacy Vocabulary where it
 * has one ("eu-gdpr:A6-1-e"), else of the law itself ("eudpr:48-3-b", Regulation (EU) 2018/1725; "gdpr:10-law"). */
enum term_use {
	TERM_BASIS,      /* legal basis of processing */
	TERM_ARTICLE_9,  /* basis for special categories */
	TERM_ARTICLE_10, /* basis for data on criminal convictions */
	TERM_MECHANISM,  /* by what data may go to a third country */
};
struct term {
	const char *id, *text, *source; /* "eu-gdpr:A46-3-b", "administrative arrangement …", "GDPR Art. 46(3)(b)" */
	enum term_use use;
	bool derogation;   /* a mechanism that needs a written reason */
	bool private_only; /* a mechanism that does not cover public bodies */
	bool adequacy;     /* a mechanism that rests on a decision about the whole country */
	const char *only;  /* a mechanism for this jurisdiction alone; NULL: for any */
};
const struct term *term_find(const char *id, enum term_use use); /* NULL: no such term for this use */
/* All terms of one use, for messages and the manual; NULL behind the last. */
const struct term *term_get(enum term_use use, size_t n);

#endif
