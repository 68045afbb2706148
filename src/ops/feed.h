/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_FEED_H
#define VALISE_OPS_FEED_H

#include "bundle/bundle.h"

/* Media fed to one drive in turn, in any order, until nothing of a bundle is missing. Each is copied beside what is
 * being made, so that it may leave the drive. */
struct feed {
	/* A person is asked for the next medium. in: what is missing, in words; where it is looked for by default.
	 * out: *out_path owned: a file or folder; NULL: there is no further one. errors: ERR_CANCELLED, ERR_IO. */
	int (*ask)(void *ctx, const char *missing, const char *place, char **out_path, struct err *err);
	/* What came, or why it was not taken: a repeat, one of another bundle, a stale one. */
	void (*tell)(void *ctx, const char *text);
	void *ctx;
};

/* in: folder_fd: where copies may lie. errors: those of bundle_settle() and the person; that something is missing still
 * is none of them. */
int feed_bundle(struct bundle_opened *bundle, int folder_fd, const struct feed *feed, const struct progress *progress,
				struct err *err);

#endif
