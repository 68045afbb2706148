/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_LEDGER_LEDGER_H
#define VALISE_LEDGER_LEDGER_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SQLite's door: what this station sent, received and refused; sequences; the latest time it has seen.
 * WAL, synchronous=FULL: a function that returns 0 has its row on the disk.
 *
 * A row and a file cannot share a transaction. So a send or a reception is first written as "sealing" or "unpacking"
 * with the path and the inode that will appear there; the file is renamed; then the row is settled. ledger_open()
 * settles by looking what a crash left between:
 *   the very file (device, inode) has its final name: sealed, received;
 *   nothing is there, and its folder is where it was then: the row goes, its sequences are free again;
 *   else (the stick is not plugged in, another file is there) nobody knows: the row stays and keeps its sequences,
 *   since the bundle may be on its way. ledger_void() ends it.
 *
 * A bundle that others must approve is sent under a path that ends in .valise-pending, and listed as pending. Once the
 * very file is found under its final name that is its path; where it was approved on another machine nobody can see
 * that, and the row stays as it is. Either way it counts: its numbers are taken.
 *
 * Rows of a process that is still at work are let be: it holds a lock on the row's own byte of HOME/ledger.lock from
 * before the row is committed until it is settled, and the kernel drops it with the process. The lock is taken without
 * waiting and only inside a transaction, so it cannot deadlock with any other lock of a station.
 *
 * All functions: errors ERR_LEDGER (also on a write to a ledger opened read-only), ERR_BUSY where another process holds
 * it for longer than ten seconds, ERR_NO_SPACE, ERR_IO, ERR_MEMORY. One thread at a time uses a ledger. */
struct ledger;

enum ledger_access {
	LEDGER_WRITE,     /* create where missing */
	LEDGER_READ_ONLY, /* a missing ledger opens as an empty one; one on a read-only medium as it was last closed */
	LEDGER_RESTORE,   /* as LEDGER_WRITE, but what was under way is not settled: for ledger_restored() */
};

/* in: home, an existing folder. Files made there have mode 0600. */
int ledger_open(struct ledger **out, const char *home, enum ledger_access access, struct err *err);
void ledger_close(struct ledger *ledger);
static inline void cleanup_ledger(struct ledger **l)
{
	ledger_close(*l);
}
#define auto_ledger AUTO(cleanup_ledger) struct ledger

/* --- time --- */

/* The latest time that a trusted document or this station's own work has shown; 0 for none: of what was sent (not
 * voided) and received, when that was by this clock, and when the bundle says it was made. A clock that once stood in
 * the future can poison this. It heals by a reception with a named override of the rule "clock" (ledger_unpacking(),
 * override "clock: REASON" or "expired,clock: REASON"): times before it are no longer counted. Voiding a bundle that
 * was sealed under the wrong clock takes its time out as well. */
int ledger_latest_seen(struct ledger *ledger, int64_t *out, struct err *err);

/* --- sending --- */

/* What was sent between a backup and its restoring nobody here knows: on the channels that the backup has, numbering
 * goes on so far behind the last one that is known. The gap is told to the recipient, as any gap is; a number used
 * twice would leave later gaps unseen. */
enum { LEDGER_RESTORE_GAP = 1000 };

struct ledger_next {
	uint64_t sequence;      /* the number to use */
	struct digest previous; /* bundle digest of the one before; zeros for the first */
};
int ledger_next(struct ledger *ledger, const struct fingerprint *from, const struct fingerprint *to,
				struct ledger_next *out, struct err *err);

/* Voided bundles that this recipient has not been told of yet, by a bundle that itself still counts. key: what they
 * were sealed for: the recipient's key, or one that it had before. out: malloc'd array, by sequence. What was returned
 * on this handle is what the next ledger_sealing() for that recipient tells: put it into the manifest. */
struct ledger_void {
	uint64_t sequence;
	struct digest bundle;
};
int ledger_untold_voids(struct ledger *ledger, const struct fingerprint *from, const struct fingerprint *to,
						const struct fingerprint *key, struct ledger_void **out, size_t *out_count, struct err *err);

/* All of a sender, whoever it is that was not told. each() returns -1, with err set, to stop; alias: as when it was
 * packed. */
int ledger_each_untold(struct ledger *ledger, const struct fingerprint *from,
					   int (*each)(void *ctx, const char *alias, const struct ledger_void *untold, struct err *err),
					   void *ctx, struct err *err);

