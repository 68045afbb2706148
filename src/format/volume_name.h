/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_VOLUME_NAME_H
#define VALISE_FORMAT_VOLUME_NAME_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names and sizes of volumes, "STEM.2of4.valise", and names of parity volumes, "STEM.p1of2.valise-parity". They are for
 * people: what a volume holds stands in it, and what belongs together is told by the waybill's bytes (valise-format(5),
 * VOLUMES). */

enum { VOLUMES_MAX = 999 }; /* files of one bundle */

struct volume_name {
	const char *stem; /* borrowed from the path: its last component, without what follows */
	size_t stem_len;
	unsigned number, count; /* 1 <= number <= count <= VOLUMES_MAX */
};

/* in: a path. false: it is not named as a volume. */
bool volume_name_parse(struct volume_name *out, const char *path);
bool volume_name_parse_parity(struct volume_name *out, const char *path); /* as a parity volume */

/* Whether both say that they are volumes of one bundle. */
bool volume_name_same_set(const struct volume_name *a, const struct volume_name *b);

/* in: path of the whole bundle, with or without ".valise" at its end. out: the volume's, appended. */
int volume_name_format(struct buf *out, const char *path, unsigned number, unsigned count, struct err *err);
int volume_name_format_parity(struct buf *out, const char *path, unsigned number, unsigned count, struct err *err);

/* The name, without a folder, of the whole bundle that a file is of, by its name: "STEM.valise". */
int volume_name_whole(struct buf *out, const char *path, struct err *err);

/* in: paths of what is there. out: the names that are not there, where all that are named as volumes agree on stem and
 * count: "a.2of4.valise, a.3of4.valise"; nothing appended where they do not, or where nothing is missing by name. */
int volume_name_missing(struct buf *out, const char *const *paths, unsigned count, struct err *err);

/* How large a volume may be. */
#define VOLUME_SIZE_AUTO 0          /* what the file system takes as one file */
#define VOLUME_SIZE_NONE UINT64_MAX /* no volumes */

/* in: text: "4G", "700M", "650Mi" or bytes: K, M, G, T are powers of 1,000, and with i of 1,024; "cd", "dvd", "bd":
 * what such a disc holds, less 1 % for its file system; "auto"; "none". errors: ERR_USAGE. */
int volume_size_parse(uint64_t *out, const char *text, struct err *err);

#endif
