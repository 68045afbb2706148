/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_PATH_H
#define VALISE_BASE_PATH_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { PATH_BYTES_MAX = 1024, PATH_COMPONENT_MAX = 255, PATH_DEPTH_MAX = 64 };

/* Whether bytes may name an entry of a bundle (valise-format(5), MANIFEST): relative, plain UTF-8, within the limits,
 * no "." or "..", and not a top-level MANIFEST.*. Returns NULL where fine, else what is wrong ("has a control
 * character"). */
const char *path_entry_fault(const char *path, size_t len);

/* What valise itself may write beside the folders it unpacks: MANIFEST.* at the top, in any case. */
bool path_is_reserved(const char *path, size_t len);

/* The last component, ignoring slashes at the end. Borrowed from path; *out_len its length. */
const char *path_last_component(const char *path, size_t *out_len);

/* dir + "/" + name, malloc'd. errors: ERR_MEMORY. */
int path_join(char **out, const char *dir, const char *name, struct err *err);

/* A name fit for media and for folders that valise makes by itself: [A-Za-z0-9._-]+, not starting with '-' or '.'. */
int path_is_tame(const char *name);

#endif
