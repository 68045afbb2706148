/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_EQUIVALENCE_H
#define VALISE_POLICY_EQUIVALENCE_H

#include "format/equivalence_doc.h"
#include "policy/scheme.h"

bool equivalence_is_in_date(const struct equivalence *entry, int64_t now);

/* What a label of one scheme counts as in another: only what the table says for today, never chained, never guessed.
 * in: from "scheme/id", to_scheme an id; table NULL: none. The label's id in to_scheme ("us/secret"), or NULL. */
const char *equivalence_find(const struct equivalence_doc *table, const char *from, const char *to_scheme, int64_t now);

/* The table against the schemes that are here: labels known, no label equated with two of one scheme.
 * errors: ERR_SCHEME naming the entry. */
int equivalence_check(const struct equivalence_doc *table, const struct scheme_set *set, struct err *err);

#endif
