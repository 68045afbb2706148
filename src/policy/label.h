/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_LABEL_H
#define VALISE_POLICY_LABEL_H

#include "policy/scheme.h"

/* Shared by the two halves of label_resolve(). */

/* Refuse what is no label, with the words to write instead. Returns -1. errors: ERR_LABEL. */
int label_refuse(const struct scheme_set *set, const char *text, struct err *err);

/* The label that a word of an earlier version stands for; .label NULL where it stands for none. */
struct label_ref label_of_legacy(const struct scheme *scheme, const struct label_legacy *legacy);

#endif
