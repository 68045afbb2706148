/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what the files of a manifest carry.
 *
 *   records  = *1000( record )                           strictly ascending by id, each named by a marking
 *   markings = *10000( marking )                         none twice
 *   marking  = { "labels": 1*32( [ label, origin ] ), ?"handle-as", ?"releasable-to", ?"caveats", ?"originator",
 *                ?"registration", ?"copy", ?"record", ?"expires" }
 *
 * What a marking does not say is not there: an empty list or text is refused, so that nothing can be said in two ways.
 */
#include "format/card.h"
#include "format/manifest_parts.h"

#include <stdlib.h>
#include <string.h>

/* One marking while it is read; its pointers lead into this. */
struct draft {
	struct manifest_reader *reader;
	struct manifest_marking marking;
	struct manifest_label labels[MANIFEST_LABELS_MAX];
	char handle_as[MANIFEST_LABELS_MAX][LABEL_ID_MAX + 1];
	char releasable[RELEASABLE_MAX][3];
	char caveats[CAVEATS_MAX][CAVEAT_MAX + 1];
	char *caveat_list[CAVEATS_MAX];
	char registration[NUMBER_MAX + 1], copy[NUMBER_MAX + 1], record[RECORD_ID_MAX + 1];
};

static int fail_empty(struct yaml *yaml, struct err *err)
{
	return yaml_fail_value(yaml, err, "is empty; what is not there is left out");
}

/* --- labels --- */

int manifest_read_label_id(struct yaml *yaml, char out[static LABEL_ID_MAX + 1], struct err *err)
{
	if (yaml_read_into(yaml, out, LABEL_ID_MAX + 1, 1, err) != 0)
		return -1;
	return label_id_is_valid(out)
			   ? 0
			   : yaml_fail_value(yaml, err, "must name labels as scheme/id, by a to z, 0 to 9 and -");
}

