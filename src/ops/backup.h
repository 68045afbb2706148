/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_BACKUP_H
#define VALISE_OPS_BACKUP_H

#include "base/progress.h"
#include "format/backup_doc.h"
#include "ops/session.h"

/* A whole station in one file, under a passphrase and not under a key of its own: on the day that it is needed the key
 * is what is gone. */

enum { BACKUP_PASSPHRASE_MIN = 12 };

/* What is told of a station, that it is the right one and how old. */
struct station_facts {
	struct party party;
	struct fingerprint fingerprint; /* "" for one that verifies only */
	uint64_t registry_serial;
	uint32_t partners;
	int64_t ledger_newest; /* 0: the ledger is empty, or there is none */
	char ledger_event[16]; /* "sent" */
};

/* Whether a station in this folder would work: its documents, ledger, certificate and secret key. Asks for no
 * passphrase. errors: those of each. */
int station_facts_read(struct station_facts *out, const char *home, struct err *err);

struct backup_request {
	const char *home; /* --home or NULL */
	const char *output;
	const struct secret *passphrase;
	const struct progress *progress;
};
struct backup_result {
	char *path;     /* absolute */
	uint64_t bytes; /* of the file */
	uint32_t files;
	int64_t created;
	struct station_facts facts;
	struct notices notices;
};
void backup_result_clear(struct backup_result *result);
#define auto_backup_result AUTO(backup_result_clear) struct backup_result

/* Writes it, reads it back as restoring would, and only then gives it its name. errors: ERR_EXISTS; ERR_USAGE for a
 * short passphrase; ERR_BUSY; ERR_CHANGED; ERR_CONTENT for a link or device in the home; those of
 * station_facts_read(). */
int backup_make(struct backup_result *out, const struct backup_request *request, struct err *err);

struct restore_request {
	const char *home; /* --home or NULL */
	const char *backup;
	const struct secret *passphrase;
	const struct progress *progress;
};
struct restore_result {
	char *home; /* absolute */
	uint32_t files;
	int64_t created; /* the backup */
	char tool[BACKUP_TOOL_MAX + 1];
	struct station_facts facts;
	struct notices notices;
};
void restore_result_clear(struct restore_result *result);
#define auto_restore_result AUTO(restore_result_clear) struct restore_result

/* Nothing of it is looked at before gpg has said that all of it is whole; nothing is in place before a station was
 * found in it that works. errors: ERR_EXISTS, those of gpg_symmetric_check(), gpg_symmetric_open(),
 * backup_sink_write(), station_facts_read(). */
int backup_restore(struct restore_result *out, const struct restore_request *request, struct err *err);

/* --- shared by both --- */

/* The archive in a file that gpg_symmetric_check() passed. taker: as backup_sink_new() has it. */
struct backup_taker;
int backup_read(int fd, const struct secret *passphrase, const struct backup_taker *taker,
				const struct progress *progress, const char *what, struct backup_doc *out, struct err *err);

#endif
