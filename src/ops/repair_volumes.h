/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_REPAIR_VOLUMES_H
#define VALISE_OPS_REPAIR_VOLUMES_H

#include "bundle/parity_volumes.h"
#include "ops/verify.h"

/* Parity volumes: made for the volumes of a bundle, and used to get volumes back that are lost or damaged. */

bool parity_volume_is_path(const char *path);

struct volumes_request {
	struct verify_request verify; /* whom to believe */
	const char *const *paths;     /* volumes, and of a repair parity volumes as well, in any order */
	unsigned count;
	const char *output; /* folder for what is made; NULL: the current one */
};

struct volumes_report {
	unsigned volumes, parity, lost, sound_parity; /* of the set; found damaged or missing; usable */
	uint64_t parity_bytes;                        /* of each parity volume that was made */
	char **made;                                  /* owned: paths of what was made */
	unsigned made_count;
	struct verify_report verify; /* of the volume that was judged last */
	struct notices notices;      /* which files are damaged, or of no use here */
};
void volumes_report_clear(struct volumes_report *report);
#define auto_volumes_report AUTO(volumes_report_clear) struct volumes_report

/* The volumes that are lost, each judged before it gets its name. 0 also where none is lost, and all verify. errors:
 * ERR_PARITY, ERR_DAMAGED where too many are lost, those of verify_bundle(); ERR_EXISTS, ERR_NO_SPACE, ERR_IO. */
int volumes_repair(const struct volumes_request *request, const struct progress *progress, struct volumes_report *out,
				   struct err *err);

/* STEM.p1of2.valise-parity …: count parity volumes for all volumes of one bundle, which verify, in the order of what
 * they hold. errors: ERR_FOREIGN_VOLUME where they are not of one, ERR_CHUNKS_MISSING where they are not all, ERR_USAGE
 * where one is there twice; those of verify_bundle(); ERR_LIMIT, ERR_EXISTS, ERR_NO_SPACE, ERR_IO. */
int volumes_make_parity(const struct volumes_request *request, unsigned count, const struct progress *progress,
						struct volumes_report *out, struct err *err);

#endif
