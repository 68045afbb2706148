/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LABEL_H
#define VALISE_OPS_LABEL_H

#include "format/label_file.h"
#include "ops/detect.h"
#include "ops/session.h"

/* What a folder holds and says, before anybody labels it. */
struct label_look {
	struct scan scan;
	struct manifest manifest; /* entries and media types */
	struct detected detected;
	char *path; /* where its label file belongs: DIR/.valise-labels.yaml */
};
void label_look_clear(struct label_look *look);
#define auto_label_look AUTO(label_look_clear) struct label_look

/* errors: ERR_USAGE where dir is no folder; ERR_EXISTS where it has a label file; those of scan_paths(), detect_all().
 */
int label_look(const struct session *session, const char *dir, const struct progress *progress, struct label_look *out,
			   struct err *err);

/* How many files say a label inside, and the first of them. Most first; out: malloc'd. */
struct label_count {
	struct label_ref label;
	uint32_t files;
	uint32_t first; /* number in detected.labels */
};
int label_count(const struct label_look *look, struct label_count **out, size_t *out_count, struct err *err);

/* Write the label file that a person confirmed, whole or not at all. errors: ERR_EXISTS, ERR_IO, ERR_NO_SPACE. */
int label_write(const struct label_look *look, const struct label_file *file, struct err *err);

#endif
