/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LOOK_INTERNAL_H
#define VALISE_OPS_LOOK_INTERNAL_H

#include "ops/look.h"

/* What the files look*.c share. */

struct looking {
	struct look *out;
	const struct look_request *request;
	const struct progress *progress;
	struct pool *pool; /* owned; made for the first bundle */
	int64_t now;
};

/* What one bundle after the other is judged with. */
struct look_job {
	const struct looking *looking;
	struct session session; /* with have_session */
	bool have_session;
	struct trust_homes homes; /* one gpg home a signer serves all its bundles */
	struct look_file file;    /* owned while it is judged */
	uint32_t index;           /* its place in files[] */
	int fd;                   /* owned */
};

/* One name of a place: the visitor of look_walk(). ctx: struct looking. */
enum look_answer look_visit(void *ctx, const struct look_entry *entry, struct err *err);

/* The bundle files[index] is judged, now or soon; its place is empty until then. in: fd, taken. errors: those of this
 * machine alone, also of a bundle that was handed in before. */
int look_submit(struct looking *looking, uint32_t index, int fd, struct err *err);
/* All of them are. errors: as above. */
int look_wait(struct looking *looking, struct err *err);

/* What is the matter with this machine, not with a file on the stick: looking at the next one makes no sense. */
bool look_is_fatal(enum err_code code);
/* Keeps the reason with the file. errors: the fault itself where it is fatal, ERR_MEMORY. */
int look_note_fault(struct look_file *file, const struct err *fault, struct err *err);
char *look_text(const char *text, struct err *err); /* a copy; NULL with ERR_MEMORY */

/* Files of one bundle come together, and what they make. errors: ERR_MEMORY, ERR_LEDGER. */
int look_make_sets(struct look *look, struct err *err);

void look_file_clear(struct look_file *file);

#endif
