/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

static volatile sig_atomic_t cancel_flag;

void cancel_request(void)
{
	cancel_flag = 1;
}

static void on_signal(int number)
{
	(void)number;
	cancel_request();
}

void cancel_install_handlers(void)
{
	/* No SA_RESTART: a blocked read or write returns, and its loop asks. */
	struct sigaction action = {.sa_handler = on_signal};
	(void)sigemptyset(&action.sa_mask);
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct sigaction before;
		/* nohup(1) and `command &` of a script mean it when they ignore a signal. */
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			(void)sigaction(numbers[i], &action, NULL);
	}
}

int cancel_requested(void)
{
	return cancel_flag != 0;
}

int cancel_check(struct err *err)
{
	return cancel_flag ? err_set(err, ERR_CANCELLED, "interrupted") : 0;
}

int cancel_poll(int fd, short events, struct err *err)
{
	/* A signal between the look at the flag and the wait would leave us waiting: so they are let through only inside of
	 * the wait itself. */
	sigset_t held, before;
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &held, &before);
	int rc = 0;
	for (bool ready = false; rc == 0 && !ready;) {
		struct pollfd poll = {.fd = fd, .events = events};
		rc = cancel_check(err);
		if (rc == 0)
			ready = ppoll(&poll, 1, NULL, &before) >= 0 || errno != EINTR;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}
