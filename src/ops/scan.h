/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SCAN_H
#define VALISE_OPS_SCAN_H

#include "base/buf.h"
#include "format/manifest.h"

#include <stdint.h>
#include <time.h>

/* What is to be packed: the entries of the manifest, and for each where its bytes are, so that reading can tell whether
 * the file is still the one that was looked at. */

struct scan_root {
	int fd;                /* the folder that holds the named thing; for a folder the thing itself is below it */
	char *path;            /* as given by the person, for messages */
	char *name;            /* the component that it is stored under */
	char *target;          /* its name below fd, where PATH itself was a symlink or ended in "." */
	struct buf label_file; /* the bytes of its .valise-labels.yaml, which is no entry */
	bool has_label_file;
};

struct scan_source {
	uint32_t root;
	uint64_t dev, ino;
	struct timespec mtime, ctime;
};

struct scan {
	struct scan_root *roots;
	uint32_t root_count;
	struct scan_source *sources; /* one an entry, in the manifest's order */
	uint32_t source_count;
};

void scan_clear(struct scan *scan);
#define auto_scan AUTO(scan_clear) struct scan

/* Walk the paths, following no link inside them; fill manifest->entries (sorted; without offset, digest and marking)
 * and *out. A folder's label file at its top is read, and is no entry. errors: ERR_USAGE where two paths have one name;
 * ERR_CONTENT for links, devices, sockets, hard links, names that cannot travel, label files further down, and nothing
 * at all; ERR_IO; ERR_LIMIT; ERR_CANCELLED. */
int scan_paths(const char *const *paths, unsigned count, struct scan *out, struct manifest *manifest, struct err *err);

/* How the label file of a root is called in messages: "reports/.valise-labels.yaml". errors: ERR_MEMORY. */
int scan_label_file_name(struct buf *out, const struct scan_root *root, struct err *err);

/* Open an entry's file for reading, if it is the very one that was scanned. *out_fd owned. errors: ERR_CHANGED, ERR_IO.
 */
int scan_open(const struct scan *scan, const struct manifest *manifest, uint32_t entry, int *out_fd, struct err *err);
/* After the last byte: it must not have changed meanwhile. errors: ERR_CHANGED. */
int scan_check_unchanged(const struct scan *scan, const struct manifest *manifest, uint32_t entry, int fd,
						 struct err *err);
/* ERR_CHANGED in the words that all use. Returns -1. */
int scan_changed(const char *path, struct err *err);

#endif
