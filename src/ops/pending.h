/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PENDING_H
#define VALISE_OPS_PENDING_H

#include "base/cleanup.h"
#include "base/err.h"
#include "format/names.h"

#include <stdbool.h>

/* A bundle that waits for approval: STEM.valise-pending, beside it the folder STEM.approve with a message for each
 * approver; STEM.valise once enough people have signed. */

bool pending_is_path(const char *path);

struct pending_names { /* all owned; whole paths, or names, as final was */
	char *pending, *final, *folder;
};
/* in: the final path. errors: ERR_USAGE where it does not end in .valise, ERR_MEMORY. */
int pending_names_make(struct pending_names *out, const char *final, struct err *err);
void pending_names_clear(struct pending_names *names);

/* Take away the folder with its messages, and nothing else that may lie in it. A folder with something else stays. Best
 * effort. */
void pending_folder_remove(int dir_fd, const char *folder);

/* One that is open to be changed: nobody else works on it, and what a crash left is settled. */
struct pending {
	int dir_fd, fd;
	char *dir, *path;           /* owned: the folder, as given; the path */
	struct pending_names names; /* within dir */
};
/* errors: ERR_USAGE where path does not end in .valise-pending, ERR_EXISTS where it has its final name already,
 * ERR_BUSY where another valise works on it, ERR_IO. */
int pending_open(struct pending *out, const char *path, struct err *err);
void pending_close(struct pending *pending);
#define auto_pending AUTO(pending_close) struct pending

/* For those who only read, and change nothing: whether an approval of it was cut off, and `approve` would finish it. */
bool pending_is_interrupted(const char *path);
/* As the hint of what such a file was refused for. */
int pending_tell_interrupted(struct err *err);

/* Enough people have signed: the messages go, the final name comes. errors: ERR_EXISTS, ERR_IO: once more finishes it.
 */
int pending_finish(struct pending *pending, struct err *err);

#endif
