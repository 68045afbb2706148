/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_OUTPUT_H
#define VALISE_MEDIA_OUTPUT_H

#include "base/cleanup.h"
#include "base/err.h"
#include "media/paced.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file or folder that appears under its final name whole and on the medium, or not at all: an exclusive temporary
 * beside it
 * (".NAME.part-…"), written, synced, renamed without replacing, folder synced. Freed without commit, it is removed. */
struct output;

enum output_kind {
	OUTPUT_FILE,
	OUTPUT_FOLDER,
	/* A file whose temporary is called NAME.part, which stays where output_keep() says so; what an earlier attempt left
	 * there is taken up again, where it is ours, and gets the mode of a new one. Others may read it. */
	OUTPUT_RESUMED
};

/* in: path of the final name; its parent must exist. errors: ERR_EXISTS where final is there already (also as a
 * dangling link), or NAME.part is and is not ours or no plain file; ERR_BUSY where another one writes to NAME.part,
 * ERR_IO, ERR_NO_SPACE. */
int output_open(struct output **out, const char *path, enum output_kind kind, struct err *err);
void output_free(struct output *output);
static inline void cleanup_output(struct output **o)
{
	output_free(*o);
}
#define auto_output AUTO(cleanup_output) struct output

int output_fd(const struct output *output);
const char *output_final_path(const struct output *output);     /* absolute */
const char *output_temporary_name(const struct output *output); /* without its folder */
/* How many bytes an earlier attempt left; 0 but for OUTPUT_RESUMED. Nothing is known of what they are. */
uint64_t output_found(const struct output *output);
/* Freed without commit, the temporary is not removed. */
void output_keep(struct output *output);
int output_identity(const struct output *output, uint64_t *dev, uint64_t *ino, struct err *err);

/* That both lie on one medium: once that has left, the same path leads to what is beneath. errors: ERR_IO. */
int output_check_together(const struct output *a, const struct output *b, struct err *err);

/* Begins to sync a file that is written, while the caller goes on: what a medium keeps in its own cache it takes long
 * to let go of, and for all of its files at once. output_sync() tells how that ended. */
void output_sync_begin(struct output *output);
/* Data to the medium: fsync for a file, syncfs once for a folder. */
int output_sync(struct output *output, struct err *err);
/* Rename, and sync of the parent folder. After a failed rename nothing is there and output_free() cleans up.
 * After success output_free() only releases. errors: ERR_EXISTS, ERR_IO. */
int output_commit(struct output *output, struct err *err);

/* Another final name in the same folder; before commit. errors: ERR_EXISTS, ERR_IO. */
int output_rename(struct output *output, const char *name, struct err *err);
/* Takes back what was committed, where it belongs to others that could not be: output_free() removes it then. false:
 * its name may still be there. */
bool output_withdraw(struct output *output);

/* All of a file: written, synced, committed. */
int output_finish(struct output *output, const void *bytes, size_t len, struct err *err);
/* A new file of these bytes. out: *out_path its absolute path, malloc'd; may be NULL. errors: as of the steps above. */
int output_write_file(const char *path, const void *bytes, size_t len, char **out_path, struct err *err);

/* Whether its file system has room for so many bytes. errors: ERR_NO_SPACE, ERR_IO. */
int output_check_space(const struct output *output, uint64_t bytes, struct err *err);

/* How it and what is to lie beside it must be written, once its medium has room for that: medium_check_room(). errors:
 * ERR_NO_SPACE, ERR_IO. */
int output_check_medium(const struct output *output, uint64_t need, uint64_t largest, enum paced_care *care,
						struct err *err);

/* Whether a name is one that is given to what is not finished, ".NAME.part-TOKEN". */
bool output_is_temporary(const char *name);

#endif
