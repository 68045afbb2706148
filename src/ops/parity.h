/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARITY_H
#define VALISE_OPS_PARITY_H

#include "bundle/mending.h"
#include "media/output.h"

/* Parity files beside bundles: made with them, and looked at where a bundle is damaged. */

struct parity_wish {
	bool asked;        /* else the usual share, and none for a bundle so small that a second copy costs less */
	unsigned permille; /* where asked; 0: none */
};
enum { PARITY_TINY_BYTES = 1 << 20 };
unsigned parity_share_for(const struct parity_wish *wish, uint64_t file_bytes);

/* The parity file of a file that is complete under a name to come: written and synced, to be committed behind it.
 * out: *out owned. errors: ERR_EXISTS where FINAL.parity is there already, ERR_NO_SPACE, ERR_IO, ERR_CANCELLED. */
int parity_beside(int fd, uint64_t file_bytes, const char *final_path, unsigned permille,
				  const struct progress *progress, struct output **out, struct err *err);

/* "FINAL.parity". out: *out malloc'd. */
int parity_path_of(char **out, const char *path, struct err *err);

/* --- a bundle and its parity file, open --- */

struct parity_pair {
	int fd, parity_fd;
	struct mending *mending;
};
#define PARITY_PAIR_INIT                \
	{                                   \
		.fd = -1, .parity_fd = -1, NULL \
	}
/* in: parity_path NULL: the bundle's own with .parity behind it. errors: ERR_IO, ERR_NOT_A_BUNDLE and ERR_PARITY where
 * one is no file; those of mending_open(). */
int parity_pair_open(struct parity_pair *out, const char *path, const char *parity_path,
					 const struct progress *progress, struct err *err);
void parity_pair_close(struct parity_pair *pair);
#define auto_parity_pair AUTO(parity_pair_close) struct parity_pair

/* What was found of damage, without the files. */
struct parity_survey {
	bool known; /* false: there is no parity file, or it cannot be read */
	bool whole, parity_whole, possible;
	struct mending_facts facts;
};
void parity_pair_survey(const struct parity_pair *pair, struct parity_survey *out);
/* For those who may not fail by it: as much as can be told of a damaged bundle. */
void parity_survey_make(const char *path, const struct progress *progress, struct parity_survey *out);

/* A damaged bundle, mended into a temporary file of `folder`, which goes away with *out; NULL where nothing is damaged
 * or no parity file is there. out: also *survey. errors: ERR_DAMAGED where too much is lost, ERR_NO_SPACE, ERR_IO,
 * ERR_CANCELLED. */
int parity_mend_aside(const char *path, const char *folder, const struct progress *progress, struct output **out,
					  struct parity_survey *survey, struct err *err);

/* ERR_DAMAGED, with how much is lost, and why; -1. */
int parity_tell_hopeless(const struct parity_survey *survey, struct err *err);

#endif
