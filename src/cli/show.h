/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_SHOW_H
#define VALISE_CLI_SHOW_H

#include "base/err.h"
#include "base/ident.h"

#include <stdint.h>

/* Numbers as people read them. A phrase is returned by value: use it within one expression, as in printf("%s",
 * show_size(n).text). */
struct phrase {
	char text[96];
};

struct phrase show_count(uint64_t n);                        /* "1,075,838,976" */
struct phrase show_size(uint64_t bytes);                     /* "1.08 GB"; powers of ten */
struct phrase show_bytes(uint64_t bytes);                    /* "1,075,838,976 bytes (1.08 GB)" */
struct phrase show_number_of(uint64_t n, const char *thing); /* "1 file", "2 files" */
struct phrase show_duration(int64_t seconds);                /* "89 days", "5 hours", "1 minute" */
struct phrase show_expiry(int64_t end, int64_t now);         /* "expires in 89 days", "expired 3 days ago" */
struct phrase show_time(int64_t time);                       /* "2026-11-23 18:12:00 UTC" */
struct phrase show_day(int64_t time);                        /* "2026-11-23" */

/* A number of days, as typed after --expires and the like: "90d", "90" or "12w"; 1 to max. errors: ERR_USAGE. */
enum { LIFE_DAYS_MAX = 366, LOOK_AHEAD_DAYS_MAX = 3650 }; /* what is given a life; what is only looked at */
int days_parse(uint32_t *out, const char *option, const char *text, uint32_t max, struct err *err);

#endif
