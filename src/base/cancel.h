/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_CANCEL_H
#define VALISE_BASE_CANCEL_H

#include "base/err.h"

/* SIGINT, SIGTERM and SIGHUP set a flag; loops ask for it, clean up and return ERR_CANCELLED. */
void cancel_install_handlers(void);
void cancel_request(void); /* what the handler does; async-signal-safe */
int cancel_requested(void);
int cancel_check(struct err *err); /* 0, or -1 with ERR_CANCELLED */
/* Wait until a descriptor has one of these events of poll(2), so that no request to stop is missed: 0, or -1 with
 * ERR_CANCELLED. */
int cancel_poll(int fd, short events, struct err *err);

#endif
