/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_MANIFEST_PARTS_H
#define VALISE_FORMAT_MANIFEST_PARTS_H

#include "format/manifest.h"

/* What manifest.c, manifest_parse.c and manifest_format.c share. */

enum { ENTRY_TYPE_COUNT = ENTRY_EXECUTABLE + 1, LABEL_ORIGIN_COUNT = LABEL_FROM_DETECTED + 1 };
extern const char *const entry_type_names[ENTRY_TYPE_COUNT];
extern const char *const label_origin_names[LABEL_ORIGIN_COUNT];

#endif