static int read_label(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	uint32_t *count = &draft->marking.count;
	unsigned origin;
	if (*count == MANIFEST_LABELS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d", MANIFEST_LABELS_MAX);
	struct manifest_label *label = &draft->labels[*count];
	if (yaml_seq_begin(yaml, err) != 0 || manifest_read_label_id(yaml, label->id, err) != 0)
		return -1;
	if (*count > 0 && strcmp(label[-1].id, label->id) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one label twice");
	if (yaml_read_choice(yaml, label_origin_names, LABEL_ORIGIN_COUNT, &origin, err) != 0)
		return -1;
	label->origin = (enum label_origin)origin;
	(*count)++;
	return yaml_seq_end(yaml, err);
}

static int read_labels(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	draft->marking.labels = draft->labels;
	if (yaml_read_seq(yaml, read_label, draft, err) != 0)
		return -1;
	return draft->marking.count > 0 ? 0 : yaml_fail_value(yaml, err, "is empty");
}

static int read_handle(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	uint32_t *count = &draft->marking.handle_as_count;
	if (*count == MANIFEST_LABELS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d", MANIFEST_LABELS_MAX);
	if (manifest_read_label_id(yaml, draft->handle_as[*count], err) != 0)
		return -1;
	if (*count > 0 && strcmp(draft->handle_as[*count - 1], draft->handle_as[*count]) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one label twice");
	(*count)++;
	return 0;
}

static int read_handle_as(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	draft->marking.handle_as = draft->handle_as;
	if (yaml_read_seq(yaml, read_handle, draft, err) != 0)
		return -1;
	return draft->marking.handle_as_count > 0 ? 0 : fail_empty(yaml, err);
}

/* --- releasability --- */

struct countries {
	char (*items)[3]; /* room for RELEASABLE_MAX */
	uint32_t *count;
};

static int read_country(struct yaml *yaml, void *into, struct err *err)
{
	const struct countries *all = into;
	if (*all->count == RELEASABLE_MAX)
		return yaml_fail_value(yaml, err, "names more than %d", RELEASABLE_MAX);
	char *code = all->items[*all->count];
	if (yaml_read_into(yaml, code, sizeof all->items[0], 2, err) != 0)
		return -1;
	if (!jurisdiction_is_valid(code))
		return yaml_fail_value(yaml, err, "must name jurisdictions by two capital letters");
	if (*all->count > 0 && strcmp(all->items[*all->count - 1], code) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted, or names one twice");
	(*all->count)++;
	return 0;
}

static int read_releasable(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	struct countries all = {.items = draft->releasable, .count = &draft->marking.releasable_count};
	draft->marking.releasable = draft->releasable;
	if (yaml_read_seq(yaml, read_country, &all, err) != 0)
		return -1;
	return *all.count > 0 ? 0 : fail_empty(yaml, err);
}

int manifest_read_releasable(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = ((struct manifest_reader *)into)->m;
	m->releasable = calloc(RELEASABLE_MAX, sizeof *m->releasable);
	if (m->releasable == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	struct countries all = {.items = m->releasable, .count = &m->releasable_count};
	return yaml_read_seq(yaml, read_country, &all, err);
}

/* --- the other facts --- */

static int read_caveat(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	uint32_t *count = &draft->marking.caveat_count;
	if (*count == CAVEATS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d", CAVEATS_MAX);
	char *caveat = draft->caveats[*count];
	if (yaml_read_plain_into(yaml, caveat, sizeof draft->caveats[0], 1, err) != 0)
		return -1;
	for (uint32_t i = 0; i < *count; i++)
		if (strcmp(draft->caveats[i], caveat) == 0)
			return yaml_fail_value(yaml, err, "has one twice");
	draft->caveat_list[(*count)++] = caveat;
	return 0;
}

static int read_caveats(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	draft->marking.caveats = draft->caveat_list;
	if (yaml_read_seq(yaml, read_caveat, draft, err) != 0)
		return -1;
	return draft->marking.caveat_count > 0 ? 0 : fail_empty(yaml, err);
}

static int read_originator(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct draft *)into)->marking.originator, err);
}

static int read_registration(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	draft->marking.registration = draft->registration;
	return yaml_read_plain_into(yaml, draft->registration, sizeof draft->registration, 1, err);
}

static int read_copy(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	draft->marking.copy = draft->copy;
	return yaml_read_plain_into(yaml, draft->copy, sizeof draft->copy, 1, err);
}

static int read_record_id(struct yaml *yaml, void *into, struct err *err)
{
	struct draft *draft = into;
	const struct manifest *m = draft->reader->m;
	if (yaml_read_into(yaml, draft->record, sizeof draft->record, 1, err) != 0)
		return -1;
	const struct record *record = manifest_find_record(m, draft->record);
	if (record == NULL)
		return yaml_fail_value(yaml, err, "names a record that is not in \"records\"");
	draft->reader->is_record_used[record - m->records] = true;
	draft->marking.record = draft->record;
	return 0;
}

static int read_expires(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_utc(yaml, &((struct draft *)into)->marking.expires, err);
}

static const struct yaml_field marking_fields[] = {
	{"labels", YAML_REQUIRED, read_labels},
	{"handle-as", YAML_OPTIONAL, read_handle_as},
	{"releasable-to", YAML_OPTIONAL, read_releasable},
	{"caveats", YAML_OPTIONAL, read_caveats},
	{"originator", YAML_OPTIONAL, read_originator},
	{"registration", YAML_OPTIONAL, read_registration},
	{"copy", YAML_OPTIONAL, read_copy},
	{"record", YAML_OPTIONAL, read_record_id},
	{"expires", YAML_OPTIONAL, read_expires},
};

/* --- markings --- */

static int read_marking(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest_reader *r = into;
	struct draft draft = {.reader = r};
	uint32_t number;
	if (r->m->marking_count == MANIFEST_MARKINGS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d", MANIFEST_MARKINGS_MAX);
	if (yaml_read_map(yaml, marking_fields, sizeof marking_fields / sizeof marking_fields[0], &draft, err) != 0)
		return -1;
	uint32_t before = r->m->marking_count;
	if (manifest_add_marking(r->m, &draft.marking, &number, err) != 0)
		return -1;
	return number == before ? 0 : yaml_fail_value(yaml, err, "has the same one twice");
}

int manifest_read_markings(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest_reader *r = into;
	if (!r->has_records)
		return yaml_fail_value(yaml, err, "must stand behind \"records\"");
	r->has_markings = true;
	if (yaml_read_seq(yaml, read_marking, r, err) != 0)
		return -1;
	for (uint32_t i = 0; i < r->m->record_count; i++)
		if (!r->is_record_used[i])
			return yaml_fail(yaml, err, "\"records\" has \"%s\", which no marking names", r->m->records[i].id);
	return 0;
}

/* --- records --- */

static int read_record(struct yaml *yaml, void *into, struct err *err)
{
	struct manifest *m = ((struct manifest_reader *)into)->m;
	AUTO(record_clear) struct record record = {0};
	if (m->record_count == MANIFEST_RECORDS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d", MANIFEST_RECORDS_MAX);
	if (record_read(yaml, &record, RECORD_WITH_ID, err) != 0)
		return -1;
	if (m->record_count > 0 && strcmp(m->records[m->record_count - 1].id, record.id) >= 0)
		return yaml_fail_value(yaml, err, "is not sorted by id, or has one id twice");
	return manifest_add_record(m, &record, err);
}

int manifest_read_records(struct yaml *yaml, void *into, struct err *err)
{
	((struct manifest_reader *)into)->has_records = true;
	return yaml_read_seq(yaml, read_record, into, err);
}
