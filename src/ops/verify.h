/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_VERIFY_H
#define VALISE_OPS_VERIFY_H

#include "bundle/bundle.h"
#include "keyring/trust.h"
#include "ops/parity.h"
#include "ops/volumes.h"

/* A courier's check: public keys only. */

enum verify_purpose {
	VERIFY_TO_USE,    /* it must be in force; where it is damaged, what parity can give back is looked for */
	VERIFY_TO_REPAIR, /* a part of a repair: what has expired is mended all the same, and told; nothing is looked for */
};

struct verify_request {
	const char *home;             /* --home or NULL */
	const char *card_path;        /* NULL: use the station's registry */
	struct fingerprint confirmed; /* with card_path: as typed */
	enum verify_purpose purpose;
	const struct volume_set *source; /* the files of one bundle */
	struct digest *cover;            /* out: of its waybill and signatures, for bundle_read_back(); or NULL */
};

struct recipient_name {
	struct fingerprint fingerprint;
	char name[PARTY_NAME_MAX + 1], organisation[PARTY_NAME_MAX + 1]; /* "" where the registry does not know it */
	bool is_self;
};

struct verify_volume {
	char *path; /* owned */
	uint32_t first_chunk, chunks;
	uint64_t bytes;
};

struct verify_report {
	bool have_verdict, have_waybill, have_integrity; /* how far it came, also on failure */
	bool pending;                                    /* nothing is wrong but that people have yet to sign */
	struct trust_verdict verdict;                    /* its partner pointers are NULL here: names are copied */
	struct waybill waybill;
	struct digest digest;
	uint64_t file_bytes;
	struct recipient_name *recipients; /* owned; waybill.to_count of them */
	struct verify_volume *volumes;     /* owned, by their first chunks; filled with have_waybill */
	unsigned volume_count;             /* 1 for a whole bundle */
	struct integrity integrity;
	struct parity_survey damage; /* of one that is damaged and has a parity file beside it */
	struct notices notices;
};
void verify_report_clear(struct verify_report *report);
#define auto_verify_report AUTO(verify_report_clear) struct verify_report

/* 0: authentic and whole. errors: all of bundle_open, bundle_verify, trust; ERR_EXPIRED, ERR_CLOCK; ERR_SLOT;
 * ERR_DAMAGED naming the first members, ERR_CHUNKS_MISSING where all that is here is good and not all is here. The
 * refusal is not written to a ledger that cannot be written: that is a notice. */
int verify_bundle(const struct verify_request *request, const struct progress *progress, struct verify_report *out,
				  struct err *err);

/* The key slots alone, as verify_bundle() judges them: their form, and whose keys they name.
 * in: registry NULL where there is none to tell the recipients' certificates. errors: ERR_SLOT. */
int verify_slots(const struct registry *registry, const struct bundle_verified *bundle, struct err *err);

#endif
