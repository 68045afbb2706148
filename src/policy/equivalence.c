/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/equivalence.h"

#include <string.h>

bool equivalence_is_in_date(const struct equivalence *entry, int64_t now)
{
	return entry->since <= now && (entry->until == 0 || now < entry->until);
}

const char *equivalence_find(const struct equivalence_doc *table, const char *from, const char *to_scheme, int64_t now)
{
	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		const struct equivalence *entry = &table->items[i];
		if (strcmp(entry->from, from) == 0 && label_is_of(entry->to, to_scheme) && equivalence_is_in_date(entry, now))
			return entry->to;
	}
	return NULL;
}

static int fail_entry(const struct equivalence *entry, const char *unknown, struct err *err)
{
	(void)err_set(err, ERR_SCHEME, "the entry from %s to %s: there is no label %s here", entry->from, entry->to,
				  unknown);
	return err_hint(err, "`valise scheme list` shows the schemes that are enabled; correct the entry or leave it out");
}

/* Sorted by from, then to: two of one scheme stand side by side. */
static int check_single(const struct equivalence *entry, const struct equivalence *next, struct err *err)
{
	if (strcmp(entry->from, next->from) != 0 || strncmp(entry->to, next->to, strcspn(entry->to, "/") + 1) != 0)
		return 0;
	(void)err_set(err, ERR_SCHEME, "%s counts as both %s and %s", entry->from, entry->to, next->to);
	return err_hint(err, "leave one of the two entries in the table");
}

int equivalence_check(const struct equivalence_doc *table, const struct scheme_set *set, struct err *err)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct equivalence *entry = &table->items[i];
		struct label_ref ref;
		if (!label_find(&ref, set, entry->from))
			return fail_entry(entry, entry->from, err);
		if (!label_find(&ref, set, entry->to))
			return fail_entry(entry, entry->to, err);
		if (i > 0 && check_single(entry - 1, entry, err) != 0)
			return -1;
	}
	return 0;
}
