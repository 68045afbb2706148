/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REPAIR_H
#define VALISE_OPS_REPAIR_H

#include "ops/parity.h"
#include "ops/verify.h"

/* A damaged bundle and its parity file, to a whole one under another name; and parity files for bundles that have none.
 * Nothing is believed of a parity file: a mended bundle gets its name only when it verifies. */

/* The name that a path has, for what is made of it: one that copy_name() gives where it cannot be shown as it is, as a
 * name on a medium is anybody's. out: malloc'd. errors: ERR_USAGE where nothing remains, ERR_MEMORY. */
int repair_name(char **out, const char *path, struct err *err);

/* What was given back, and judged, from the medium, where medium_wants_proof(); after the last byte was written there,
 * as a medium that is smaller than it says loses what it had before. in: cover: of its waybill and signatures, as they
 * were judged. errors: those of bundle_read_back(). */
int repair_read_back(const struct output *output, const struct digest *cover, const struct progress *progress,
					 struct err *err);

struct repair_request {
	struct verify_request verify; /* whom to believe */
	const char *path;             /* the bundle's */
	const char *parity_path;      /* NULL: beside the bundle */
	const char *output;           /* FILE, or DIR/ for the bundle's own name there; NULL: NAME-repaired.valise here */
};

struct repair_report {
	bool undamaged;   /* good as it is: nothing was made */
	bool have_survey; /* of an undamaged one: only of its own parity file */
	struct parity_survey survey;
	bool is_volume;              /* one of several: what is here is whole */
	struct verify_report verify; /* of what was judged: the bundle as it is, or as it was mended */
	char *path, *parity_path;    /* owned: what was made; NULL where nothing was */
	char *parity_fault;          /* owned: why the mended bundle has no new parity file; NULL: it has one */
};
void repair_report_clear(struct repair_report *report);
#define auto_repair_report AUTO(repair_report_clear) struct repair_report

/* 0: it is whole, or a whole one was made. errors: those of parity_pair_open() and verify_bundle(), but that the bundle
 * has expired; ERR_DAMAGED where too much is lost; ERR_EXISTS, ERR_NO_SPACE, ERR_IO. */
int repair_bundle(const struct repair_request *request, const struct progress *progress, struct repair_report *out,
				  struct err *err);

/* A parity file for a bundle that verifies, BUNDLE.parity or at output. errors: those of verify_bundle(),
 * parity_write(); ERR_EXISTS. */
int repair_make_parity(const struct repair_request *request, unsigned permille, const struct progress *progress,
					   struct repair_report *out, struct err *err);

#endif
