/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ceilings.h"

/* Resolved here and not only in policy: what was typed may be longer than what a document holds. */
int ceilings_resolve(struct ceilings *out, const struct scheme_set *schemes, const char *const *texts, unsigned count,
					 struct err *err)
{
	*out = (struct ceilings){0};
	if (count > CEILINGS_MAX)
		return err_set(err, ERR_LABEL, "more than %d ceilings", CEILINGS_MAX);
	for (unsigned i = 0; i < count; i++) {
		struct label_ref ref;
		if (label_resolve(&ref, schemes, texts[i], err) < 0)
			return err_wrap(err, "--ceiling: ");
		label_format_id(out->labels[out->count++], ref);
	}
	return policy_normalise_ceilings(schemes, out, err);
}
