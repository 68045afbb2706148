/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_STATION_PLACE_H
#define VALISE_KEYRING_STATION_PLACE_H

#include "base/cleanup.h"
#include "base/err.h"

/* Where a station's home comes to be: it is built in a hidden folder beside its place, and renamed there when it is
 * whole. Cleared before that, nothing of it is left. */
struct station_place {
	char *home;   /* where it will be */
	char *parent; /* the folder of both */
	char *hidden; /* where it is built; NULL before, and behind station_place_commit() */
	int fd;       /* hidden, open */
};

/* in: home absolute; what: "init" or "restore", for the hidden folder's name (".valise-init-…"). Makes missing parents.
 * errors: ERR_EXISTS where home is there and not an empty folder, ERR_IO. */
int station_place_open(struct station_place *out, const char *home, const char *what, struct err *err);
/* The same refusal alone, before work is done in vain. */
int station_place_check(const char *home, struct err *err);
/* All to the medium, the rename, and its folder. */
int station_place_commit(struct station_place *place, struct err *err);
void station_place_clear(struct station_place *place); /* of zeros but fd -1: fine */
#define auto_station_place AUTO(station_place_clear) struct station_place

#endif
