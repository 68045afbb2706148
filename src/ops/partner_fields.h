/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_FIELDS_H
#define VALISE_OPS_PARTNER_FIELDS_H

#include "format/registry_doc.h"
#include "policy/scheme.h"

/* What an administrator says of a partner, as it is typed after the options of `partner add` and `partner set`. Each
 * replaces what was there; NULL, and a list of no texts, changes nothing. The one word "none", or "", empties where a
 * field may be empty. errors: ERR_USAGE naming the option, ERR_LABEL, ERR_MEMORY. */

int partner_set_jurisdiction(struct partner *partner, const char *code, struct err *err);
int partner_set_ceilings(struct partner *partner, const struct scheme_set *schemes, const char *const *texts,
						 unsigned count, struct err *err);
int partner_set_communities(struct partner *partner, const char *const *names, unsigned count, struct err *err);
int partner_set_mechanisms(struct partner *partner, const char *const *texts, unsigned count, struct err *err);
int partner_set_sector(struct partner *partner, const char *text, struct err *err);
int partner_set_person(struct partner *partner, const char *name, struct err *err);
int partner_set_approvals(struct partner *partner, const char *number, struct err *err);
/* "2027-06-30", whose last second still counts, or a time as in documents. */
int partner_set_valid_until(struct partner *partner, const char *date, struct err *err);

#endif
