/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_BACKUP_GATHER_H
#define VALISE_OPS_BACKUP_GATHER_H

#include "base/cleanup.h"
#include "format/backup_doc.h"

/* What of a home goes into its backup: all but locks, sockets, temporaries and what gpg makes anew; and of the ledger a
 * copy. */
#define LEDGER_ENTRY BACKUP_ROOT "/ledger.sqlite"

struct backup_home {
	const char *home; /* absolute, borrowed */
	int home_fd;      /* borrowed */
	int ledger_fd;    /* the copy, which has no name any more; -1: there is no ledger */
};
static inline void backup_home_clear(struct backup_home *home)
{
	cleanup_fd(&home->ledger_fd);
}

/* errors: those of ledger_copy(). */
int backup_copy_ledger(struct backup_home *home, struct err *err);
/* Every file with its digest into doc. errors: ERR_CONTENT for links and devices, and names that cannot be stored;
 * ERR_IO, ERR_LIMIT. */
int backup_gather(struct backup_doc *doc, const struct backup_home *home, struct err *err);
/* A backup_open_file; ctx: struct backup_home. */
int backup_open(void *home, const struct manifest_entry *entry, struct err *err);

#endif
