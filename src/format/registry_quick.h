/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_REGISTRY_QUICK_H
#define VALISE_FORMAT_REGISTRY_QUICK_H

#include "format/registry_doc.h"

/* A registry of thousands of partners costs the YAML parser a tenth of a second, at every command. This reads only the
 * very text that registry_doc_format() writes, line by line, and nothing that registry_doc_parse() would not read in
 * the same way. out: owned, registry_doc_clear(). Returns false, with *out empty, for whatever is else, also where
 * memory is out: registry_doc_parse() then judges, and says why. */
bool registry_quick_parse(struct registry_doc *out, const char *bytes, size_t len);

#endif
