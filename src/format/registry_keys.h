/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_REGISTRY_KEYS_H
#define VALISE_FORMAT_REGISTRY_KEYS_H

#include "base/yaml.h"
#include "format/registry_doc.h"

/* What registry_doc.c asks about the keys of partners. */

int registry_read_ends(struct yaml *yaml, void *into, struct err *err);               /* into: the partner */
int registry_put_ends(struct buf *out, const struct key_ends *ends, struct err *err); /* nothing where not known */
int registry_read_former(struct yaml *yaml, void *into, struct err *err);
int registry_put_former(struct buf *out, const struct partner *partner, struct err *err);
/* A time, or "" for no end: 0. */
int registry_read_end(struct yaml *yaml, int64_t *out, struct err *err);
/* No key twice, as present or former one. errors: ERR_REGISTRY. */
int registry_check_keys(const struct registry_doc *doc, struct err *err);

#endif
