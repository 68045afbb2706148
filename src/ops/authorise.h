/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_AUTHORISE_H
#define VALISE_OPS_AUTHORISE_H

#include "format/authorisation.h"
#include "ops/session.h"

/* The originator's signed word that certain bytes may go under lower labels: making it, and taking it in
 * (valise-labels(5), AUTHORISATION). */

enum { AUTHORISE_DAYS_DEFAULT = 90 };

struct authorise_request {
	const char *const *paths; /* files, and folders for all files in them */
	unsigned path_count;
	const char *const *from; /* labels as typed; none: those above `to` that the ledger knows the files under */
	unsigned from_count;
	const char *const *to; /* labels as typed: the lowest that may stand instead */
	unsigned to_count;
	const char *reason;
	uint32_t days;      /* how long it is good; 0: AUTHORISE_DAYS_DEFAULT */
	const char *output; /* file; ending in '/' or a folder: default name there; NULL: default name here */
};

/* Sign one and write it, whole or not at all. in: a session with a ledger, unless from is given.
 * out: what was signed (authorisation_clear()); *out_path malloc'd.
 * errors: ERR_USAGE where nothing is to be lowered or to is not lower, or a required scheme has no label in `to`;
 *         ERR_DOWNGRADE where only others gave the labels; ERR_LABEL, ERR_STATION, ERR_EXISTS, ERR_KEY_UNAVAILABLE, …
 */
int authorise_make(struct session *session, const struct authorise_request *request, struct authorisation *out,
				   char **out_path, struct err *err);

/* Read one and verify it: signed by who it says it is by, a partner with the role send or this station.
 * errors: ERR_DOCUMENT, ERR_UNSIGNED where somebody else signed it, ERR_EXPIRED, those of signed_doc_verify() and
 *         signed_doc_check_time(); all name the file. */
int authorise_load(const struct session *session, const char *path, int64_t now, struct authorisation *out,
				   struct err *err);

/* Several, as `pack --authorisation FILE…` gives them. */
struct authorisations {
	struct authorisation *items; /* owned */
	uint32_t count;
};
/* Those that are given with a job, each verified as the originator's at now. out: authorisations_clear(). errors: those
 * of signed_doc_verify() and signed_doc_check_time(), ERR_UNSIGNED, ERR_DOCUMENT, ERR_EXPIRED, ERR_IO; all name the
 * file. */
int authorisations_load(struct authorisations *out, const struct session *session, const char *const *paths,
						unsigned count, int64_t now, struct err *err);
void authorisations_clear(struct authorisations *authorisations);
#define auto_authorisations AUTO(authorisations_clear) struct authorisations

#endif
