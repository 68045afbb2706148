/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PARTY_FIELDS_H
#define VALISE_FORMAT_PARTY_FIELDS_H

#include "base/yaml.h"
#include "format/card.h"
#include "format/registry_doc.h"

/* Fields that card, registry and station have in common: each reads the value up next. */

int party_read_name(struct yaml *yaml, char out[static PARTY_NAME_MAX + 1], struct err *err);
int party_read_kind(struct yaml *yaml, enum party_kind *out, struct err *err);
int party_read_jurisdiction(struct yaml *yaml, char out[static 3], struct err *err); /* or "" */
/* name, organisation, kind and jurisdiction, one line each. */
int party_put(struct buf *out, unsigned indent, const struct party *party, struct err *err);

/* A list of "scheme/id", none twice. */
int ceilings_read(struct yaml *yaml, struct ceilings *out, struct err *err);
/* ["tlp/amber", "pd/none"]; NULL is the empty list. */
int ceilings_put(struct buf *out, const struct ceilings *ceilings, struct err *err);

/* communities: ["first"] on a line of its own. errors of _add: ERR_USAGE. */
int communities_add(struct communities *communities, const char *name, struct err *err);
int communities_read(struct yaml *yaml, struct communities *out, struct err *err);
int communities_put(struct buf *out, unsigned indent, const struct communities *communities, struct err *err);

/* A mapping of terms to references. Whether a term exists is policy's to say. errors of _add: ERR_USAGE. */
int mechanisms_add(struct mechanisms *mechanisms, const char *term, const char *reference, struct err *err);
int mechanisms_read(struct yaml *yaml, struct mechanisms *out, struct err *err);
int mechanisms_put(struct buf *out, unsigned indent, const struct mechanisms *mechanisms, struct err *err);

#endif
