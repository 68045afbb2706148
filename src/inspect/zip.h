/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_ZIP_H
#define VALISE_INSPECT_ZIP_H

#include "inspect/text_labels.h"

/* Labels in the texts, headers, footers and properties of an office document (OOXML, ODF: zip archives).
 * in: fd: the whole file, its offset is moved.
 * out: *out_type: the media type that its members tell, static; NULL where they tell none, and then nothing was looked
 * at. What hinders stands in out->not_read.
 * errors: ERR_CANCELLED, ERR_MEMORY, ERR_IO where the file itself cannot be read. */
int office_labels(const struct text_labels *labels, int fd, struct inspection *out, const char **out_type,
				  struct err *err);

#endif
