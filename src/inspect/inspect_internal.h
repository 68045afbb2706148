/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_INTERNAL_H
#define VALISE_INSPECT_INTERNAL_H

#include "inspect/inspect.h"

/* Between the readers of different forms: where what they find goes. */

/* Once for each label; the first place counts. where and said are cut where they are longer (foreign text, for messages
 * only). */
void inspection_add(struct inspection *out, struct label_ref label, const char *where, const char *said);

/* JSON: CSAF (document.distribution.tlp.label, words of TLP 1 and 2), STIX 2.0 and 2.1 (object_marking_refs,
 * granular_markings[].marking_ref, marking definitions of the file's own), MISP events (Tag[].name). All places count,
 * whatever the file as a whole is. */
struct json_labels;
int json_labels_new(struct json_labels **out, const struct scheme_set *schemes, struct err *err);
void json_labels_free(struct json_labels *labels);
/* One file: begin, its bytes in any pieces, end. errors: ERR_CONTENT "line 3, column 7: …" where it is no JSON or says
 * a label twice in one object. Where out->not_whole is set at the end, the text may end anywhere. */
void json_labels_begin(struct json_labels *labels, struct inspection *out);
int json_labels_feed(struct json_labels *labels, const char *bytes, size_t len, struct err *err);
int json_labels_end(struct json_labels *labels, struct err *err);

#endif
