/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PARITY_H
#define VALISE_OPS_PARITY_H

#include "bundle/bundle.h"
#include "bundle/mending.h"
#include "media/medium.h"
#include "media/output_set.h"

/* Parity files beside bundles: made with them, and looked at where a bundle is damaged. */

struct parity_wish {
	bool asked;        /* else the usual share, and none for a bundle so small that a second copy costs less */
	unsigned permille; /* where asked; 0: none */
};
enum { PARITY_TINY_BYTES = 1 << 20 };
unsigned parity_share_for(const struct parity_wish *wish, uint64_t file_bytes);

/* The parity file of a file that is complete under a name to come: written and synced, to be committed behind it; where
 * medium_wants_proof() at the medium's own pace, and read back. in: least: CARE_TRAVELS: so wherever it goes. out: *out
 * owned. errors: ERR_EXISTS where FINAL.parity is there already, ERR_NO_SPACE, ERR_IO, ERR_CANCELLED. */
int parity_beside(int fd, uint64_t file_bytes, const char *final_path, unsigned permille, enum paced_care least,
				  const struct progress *progress, struct output **out, struct err *err);

/* count parity volumes of these volumes, at most PARITY_COLUMNS_MAX together, named after the whole bundle's path:
 * written, to be synced and committed. out: outputs, empty before; *bytes of each. errors: ERR_LIMIT, ERR_EXISTS,
 * those of parity_volumes_write(). */
int parity_volumes_make(const int *volumes, unsigned volume_count, const char *whole, unsigned count,
						struct output_set *outputs, uint64_t *bytes, const struct progress *progress, struct err *err);

/* "FINAL.parity". out: *out malloc'd. */
int parity_path_of(char **out, const char *path, struct err *err);

/* --- a bundle and its parity file, open --- */

/* Parity is looked at only where the bundle was judged as it is, and damage may be why it was refused: by this error.
 * Whoever has a good bundle is not kept from it, nor given another, by what lies beside it. */
bool parity_may_help(enum err_code code);

struct parity_pair {
	int fd, parity_fd;
	struct mending *mending;
};
#define PARITY_PAIR_INIT                \
	{                                   \
		.fd = -1, .parity_fd = -1, NULL \
	}
/* The bundle alone, to be judged. errors: ERR_IO, ERR_NOT_A_BUNDLE where it is no file. */
int parity_pair_open(struct parity_pair *out, const char *path, struct err *err);
/* Then its parity file. in: parity_path NULL: the bundle's own with .parity behind it. errors: ERR_IO, ERR_PARITY where
 * it is no file; those of mending_open(). */
int parity_pair_look(struct parity_pair *pair, const char *path, const char *parity_path,
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

/* Of which bundle a damaged file is, and which part of it, as far as it still tells. Nobody vouches for it, unless its
 * signatures were found good before the damage was. */
struct parity_claim {
	bool known, vouched;
	bool is_volume; /* one of several, by what is in it or by its name */
	struct bundle_claim bundle;
};
void parity_claim_read(struct parity_claim *out, int fd, const char *path);
/* That what parity gave back, and was judged good, is what the damaged file was. errors: ERR_PARITY. */
int parity_check_same(const struct parity_claim *claim, const struct parity_survey *survey, const char *path,
					  const struct digest *mended, struct err *err);

/* A damaged bundle, mended into a temporary file of `folder`, which goes away with *out; NULL where it cannot be: that
 * is told by *survey. out: also *claim. errors: ERR_NO_SPACE, ERR_IO, ERR_CANCELLED. */
int parity_mend_aside(const char *path, const char *folder, const struct progress *progress, struct output **out,
					  struct parity_survey *survey, struct parity_claim *claim, struct err *err);

/* in: err, why these files were not unpacked. Where that is damage, and a parity file lies beside one of them, the hint
 * tells how to go on. Forged is worse: what is advised of a bad signature stays. Returns -1. */
int parity_hint_unpack(const char *const *paths, unsigned count, struct err *err);
/* The same for one that was not copied. */
int parity_hint_copy(const char *path, struct err *err);

/* ERR_DAMAGED, with how much is lost, and why; -1. */
int parity_tell_hopeless(const struct parity_survey *survey, struct err *err);

#endif
