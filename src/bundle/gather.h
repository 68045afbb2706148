/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BUNDLE_GATHER_H
#define VALISE_BUNDLE_GATHER_H

#include "bundle/bundle.h"

/* A bundle whose files come one after the other, on media that are fed to one drive. */

/* One more file of a bundle that is open already. On failure it is as it was.
 * errors: ERR_EXISTS where all that it holds is here; ERR_FOREIGN_VOLUME; ERR_SUMS; ERR_LIMIT; those of bundle_open().
 */
int bundle_add(struct bundle_opened *bundle, const char *path, struct err *err);

/* Files that lie on another device than the folder are copied into it, without a name, and read from there: their
 * medium may leave. What is read later is held against the signed digests as before. errors: ERR_TRUNCATED, ERR_IO,
 * ERR_NO_SPACE, ERR_CANCELLED. */
int bundle_settle(struct bundle_opened *bundle, int folder_fd, const struct progress *progress, struct err *err);

#endif
