/* SPDX-License-Identifier: Apache-2.0 */
/* What of a scheme decides: valise-format(5), SCHEMES. Two stations compare the digest of this text. */
#include "policy/scheme_parse.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A line "key word" for each bit that is set, by the names of the bits in order of bytes. */
static int put_bits(struct buf *text, const char *key, unsigned bits, const char *const names[], unsigned count,
					struct err *err)
{
	const char *words[sizeof bits * 8] = {0};
	size_t used = 0;
	for (unsigned i = 0; i < count; i++)
		if (bits >> i & 1)
			words[used++] = names[i];
	qsort(words, used, sizeof *words, compare_words);
	for (size_t i = 0; i < used; i++)
		if (buf_printf(text, err, "%s %s\n", key, words[i]) != 0)
			return -1;
	return 0;
}

static int put_implies(struct buf *text, const struct label *label, struct err *err)
{
	const char *words[IMPLIES_MAX] = {0};
	for (uint32_t i = 0; i < label->implies_count; i++)
		words[i] = label->implies[i];
	qsort(words, label->implies_count, sizeof *words, compare_words);
	for (uint32_t i = 0; i < label->implies_count; i++)
		if (buf_printf(text, err, "implies %s\n", words[i]) != 0)
			return -1;
	return 0;
}

static int put_constraints(struct buf *text, const struct label *label, struct err *err)
{
	if (put_bits(text, "recipient-kind", label->kinds, party_kind_names, PARTY_KIND_COUNT, err) != 0)
		return -1;
	if (label->audience != AUDIENCE_ANY &&
		buf_printf(text, err, "recipients %s\n", label_audience_names[label->audience]) != 0)
		return -1;
	if (put_bits(text, "needs", label->needs, label_need_names, NEED_COUNT, err) != 0)
		return -1;
	return put_implies(text, label, err);
}

static int put_label(struct buf *text, const struct label *label, struct err *err)
{
	if (label->rank < 0)
		return buf_printf(text, err, "label %s -\n", label->id);
	return buf_printf(text, err, "label %s %lld\n", label->id, (long long)label->rank);
}

int scheme_compute_semantics(struct scheme *scheme, struct err *err)
{
	auto_buf text = {0};
	if (buf_printf(&text, err, "valise-scheme-semantics 1\nid %s\ncombine %s\nexclusive %s\nrequired %s\nceiling %s\n",
				   scheme->id, scheme_combine_names[scheme->combine], scheme->exclusive ? "yes" : "no",
				   scheme->required ? "yes" : "no", scheme->ceiling ? "yes" : "no") != 0)
		return -1;
	for (size_t i = 0; i < scheme->label_count; i++) {
		const struct label *label = &scheme->labels[scheme->by_id[i]];
		if (put_label(&text, label, err) != 0 || put_constraints(&text, label, err) != 0)
			return -1;
	}
	hash_bytes(&scheme->semantics, text.data, text.len);
	return 0;
}
