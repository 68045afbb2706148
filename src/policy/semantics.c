/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scheme_parse.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

const char *const scheme_combine_names[COMBINE_COUNT] = {
	[COMBINE_MAX] = "max",
	[COMBINE_UNION] = "union",
	[COMBINE_INTERSECTION] = "intersection",
};

static int compare_ids(const void *a, const void *b)
{
	return strcmp((*(const struct label *const *)a)->id, (*(const struct label *const *)b)->id);
}

static int put_label(struct buf *text, const struct label *label, struct err *err)
{
	if (label->rank < 0)
		return buf_printf(text, err, "label %s -\n", label->id);
	return buf_printf(text, err, "label %s %lld\n", label->id, (long long)label->rank);
}

/* valise-format(5), SCHEMES: only what changes a decision. */
int scheme_compute_semantics(struct scheme *scheme, struct err *err)
{
	auto_buf text = {0};
	auto_free const struct label **sorted = calloc(scheme->label_count, sizeof *sorted);
	if (sorted == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < scheme->label_count; i++)
		sorted[i] = &scheme->labels[i];
	qsort(sorted, scheme->label_count, sizeof *sorted, compare_ids);
	if (buf_printf(&text, err, "valise-scheme-semantics 1\nid %s\ncombine %s\nexclusive %s\nrequired %s\nceiling %s\n",
				   scheme->id, scheme_combine_names[scheme->combine], scheme->exclusive ? "yes" : "no",
				   scheme->required ? "yes" : "no", scheme->ceiling ? "yes" : "no") != 0)
		return -1;
	for (size_t i = 0; i < scheme->label_count; i++)
		if (put_label(&text, sorted[i], err) != 0)
			return -1;
	hash_bytes(&scheme->semantics, text.data, text.len);
	return 0;
}
