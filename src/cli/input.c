/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "base/cancel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

/* A signal between the look at the flag and the read would leave the read waiting: so they are let through only inside
 * of the wait itself. */
static int wait_readable(int fd, struct err *err)
{
	sigset_t held, before;
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &held, &before);
	int rc = 0;
	for (bool ready = false; rc == 0 && !ready;) {
		struct pollfd poll = {.fd = fd, .events = POLLIN};
		rc = cancel_check(err);
		if (rc == 0)
			ready = ppoll(&poll, 1, NULL, &before) >= 0 || errno != EINTR;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int input_byte(int fd, void *out, struct err *err)
{
	for (;;) {
		if (wait_readable(fd, err) < 0)
			return -1;
		ssize_t n = read(fd, out, 1);
		if (n >= 0)
			return (int)n;
		if (errno != EINTR && errno != EAGAIN)
			return err_sys(err, "cannot read from descriptor %d", fd);
	}
}
