/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_PERSONAL_H
#define VALISE_POLICY_PERSONAL_H

#include "policy/decide.h"

/* What data-protection law asks for before personal data travel (valise-labels(5), PERSONAL DATA). Refusals name the
 * article and the field to fill, not the file. */

enum { NEEDS_A_RECORD = 1 << NEED_RECORD | 1 << NEED_KEY_HOLDER | 1 << NEED_ARTICLE_9 | 1 << NEED_ARTICLE_10 };

/* A record by itself: each field that is always there, terms that are known, a retention and a number that can be read,
 * and what needs (1 << enum label_need) ask for beyond. errors: ERR_PERSONAL_DATA. */
int policy_check_record(const struct record *record, unsigned needs, struct err *err);

/* "P6M", "P1Y2M10DT2H30M", "P4W", or a day, "2027-02-28". */
bool policy_is_retention(const char *text);

/* Whether data that go from one jurisdiction to the other leave what both have in common: the same, or both in the
 * European Economic Area ("EU" is in it). "" is not known, and so outside. */
bool policy_is_third_country(const char *from, const char *to);

/* Whether the record's mechanism carries data from one party to another that is in a third country to it: there,
 * known, with its reference, permitted in the other's entry, fit for who it is. errors: ERR_PERSONAL_DATA. */
int policy_check_transfer(const struct record *record, const struct policy_party *from, const struct policy_party *to,
						  struct err *err);

#endif
