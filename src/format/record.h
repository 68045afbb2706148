/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_RECORD_H
#define VALISE_FORMAT_RECORD_H

#include "base/buf.h"
#include "base/yaml.h"

/* A processing record: by what right personal data are held and go where (GDPR Art. 30(1); Regulation 2018/1725
 * Art. 31). Texts are plain, 1 to RECORD_TEXT_MAX bytes; what some of them must say is policy's (policy/personal.h).
 * One table gives the keys, in the order of writing, and which are always there. */
enum { RECORD_ID_MAX = 63, RECORD_TEXT_MAX = 1024 };
#define RECORD_FIELDS(X)                                     \
	X(CONTROLLER, "controller", YAML_REQUIRED)               \
	X(CONTACT, "contact", YAML_REQUIRED)                     \
	X(DPO, "data-protection-officer", YAML_REQUIRED)         \
	X(PURPOSES, "purposes", YAML_REQUIRED)                   \
	X(SUBJECTS, "data-subjects", YAML_REQUIRED)              \
	X(CATEGORIES, "data-categories", YAML_REQUIRED)          \
	X(NUMBER, "approximate-number", YAML_REQUIRED)           \
	X(RECIPIENTS, "recipients", YAML_REQUIRED)               \
	X(THIRD_COUNTRY, "third-country", YAML_REQUIRED)         \
	X(BASIS, "legal-basis", YAML_REQUIRED)                   \
	X(RETENTION, "retention", YAML_REQUIRED)                 \
	X(MECHANISM, "transfer-mechanism", YAML_OPTIONAL)        \
	X(REFERENCE, "transfer-reference", YAML_OPTIONAL)        \
	X(DEROGATION_REASON, "derogation-reason", YAML_OPTIONAL) \
	X(ARTICLE_9, "article-9-basis", YAML_OPTIONAL)           \
	X(ARTICLE_10, "article-10-basis", YAML_OPTIONAL)         \
	X(KEY_HOLDER, "re-identification-key-holder", YAML_OPTIONAL)

enum record_field {
#define X(name, key, presence) RECORD_##name,
	RECORD_FIELDS(X)
#undef X
		RECORD_FIELD_COUNT
};
extern const char *const record_keys[RECORD_FIELD_COUNT];

struct record {
	char id[RECORD_ID_MAX + 1];      /* [a-z0-9][a-z0-9-]* */
	char *texts[RECORD_FIELD_COUNT]; /* NULL where it is not there; whose they are, its holder says */
};

bool record_id_is_valid(const char *id);
/* The value up next is a mapping of these keys, and of "id" where form says so; else out->id is "". out: texts
 * malloc'd, record_clear(); empty on failure. errors: of yaml, at line and column. */
enum record_form { RECORD_WITH_ID, RECORD_WITHOUT_ID };
int record_read(struct yaml *yaml, struct record *out, enum record_form form, struct err *err);
void record_clear(struct record *record); /* of a record that record_read() made */
/* One flow mapping on a line, as the manifest holds it: {"id": "…", "controller": "…", …}; no LF. */
int record_put(struct buf *out, const struct record *record, struct err *err);

#endif
