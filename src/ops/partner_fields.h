/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARTNER_FIELDS_H
#define VALISE_OPS_PARTNER_FIELDS_H

#include "format/registry_doc.h"
#include "policy/scheme.h"

/* What an administrator says of a partner, as it is typed after the options of `partner add` and `partner set`: NULL,
 * and a list of no texts, changes nothing. The one word "none", or "", empties where a field may be empty. All
 * borrowed.
 */
struct partner_settings {
	const char *alias; /* see registry_change.h: an alias is more than a field */
	unsigned roles;    /* 0: stay */
	const char *const *ceilings;
	unsigned ceiling_count;
	const char *const *communities;
	unsigned community_count;
	const char *const *mechanisms; /* "TERM=REFERENCE" */
	unsigned mechanism_count;
	const char *jurisdiction, *sector, *person, *approvals;
	const char *valid_until; /* "2027-06-30", whose last second still counts, or a time as in documents */
};

/* All of them but the alias. Each replaces what was there; on failure some may have. errors: ERR_USAGE naming the
 * option, ERR_LABEL, ERR_MEMORY. */
int partner_set_fields(struct partner *partner, const struct scheme_set *schemes,
					   const struct partner_settings *settings, struct err *err);

/* A name that was typed after --option reads as itself and as no other. errors: ERR_USAGE. */
int name_option_check(const char *option, const char *name, struct err *err);

#endif
