/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_PACK_H
#define VALISE_OPS_PACK_H

#include "ops/labelling.h"
#include "ops/parity.h"
#include "ops/session.h"
#include "policy/decide.h"
#include "policy/rules.h"

/* From folders to a bundle. First a plan, which a person may look at and which touches nothing; then the sealing of it.
 */

enum pack_intent {
	PACK_TO_SEAL, /* a refusal is an error */
	PACK_TO_SHOW, /* what the rules refuse is in the summary; recipients, and a key, need not be there */
};

struct pack_request {
	enum pack_intent intent;
	const char *const *paths;
	unsigned path_count;
	const char *const *to; /* aliases */
	unsigned to_count;
	const char *const *labels; /* as typed after --label */
	unsigned label_count;
	const char *label_file;            /* in place of those that the folders hold; NULL: none */
	const struct buf *label_text;      /* what stands in label_file, where it is not written yet; NULL: it is read */
	const char *const *authorisations; /* files: signed words that allow lower labels */
	unsigned authorisation_count;
	const char *purpose;    /* NULL: the label file's, or "" */
	const char *supersedes; /* NULL: none; a bundle id */
	uint32_t expires_days;  /* 0: the station's default */
	bool pad;
	bool hide_recipients;
	uint64_t volume_bytes; /* as volume_size_parse() gave it */
	struct parity_wish parity;
	unsigned parity_volumes; /* 0: none; else volume_bytes is not VOLUME_SIZE_NONE */
	const char *output;      /* NULL: default name here; ending in '/' or a folder: default name there; else the file */
};

struct pack_plan;

struct pack_summary { /* borrowed from the plan */
	const struct partner *const *recipients;
	unsigned recipient_count;
	bool recipients_hidden, pre_shared_secret;
	const struct manifest *manifest; /* entries as labelled, marks; digests only where the ledger knows the size */
	char (*marks)[LABEL_ID_MAX + 1];
	unsigned mark_count;
	uint32_t files, folders;
	uint64_t bytes;
	int64_t not_after;
	const struct policy_demand *demand;     /* how many people must sign, and by which label */
	const struct partner *const *approvers; /* who may, beside the packer */
	unsigned approver_count;
	const struct notices *notices;         /* default labels that were used, … */
	const struct policy_report *decisions; /* recipients are numbered as above */
	const struct labelling *labelling;     /* why each file carries what it carries */
};

/* Scan, label, decide: everything that can be refused before the first byte is written is refused here.
 * errors: ERR_USAGE, ERR_PARTNER, ERR_RECIPIENT, ERR_UNLABELLED, ERR_LABEL, ERR_CEILING, ERR_CONTENT, ERR_IO, … */
int pack_plan_make(struct session *session, const struct pack_request *request, const struct progress *progress,
				   struct pack_plan **out, struct err *err);
void pack_plan_free(struct pack_plan *plan);
void pack_plan_summary(const struct pack_plan *plan, struct pack_summary *out);
static inline void cleanup_pack_plan(struct pack_plan **p)
{
	pack_plan_free(*p);
}
#define auto_pack_plan AUTO(cleanup_pack_plan) struct pack_plan

/* Whether what was written was read back from its medium before it got its name, and how. */
enum pack_read_back { PACK_NOT_READ_BACK, PACK_READ_PAST_CACHE, PACK_READ_CACHE_DROPPED };

struct pack_result {
	char *path;            /* owned; of a bundle that waits for approval: ….valise-pending; of volumes the first */
	char **volumes;        /* owned: the paths, in order */
	unsigned volume_count; /* 1 where it is one file */
	char *approve_folder;  /* owned; beside it, with a message for each approver; NULL where nobody need approve */
	struct uuid bundle;
	struct digest digest;
	char *parity_path;     /* owned; NULL where there is no parity file */
	char **parity_volumes; /* owned: their paths, in order */
	unsigned parity_volume_count;
	uint64_t file_bytes, payload_bytes, parity_bytes;
	int64_t created, not_after;
	uint64_t *sequences; /* owned, one a recipient, in the plan's order */
	enum pack_read_back read_back;
	bool by_program; /* its file system is driven by a program (FUSE), whose cache cannot be emptied from here */
};
void pack_result_clear(struct pack_result *result);

/* Seal it: ledger, file and signature. What is noticed meanwhile, such as a key that ends soon, joins the plan's
 * notices, and so does that no parity file could be written, unless it was asked for. On any failure nothing is left;
 * of volumes all are there or none. errors: ERR_LIMIT where a volume would be too small, before anything is written;
 * ERR_CHANGED, ERR_NO_SPACE, ERR_EXISTS, ERR_KEY_UNAVAILABLE, ERR_BUSY, ERR_CANCELLED, … */
int pack_seal(struct session *session, struct pack_plan *plan, const struct progress *progress, struct pack_result *out,
			  struct err *err);

#endif
