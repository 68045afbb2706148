/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_SCHEME_PARSE_H
#define VALISE_POLICY_SCHEME_PARSE_H

#include "policy/scheme.h"

/* The end of a hint, with the scheme's id. */
#define SCHEME_HOW_TO_ACCREDIT "name the accreditation of \"%s\" under \"accreditations\" in station.yaml"

/* One scheme file (valise-labels(5), SCHEME FILES), checked in all that can be said of it alone; semantics included.
 * out: *out owned, scheme_clear(), empty on failure.
 * errors: ERR_SCHEME with line and column, or naming the label; ERR_VERSION, ERR_MEMORY. */
int scheme_parse(struct scheme *out, const char *bytes, size_t len, struct err *err);
void scheme_clear(struct scheme *scheme);

/* valise-format(5), SCHEMES: a digest of what changes a decision, and of nothing else. errors: ERR_MEMORY. */
int scheme_compute_semantics(struct scheme *scheme, struct err *err);

/* As strcmp(), but the case of A to Z does not count. */
int tag_compare(const char *a, const char *b);

/* Whether text has the form scheme/id, each [a-z0-9-]+. */
bool label_has_id_form(const char *text);

#endif
