/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_GPG_HOME_H
#define VALISE_KEYRING_GPG_HOME_H

#include "base/err.h"

#include <stdbool.h>

/* The folder that gpg gets to see as its home. It is always a fresh, private one with a short path, for three reasons:
 * the agent's sockets fit whatever the length of the real path; two commands at one station never end each other's
 * agent; and a real home may be read-only. A real home's keyring, secret keys and settings are reached through symlinks
 * in it. */
struct gpg_home {
	char *path;      /* owned, short, removed at the end */
	char *origin;    /* owned: the real home behind it; NULL for a throwaway one */
	bool agent_used; /* set before anything that may start an agent */
	bool ask_broken; /* somebody was asked for a passphrase, and that did not end well: the question may stand yet */
};

/* Absolute paths of the tools: gpg and gpgconf, found once. errors: ERR_GNUPG. */
int gpg_home_find_tools(struct err *err);
const char *gpg_home_tool(void);

/* Without secret keys; no agent starts in it. */
int gpg_home_make_throwaway(struct gpg_home *out, struct err *err);
/* Without any key; its agent takes passphrases and nothing else. */
int gpg_home_make_alone(struct gpg_home *out, struct err *err);
/* Over a home whose settings are valise's own. */
int gpg_home_make_station(struct gpg_home *out, const char *origin, struct err *err);
/* Over somebody's own home: its keys, but our settings. Nothing is written to it. */
int gpg_home_make_foreign(struct gpg_home *out, const char *origin, struct err *err);

/* gpg replaces its keyring by renaming, so a changed one lies in the private folder: bring it to the real home, whole
 * or not. */
int gpg_home_commit(struct gpg_home *home, struct err *err);

/* End the agent by its home and remove the folder. */
void gpg_home_remove(struct gpg_home *home);

#endif
