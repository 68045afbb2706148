/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LOOK_H
#define VALISE_OPS_LOOK_H

#include "bundle/bundle.h"
#include "keyring/trust.h"
#include "ops/look_walk.h"
#include "ops/session.h"

/* What is on this stick? A look at folders: bundles, volumes that belong together, what waits for approval, parity, and
 * what a cut-off command left. Changes and records nothing; no passphrase is asked for.
 *
 * Of each bundle the ends are read: the form of its container, its cover, signatures and list of digests, and of the
 * payload only where its last chunk begins. The payload itself is read with LOOK_CHECK. The order of trust is that of
 * verify: what a waybill says is known only where a signature over it counts. Without a station nobody is known, so
 * that only names of keys can be told, which are claims. */

enum { LOOK_FILES_MAX = 20000 /* things of valise in all */ };

enum look_depth {
	LOOK_QUICK,
	LOOK_CHECK, /* every byte against the signed digests */
};

struct look_request {
	const char *home;          /* --home or NULL */
	const char *const *places; /* folders, as named */
	unsigned place_count;
	enum look_depth depth;
};

/* Of several files of one bundle the worst. */
enum look_state {
	LOOK_GOOD,       /* signed, and every byte is as it was signed; with LOOK_CHECK alone */
	LOOK_UNCHECKED,  /* signed, by who may; the payload was not read */
	LOOK_PENDING,    /* people have yet to sign */
	LOOK_EXPIRED,    /* its not-after has passed */
	LOOK_UNKNOWN,    /* nobody who is known here signed it */
	LOOK_UNREADABLE, /* the medium or the machine did not let us */
	LOOK_DAMAGED,    /* out of form, or bytes are not as signed */
	LOOK_REFUSED,    /* a signature that is bad, or does not count, or is missing */
	LOOK_STATE_COUNT,
};

struct look_signer {
	struct fingerprint fingerprint;
	enum signer_standing standing;
	int64_t created; /* 0: not known */
};

enum look_kind {
	LOOK_BUNDLE,      /* a bundle or a volume, by what is in it; or named as one */
	LOOK_PARITY,      /* FILE.parity, or a parity volume: by name; not looked into */
	LOOK_INTERRUPTED, /* ".NAME.part-…", file or folder; "NAME.part" of a copy */
};

struct look_file {
	enum look_kind kind;
	char *path; /* owned; foreign bytes, as all that follows */
	uint64_t bytes;
	bool is_folder, is_copy; /* of LOOK_INTERRUPTED: a folder; what `copy` goes on from */
	bool has_parity;         /* FILE.parity lies beside it */
	bool approval_cut_off;   /* of one that waits: `approve` finishes it */
	enum look_state state;
	enum err_code code;  /* why it is not as it should be; ERR_OK: it is */
	char *reason, *hint; /* owned; NULL with ERR_OK */

	/* Of bundles. */
	bool has_run;
	uint32_t first_chunk, last_chunk; /* that its headers tell */
	bool has_digest;
	struct digest digest;        /* of waybill.yaml: files of one digest are of one bundle */
	struct look_signer *signers; /* owned */
	unsigned signer_count, people, demanded;
	bool has_waybill;       /* believed: a signature counts */
	struct waybill waybill; /* owned; its recipients only in one file of each bundle, look_speaker() */
};

/* A bundle, with the files of it that were found; or one file that does not say of which bundle it is. */
struct look_set {
	uint32_t first, count; /* in files[] */
	enum look_state state;
	uint64_t bytes;        /* of all its files */
	uint32_t pieces;       /* different runs of chunks among its files */
	uint32_t chunks;       /* present; of the waybill's number, where that is known */
	uint32_t missing_runs; /* at least so many volumes are missing; 0: all is here, or it is not known */
	bool for_us;           /* this station is named as recipient */
	bool equivocation;     /* the sender gave its id to another bundle, that was received or lies here */
	int64_t received;      /* when this station received it; 0: not */
	uint64_t sequence;     /* and under which number; 0: not known */
};

struct look {
	struct session session; /* whom the registry knows; with have_session */
	bool have_session;
	struct look_file *files; /* owned: bundles by set, then the others by path */
	uint32_t file_count, bundle_files;
	struct look_set *sets; /* owned */
	uint32_t set_count;
	struct look_tally tally;
	bool too_many; /* more than LOOK_FILES_MAX: the rest is not told */
	struct notices notices;
};

/* 0 where the places were looked at, whatever was found. errors: those of session_open() (ERR_NO_STATION only with
 * --home), of look_walk() for a place; ERR_GNUPG, ERR_MEMORY, ERR_CANCELLED. */
int look_at(const struct look_request *request, const struct progress *progress, struct look *out, struct err *err);
void look_clear(struct look *look);
#define auto_look AUTO(look_clear) struct look

/* The runs of chunks that no file of a set holds, in order. out: the next one at or behind chunk `from`. false: there
 * is none. in: a set whose first file has a waybill. */
bool look_next_missing(const struct look *look, const struct look_set *set, uint32_t from, uint32_t *out_first,
					   uint32_t *out_last);

/* The file whose waybill, signers and digest tell of a set. */
const struct look_file *look_speaker(const struct look *look, const struct look_set *set);

/* Who a key is, by the registry; all "" for a stranger. Borrowed from the session. */
struct look_party {
	const char *alias, *name, *organisation;
	bool is_self;
};
struct look_party look_party_of(const struct look *look, const struct fingerprint *fpr);

/* How many things need a person: damaged, refused or unreadable, and places that were not seen to the end. */
uint32_t look_count_attention(const struct look *look);

#endif