struct ledger_channel {
	struct fingerprint to;
	char alias[64];
	uint64_t sequence;
};
struct ledger_sealing {
	struct uuid bundle;
	struct digest digest;
	struct fingerprint from;
	int64_t created, not_after;
	const struct ledger_channel *channels;
	size_t channel_count;
	uint64_t files, bytes;
	const char *marks; /* "tlp/amber pd/none" */
	const char *purpose;
	const char *final_path; /* absolute */
	uint64_t dev, ino;      /* of the temporary file that will be renamed there */
	const struct ledger_memory *memories;
	size_t memory_count;
};
/* Before the rename, committed. *out_row settles it. errors: ERR_LEDGER; also where a sequence is taken. */
int ledger_sealing(struct ledger *ledger, const struct ledger_sealing *sealing, int64_t *out_row, struct err *err);
/* After the rename. */
int ledger_sealed(struct ledger *ledger, int64_t row, struct err *err);
/* The rename did not happen: the row goes, its sequences are free again. */
int ledger_unseal(struct ledger *ledger, int64_t row, struct err *err);

/* A bundle that was never sent. in: bundle id or unique beginning of at least 8 characters; reason, not empty.
 * errors: ERR_USAGE where none or several match, or it is void already; ERR_BUSY where it is just being sealed. */
int ledger_void(struct ledger *ledger, const char *id, const char *reason, struct uuid *out_bundle, struct err *err);

/* --- receiving --- */

enum ledger_known {
	LEDGER_NEW,
	LEDGER_REPLAY,       /* (sender, bundle digest) received before */
	LEDGER_EQUIVOCATION, /* the sender's id, another digest */
};
struct ledger_verdict {
	enum ledger_known known;
	int64_t received;       /* when, for a replay */
	uint64_t last_sequence; /* highest received on this channel before; 0 for none */
	bool sequence_reused;   /* another bundle had this number */
	/* previous is not the digest of a bundle that we have for sequence - 1 (zeros are right for the first only) */
	bool previous_unknown;
};
int ledger_judge_incoming(struct ledger *ledger, const struct fingerprint *from, const struct uuid *bundle,
						  const struct digest *digest, uint64_t sequence, const struct digest *previous,
						  struct ledger_verdict *out, struct err *err);

/* When this very bundle of this sender was first received; 0 for never. */
int ledger_accepted(struct ledger *ledger, const struct fingerprint *from, const struct digest *digest, int64_t *out,
					struct err *err);
/* The highest number that was received from this key; 0 for none. */
int ledger_last_received(struct ledger *ledger, const struct fingerprint *from, uint64_t *out, struct err *err);

struct ledger_unpacking {
	struct uuid bundle;
	struct digest digest;
	struct fingerprint from;
	char alias[64];
	uint64_t sequence;
	struct digest previous;
	int64_t created;
	uint64_t files, bytes;
	const char *marks;
	const char *override; /* "RULE[,RULE]…: REASON"; NULL for none */
	const char *final_path;
	uint64_t dev, ino;
	const struct ledger_memory *memories;
	size_t memory_count;
};
/* Before the rename, committed. errors: ERR_REPLAY, ERR_EQUIVOCATION where another process was faster with it since
 * ledger_judge_incoming(), unless override is of the rule replay alone. */
int ledger_unpacking(struct ledger *ledger, const struct ledger_unpacking *unpacking, int64_t *out_row,
					 struct err *err);
int ledger_received(struct ledger *ledger, int64_t row, struct err *err);
int ledger_unreceive(struct ledger *ledger, int64_t row, struct err *err);

/* --- labels that bytes were known under --- */

/* What ledger_sealing() and ledger_unpacking() remember of a file, in the same transaction; it goes with the row. An
 * empty file is not remembered: it says nothing. The same content under the same labels by the same word is kept once,
 * as it was first; a void bundle's labels count on, since somebody gave them. */
struct ledger_memory {
	struct digest digest;
	uint64_t size;
	const char *labels;           /* "pd/none tlp/red", sorted; files that share them may share the text */
	const struct fingerprint *by; /* whose word the labels are: the originator */
};
/* The same for files that were read without a reception: parts of a bundle, or all of it once more. */
int ledger_remember(struct ledger *ledger, const struct ledger_memory *memories, size_t count, struct err *err);
/* Around many questions of these two kinds: each by itself would lock the file and look for changes of others. Nothing
 * is written between them. */
int ledger_recall_begin(struct ledger *ledger, struct err *err);
void ledger_recall_end(struct ledger *ledger);
/* Whether any content of this size is remembered: so only few files need their digest before they are packed. May say
 * yes where nothing is recalled. */
int ledger_remembers_size(struct ledger *ledger, uint64_t size, bool *out, struct err *err);

