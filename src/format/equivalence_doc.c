/* SPDX-License-Identifier: Apache-2.0 */
#include "format/equivalence_doc.h"

#include "base/array.h"
#include "base/text.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

void equivalence_doc_clear(struct equivalence_doc *doc)
{
	for (uint32_t i = 0; i < doc->count; i++)
		free(doc->items[i].basis);
	free(doc->items);
	*doc = (struct equivalence_doc){0};
}

/* --- one entry --- */

static int read_label(struct yaml *yaml, char out[static LABEL_ID_MAX + 1], struct err *err)
{
	if (yaml_read_into(yaml, out, LABEL_ID_MAX + 1, 1, err) != 0)
		return -1;
	return label_id_is_valid(out) ? 0
								  : yaml_fail_value(yaml, err, "must name a label as scheme/id, such as \"us/secret\"");
}

static int read_from(struct yaml *yaml, void *into, struct err *err)
{
	return read_label(yaml, ((struct equivalence *)into)->from, err);
}

static int read_to(struct yaml *yaml, void *into, struct err *err)
{
	return read_label(yaml, ((struct equivalence *)into)->to, err);
}

static int read_basis(struct yaml *yaml, void *into, struct err *err)
{
	char **basis = &((struct equivalence *)into)->basis;
	if (yaml_read_dup(yaml, basis, 1, EQUIVALENCE_BASIS_MAX, err) != 0)
		return -1;
	return text_is_plain(*basis, strlen(*basis)) ? 0
												 : yaml_fail_value(yaml, err, "holds a control or invisible character");
}

static int read_since(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct equivalence *)into)->since, err);
}

static int read_until(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct equivalence *)into)->until, err);
}

static const struct yaml_field entry_fields[] = {
	{"from", YAML_REQUIRED, read_from},   {"to", YAML_REQUIRED, read_to},       {"basis", YAML_REQUIRED, read_basis},
	{"since", YAML_REQUIRED, read_since}, {"until", YAML_OPTIONAL, read_until},
};

static size_t scheme_len(const char *label)
{
	return strcspn(label, "/");
}

static int check_entry(struct yaml *yaml, const struct equivalence *entry, struct err *err)
{
	size_t len = scheme_len(entry->from);
	if (len == scheme_len(entry->to) && memcmp(entry->from, entry->to, len) == 0)
		return yaml_fail(yaml, err, "%s and %s are of one scheme", entry->from, entry->to);
	if (entry->until != 0 && entry->until <= entry->since)
		return yaml_fail(yaml, err, "\"until\" must be after \"since\"");
	return 0;
}

/* The entry counts before it is read, so that clearing finds what it holds. */
static int read_entry(struct yaml *yaml, void *into, struct err *err)
{
	struct equivalence_doc *doc = into;
	if (doc->count == EQUIVALENCES_MAX)
		return yaml_fail_value(yaml, err, "has more than %d entries", EQUIVALENCES_MAX);
	struct equivalence *grown = array_grow(doc->items, doc->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	doc->items = grown;
	struct equivalence *entry = &grown[doc->count++];
	*entry = (struct equivalence){.basis = NULL};
	if (yaml_read_map(yaml, entry_fields, sizeof entry_fields / sizeof entry_fields[0], entry, err) != 0)
		return -1;
	return check_entry(yaml, entry, err);
}

/* --- the table --- */

static int read_created(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct equivalence_doc *)into)->created, err);
}

static int read_entries(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_entry, into, err);
}

static const struct yaml_field fields[] = {
	{"created", YAML_REQUIRED, read_created},
	{"entries", YAML_REQUIRED, read_entries},
};

static int compare(const void *a, const void *b)
{
	const struct equivalence *x = a, *y = b;
	int order = strcmp(x->from, y->from);
	return order != 0 ? order : strcmp(x->to, y->to);
}

static int sort(struct equivalence_doc *doc, struct err *err)
{
	if (doc->count > 1)
		qsort(doc->items, doc->count, sizeof *doc->items, compare);
	for (uint32_t i = 1; i < doc->count; i++)
		if (compare(&doc->items[i - 1], &doc->items[i]) == 0)
			return err_set(err, ERR_DOCUMENT, "%s is equated with %s twice", doc->items[i].from, doc->items[i].to);
	return 0;
}

int equivalence_doc_parse(struct equivalence_doc *out, const char *bytes, size_t len, struct err *err)
{
	auto_equivalence_doc read = {.items = NULL};
	auto_yaml *yaml = NULL;
	*out = (struct equivalence_doc){.items = NULL};
	if (len == 0 || len > EQUIVALENCE_BYTES_MAX)
		return err_set(err, ERR_DOCUMENT, "an equivalence table has 1 to %d bytes, not %zu", EQUIVALENCE_BYTES_MAX,
					   len);
	if (yaml_open(&yaml, bytes, len, EQUIVALENCE_KIND, ERR_DOCUMENT, err) != 0 ||
		yaml_read_document(yaml, fields, sizeof fields / sizeof fields[0], &read, err) != 0 || sort(&read, err) != 0)
		return -1;
	*out = read;
	read = (struct equivalence_doc){.items = NULL};
	return 0;
}
