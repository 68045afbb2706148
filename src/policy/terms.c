/* SPDX-License-Identifier: Apache-2.0 */
/* The ids "eu-gdpr:…" are those of the W3C Data Privacy Vocabulary 2.3, legal basis modules for the GDPR; the words
 * beside them are ours. */
#include "policy/terms.h"

#include <string.h>

#define EUDPR "Regulation (EU) 2018/1725 Art. "

static const struct term terms[] = {
	/* legal basis */
	{"eu-gdpr:A6-1-a", "consent", "GDPR Art. 6(1)(a)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-a-explicit-consent", "explicit consent", "GDPR Art. 6(1)(a)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-a-non-explicit-consent", "consent that is not explicit", "GDPR Art. 6(1)(a)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-b", "a contract with the person", "GDPR Art. 6(1)(b)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-b-contract-performance", "carrying out a contract", "GDPR Art. 6(1)(b)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-b-enter-into-contract", "steps before a contract", "GDPR Art. 6(1)(b)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-c", "a legal obligation", "GDPR Art. 6(1)(c)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-d", "vital interests", "GDPR Art. 6(1)(d)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-d-data-subject", "vital interests of the person", "GDPR Art. 6(1)(d)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-d-natural-person", "vital interests of somebody else", "GDPR Art. 6(1)(d)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-e", "a public task", "GDPR Art. 6(1)(e)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-e-official-authority", "official authority", "GDPR Art. 6(1)(e)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-e-public-interest", "a task in the public interest", "GDPR Art. 6(1)(e)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-f", "legitimate interests", "GDPR Art. 6(1)(f)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-f-controller", "the controller's legitimate interests", "GDPR Art. 6(1)(f)", .use = TERM_BASIS},
	{"eu-gdpr:A6-1-f-third-party", "another's legitimate interests", "GDPR Art. 6(1)(f)", .use = TERM_BASIS},
	{"eudpr:5-1-a", "a public task of a Union body", EUDPR "5(1)(a)", .use = TERM_BASIS},
	{"eudpr:5-1-b", "a legal obligation of a Union body", EUDPR "5(1)(b)", .use = TERM_BASIS},
	{"eudpr:5-1-c", "a contract with the person", EUDPR "5(1)(c)", .use = TERM_BASIS},
	{"eudpr:5-1-d", "consent", EUDPR "5(1)(d)", .use = TERM_BASIS},
	{"eudpr:5-1-e", "vital interests", EUDPR "5(1)(e)", .use = TERM_BASIS},

	/* special categories */
	{"eu-gdpr:A9-2-a", "explicit consent", "GDPR Art. 9(2)(a)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-b", "employment and social law", "GDPR Art. 9(2)(b)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-c", "vital interests", "GDPR Art. 9(2)(c)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-d", "work of a not-for-profit body", "GDPR Art. 9(2)(d)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-e", "made public by the person", "GDPR Art. 9(2)(e)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-f", "legal claims and courts", "GDPR Art. 9(2)(f)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-g", "substantial public interest", "GDPR Art. 9(2)(g)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-h", "health and social care", "GDPR Art. 9(2)(h)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-i", "public health", "GDPR Art. 9(2)(i)", .use = TERM_ARTICLE_9},
	{"eu-gdpr:A9-2-j", "archives, research, statistics", "GDPR Art. 9(2)(j)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-a", "explicit consent", EUDPR "10(2)(a)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-b", "employment and social law", EUDPR "10(2)(b)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-c", "vital interests", EUDPR "10(2)(c)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-d", "work of a not-for-profit body", EUDPR "10(2)(d)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-e", "made public by the person", EUDPR "10(2)(e)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-f", "legal claims and the Court of Justice", EUDPR "10(2)(f)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-g", "substantial public interest", EUDPR "10(2)(g)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-h", "health and social care", EUDPR "10(2)(h)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-i", "public health", EUDPR "10(2)(i)", .use = TERM_ARTICLE_9},
	{"eudpr:10-2-j", "archives, research, statistics", EUDPR "10(2)(j)", .use = TERM_ARTICLE_9},

	/* criminal convictions and offences; the articles have no letters */
	{"gdpr:10-authority", "under the control of official authority", "GDPR Art. 10", .use = TERM_ARTICLE_10},
	{"gdpr:10-law", "authorised by Union or national law", "GDPR Art. 10", .use = TERM_ARTICLE_10},
	{"eudpr:11-authority", "under the control of official authority", EUDPR "11", .use = TERM_ARTICLE_10},
	{"eudpr:11-law", "authorised by Union law", EUDPR "11", .use = TERM_ARTICLE_10},

	/* transfer to third countries */
	{"eu-gdpr:A45-3", "adequacy decision", "GDPR Art. 45(3)", .use = TERM_MECHANISM, .adequacy = true},
	{"gdpr:45-3-dpf", "EU-US Data Privacy Framework", "GDPR Art. 45(3), Decision (EU) 2023/1795", .use = TERM_MECHANISM,
	 .private_only = true, .adequacy = true, .only = "US"},
	{"eu-gdpr:A46-2-a", "legal instrument between public bodies", "GDPR Art. 46(2)(a)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-2-b", "binding corporate rules", "GDPR Art. 46(2)(b)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-2-c", "standard clauses of the Commission", "GDPR Art. 46(2)(c)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-2-d", "standard clauses of an authority", "GDPR Art. 46(2)(d)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-2-e", "code of conduct", "GDPR Art. 46(2)(e)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-2-f", "certification", "GDPR Art. 46(2)(f)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-3-a", "contractual clauses, authorised", "GDPR Art. 46(3)(a)", .use = TERM_MECHANISM},
	{"eu-gdpr:A46-3-b", "administrative arrangement, authorised", "GDPR Art. 46(3)(b)", .use = TERM_MECHANISM},
	{"eudpr:47-1", "adequacy decision", EUDPR "47(1)", .use = TERM_MECHANISM, .adequacy = true},
	{"eudpr:47-1-dpf", "EU-US Data Privacy Framework", EUDPR "47(1), Decision (EU) 2023/1795", .use = TERM_MECHANISM,
	 .private_only = true, .adequacy = true, .only = "US"},
	{"eudpr:48-2-a", "legal instrument between public bodies", EUDPR "48(2)(a)", .use = TERM_MECHANISM},
	{"eudpr:48-2-b", "standard clauses of the Commission", EUDPR "48(2)(b)", .use = TERM_MECHANISM},
	{"eudpr:48-2-c", "standard clauses of the EDPS", EUDPR "48(2)(c)", .use = TERM_MECHANISM},
	{"eudpr:48-2-d", "a processor's rules, code or certificate", EUDPR "48(2)(d)", .use = TERM_MECHANISM},
	{"eudpr:48-3-a", "contractual clauses, authorised by the EDPS", EUDPR "48(3)(a)", .use = TERM_MECHANISM},
	{"eudpr:48-3-b", "administrative arrangement, authorised by the EDPS", EUDPR "48(3)(b)", .use = TERM_MECHANISM},

	/* derogations */
	{"eu-gdpr:A49-1-a", "explicit consent to the transfer", "GDPR Art. 49(1)(a)", .use = TERM_MECHANISM,
	 .derogation = true},
	{"eu-gdpr:A49-1-b", "a contract with the person", "GDPR Art. 49(1)(b)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-1-c", "a contract for the person", "GDPR Art. 49(1)(c)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-1-d", "important public interest", "GDPR Art. 49(1)(d)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-1-e", "legal claims", "GDPR Art. 49(1)(e)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-1-f", "vital interests", "GDPR Art. 49(1)(f)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-1-g", "a public register", "GDPR Art. 49(1)(g)", .use = TERM_MECHANISM, .derogation = true},
	{"eu-gdpr:A49-2", "compelling legitimate interests, once", "GDPR Art. 49(1), second subparagraph",
	 .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-a", "explicit consent to the transfer", EUDPR "50(1)(a)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-b", "a contract with the person", EUDPR "50(1)(b)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-c", "a contract for the person", EUDPR "50(1)(c)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-d", "important public interest", EUDPR "50(1)(d)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-e", "legal claims", EUDPR "50(1)(e)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-f", "vital interests", EUDPR "50(1)(f)", .use = TERM_MECHANISM, .derogation = true},
	{"eudpr:50-1-g", "a public register", EUDPR "50(1)(g)", .use = TERM_MECHANISM, .derogation = true},
};
enum { TERMS = sizeof terms / sizeof *terms };

const struct term *term_find(const char *id, enum term_use use)
{
	for (size_t i = 0; i < TERMS; i++)
		if (terms[i].use == use && strcmp(terms[i].id, id) == 0)
			return &terms[i];
	return NULL;
}

const struct term *term_get(enum term_use use, size_t n)
{
	for (size_t i = 0; i < TERMS; i++)
		if (terms[i].use == use && n-- == 0)
			return &terms[i];
	return NULL;
}