struct ledger_recalled {
	const char *labels; /* as they were given */
	struct fingerprint by;
	int64_t time; /* when these bytes were first sent or received so, by this station's clock */
};
/* All labels that these bytes were sent or received under, none twice, the oldest first. each() gets them valid during
 * the call, and recalls nothing itself; it returns nonzero to stop, which becomes -1 (with err set by it). A ledger of
 * a version that had no memory, opened read-only, recalls nothing. */
int ledger_recall(struct ledger *ledger, uint64_t size, const struct digest *digest,
				  int (*each)(void *ctx, const struct ledger_recalled *recalled, struct err *err), void *ctx,
				  struct err *err);

/* --- registries ---
 * What this station has held as its registry.yaml: the highest serial is never forgotten, so none comes in again from
 * below; and bytes that were checked whole once are known by their digest. */

enum { LEDGER_SIGNERS_MAX = 1024 };
struct ledger_registry {
	struct uuid domain;
	uint64_t serial; /* 0: none */
	struct digest digest;
	int64_t time;                         /* of this station's clock when it was first used */
	bool canonical;                       /* its bytes are those that registry_doc_format() makes */
	char signers[LEDGER_SIGNERS_MAX + 1]; /* names, for people; "" where it is unsigned */
};
/* The one that was in use last; serial 0 for none, also in a ledger of a version that did not know. */
int ledger_registry_last(struct ledger *ledger, struct ledger_registry *out, struct err *err);
/* The highest serial ever held of this domain; 0 for none. */
int ledger_registry_highest(struct ledger *ledger, const struct uuid *domain, uint64_t *out, struct err *err);
/* This one is in use now; time is the ledger's to fill. Does nothing where it is the last one already. */
int ledger_registry_take(struct ledger *ledger, const struct ledger_registry *taken, struct err *err);
/* Oldest first; each() as for ledger_list(). */
int ledger_registry_list(struct ledger *ledger,
						 int (*each)(void *ctx, const struct ledger_registry *row, struct err *err), void *ctx,
						 struct err *err);

/* What this station's key signed: one text a number, so that no two may both come to be signed by enough. Only a ledger
 * that was opened for writing knows. */
struct ledger_signed {
	uint64_t serial; /* 0: none */
	struct digest digest;
	int64_t time;
};
/* What was signed as this number; of serial 0: the highest number that was signed. */
int ledger_registry_signed(struct ledger *ledger, const struct uuid *domain, uint64_t serial, struct ledger_signed *out,
						   struct err *err);
/* This text is signed as this number, unless another was. out: which one stands there now; time is the ledger's to
 * fill. */
int ledger_registry_sign(struct ledger *ledger, const struct uuid *domain, const struct ledger_signed *fresh,
						 struct ledger_signed *out, struct err *err);

/* --- refusals and events --- */

/* One line of what was refused (code) or, with ERR_OK, done by name ("override"). verb is the command's. bundle,
 * digest, partner may be NULL. */
int ledger_note(struct ledger *ledger, const char *verb, enum err_code code, const struct fingerprint *partner,
				const struct uuid *bundle, const struct digest *digest, const char *text, struct err *err);

/* --- backup ---
 * A whole copy in a new file, or one of no bytes, at path; consistent whoever else writes. */
int ledger_copy(struct ledger *ledger, const char *path, struct err *err);
/* This ledger comes from a backup: what was under way stays so until a person ends it (ledger_void()), numbers jump
 * (LEDGER_RESTORE_GAP), and it is noted. in: opened with LEDGER_RESTORE. */
int ledger_restored(struct ledger *ledger, const char *text, struct err *err);

/* --- reading --- */

struct ledger_row {
	int64_t time;
	const char
		*event;        /* "sent", "pending", "received", "refused", "void", "sealing", "unpacking", "override",
						  "verified", "approved", "copied", "listed", "read" (parts, or once more), "backed-up", "restored" */
	const char *alias; /* "" where unknown */
	struct fingerprint partner;
	struct uuid bundle;   /* text "" where none */
	struct digest digest; /* zeros where none */
	uint64_t sequence;    /* 0 where none */
	uint64_t files, bytes;
	const char *marks;
	const char *text; /* path, reason, message */
	const char *verb; /* of refusals and overrides; else "" */
	const char *code; /* err_name() of a refusal; else "" */
};
/* Oldest first; a bundle to several recipients is a row for each. The row is valid during the call. each() returns
 * nonzero to stop, which becomes -1 (with err set by it). */
int ledger_list(struct ledger *ledger, int (*each)(void *ctx, const struct ledger_row *row, struct err *err), void *ctx,
				struct err *err);

/* Whether the file is sound and its tables are those that this program made. errors: ERR_LEDGER with what is wrong. */
int ledger_check(struct ledger *ledger, struct err *err);

#endif
